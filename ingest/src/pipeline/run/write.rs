//! What a run writes: changes in batches, and the release at the end.

use kefu_core::{Build, Chunk, ChunkId, ReleaseNo, Scope};

use super::Run;
use crate::error::IngestError;
use crate::events::IngestEvent;
use crate::patience::Patience;
use crate::pipeline::IngestorParts;
use crate::pipeline::build::{self, Change};
use crate::pipeline::publish::{prepare, publish};
use crate::pipeline::vectors::Wanted;

/// Points per call of the store.
const POINTS_PER_CALL: usize = 256;

impl Run<'_> {
    /// Writes what waits: points first, so that a crash leaves points without rows, which the
    /// records know of, rather than rows without points; then the records.
    pub(super) async fn flush(&mut self) -> Result<(), IngestError> {
        let pending = std::mem::take(&mut self.pending);
        let Some(lease) = &mut self.lease else { return Ok(()) };
        if pending.is_empty() {
            return Ok(());
        }
        let (parts, scope) = (self.parts, self.scope);
        let n_chunks: usize = pending.iter().map(Change::n_chunks).sum();
        let is_known = |change: &Change| self.known.contains_key(change.document_id());
        let changes = pending.into_iter().map(|change| {
            let known = is_known(&change);
            (change, known)
        });
        let changes: Vec<(Change, bool)> = changes.collect();
        let mut matched = build::match_chunks(parts, scope, &lease.build, changes).await?;
        let mut wanted = Wanted::look_up(parts, scope, &matched.new).await?;
        let words_first =
            self.mode.publish && parts.settings.words_first && lease.build.base.0 == 0;
        let later: Vec<ChunkId> =
            if words_first { wanted.lacking(&matched.new) } else { Vec::new() };
        if words_first {
            wanted.put_off();
        }
        self.report.n_vectors_to_come += later.len();
        self.n_chunks_done += n_chunks - wanted.n_missing();
        loop {
            let (n_done, n_total) = (self.n_chunks_done, self.report.n_chunks);
            self.observer.observe(IngestEvent::Embedding { n_done, n_total });
            let n_embedded = wanted.embed_batch(parts, scope).await?;
            if n_embedded == 0 {
                break;
            }
            self.n_chunks_done += n_embedded;
            self.report.n_chunks_embedded += n_embedded;
            lease.keep(parts, scope).await?;
        }
        wanted.fill(&mut matched.new);
        build::encode(parts, &mut matched.new).await?;
        let new: Vec<ChunkId> = matched.new.iter().map(|chunk| chunk.id).collect();
        if !new.is_empty() {
            parts.records.announce(scope, &lease.build, &new).await?;
        }
        if !later.is_empty() {
            parts.records.await_vectors(scope, &lease.build, &later).await?;
        }
        write_points(parts, scope, &matched.new).await?;
        matched.settle();
        parts.records.stage(scope, &lease.build, &matched.changes).await?;
        Ok(())
    }

    pub(super) async fn finish(&mut self) -> Result<(), IngestError> {
        let Some(lease) = self.lease.take() else { return Ok(()) };
        let outcome = self.end(&lease.build).await;
        if outcome.is_err() {
            self.lease = Some(lease);
        }
        self.report.release = outcome?;
        Ok(())
    }

    async fn end(&mut self, build: &Build) -> Result<Option<ReleaseNo>, IngestError> {
        let (parts, scope) = (self.parts, self.scope);
        let is_changed = if self.mode.publish {
            prepare(parts, scope, build).await?
        } else {
            !parts.records.build_is_empty(scope, build).await?
        };
        if !is_changed || !self.mode.publish {
            self.report.staged = is_changed;
            parts.records.end_build(scope, build).await?;
            return Ok(None);
        }
        publish(parts, scope, build).await?;
        self.report.replaced = Some(build.base).filter(|base| base.0 > 0);
        self.observer.observe(IngestEvent::Published { release: build.release });
        Ok(Some(build.release))
    }
}

/// Writes chunks to the index.
pub(crate) async fn write_points(
    parts: &IngestorParts,
    scope: &Scope,
    chunks: &[Chunk],
) -> Result<(), IngestError> {
    for points in chunks.chunks(POINTS_PER_CALL) {
        let mut patience = Patience::new();
        while let Err(error) = parts.store.upsert(scope, &parts.collection.name, points).await {
            if !patience.wait(error.kind()).await {
                return Err(error.into());
            }
        }
    }
    Ok(())
}
