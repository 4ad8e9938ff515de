//! The built-in reranker: a weighted sum of what is known of each candidate.

mod analysis;
mod signals;
mod weights;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kefu_core::{ChunkId, DocumentId, Passage, PassageTrace};

use crate::events::ScoredPassage;
use crate::facts::Facts;
use crate::retrieve::Candidate;
use crate::term_weights::WeightedTerms;
use crate::understand::{Understood, turn_decay};
pub(crate) use analysis::{Analyses, Analysis, analyse};
pub(crate) use signals::RankSignals;
use signals::{Said, named, plain_words, proximity, ratio};

/// A passage as the reranker left it, with what later stages need of it.
#[derive(Clone, Debug)]
pub(crate) struct RankedPassage {
    pub(crate) passage: Passage,
    pub(crate) trace: PassageTrace,
    pub(crate) signals: RankSignals,
    pub(crate) analysis: Arc<Analysis>,
}

impl RankedPassage {
    /// The passage with its scores, as callers see it.
    pub(crate) fn scored(&self) -> ScoredPassage {
        ScoredPassage { passage: self.passage.clone(), trace: self.trace.clone() }
    }
}

/// The reranked candidates and the weights their terms were given.
pub(crate) struct Ranked {
    pub(crate) passages: Vec<RankedPassage>,
    /// The terms that passages and sentences are compared with the question by.
    pub(crate) weights: WeightedTerms,
    /// The question's own terms.
    pub(crate) own: WeightedTerms,
}

/// Cosines of one dense leg.
pub(crate) struct Cosines {
    by_chunk: HashMap<ChunkId, f32>,
    min: Option<f32>,
}

impl Cosines {
    /// Those of all candidates that the leg found.
    pub(crate) fn among(candidates: &[Candidate]) -> Self {
        let found = candidates.iter().filter_map(|candidate| {
            let cosine = candidate.dense?.score.clamp(0.0, 1.0);
            Some((candidate.passage.chunk_id, cosine))
        });
        let by_chunk: HashMap<ChunkId, f32> = found.collect();
        let min = by_chunk.values().copied().reduce(f32::min);
        Self { by_chunk, min }
    }

    /// A chunk that the leg did not find has at most the lowest one.
    fn of(&self, chunk: ChunkId) -> Option<f32> {
        self.by_chunk.get(&chunk).copied().or(self.min)
    }
}

/// Reorders the candidates; each has its analysis in `analyses`. A question read in context comes
/// with the cosines of what it found alone.
pub(crate) fn rank(
    candidates: Vec<Candidate>,
    understood: &Understood,
    (analyses, own_cosines): (&Analyses, Option<&Cosines>),
) -> Ranked {
    let analysed: Vec<(Candidate, Arc<Analysis>)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let analysis = analyses.get(&candidate.passage.chunk_id)?.clone();
            Some((candidate, analysis))
        })
        .collect();
    let term_sets: Vec<HashSet<&str>> =
        analysed.iter().map(|(_, analysis)| analysis.all_terms()).collect();
    let weights = WeightedTerms::among(&understood.terms, &term_sets);
    let own = WeightedTerms::among(&understood.own, &term_sets);
    let scale = Scale::of(&analysed);
    let documents = documents(&analysed, &term_sets, scale, understood);
    let turns: Vec<(String, f32)> =
        understood.weighted.iter().map(|(text, weight)| (plain_words(text), *weight)).collect();
    let context = Context { understood, weights: &weights, own: &own, scale, own_cosines, turns };
    let mut passages: Vec<RankedPassage> = analysed
        .iter()
        .zip(&term_sets)
        .map(|((candidate, analysis), terms)| {
            let document = documents.get(&candidate.passage.document_id);
            let signals = context.signals(candidate, analysis, terms, document);
            let score = weights::score(&signals, understood.written_in);
            ranked(candidate, analysis, signals, score)
        })
        .collect();
    passages.sort_by(|a, b| {
        b.trace.score.total_cmp(&a.trace.score).then(a.trace.chunk_id.cmp(&b.trace.chunk_id))
    });
    Ranked { passages, weights, own }
}

fn ranked(
    candidate: &Candidate,
    analysis: &Arc<Analysis>,
    signals: RankSignals,
    score: f32,
) -> RankedPassage {
    let trace = PassageTrace {
        chunk_id: candidate.passage.chunk_id,
        document_id: candidate.passage.document_id.clone(),
        score,
        dense_rank: candidate.dense.map(|leg| leg.rank),
        lexical_rank: candidate.lexical.map(|leg| leg.rank),
        dense_score: candidate.dense.map(|leg| leg.score),
        lexical_score: candidate.lexical.map(|leg| leg.score),
    };
    RankedPassage {
        passage: candidate.passage.clone(),
        trace,
        signals,
        analysis: Arc::clone(analysis),
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
    fn of(analysed: &[(Candidate, Arc<Analysis>)]) -> Self {
        let candidates = || analysed.iter().map(|(candidate, _)| candidate);
        let lexical = candidates().filter_map(|c| c.lexical).map(|leg| leg.score);
        let dense = candidates().filter_map(|c| c.dense).map(|leg| leg.score);
        Self {
            max_lexical: lexical.fold(0.0, f32::max),
            max_fused: candidates().map(|c| c.fused_score).fold(0.0, f32::max),
            min_cosine: dense.reduce(f32::min),
        }
    }

    fn cosine(&self, candidate: &Candidate) -> Option<f32> {
        let cosine = candidate.dense.map(|leg| leg.score).or(self.min_cosine);
        cosine.map(|cosine| cosine.clamp(0.0, 1.0))
    }
}

/// What the candidate passages of one document have together.
#[derive(Clone, Copy, Default)]
struct DocumentSignals {
    coverage: f32,
    said: f32,
    cosine: Option<f32>,
}

fn documents<'a>(
    analysed: &'a [(Candidate, Arc<Analysis>)],
    term_sets: &[HashSet<&'a str>],
    scale: Scale,
    understood: &Understood,
) -> HashMap<&'a DocumentId, DocumentSignals> {
    let searched = WeightedTerms::among(&understood.searched, term_sets);
    let said = Said::new(&understood.said);
    let mut found: HashMap<&DocumentId, (HashSet<&str>, DocumentSignals)> = HashMap::new();
    for ((candidate, analysis), own_terms) in analysed.iter().zip(term_sets) {
        let (terms, signals) = found.entry(&candidate.passage.document_id).or_default();
        terms.extend(own_terms);
        signals.said = signals.said.max(said.share_in(&analysis.terms));
        let cosines = [signals.cosine, scale.cosine(candidate)];
        signals.cosine = cosines.into_iter().flatten().reduce(f32::max);
    }
    let finish = |(id, (terms, signals)): (_, (HashSet<&str>, DocumentSignals))| {
        let coverage = searched.share(|term| terms.contains(term));
        (id, DocumentSignals { coverage, ..signals })
    };
    found.into_iter().map(finish).collect()
}

struct Context<'a> {
    understood: &'a Understood,
    weights: &'a WeightedTerms,
    own: &'a WeightedTerms,
    scale: Scale,
    /// What the question alone found, when it is read in context.
    own_cosines: Option<&'a Cosines>,
    /// The question and the turns it is searched with, as plain words.
    turns: Vec<(String, f32)>,
}

impl Context<'_> {
    fn signals(
        &self,
        candidate: &Candidate,
        analysis: &Analysis,
        terms: &HashSet<&str>,
        document: Option<&DocumentSignals>,
    ) -> RankSignals {
        let passage = &candidate.passage;
        let numbers = if self.understood.facts.is_empty() {
            1.0
        } else {
            let all = format!("{}\n{}\n{}", passage.title, passage.heading, passage.text);
            self.understood.facts.share_in(&Facts::of(&all))
        };
        let document = document.copied().unwrap_or_default();
        let decay = turn_decay(self.understood.written_in);
        let lexical = candidate.lexical.map_or(0.0, |leg| leg.score);
        RankSignals {
            coverage: self.weights.share(|term| terms.contains(term)),
            own_coverage: self.own.share(|term| terms.contains(term)),
            document_coverage: document.coverage,
            title: self.own.share(|term| analysis.title_terms.contains(term)),
            named: named(&passage.title, &self.turns, decay),
            numbers,
            proximity: proximity(self.own, analysis),
            said: document.said,
            lexical: ratio(lexical, self.scale.max_lexical),
            fused: ratio(candidate.fused_score, self.scale.max_fused),
            searched_cosine: self.scale.cosine(candidate),
            cosine: match self.own_cosines {
                Some(cosines) => cosines.of(candidate.passage.chunk_id),
                None => self.scale.cosine(candidate),
            },
            document_cosine: document.cosine,
        }
    }
}
