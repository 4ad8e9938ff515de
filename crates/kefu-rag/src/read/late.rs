//! Late interaction: each word of the question is met by the word of a sentence that is most like
//! it, as in `ColBERT` (Khattab and Zaharia 2020). Other words for the same thing are found so, and a
//! word that nothing meets shows.

use kefu_core::ports::TokenVectors;
use kefu_text::Analyser;

use crate::term_weights::WeightedTerms;

/// How a sentence meets the question's words, as cosines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LateMatch {
    /// Weighted mean over the words.
    pub(crate) mean: f32,
    /// The word met worst, among those that count.
    pub(crate) weakest: f32,
}

/// The question's content words with their weights and unit vectors.
pub(super) struct QuestionWords(Vec<(f32, Vec<f32>)>);

/// Words with less than this share of the heaviest one's weight may go unmet.
const COUNTS: f32 = 0.5;

impl QuestionWords {
    pub(super) fn of(
        question: &str,
        tokens: &TokenVectors,
        weights: &WeightedTerms,
        analyser: &Analyser,
    ) -> Self {
        let words = analyser.content_terms(question).into_iter().filter_map(|term| {
            let known = weights.terms().iter().find(|known| known.text == term.text)?;
            let mut sum = vec![0.0; tokens.whole.len()];
            let inside = |token: &kefu_core::Span| {
                token.start < term.span.end && term.span.start < token.end
            };
            for (_, vector) in tokens.tokens().filter(|(span, _)| inside(span)) {
                sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
            }
            Some((known.weight, unit(sum)?))
        });
        Self(words.collect())
    }

    /// `None` when either has no word.
    pub(super) fn meet(&self, sentence: &TokenVectors) -> Option<LateMatch> {
        if sentence.spans.is_empty() {
            return None;
        }
        let best = |word: &[f32]| {
            let cosines = sentence.tokens().map(|(_, token)| super::dot(word, token));
            cosines.fold(0.0, f32::max).min(1.0)
        };
        let met: Vec<(f32, f32)> = self.0.iter().map(|(w, word)| (*w, best(word))).collect();
        let total: f32 = met.iter().map(|(weight, _)| weight).sum();
        let heaviest = met.iter().map(|(weight, _)| *weight).fold(0.0, f32::max);
        if total <= 0.0 {
            return None;
        }
        let mean = met.iter().map(|(weight, cosine)| weight * cosine).sum::<f32>() / total;
        let counts = met.iter().filter(|(weight, _)| *weight >= COUNTS * heaviest);
        let weakest = counts.map(|(_, cosine)| *cosine).fold(1.0, f32::min);
        Some(LateMatch { mean, weakest })
    }
}

/// `None` for a vector of nothing.
fn unit(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    if length <= f32::EPSILON {
        return None;
    }
    vector.iter_mut().for_each(|value| *value /= length);
    Some(vector)
}

#[cfg(test)]
mod tests {
    use kefu_core::Language;
    use kefu_core::ports::{EmbedKind, Embedder};
    use kefu_testkit::fakes::FakeEmbedder;

    use super::*;
    use crate::term_weights::QueryTerm;

    #[tokio::test]
    async fn a_word_that_nothing_meets_shows() -> Result<(), kefu_core::ModelError> {
        let embedder = FakeEmbedder::new(512, &[Language::ENGLISH]);
        let analyser = Analyser::new();
        let question = "Is the kettle dishwasher safe?";
        let term = |term: kefu_text::Term| QueryTerm { text: term.text, weight: 1.0, is_own: true };
        let terms: Vec<QueryTerm> =
            analyser.content_terms(question).into_iter().map(term).collect();
        let weights = WeightedTerms::among(&terms, &[]);
        let texts = [question, "The kettle is safe.", "the safe dishwasher kettle", "?"];
        let tokens = embedder.embed_tokens(EmbedKind::Passage, &texts.map(str::to_owned)).await?;
        let words = QuestionWords::of(question, &tokens[0], &weights, &analyser);
        let some = words.meet(&tokens[1]).map(|met| (met.mean, met.weakest));
        let all = words.meet(&tokens[2]).map(|met| (met.mean, met.weakest));
        assert!(some.is_some_and(|(mean, weakest)| mean > 0.5 && mean < 0.9 && weakest < 0.5));
        assert!(all.is_some_and(|(mean, weakest)| mean > 0.99 && weakest > 0.99));
        assert!(words.meet(&tokens[3]).is_none());
        Ok(())
    }
}
