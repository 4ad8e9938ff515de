//! The terms of a passage, made once for all readings of a question.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kefu_core::{ChunkId, Passage};
use kefu_text::{Analyser, Term};

use crate::retrieve::Candidate;
use crate::term_weights::count;

/// A passage's terms.
#[derive(Debug)]
pub(crate) struct Analysis {
    /// Content terms of its text.
    pub(crate) terms: Vec<Term>,
    /// Content terms of its title and headings.
    pub(crate) title_terms: HashSet<String>,
    /// The same in their order, and the bytes they were read from.
    above: (Vec<Term>, usize),
}

impl Analysis {
    fn of(passage: &Passage, analyser: &Analyser) -> Self {
        let terms = analyser.content_terms(&passage.text);
        let above = format!("{}\n{}", passage.title, passage.heading);
        let above = (analyser.content_terms(&above), above.len());
        let title_terms = above.0.iter().map(|term| term.text.clone()).collect();
        Self { terms, title_terms, above }
    }

    /// All terms with their places, as if title and headings stood before the text.
    pub(super) fn places(&self) -> impl Iterator<Item = (&str, usize)> {
        let (above, n_bytes) = &self.above;
        let above = above.iter().map(|term| (term.text.as_str(), term.span.start));
        let n_bytes = *n_bytes;
        let below =
            self.terms.iter().map(move |term| (term.text.as_str(), n_bytes + term.span.start));
        above.chain(below)
    }

    /// Whether the term stands in its text, title or headings.
    pub(crate) fn has(&self, term: &str) -> bool {
        self.title_terms.contains(term) || self.terms.iter().any(|own| own.text == term)
    }

    /// Whether next to all of its terms stand in the other: it says nothing new beside it.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        const SHARE: f32 = 0.95;
        let (own, other) = (self.text_terms(), other.text_terms());
        let n_known = own.iter().filter(|term| other.contains(*term)).count();
        !own.is_empty() && count(n_known) >= SHARE * count(own.len())
    }

    fn text_terms(&self) -> HashSet<&str> {
        self.terms.iter().map(|term| term.text.as_str()).collect()
    }

    /// All terms, each once.
    pub(crate) fn all_terms(&self) -> HashSet<&str> {
        let own = self.terms.iter().map(|term| term.text.as_str());
        own.chain(self.title_terms.iter().map(String::as_str)).collect()
    }
}

/// Analyses by chunk.
pub(crate) type Analyses = HashMap<ChunkId, Arc<Analysis>>;

/// Analyses every passage once. Takes some milliseconds of computing: not for an async thread.
pub(crate) fn analyse<'a>(
    candidates: impl IntoIterator<Item = &'a Candidate>,
    analyser: &Analyser,
) -> Analyses {
    let mut analyses = Analyses::new();
    for candidate in candidates {
        let passage = &candidate.passage;
        analyses
            .entry(passage.chunk_id)
            .or_insert_with(|| Arc::new(Analysis::of(passage, analyser)));
    }
    analyses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_repeats_and_other_figures_do_not() {
        let analyser = Analyser::new();
        let analysis = |text: &str| Analysis {
            terms: analyser.content_terms(text),
            title_terms: HashSet::new(),
            above: (Vec::new(), 0),
        };
        let long = analysis("Returns are free within 30 days. Keep the receipt and the box.");
        assert!(analysis("Returns are free within 30 days.").repeats(&long));
        assert!(!analysis("Returns are free within 60 days.").repeats(&long));
        assert!(!long.repeats(&analysis("Returns are free within 30 days.")));
        assert!(!analysis("").repeats(&long));
    }
}
