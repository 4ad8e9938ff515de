//! Dense vectors of new chunks: from the cache, else from the embedder.

use std::collections::{HashMap, HashSet, VecDeque};

use kefu_core::ports::{EmbedKind, Embedder, VectorKey};
use kefu_core::{Chunk, ChunkId, Scope};

use super::IngestorParts;
use crate::error::IngestError;
use crate::patience::Patience;

/// Keys per look-up in the cache.
const LOOK_UP: usize = 500;

/// Vectors to come: texts that no cache knows, shortest first, so that texts of one batch are of
/// about equal length and little is wasted on padding.
pub(crate) struct Wanted {
    known: HashMap<VectorKey, Vec<f32>>,
    missing: VecDeque<(VectorKey, String)>,
}

impl Wanted {
    /// Looks up what the chunks need. Chunks in languages that the embedder was not made for need
    /// nothing.
    pub(crate) async fn look_up(
        parts: &IngestorParts,
        scope: &Scope,
        chunks: &[Chunk],
    ) -> Result<Self, IngestError> {
        let mut wanted = Self { known: HashMap::new(), missing: VecDeque::new() };
        let Some(embedder) = &parts.embedder else { return Ok(wanted) };
        let mut texts: Vec<(VectorKey, &Chunk)> = chunks
            .iter()
            .filter(|chunk| chunk.dense.is_none() && embedder.info().serves(chunk.draft.language))
            .map(|chunk| (chunk.draft.text_hash(), chunk))
            .collect();
        let keys: Vec<VectorKey> = texts.iter().map(|(key, _)| *key).collect();
        for keys in keys.chunks(LOOK_UP) {
            let found = parts.records.cached_vectors(scope, &embedder.info().id, keys).await?;
            wanted.known.extend(found);
        }
        let mut asked = HashSet::new();
        texts.retain(|(key, _)| !wanted.known.contains_key(key) && asked.insert(*key));
        texts.sort_by_key(|(_, chunk)| chunk.draft.n_tokens);
        wanted.missing =
            texts.into_iter().map(|(key, chunk)| (key, chunk.draft.index_text.clone())).collect();
        Ok(wanted)
    }

    /// Texts that must be embedded.
    pub(crate) fn n_missing(&self) -> usize {
        self.missing.len()
    }

    /// Embeds one batch and keeps its vectors in the cache; how many there were, 0 at the end.
    pub(crate) async fn embed_batch(
        &mut self,
        parts: &IngestorParts,
        scope: &Scope,
    ) -> Result<usize, IngestError> {
        let Some(embedder) = &parts.embedder else { return Ok(0) };
        let n = self.missing.len().min(parts.settings.embed_batch.max(1));
        if n == 0 {
            return Ok(0);
        }
        let (keys, texts): (Vec<VectorKey>, Vec<String>) = self.missing.drain(..n).unzip();
        let mut patience = Patience::new();
        let vectors = loop {
            match embedder.embed(EmbedKind::Passage, &texts).await {
                Ok(vectors) => break vectors,
                Err(error) if !patience.wait(error.kind()).await => return Err(error.into()),
                Err(_) => {}
            }
        };
        check(embedder.as_ref(), &vectors, n)?;
        let made: Vec<(VectorKey, Vec<f32>)> = keys.into_iter().zip(vectors).collect();
        parts.records.cache_vectors(scope, &embedder.info().id, &made).await?;
        self.known.extend(made);
        Ok(n)
    }

    /// Chunks whose vectors must still be made.
    pub(crate) fn lacking(&self, chunks: &[Chunk]) -> Vec<ChunkId> {
        let missing: HashSet<&VectorKey> = self.missing.iter().map(|(key, _)| key).collect();
        let lacks = |c: &&Chunk| c.dense.is_none() && missing.contains(&c.draft.text_hash());
        chunks.iter().filter(lacks).map(|chunk| chunk.id).collect()
    }

    /// Makes none of the missing vectors.
    pub(crate) fn put_off(&mut self) {
        self.missing.clear();
    }

    /// Gives the chunks their vectors.
    pub(crate) fn fill(&self, chunks: &mut [Chunk]) {
        for chunk in chunks.iter_mut().filter(|chunk| chunk.dense.is_none()) {
            chunk.dense = self.known.get(&chunk.draft.text_hash()).cloned();
        }
    }
}

fn check(embedder: &dyn Embedder, vectors: &[Vec<f32>], n: usize) -> Result<(), IngestError> {
    let info = embedder.info();
    let is_good =
        |v: &Vec<f32>| v.len() == info.dimensions && v.iter().all(|value| value.is_finite());
    if vectors.len() == n && vectors.iter().all(is_good) {
        return Ok(());
    }
    let detail = format!(
        "with {} vectors for {n} texts, or with vectors that are not {} finite values",
        vectors.len(),
        info.dimensions
    );
    Err(IngestError::BadVectors { model: info.id.clone(), detail })
}
