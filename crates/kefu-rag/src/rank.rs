use std::collections::{HashMap, HashSet};

use kefu_core::{Passage, PassageTrace};
use kefu_text::{Analyser, Term};

use crate::events::ScoredPassage;
use crate::facts::Facts;
use crate::retrieve::Candidate;
use crate::term_weights::WeightedTerms;
use crate::understand::Understood;

/// A passage as the reranker left it, with what later stages need of it.
#[derive(Clone, Debug)]
pub(crate) struct RankedPassage {
    pub(crate) passage: Passage,
    pub(crate) trace: PassageTrace,
    pub(crate) signals: RankSignals,
    /// Content terms of the passage's text.
    pub(crate) terms: Vec<Term>,
    /// Content terms of its title and headings.
    pub(crate) title_terms: HashSet<String>,
}

impl RankedPassage {
    /// The passage with its scores, as callers see it.
    pub(crate) fn scored(&self) -> ScoredPassage {
        ScoredPassage { passage: self.passage.clone(), trace: self.trace.clone() }
    }
}

/// What the built-in reranker looks at, each in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RankSignals {
    /// Weighted share of the question's terms in text, title and headings.
    pub(crate) coverage: f32,
    /// The same in title and headings alone.
    pub(crate) title: f32,
    /// Weight of the turn that names the whole title; 1 for the question, 0 when none does.
    pub(crate) named: f32,
    /// Share of the question's figures.
    pub(crate) numbers: f32,
    /// Share of neighbouring terms of the question that stand close together.
    pub(crate) proximity: f32,
    /// Lexical score relative to the best candidate.
    pub(crate) lexical: f32,
    /// Fused score relative to the best candidate.
    pub(crate) fused: f32,
    /// Cosine, when the dense leg was searched.
    pub(crate) cosine: Option<f32>,
}

/// Weights of [`RankSignals`]; each set sums to 1.
struct RankWeights {
    coverage: f32,
    title: f32,
    named: f32,
    numbers: f32,
    proximity: f32,
    lexical: f32,
    fused: f32,
    cosine: f32,
}

const WITH_DENSE: RankWeights = RankWeights {
    coverage: 0.16,
    title: 0.05,
    named: 0.12,
    numbers: 0.05,
    proximity: 0.05,
    lexical: 0.16,
    fused: 0.10,
    cosine: 0.31,
};
const LEXICAL_ONLY: RankWeights = RankWeights {
    coverage: 0.20,
    title: 0.06,
    named: 0.20,
    numbers: 0.05,
    proximity: 0.07,
    lexical: 0.34,
    fused: 0.08,
    cosine: 0.0,
};
/// Terms this many bytes apart still stand together.
const NEAR_BYTES: usize = 48;

/// The reranked candidates and the weights their terms were given.
pub(crate) struct Ranked {
    pub(crate) passages: Vec<RankedPassage>,
    pub(crate) weights: WeightedTerms,
}

/// Reorders the candidates. Takes some milliseconds of computing: not for an async thread.
pub(crate) fn rank(
    candidates: Vec<Candidate>,
    understood: &Understood,
    analyser: &Analyser,
) -> Ranked {
    let analysed: Vec<Analysed> =
        candidates.into_iter().map(|candidate| analyse(candidate, analyser)).collect();
    let term_sets: Vec<HashSet<&str>> = analysed.iter().map(Analysed::all_terms).collect();
    let weights = WeightedTerms::among(&understood.terms, &term_sets);
    let scale = Scale::of(&analysed);
    let mut passages: Vec<RankedPassage> = analysed
        .iter()
        .zip(&term_sets)
        .map(|(one, terms)| {
            let signals = signals(one, terms, &Context { understood, weights: &weights, scale });
            one.ranked(signals)
        })
        .collect();
    passages.sort_by(|a, b| {
        b.trace.score.total_cmp(&a.trace.score).then(a.trace.chunk_id.cmp(&b.trace.chunk_id))
    });
    Ranked { passages, weights }
}

struct Analysed {
    candidate: Candidate,
    terms: Vec<Term>,
    title_terms: HashSet<String>,
}

fn analyse(candidate: Candidate, analyser: &Analyser) -> Analysed {
    let passage = &candidate.passage;
    let terms = analyser.content_terms(&passage.text);
    let above = format!("{}\n{}", passage.title, passage.heading);
    let title_terms = analyser.content_terms(&above).into_iter().map(|term| term.text).collect();
    Analysed { candidate, terms, title_terms }
}

impl Analysed {
    fn all_terms(&self) -> HashSet<&str> {
        let own = self.terms.iter().map(|term| term.text.as_str());
        own.chain(self.title_terms.iter().map(String::as_str)).collect()
    }

    fn ranked(&self, signals: RankSignals) -> RankedPassage {
        let candidate = &self.candidate;
        let trace = PassageTrace {
            chunk_id: candidate.passage.chunk_id,
            document_id: candidate.passage.document_id.clone(),
            score: signals.score(),
            dense_rank: candidate.dense.map(|leg| leg.rank),
            lexical_rank: candidate.lexical.map(|leg| leg.rank),
            dense_score: candidate.dense.map(|leg| leg.score),
            lexical_score: candidate.lexical.map(|leg| leg.score),
        };
        RankedPassage {
            passage: candidate.passage.clone(),
            trace,
            signals,
            terms: self.terms.clone(),
            title_terms: self.title_terms.clone(),
        }
    }
}

/// Best and worst raw scores, which the others are seen against.
#[derive(Clone, Copy)]
struct Scale {
    max_lexical: f32,
    max_fused: f32,
    /// Lowest cosine of the dense leg: what a passage that only the lexical leg found has at most.
    min_cosine: Option<f32>,
}

impl Scale {
    fn of(analysed: &[Analysed]) -> Self {
        let candidates = || analysed.iter().map(|one| &one.candidate);
        let lexical = candidates().filter_map(|c| c.lexical).map(|leg| leg.score);
        let dense = candidates().filter_map(|c| c.dense).map(|leg| leg.score);
        Self {
            max_lexical: lexical.fold(0.0, f32::max),
            max_fused: candidates().map(|c| c.fused_score).fold(0.0, f32::max),
            min_cosine: dense.reduce(f32::min),
        }
    }
}

struct Context<'a> {
    understood: &'a Understood,
    weights: &'a WeightedTerms,
    scale: Scale,
}

fn signals(one: &Analysed, terms: &HashSet<&str>, context: &Context<'_>) -> RankSignals {
    let Context { understood, weights, scale } = context;
    let candidate = &one.candidate;
    let numbers = if understood.facts.is_empty() {
        1.0
    } else {
        let passage = &candidate.passage;
        let all = format!("{}\n{}\n{}", passage.title, passage.heading, passage.text);
        understood.facts.share_in(&Facts::of(&all))
    };
    let cosine = candidate.dense.map(|leg| leg.score).or(scale.min_cosine);
    RankSignals {
        coverage: weights.share(|term| terms.contains(term)),
        title: weights.share(|term| one.title_terms.contains(term)),
        named: named(&candidate.passage.title, &understood.weighted),
        numbers,
        proximity: proximity(understood, &one.terms),
        lexical: ratio(candidate.lexical.map_or(0.0, |leg| leg.score), scale.max_lexical),
        fused: ratio(candidate.fused_score, scale.max_fused),
        cosine: cosine.map(|cosine| cosine.clamp(0.0, 1.0)),
    }
}

impl RankSignals {
    fn score(&self) -> f32 {
        let weights = if self.cosine.is_some() { WITH_DENSE } else { LEXICAL_ONLY };
        weights.coverage * self.coverage
            + weights.title * self.title
            + weights.named * self.named
            + weights.numbers * self.numbers
            + weights.proximity * self.proximity
            + weights.lexical * self.lexical
            + weights.fused * self.fused
            + weights.cosine * self.cosine.unwrap_or(0.0)
    }
}

fn ratio(value: f32, max: f32) -> f32 {
    if max > 0.0 { (value / max).clamp(0.0, 1.0) } else { 0.0 }
}

/// The highest weight of a turn that has the whole title in it. Titles too short to be a name do
/// not count.
fn named(title: &str, weighted: &[(String, f32)]) -> f32 {
    const MIN_BYTES: usize = 5;
    let words = |text: &str| -> String {
        let shadow = kefu_text::shadow(text).text;
        shadow.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect()
    };
    let title = words(title).trim().to_owned();
    if title.len() < MIN_BYTES {
        return 0.0;
    }
    let has = |(text, _): &&(String, f32)| words(text).contains(&title);
    weighted.iter().filter(has).map(|(_, weight)| *weight).fold(0.0, f32::max)
}

/// Share of neighbouring terms of the question that stand near each other in the passage.
fn proximity(understood: &Understood, terms: &[Term]) -> f32 {
    let own: Vec<&str> = understood
        .terms
        .iter()
        .filter(|term| term.weight >= 1.0)
        .map(|term| term.text.as_str())
        .collect();
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for term in terms {
        if own.contains(&term.text.as_str()) {
            places.entry(&term.text).or_default().push(term.span.start);
        }
    }
    let is_near = |pair: &&[&str]| match (places.get(pair[0]), places.get(pair[1])) {
        (Some(first), Some(second)) => {
            first.iter().any(|a| second.iter().any(|b| a.abs_diff(*b) <= NEAR_BYTES))
        }
        _ => false,
    };
    let n_near = own.windows(2).filter(is_near).count();
    let n_pairs = own.len().saturating_sub(1);
    ratio(crate::term_weights::count(n_near), crate::term_weights::count(n_pairs))
}
