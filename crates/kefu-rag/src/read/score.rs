//! How well each sentence answers.

use std::collections::HashSet;

use kefu_core::{Passage, Span};

use super::late::LateMatch;
use super::layout::{Place, place, table_head};
use crate::asks;
use crate::curated::local_answer;
use crate::rank::RankedPassage;
use crate::term_weights::WeightedTerms;
use crate::understand::Understood;

/// A sentence that may be quoted.
#[derive(Clone, Debug)]
pub(crate) struct Sentence {
    pub(crate) passage_idx: usize,
    /// Its bytes in the passage's text.
    pub(crate) span: Span,
    pub(crate) place: Place,
    /// Weighted share of the question's terms in it, and in the title above it.
    pub(crate) coverage: f32,
    /// Likeness to the question, when the embedder read it.
    pub(crate) cosine: Option<f32>,
    /// How it meets the question's words, likewise.
    pub(crate) late: Option<LateMatch>,
    /// How well it has the kind of figure asked for; `None` when none was.
    pub(crate) figure: Option<f32>,
    /// The sum; higher is better.
    pub(crate) score: f32,
    /// Its own content terms that the question has.
    pub(crate) found: HashSet<String>,
}

/// Weights of what is known of a sentence by its words.
const COVERAGE: f32 = 0.50;
const PASSAGE: f32 = 0.25;
const CONTEXT: f32 = 0.12;
const FIGURE: f32 = 0.13;
/// Share of the cosine once it is known.
const COSINE: f32 = 0.40;
/// A question is rarely the answer to one.
const QUESTION_FACTOR: f32 = 0.6;
const HEADING_FACTOR: f32 = 0.3;
/// Share of the title's terms that each sentence is credited with.
const TITLE_SHARE: f32 = 0.85;
/// Share of a heading's or question's own terms that the next sentences are credited with.
const LEAD_SHARES: [f32; 2] = [0.7, 0.4];
/// Share of the terms of its table's head row that a row is credited with.
const HEAD_ROW_SHARE: f32 = 0.85;

impl Sentence {
    /// Its words.
    pub(crate) fn text<'a>(&self, passage: &'a Passage) -> &'a str {
        self.span.of(&passage.text).unwrap_or_default()
    }

    /// Whether it says something by itself: neither a heading nor a question. `text` is its own.
    pub(crate) fn is_statement(&self, text: &str) -> bool {
        !matches!(self.place, Place::Heading | Place::TableHead) && !text.ends_with(['?', '？'])
    }

    /// What the embedder reads: a table's row says little without the names of its columns.
    pub(super) fn text_in_context(&self, passage: &Passage) -> String {
        let text = self.text(passage);
        let head = (self.place == Place::TableRow).then(|| table_head(&passage.text, self.span));
        match head.flatten().and_then(|head| head.of(&passage.text)) {
            Some(head) => format!("{} | {head} | {text}", passage.title),
            None => text.to_owned(),
        }
    }

    /// Takes the embedder's judgement into the score.
    pub(super) fn compare(&mut self, cosine: f32, late: Option<LateMatch>) {
        (self.cosine, self.late) = (Some(cosine), late);
        self.score = (1.0 - COSINE) * self.score + COSINE * cosine;
    }
}

/// All sentences of the passages with their scores, in reading order.
pub(super) fn candidates(
    passages: &[RankedPassage],
    weights: &WeightedTerms,
    understood: &Understood,
) -> Vec<Sentence> {
    let best = passages.first().map_or(0.0, |ranked| ranked.trace.score);
    let mut all = Vec::new();
    for (passage_idx, ranked) in passages.iter().enumerate() {
        let strength = if best > 0.0 { ranked.trace.score / best } else { 0.0 };
        all.extend(of_passage(passage_idx, ranked, strength, (weights, understood)));
    }
    all
}

fn of_passage(
    passage_idx: usize,
    ranked: &RankedPassage,
    strength: f32,
    (weights, understood): (&WeightedTerms, &Understood),
) -> Vec<Sentence> {
    let text = &ranked.passage.text;
    let readable = local_answer(&ranked.passage);
    let inside = |span: &Span| readable.is_none_or(|a| a.start <= span.start && span.end <= a.end);
    let spans: Vec<Span> = kefu_text::sentences(text).into_iter().filter(inside).collect();
    let found: Vec<HashSet<String>> =
        spans.iter().map(|span| terms_in(ranked, weights, *span)).collect();
    let places: Vec<Place> = spans.iter().map(|span| place(text, *span)).collect();
    let asks_a_figure = asks::asks_a_figure(&understood.asks);

    let sentence = |idx: usize| {
        let (span, place, own) = (spans[idx], places[idx], &found[idx]);
        let words = span.of(text).unwrap_or_default();
        // A sentence on the page of a thing is about that thing, named or not.
        let titled = |term: &str| own.contains(term) || ranked.analysis.title_terms.contains(term);
        let bare = weights.share(|term| own.contains(term));
        let head = (place == Place::TableRow).then(|| table_head(text, span)).flatten();
        let head = head.map(|head| terms_in(ranked, weights, head)).unwrap_or_default();
        let headed = weights.share(|term| titled(term) || head.contains(term));
        let coverage = bare
            + TITLE_SHARE * (weights.share(titled) - bare)
            + HEAD_ROW_SHARE * (headed - weights.share(titled));
        // Neighbours and headings say what a sentence is about where it does not say so itself.
        let near = |term: &str| {
            own.contains(term)
                || ranked.analysis.title_terms.contains(term)
                || idx.checked_sub(1).is_some_and(|before| found[before].contains(term))
                || found.get(idx + 1).is_some_and(|after| after.contains(term))
        };
        let context = weights.share(near);
        let is_lead = |at: usize| {
            matches!(places[at], Place::Heading)
                || spans[at].of(text).is_some_and(|words| words.ends_with(['?', '？']))
        };
        let led = LEAD_SHARES.iter().enumerate().find_map(|(distance, share)| {
            let lead = idx.checked_sub(distance + 1).filter(|at| is_lead(*at))?;
            let with_lead = weights.share(|term| titled(term) || found[lead].contains(term));
            Some(share * (with_lead - weights.share(titled)))
        });
        let figure = if asks_a_figure { asks::fit(&understood.asks, words) } else { None };
        let mut score = COVERAGE * (coverage + led.unwrap_or(0.0))
            + PASSAGE * strength
            + CONTEXT * context
            + FIGURE * figure.unwrap_or(0.5);
        if words.ends_with(['?', '？']) {
            score *= QUESTION_FACTOR;
        }
        if matches!(place, Place::Heading | Place::TableHead) {
            score *= HEADING_FACTOR;
        }
        let found = own.clone();
        Sentence {
            passage_idx,
            span,
            place,
            coverage,
            cosine: None,
            late: None,
            figure,
            score,
            found,
        }
    };
    (0..spans.len()).map(sentence).collect()
}

/// Terms of the question within the span.
fn terms_in(ranked: &RankedPassage, weights: &WeightedTerms, span: Span) -> HashSet<String> {
    let inside = ranked
        .analysis
        .terms
        .iter()
        .filter(|t| span.start <= t.span.start && t.span.end <= span.end);
    let asked = |text: &str| weights.terms().iter().any(|term| term.text == text);
    inside.filter(|term| asked(&term.text)).map(|term| term.text.clone()).collect()
}
