use std::sync::Arc;
use std::time::Instant;

use kefu_core::{ReleaseNo, Scope};

use crate::answerer::AnswererParts;
use crate::curated::{self, CuratedMatch};
use crate::error::RagError;
use crate::question::Question;
use crate::rank::{self, Ranked};
use crate::read::{self, Sentence};
use crate::retrieve::{Index, Search, search};
use crate::time::{ms_since, today, within};
use crate::understand::Understood;

/// What was found for a question, read as far as words alone can tell.
pub(crate) struct Found {
    pub(crate) release: ReleaseNo,
    /// The question's vector, when the dense leg was searched.
    pub(crate) vector: Option<Vec<f32>>,
    /// Whether a leg failed.
    pub(crate) degraded: bool,
    /// Whether there is nothing on the day asked about, but there is on others.
    pub(crate) is_outdated: bool,
    pub(crate) ranked: Arc<Ranked>,
    pub(crate) sentences: Vec<Sentence>,
    pub(crate) curated: Option<CuratedMatch>,
    pub(crate) retrieve_ms: u32,
    pub(crate) rerank_ms: u32,
}

/// How deep to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depth {
    pub(crate) top_k_per_leg: usize,
    pub(crate) n_candidates: usize,
}

/// Retrieves, reranks and splits the best passages into scored sentences.
pub(crate) async fn find(
    parts: &AnswererParts,
    scope: &Scope,
    question: &Question,
    (understood, depth): (&Arc<Understood>, Depth),
) -> Result<Found, RagError> {
    let started = Instant::now();
    let index = Index {
        store: parts.store.as_ref(),
        records: parts.records.as_ref(),
        embedder: parts.embedder.as_deref(),
        analyser: &parts.analyser,
    };
    let today = today(parts.clock.now_ms());
    let wanted = Search {
        content: question.rehearsal.as_ref(),
        understood,
        documents: question.documents.as_ref(),
        day: question.as_of.as_deref().unwrap_or(&today),
        top_k_per_leg: depth.top_k_per_leg,
        n_candidates: depth.n_candidates,
    };
    let found = within(question.deadline, "searching", search(&index, scope, &wanted)).await??;
    let retrieve_ms = ms_since(started);

    let started = Instant::now();
    let (query, analyser) = (Arc::clone(understood), Arc::clone(&parts.analyser));
    let candidates = found.candidates;
    // Analysing some dozen passages takes milliseconds; the async threads stay free for others.
    let study = tokio::task::spawn_blocking(move || {
        let ranked = rank::rank(candidates, &query, &analyser);
        let sentences = read::candidates(&ranked, &query);
        let curated = curated::find(&query.text, &ranked.passages, &analyser);
        (ranked, sentences, curated)
    });
    let (ranked, sentences, curated) = within(question.deadline, "reranking", study)
        .await?
        .map_err(|_| RagError::Broken { stage: "rerank" })?;
    Ok(Found {
        release: found.release,
        vector: found.vector,
        degraded: found.degraded,
        is_outdated: found.is_outdated,
        ranked: Arc::new(ranked),
        sentences,
        curated,
        retrieve_ms,
        rerank_ms: ms_since(started),
    })
}
