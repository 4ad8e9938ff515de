//! The curated lane: a reviewed answer is given as it stands when its question is the customer's.

mod lexicon;
mod parts;
mod reading;
mod same;
mod settle;
mod typos;

use kefu_core::{Passage, Span};
use kefu_text::Analyser;

use crate::facts::Facts;
use crate::rank::RankedPassage;
use reading::Reading;
use same::{Sameness, same};

/// Scores of a match. There is nothing between a match and none.
const SAME_WORDS: f32 = 0.99;
const SAME_CONTENT: f32 = 0.97;
const SYNONYMS: f32 = 0.94;
const TYPO: f32 = 0.91;

/// A reviewed pair that asks the same.
pub(crate) struct CuratedMatch {
    pub(crate) passage_idx: usize,
    /// The answer's bytes within the passage's text.
    pub(crate) answer: Span,
    /// How sure the match is, in 0..=1.
    pub(crate) score: f32,
}

/// Finds a reviewed pair whose question is the customer's, with a score of at least `threshold`:
/// the same words, the same content in another form, synonyms, or one slip of the keyboard. A
/// question that differs in a figure, name, denial, condition, kind of question or any word without
/// a known synonym is another question: the pair is then read like any other passage.
pub(crate) fn find(
    question: &str,
    passages: &[RankedPassage],
    (analyser, threshold): (&Analyser, f32),
) -> Option<CuratedMatch> {
    let pairs: Vec<(usize, Span, &Passage)> = passages
        .iter()
        .enumerate()
        .filter_map(|(idx, ranked)| Some((idx, local_answer(&ranked.passage)?, &ranked.passage)))
        .collect();
    if pairs.is_empty() {
        return None;
    }
    let is_word = |word: &str| passages.iter().any(|ranked| ranked.analysis.has(word));
    let asked = Asked::new(question, analyser);
    let matches = pairs.into_iter().filter_map(|(passage_idx, answer, passage)| {
        let score = asked.score(&passage.title, analyser, &is_word);
        (score >= threshold).then_some(CuratedMatch { passage_idx, answer, score })
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

/// The customer's question, read once for all pairs.
struct Asked {
    letters: String,
    facts: Facts,
    reading: Reading,
}

impl Asked {
    fn new(question: &str, analyser: &Analyser) -> Self {
        Self {
            letters: letters(question),
            facts: Facts::of(question),
            reading: Reading::of(question, analyser),
        }
    }

    /// 0 when the pair asks something else.
    fn score(&self, title: &str, analyser: &Analyser, is_word: &dyn Fn(&str) -> bool) -> f32 {
        if self.letters == letters(title) {
            return SAME_WORDS;
        }
        if !self.facts.same_as(&Facts::of(title)) {
            return 0.0;
        }
        match same(&self.reading, &Reading::of(title, analyser), is_word) {
            Some(Sameness::Form) => SAME_CONTENT,
            Some(Sameness::Synonyms) => SYNONYMS,
            Some(Sameness::Typo) => TYPO,
            None => 0.0,
        }
    }
}

/// Letters, figures and the signs that belong to them; not empty, or nothing is the same as it.
fn letters(text: &str) -> String {
    let shadow = kefu_text::shadow(text).text;
    shadow.chars().filter(|c| c.is_alphanumeric() || parts::TELLING_SIGNS.contains(*c)).collect()
}

#[cfg(test)]
mod tests;
