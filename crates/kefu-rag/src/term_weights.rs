//! How much each term of a question counts.

use std::collections::HashSet;

/// A term of the question, or of earlier turns where the question leans on them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct QueryTerm {
    pub(crate) text: String,
    /// Weight of the turn it comes from; the question itself has 1.
    pub(crate) weight: f32,
    /// Whether the question itself has it.
    pub(crate) is_own: bool,
}

/// Terms with what finding them in a passage is worth.
#[derive(Clone, Debug)]
pub(crate) struct WeightedTerms(Vec<QueryTerm>);

/// What a term is worth that every candidate has, relative to one that none has. Such a term does
/// not tell candidates apart, but a passage without it is about something else.
const COMMON_SHARE: f32 = 0.4;

impl WeightedTerms {
    /// Weighs the terms by how few of the candidate passages have them: the collection's own
    /// document frequencies stay inside the store.
    pub(crate) fn among(terms: &[QueryTerm], candidates: &[HashSet<&str>]) -> Self {
        let n = count(candidates.len());
        let weigh = |term: &QueryTerm| {
            let n_with = candidates.iter().filter(|c| c.contains(term.text.as_str())).count();
            let idf = ((n + 1.0) / (count(n_with) + 0.5)).ln().max(0.0);
            let rarity = idf / ((n + 1.0) / 0.5).ln();
            let scale = COMMON_SHARE + (1.0 - COMMON_SHARE) * rarity;
            let weight = term.weight * prior(&term.text) * scale;
            QueryTerm { weight, ..term.clone() }
        };
        Self(terms.iter().map(weigh).collect())
    }

    /// Share of the weight that the terms for which `found` holds have; 0 without terms.
    pub(crate) fn share(&self, found: impl Fn(&str) -> bool) -> f32 {
        let (mut all, mut present) = (0.0_f32, 0.0_f32);
        for term in &self.0 {
            all += term.weight;
            present += if found(&term.text) { term.weight } else { 0.0 };
        }
        if all > 0.0 { present / all } else { 0.0 }
    }

    /// The same without the terms named.
    pub(crate) fn without(&self, terms: &[&str]) -> Self {
        let is_kept = |term: &&QueryTerm| !terms.contains(&term.text.as_str());
        Self(self.0.iter().filter(is_kept).cloned().collect())
    }

    /// The terms.
    pub(crate) fn terms(&self) -> &[QueryTerm] {
        &self.0
    }
}

/// Longer terms are rarer: a Han word says more than a pair of characters cut from one, and a
/// single character or letter says little.
fn prior(term: &str) -> f32 {
    let n_chars = term.chars().count();
    if term.chars().any(kefu_text::is_han) {
        match n_chars {
            0 | 1 => 0.3,
            2 => 0.8,
            _ => 1.0,
        }
    } else if term.bytes().any(|b| b.is_ascii_digit()) {
        // A code such as `e07` names one thing; a bare number may stand for many.
        if term.bytes().any(|b| b.is_ascii_alphabetic()) { 2.0 } else { 1.0 }
    } else {
        match n_chars {
            0 | 1 => 0.3,
            2 | 3 => 0.7,
            4 | 5 => 0.9,
            _ => 1.0,
        }
    }
}

/// A small count as a number to calculate with.
pub(crate) fn count(n: usize) -> f32 {
    f32::from(u16::try_from(n).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_that_few_candidates_have_counts_more() {
        let term = |text: &str| QueryTerm { text: text.to_owned(), weight: 1.0, is_own: true };
        let candidates = [
            HashSet::from(["return", "window"]),
            HashSet::from(["return"]),
            HashSet::from(["return"]),
        ];
        let weighted = WeightedTerms::among(&[term("return"), term("window")], &candidates);
        assert!(weighted.share(|t| t == "window") > weighted.share(|t| t == "return"));
        assert!((weighted.share(|_| true) - 1.0).abs() < 1e-6);
        assert!(weighted.share(|_| false).abs() < 1e-6);
    }
}
