use std::collections::{BTreeSet, HashMap};

use kefu_core::ports::{
    CurrentContent, EmbedKind, Embedder, Hit, Leg, LegQuery, Records, VectorStore,
};
use kefu_core::{ChunkId, DocumentId, Language, ModelError, Passage, ReleaseNo, Scope, StoreError};
use kefu_text::Analyser;

use crate::error::RagError;
use crate::fuse::{RankedList, fuse};
use crate::understand::Understood;

/// Say of each leg in the fusion.
const DENSE_WEIGHT: f32 = 1.0;
const LEXICAL_WEIGHT: f32 = 1.0;
const MAX_LEG_HITS: usize = 1000;

/// The ports that retrieval needs.
pub(crate) struct Index<'a> {
    pub(crate) store: &'a dyn VectorStore,
    pub(crate) records: &'a dyn Records,
    pub(crate) embedder: Option<&'a dyn Embedder>,
    pub(crate) analyser: &'a Analyser,
}

/// What to look for.
pub(crate) struct Search<'a> {
    /// The release to look in.
    pub(crate) content: &'a CurrentContent,
    pub(crate) understood: &'a Understood,
    pub(crate) documents: Option<&'a BTreeSet<DocumentId>>,
    /// The day that passages must hold on.
    pub(crate) day: &'a str,
    /// Hits asked of each leg.
    pub(crate) top_k_per_leg: usize,
    /// Fused candidates whose passages are read from the records.
    pub(crate) n_candidates: usize,
}

/// A passage with what the legs said of it.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) passage: Passage,
    pub(crate) fused_score: f32,
    pub(crate) dense: Option<LegScore>,
    pub(crate) lexical: Option<LegScore>,
}

/// Place and raw score in one leg.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LegScore {
    pub(crate) rank: u32,
    pub(crate) score: f32,
}

/// Fused candidates, best first.
pub(crate) struct Retrieval {
    pub(crate) release: ReleaseNo,
    pub(crate) candidates: Vec<Candidate>,
    /// The question's vector, when the dense leg was searched.
    pub(crate) vector: Option<Vec<f32>>,
    /// Whether a leg that should have been searched failed.
    pub(crate) degraded: bool,
    /// Whether there is nothing on the day asked about, but there is on others.
    pub(crate) is_outdated: bool,
}

impl Retrieval {
    /// Whether any of what was found is written in the language.
    pub(crate) fn has_passage_in(&self, language: Language) -> bool {
        let mut passages = self.candidates.iter().map(|candidate| &candidate.passage);
        passages.any(|passage| kefu_text::detect(&passage.text) == language)
    }
}

/// Searches both legs at one release and fuses them. One failing leg of two is a worse
/// answer, not an error.
pub(crate) async fn search(
    index: &Index<'_>,
    scope: &Scope,
    search: &Search<'_>,
) -> Result<Retrieval, RagError> {
    let CurrentContent { release, collection, awaits_vectors } = search.content.clone();
    let mut found = Retrieval {
        release,
        candidates: Vec::new(),
        vector: None,
        degraded: false,
        is_outdated: false,
    };
    let Some(collection) = collection else { return Ok(found) };
    let legs =
        Legs { index, scope, collection: &collection, release, is_lexical: awaits_vectors, search };

    let (dense, lexical) = tokio::join!(legs.dense(), legs.lexical(Some(search.day)));
    let lexical = lexical.or_else(|error| {
        found.degraded = true;
        if matches!(&dense, Some(Ok(_))) { Ok(Vec::new()) } else { Err(error) }
    })?;
    let dense = match dense {
        None => Vec::new(),
        Some(Ok((vector, hits))) => {
            found.vector = Some(vector);
            hits
        }
        Some(Err(error)) => {
            tracing::warn!(%error, "dense leg failed, answering from the lexical leg");
            found.degraded = true;
            Vec::new()
        }
    };
    found.candidates = legs.hydrate(&dense, &lexical).await?;
    if found.candidates.is_empty() {
        found.is_outdated = !legs.lexical(None).await.unwrap_or_default().is_empty();
    }
    Ok(found)
}

struct Legs<'a> {
    index: &'a Index<'a>,
    scope: &'a Scope,
    collection: &'a str,
    release: ReleaseNo,
    /// Half of the chunks with vectors and half without would rank by which half a chunk is in.
    is_lexical: bool,
    search: &'a Search<'a>,
}

#[derive(Debug, thiserror::Error)]
enum LegError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Legs<'_> {
    /// `None` when no embedder serves the question's language, or vectors are still being made.
    async fn dense(&self) -> Option<Result<(Vec<f32>, Vec<Hit>), LegError>> {
        let understood = self.search.understood;
        let embedder = self.index.embedder?;
        if self.is_lexical || !embedder.info().serves(understood.written_in) {
            return None;
        }
        Some(self.dense_with(embedder, &understood.rewritten).await)
    }

    async fn dense_with(
        &self,
        embedder: &dyn Embedder,
        text: &str,
    ) -> Result<(Vec<f32>, Vec<Hit>), LegError> {
        let mut vectors = embedder.embed(EmbedKind::Query, &[text.to_owned()]).await?;
        let Some(vector) = vectors.pop() else {
            let model = embedder.info().id.clone();
            return Err(ModelError::Failed { model, detail: "no vector came back".into() }.into());
        };
        let hits = self.query(Leg::Dense(vector.clone()), Some(self.search.day)).await?;
        Ok((vector, hits))
    }

    async fn lexical(&self, day: Option<&str>) -> Result<Vec<Hit>, StoreError> {
        let weighted: Vec<(&str, f32)> =
            self.search.understood.weighted.iter().map(|(text, w)| (text.as_str(), *w)).collect();
        let vector = self.index.analyser.encode_query(&weighted);
        if vector.is_empty() {
            return Ok(Vec::new());
        }
        self.query(Leg::Lexical(vector), day).await
    }

    async fn query(&self, leg: Leg, day: Option<&str>) -> Result<Vec<Hit>, StoreError> {
        let query = LegQuery {
            leg,
            release: self.release,
            day: day.map(str::to_owned),
            documents: self.search.documents.cloned(),
            limit: self.search.top_k_per_leg.clamp(1, MAX_LEG_HITS),
        };
        self.index.store.query(self.scope, self.collection, &query).await
    }

    async fn hydrate(&self, dense: &[Hit], lexical: &[Hit]) -> Result<Vec<Candidate>, RagError> {
        let mut fused = fuse(&[
            RankedList { hits: dense, weight: DENSE_WEIGHT },
            RankedList { hits: lexical, weight: LEXICAL_WEIGHT },
        ]);
        fused.truncate(self.search.n_candidates);
        let ids: Vec<ChunkId> = fused.iter().map(|f| f.chunk_id).collect();
        let passages = self.index.records.passages(self.scope, self.release, &ids).await?;
        let mut by_id: HashMap<ChunkId, Passage> =
            passages.into_iter().map(|passage| (passage.chunk_id, passage)).collect();
        let (dense, lexical) = (by_chunk(dense), by_chunk(lexical));
        let candidate = |f: &crate::fuse::Fused| {
            Some(Candidate {
                passage: by_id.remove(&f.chunk_id)?,
                fused_score: f.score,
                dense: dense.get(&f.chunk_id).copied(),
                lexical: lexical.get(&f.chunk_id).copied(),
            })
        };
        Ok(fused.iter().filter_map(candidate).collect())
    }
}

fn by_chunk(hits: &[Hit]) -> HashMap<ChunkId, LegScore> {
    let scored = hits.iter().zip(1_u32..);
    scored.map(|(hit, rank)| (hit.chunk_id, LegScore { rank, score: hit.score })).collect()
}
