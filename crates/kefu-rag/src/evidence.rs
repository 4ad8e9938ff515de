//! What the candidates as a whole say of a question: whether the documents speak of it at all.

use std::collections::HashSet;

use kefu_core::{DocumentId, PassageTrace};

use crate::rank::{Ranked, RankedPassage};
use crate::understand::Understood;

/// Signals over all candidates.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Evidence {
    /// Weight of the question's terms that no candidate has: the documents may not speak of it.
    pub(crate) unseen: f32,
    /// Weight of the heaviest term of the question that the passage read lacks.
    pub(crate) missing: f32,
    /// Share of the names in the question that the passage read has; 1 without names.
    pub(crate) names: f32,
    /// Lexical score of the best candidate for each unit of the question's weight.
    pub(crate) lexical: f32,
    /// Lead of the best document's lexical score over the next, relative.
    pub(crate) lexical_margin: f32,
    /// Cosine of the best candidate of the dense leg.
    pub(crate) dense: f32,
    /// Its lead over the best of another document.
    pub(crate) dense_margin: f32,
    /// Legs that put the document read first: 0, 0.5 or 1; a leg that was not searched agrees.
    pub(crate) agreement: f32,
}

impl Evidence {
    pub(crate) fn of(
        ranked: &Ranked,
        read: Option<&RankedPassage>,
        understood: &Understood,
    ) -> Self {
        let passages = &ranked.passages;
        let has = |passage: &RankedPassage, term: &str| {
            passage.analysis.title_terms.contains(term)
                || passage.analysis.terms.iter().any(|t| t.text == term)
        };
        let terms = ranked.weights.terms();
        let all: f32 = terms.iter().map(|term| term.weight).sum();
        let share = |weight: f32| if all > 0.0 { weight / all } else { 0.0 };
        let unseen = ranked.weights.share(|term| !passages.iter().any(|p| has(p, term)));
        let lacks = |term: &str| read.is_none_or(|read| !has(read, term));
        let missing = terms.iter().filter(|term| lacks(&term.text)).map(|term| term.weight);
        let lexical = Leg::of(passages, |trace| trace.lexical_score);
        let dense = Leg::of(passages, |trace| trace.dense_score);
        let document = read.map(|read| &read.passage.document_id);
        let agrees = |leg: &Leg<'_>| leg.document.is_none() || leg.document == document;
        let n_agreeing = [&lexical, &dense].into_iter().filter(|leg| agrees(leg)).count();
        Self {
            unseen,
            missing: share(missing.fold(0.0, f32::max)),
            names: names(&understood.text, read),
            lexical: share(lexical.best),
            lexical_margin: if lexical.best > 0.0 { lexical.lead / lexical.best } else { 0.0 },
            dense: dense.best,
            dense_margin: dense.lead,
            agreement: crate::term_weights::count(n_agreeing) / 2.0,
        }
    }

    /// Names and values for the record.
    pub(crate) fn named(&self) -> [(&'static str, f32); 8] {
        [
            ("unseen", self.unseen),
            ("missing", self.missing),
            ("names", self.names),
            ("lexical", self.lexical),
            ("lexical_margin", self.lexical_margin),
            ("dense", self.dense),
            ("dense_margin", self.dense_margin),
            ("agreement", self.agreement),
        ]
    }
}

/// The best candidate of one leg.
struct Leg<'a> {
    best: f32,
    /// Over the best of another document.
    lead: f32,
    document: Option<&'a DocumentId>,
}

impl<'a> Leg<'a> {
    fn of(passages: &'a [RankedPassage], score: fn(&PassageTrace) -> Option<f32>) -> Self {
        let mut scored: Vec<(f32, &DocumentId)> = passages
            .iter()
            .filter_map(|p| Some((score(&p.trace)?, &p.passage.document_id)))
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        let Some(&(best, document)) = scored.first() else {
            return Self { best: 0.0, lead: 0.0, document: None };
        };
        let next = scored.iter().find(|(_, other)| *other != document).map_or(0.0, |(s, _)| *s);
        Self { best, lead: best - next, document: Some(document) }
    }
}

/// Share of the capitalised words and codes of a question, its first word aside, that the passage
/// has.
fn names(question: &str, read: Option<&RankedPassage>) -> f32 {
    let words = |text: &str| -> HashSet<String> {
        let words = text.split(|c: char| !c.is_alphanumeric() || kefu_text::is_han(c));
        words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let is_name = |word: &&str| {
        let capital = word.chars().next().is_some_and(char::is_uppercase);
        let code = word.bytes().any(|b| b.is_ascii_digit());
        (capital && word.chars().count() > 1) || code
    };
    let named: HashSet<String> = question
        .split_whitespace()
        .skip(1)
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(is_name)
        .flat_map(words)
        .collect();
    if named.is_empty() {
        return 1.0;
    }
    let found = read.map_or_else(HashSet::new, |read| {
        let passage = &read.passage;
        words(&format!("{} {} {}", passage.title, passage.heading, passage.text))
    });
    let n_found = named.iter().filter(|name| found.contains(*name)).count();
    crate::term_weights::count(n_found) / crate::term_weights::count(named.len())
}
