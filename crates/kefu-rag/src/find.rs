use std::sync::Arc;
use std::time::Instant;

use kefu_core::{ReleaseNo, Scope};
use kefu_text::Analyser;

use crate::answerer::AnswererParts;
use crate::choose_reading::ChoiceSignals;
use crate::cross_encoder;
use crate::curated::{self, CuratedMatch};
use crate::error::RagError;
use crate::question::Question;
use crate::rank::{self, Cosines, Ranked};
use crate::read::{self, Sentence};
use crate::retrieve::{Index, Retrieval, Search, search};
use crate::time::{ms_since, today, within};
use crate::understand::{Readings, Understood};

/// What was found for a question, read as far as words alone can tell.
pub(crate) struct Found {
    /// How the question was read.
    pub(crate) understood: Arc<Understood>,
    /// Why it was read so, when it has earlier turns.
    pub(crate) choice: Option<ChoiceSignals>,
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

impl Found {
    /// Whether only what was said before was found again, and not what is asked now.
    pub(crate) fn is_echo(&self) -> bool {
        self.understood.is_follow_up && self.choice.is_some_and(|choice| choice.is_echo)
    }
}

/// How deep to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depth {
    pub(crate) top_k_per_leg: usize,
    pub(crate) n_candidates: usize,
}

/// Retrieves, reranks and splits the best passages into scored sentences. A question with earlier
/// turns is searched for alone and with them, and what was found decides how it is read.
pub(crate) async fn find(
    parts: &AnswererParts,
    scope: &Scope,
    question: &Question,
    (mut readings, depth): (Readings, Depth),
) -> Result<Found, RagError> {
    let started = Instant::now();
    let index = Index {
        store: parts.store.as_ref(),
        records: parts.records.as_ref(),
        embedder: parts.embedder.as_deref(),
        analyser: &parts.analyser,
    };
    let today = today(parts.clock.now_ms());
    let content = match &question.rehearsal {
        Some(content) => content.clone(),
        None => within(question.deadline, "searching", parts.records.current(scope)).await??,
    };
    let wanted = |understood| Search {
        content: &content,
        understood,
        documents: question.documents.as_ref(),
        day: question.as_of.as_deref().unwrap_or(&today),
        top_k_per_leg: depth.top_k_per_leg,
        n_candidates: depth.n_candidates,
    };
    let alone_search = wanted(readings.alone.as_ref());
    let context_search = readings.in_context.as_ref().map(|one| wanted(one.understood.as_ref()));
    let alone = search(&index, scope, &alone_search);
    let in_context = async {
        match &context_search {
            Some(wanted) => search(&index, scope, wanted).await.map(Some),
            None => Ok(None),
        }
    };
    let both = async { tokio::try_join!(alone, in_context) };
    let (mut alone, in_context) = within(question.deadline, "searching", both).await??;
    if let Some(translated) = readings.translated.take()
        && !alone.has_passage_in(readings.alone.written_in)
    {
        let wanted = wanted(translated.as_ref());
        alone = within(question.deadline, "searching", search(&index, scope, &wanted)).await??;
        readings.alone = translated;
    }
    let retrieve_ms = ms_since(started);

    let started = Instant::now();
    let analyser = Arc::clone(&parts.analyser);
    // Analysing some dozen passages takes milliseconds; the async threads stay free for others.
    let study =
        tokio::task::spawn_blocking(move || study(&readings, (alone, in_context), &analyser));
    let mut studied = within(question.deadline, "reranking", study)
        .await?
        .map_err(|_| RagError::Broken { stage: "rerank" })?;
    let reranker = parts.reranker.as_ref();
    let written_in = studied.understood.written_in;
    if let Some(reranker) = reranker.filter(|model| model.info().languages.contains(&written_in)) {
        let depth = parts.settings.cross_encoder_depth;
        let judge = cross_encoder::judge(
            reranker.as_ref(),
            &studied.understood.rewritten,
            studied.ranked,
            depth,
        );
        studied.ranked = within(question.deadline, "reranking", judge).await?;
    }
    let analyser = Arc::clone(&parts.analyser);
    let curated_threshold = parts.settings.curated_threshold;
    let read = tokio::task::spawn_blocking(move || studied.read(&analyser, curated_threshold));
    let mut found = within(question.deadline, "reading", read)
        .await?
        .map_err(|_| RagError::Broken { stage: "read" })?;
    found.retrieve_ms = retrieve_ms;
    found.rerank_ms = ms_since(started);
    Ok(found)
}

/// The reading of the question that was chosen, and its passages in order.
struct Studied {
    understood: Arc<Understood>,
    choice: Option<ChoiceSignals>,
    retrieval: Retrieval,
    ranked: Ranked,
}

impl Studied {
    /// Splits the best passages into sentences.
    fn read(self, analyser: &Analyser, curated_threshold: f32) -> Found {
        let Self { understood, choice, retrieval, ranked } = self;
        let sentences = read::candidates(&ranked, &understood, analyser);
        let curated =
            curated::find(&understood.text, &ranked.passages, (analyser, curated_threshold));
        Found {
            understood,
            choice,
            release: retrieval.release,
            vector: retrieval.vector,
            degraded: retrieval.degraded,
            is_outdated: retrieval.is_outdated,
            ranked: Arc::new(ranked),
            sentences,
            curated,
            retrieve_ms: 0,
            rerank_ms: 0,
        }
    }
}

/// Ranks what was found, and chooses how the question is read by it.
fn study(
    readings: &Readings,
    (alone, in_context): (Retrieval, Option<Retrieval>),
    analyser: &Analyser,
) -> Studied {
    let others = in_context.iter().flat_map(|retrieval| &retrieval.candidates);
    let analyses = rank::analyse(alone.candidates.iter().chain(others), analyser);
    let own_cosines = Cosines::among(&alone.candidates);
    let rank = |mut retrieval: Retrieval, understood: &Understood, cosines: Option<&Cosines>| {
        let candidates = std::mem::take(&mut retrieval.candidates);
        (rank::rank(candidates, understood, (&analyses, cosines)), retrieval)
    };
    let (ranked, retrieval) = rank(alone, &readings.alone, None);
    let mut chosen = (Arc::clone(&readings.alone), ranked, retrieval);
    let mut choice = None;
    if let (Some(reading), Some(retrieval)) = (&readings.in_context, in_context) {
        let has_dense = retrieval.vector.is_some();
        let (ranked, mut retrieval) = rank(retrieval, &reading.understood, Some(&own_cosines));
        let signals = ChoiceSignals::of(&chosen.1, &ranked, reading);
        choice = Some(signals);
        if signals.is_in_context(has_dense) {
            // Sentences answer the question rather than what was said before it.
            retrieval.vector = chosen.2.vector.take().or(retrieval.vector);
            chosen = (Arc::clone(&reading.understood), ranked, retrieval);
        }
    }
    let (understood, ranked, retrieval) = chosen;
    Studied { understood, choice, retrieval, ranked }
}
