use kefu_core::{Passage, Span};
use kefu_text::Analyser;

use crate::asks;
use crate::facts::Facts;
use crate::negation;
use crate::rank::RankedPassage;

/// Match from which a reviewed answer is given as it stands.
pub(crate) const CURATED_THRESHOLD: f32 = 0.9;
const SAME_WORDS: f32 = 0.99;
const SAME_TERMS: f32 = 0.95;

/// A reviewed pair that asks the same.
pub(crate) struct CuratedMatch {
    pub(crate) passage_idx: usize,
    /// The answer's bytes within the passage's text.
    pub(crate) answer: Span,
    /// How sure the match is, in 0..=1.
    pub(crate) score: f32,
}

/// Finds a reviewed pair whose question is the customer's. A question that differs in one content
/// word, figure, denial or question word is another question: the pair is then read like any
/// other passage.
pub(crate) fn find(
    question: &str,
    passages: &[RankedPassage],
    analyser: &Analyser,
) -> Option<CuratedMatch> {
    let matches = passages.iter().enumerate().filter_map(|(passage_idx, ranked)| {
        let answer = local_answer(&ranked.passage)?;
        let score = similarity(question, &ranked.passage.title, analyser);
        (score >= CURATED_THRESHOLD).then_some(CuratedMatch { passage_idx, answer, score })
    });
    matches.reduce(|best, next| if next.score > best.score { next } else { best })
}

/// The whole answer of a pair, where the passage holds all of it.
pub(crate) fn local_answer(passage: &Passage) -> Option<Span> {
    let answer = passage.pair_answer?;
    let start = answer.start.checked_sub(passage.span.start)?;
    let local = Span { start, end: start + answer.len() };
    local.of(&passage.text).filter(|text| !text.trim().is_empty()).map(|_| local)
}

fn similarity(question: &str, title: &str, analyser: &Analyser) -> f32 {
    let words = |text: &str| -> String {
        kefu_text::shadow(text).text.chars().filter(|c| c.is_alphanumeric()).collect()
    };
    if words(question) == words(title) {
        return SAME_WORDS;
    }
    let terms = |text: &str| {
        let mut terms: Vec<String> =
            analyser.content_terms(text).into_iter().map(|term| term.text).collect();
        terms.dedup();
        terms
    };
    let (asked, known) = (terms(question), terms(title));
    let same = !asked.is_empty()
        && asked == known
        && asks::asks(question) == asks::asks(title)
        && asks::frame(question) == asks::frame(title)
        && negation::denies(question) == negation::denies(title)
        && Facts::of(question).same_as(&Facts::of(title));
    if same { SAME_TERMS } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(question: &str, title: &str) -> bool {
        similarity(question, title, &Analyser::new()) >= CURATED_THRESHOLD
    }

    #[test]
    fn the_same_question_matches_and_near_misses_do_not() {
        let title = "How long is the return window for 2 items?";
        assert!(matches("how long is the return window for 2 items", title));
        for near_miss in [
            "How long is the return window for 3 items?",
            "How long is the warranty window for 2 items?",
            "How long is the return window without 2 items?",
            "Why is the return window for 2 items?",
        ] {
            assert!(!matches(near_miss, title), "{near_miss}");
        }
        assert!(matches("退货需要几天", "退货需要几天？"));
        assert!(!matches("换货需要几天", "退货需要几天？"));
        assert!(!matches("赠品能退货吗", "赠品不能退货吗"));
    }
}
