//! Dense vectors of chunks that were published by their words alone.

use kefu_core::{Chunk, ChunkId, Scope, Visibility};

use crate::error::IngestError;
use crate::events::{IngestEvent, IngestObserver};
use crate::pipeline::{Ingestor, Wanted, write_points};

/// Chunks per step: between two steps other runs of this process get their turn.
const STEP: usize = 256;

impl Ingestor {
    /// Makes the dense vectors that were put off and writes them to the index, shortest texts of
    /// each step first; how many were made. Answers use the dense leg once all are there. A crash
    /// or a dropped future loses at most one batch of vectors, and the next call goes on.
    ///
    /// # Errors
    /// What a part reports; what was written stays.
    pub async fn fill_vectors(
        &self,
        scope: &Scope,
        observer: &dyn IngestObserver,
    ) -> Result<usize, IngestError> {
        let mut n_made = 0;
        loop {
            let n_filled = self.fill_some(scope, &mut n_made, observer).await?;
            if n_filled == 0 {
                return Ok(n_made);
            }
        }
    }

    /// One step of [`Ingestor::fill_vectors`]; how many chunks were filled, 0 when none waits.
    ///
    /// # Errors
    /// As [`Ingestor::fill_vectors`].
    pub async fn fill_some(
        &self,
        scope: &Scope,
        n_made: &mut usize,
        observer: &dyn IngestObserver,
    ) -> Result<usize, IngestError> {
        let _turn = self.building.lock().await;
        let parts = &self.parts;
        let Some(embedder) = &parts.embedder else { return Ok(0) };
        if !parts.records.current(scope).await?.awaits_vectors {
            return Ok(0);
        }
        let id = &embedder.info().id;
        let mut chunks: Vec<Chunk> = parts.records.awaiting_vectors(scope, id, STEP).await?;
        let mut wanted = Wanted::look_up(parts, scope, &chunks).await?;
        loop {
            let n_embedded = wanted.embed_batch(parts, scope).await?;
            if n_embedded == 0 {
                break;
            }
            *n_made += n_embedded;
            observer.observe(IngestEvent::Filling { n_done: *n_made });
        }
        wanted.fill(&mut chunks);
        write_points(parts, scope, &chunks).await?;
        let seen = |chunk: &Chunk| Visibility { since: chunk.since, until: chunk.until };
        let written: Vec<(ChunkId, Visibility)> =
            chunks.iter().map(|chunk| (chunk.id, seen(chunk))).collect();
        parts.records.vectors_arrived(scope, &written).await?;
        Ok(chunks.len())
    }
}
