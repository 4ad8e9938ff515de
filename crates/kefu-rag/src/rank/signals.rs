//! What the reranker looks at.

use std::collections::{HashMap, HashSet};

use kefu_text::Term;

use super::analysis::Analysis;
use crate::term_weights::{WeightedTerms, count};

/// What the built-in reranker looks at, each in 0..=1. Those of a document are the best or the sum
/// of its candidate passages, so that a page that answers with several passages comes first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RankSignals {
    /// Weighted share of the terms in text, title and headings; earlier turns have a small share.
    pub(crate) coverage: f32,
    /// Share of the question's own terms.
    pub(crate) own_coverage: f32,
    /// Share of all terms searched for in the candidate passages of the document.
    pub(crate) document_coverage: f32,
    /// Share of the question's own terms in title and headings.
    pub(crate) title: f32,
    /// Weight of the turn that names the whole title; 1 for the question, 0 when none does.
    pub(crate) named: f32,
    /// Share of the question's figures.
    pub(crate) numbers: f32,
    /// Weighted share of neighbouring terms of the question that stand close together.
    pub(crate) proximity: f32,
    /// How much of what was said to the customer before stands in the document word by word.
    pub(crate) said: f32,
    /// Lexical score relative to the best candidate.
    pub(crate) lexical: f32,
    /// Fused score relative to the best candidate.
    pub(crate) fused: f32,
    /// Cosine with the question alone, when the dense leg was searched.
    pub(crate) cosine: Option<f32>,
    /// Cosine with what the dense leg searched for: the question and what it leans on.
    pub(crate) searched_cosine: Option<f32>,
    /// The best `searched_cosine` of the document.
    pub(crate) document_cosine: Option<f32>,
}

/// Terms this many bytes apart stand next to each other …
const NEXT_BYTES: usize = 24;
/// … and this many bytes apart still near, which counts half.
const NEAR_BYTES: usize = 64;
/// Titles too short to be a name do not count.
const MIN_NAME_BYTES: usize = 5;

/// Letters and digits of a text in its compared form, everything else as spaces.
pub(super) fn plain_words(text: &str) -> String {
    let shadow = kefu_text::shadow(text).text;
    let words: String = shadow.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    words.trim().to_owned()
}

/// The highest weight of a turn that has the whole title in it. `turns` are plain words, the
/// question first; an earlier turn counts once more `decay` than it is searched for.
pub(super) fn named(title: &str, turns: &[(String, f32)], decay: f32) -> f32 {
    let title = plain_words(title);
    if title.len() < MIN_NAME_BYTES {
        return 0.0;
    }
    let weight = |(idx, (text, weight)): (usize, &(String, f32))| {
        let weight = if idx == 0 { *weight } else { weight * decay };
        text.contains(&title).then_some(weight)
    };
    turns.iter().enumerate().filter_map(weight).fold(0.0, f32::max)
}

/// Weighted share of neighbouring terms of the question that stand near each other in the passage.
pub(super) fn proximity(own: &WeightedTerms, analysis: &Analysis) -> f32 {
    let mut places: HashMap<&str, Vec<usize>> =
        own.terms().iter().map(|term| (term.text.as_str(), Vec::new())).collect();
    for (term, place) in analysis.places() {
        if let Some(places) = places.get_mut(term) {
            places.push(place);
        }
    }
    let nearness = |first: &str, second: &str| {
        let (Some(first), Some(second)) = (places.get(first), places.get(second)) else {
            return 0.0;
        };
        let gaps = first.iter().flat_map(|a| second.iter().map(|b| a.abs_diff(*b)));
        match gaps.min() {
            Some(gap) if gap <= NEXT_BYTES => 1.0,
            Some(gap) if gap <= NEAR_BYTES => 0.5,
            _ => 0.0,
        }
    };
    let (mut found, mut all) = (0.0_f32, 0.0_f32);
    for pair in own.terms().windows(2) {
        let weight = pair[0].weight.min(pair[1].weight);
        all += weight;
        found += weight * nearness(&pair[0].text, &pair[1].text);
    }
    ratio(found, all)
}

type Three<'a> = [&'a str; 3];

/// What was said to the customer, as runs of three terms.
pub(super) struct Said<'a>(Vec<(HashSet<Three<'a>>, f32)>);

impl<'a> Said<'a> {
    /// Short turns repeat words by chance and are left out.
    pub(super) fn new(turns: &'a [(Vec<String>, f32)]) -> Self {
        const MIN_TERMS: usize = 5;
        let long = turns.iter().filter(|(terms, _)| terms.len() >= MIN_TERMS);
        let runs = |terms: &'a [String]| {
            terms.windows(3).map(|w| [w[0].as_str(), w[1].as_str(), w[2].as_str()]).collect()
        };
        Self(long.map(|(terms, weight)| (runs(terms), *weight)).collect())
    }

    /// The best weighted share of a turn that the passage has word by word.
    pub(super) fn share_in(&self, terms: &[Term]) -> f32 {
        if self.0.is_empty() {
            return 0.0;
        }
        let runs: HashSet<Three<'_>> = terms
            .windows(3)
            .map(|w| [w[0].text.as_str(), w[1].text.as_str(), w[2].text.as_str()])
            .collect();
        let share = |(said, weight): &(HashSet<Three<'_>>, f32)| {
            let n_found = said.iter().filter(|run| runs.contains(*run)).count();
            weight * ratio(count(n_found), count(said.len()))
        };
        self.0.iter().map(share).fold(0.0, f32::max)
    }
}

pub(super) fn ratio(value: f32, max: f32) -> f32 {
    if max > 0.0 { (value / max).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use kefu_text::Analyser;

    use super::*;

    #[test]
    fn the_latest_turn_that_names_the_title_counts() {
        let turns = [
            (plain_words("What does it cost?"), 1.0),
            (plain_words("Is the Brook kettle loud?"), 1.0),
            (plain_words("Tell me about the Aurora desk lamp."), 0.5),
        ];
        let weight = |title| named(title, &turns, 0.5);
        assert!((weight("Brook Kettle") - 0.5).abs() < 1e-6);
        assert!((weight("Aurora desk lamp") - 0.25).abs() < 1e-6);
        assert!(weight("Cedar chair").abs() < 1e-6);
    }

    #[test]
    fn what_was_said_is_known_by_its_wording() {
        let analyser = Analyser::new();
        let terms = |text: &str| analyser.content_terms(text);
        let said = "Parcels within the country arrive in three working days.";
        let turn = terms(said).into_iter().map(|term| term.text).collect();
        let turns = [(turn, 0.8)];
        let share = |text: &str| Said::new(&turns).share_in(&terms(text));
        assert!((share(&format!("Delivery. {said}")) - 0.8).abs() < 1e-6);
        assert!(share("In three days the country parcels are working.").abs() < 1e-6);
        assert!(Said::new(&[]).share_in(&terms(said)).abs() < 1e-6);
    }
}
