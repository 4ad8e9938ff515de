//! From staged changes to the release that serves: the index first, then the pointer.

use std::collections::HashMap;

use kefu_core::{Build, ChunkId, PointChange, Release, ReleaseNo, Scope, StoreError};
use tokio::sync::MutexGuard;

use super::{Ingestor, IngestorParts, build};
use crate::error::IngestError;
use crate::patience::Patience;

/// Points that the index is told of between two notes in the records.
const DRIFT_PER_STEP: usize = 2_000;
/// Versions and chunks deleted per transaction: few enough that an answer's record need not wait.
const COLLECTED_PER_STEP: usize = 500;

/// A build whose points are in the index, before anyone sees it: a question asked at `release`
/// in `collection` sees exactly the staged content, and questions at the current release see
/// exactly what they saw before. While it lives no other run of this process builds.
pub struct Candidate<'a> {
    /// The number it will have.
    pub release: ReleaseNo,
    /// The collection to ask.
    pub collection: String,
    /// The release it would replace; 0 when it is the first.
    pub based_on: ReleaseNo,
    build: Build,
    _turn: MutexGuard<'a, ()>,
}

impl Ingestor {
    /// Brings the index in line with what is staged; `None` when nothing is. Crash-safe and
    /// repeatable: nothing moves until [`Ingestor::publish_candidate`].
    ///
    /// # Errors
    /// [`IngestError::Conflict`] while another process builds; otherwise what a part reports.
    pub async fn prepare(&self, scope: &Scope) -> Result<Option<Candidate<'_>>, IngestError> {
        let turn = self.building.lock().await;
        let parts = &self.parts;
        let build = build::begin(parts, scope).await?;
        let prepared = prepare(parts, scope, &build).await;
        if !matches!(prepared, Ok(true)) {
            give_back(parts, scope, &build).await;
        }
        Ok(prepared?.then(|| Candidate {
            release: build.release,
            collection: parts.collection.name.clone(),
            based_on: build.base,
            build,
            _turn: turn,
        }))
    }

    /// Renews the build lease of a candidate that takes longer than 60 s to judge.
    ///
    /// # Errors
    /// As [`Ingestor::publish_candidate`].
    pub async fn keep_candidate(
        &self,
        scope: &Scope,
        candidate: &Candidate<'_>,
    ) -> Result<(), IngestError> {
        Ok(self.parts.records.stage(scope, &candidate.build, &[]).await?)
    }

    /// Lets the pointer name the candidate; `reason` is kept with the move, when given.
    ///
    /// # Errors
    /// [`IngestError`] of kind `Conflict` when another release became current meanwhile, or
    /// another process took the build lease, which it may after 60 s; the candidate stays staged.
    pub async fn publish_candidate(
        &self,
        scope: &Scope,
        mut candidate: Candidate<'_>,
        reason: Option<String>,
    ) -> Result<Release, IngestError> {
        candidate.build.reason = reason;
        let published = publish(&self.parts, scope, &candidate.build).await;
        if published.is_err() {
            give_back(&self.parts, scope, &candidate.build).await;
        }
        published
    }

    /// Leaves the candidate staged, for a later run to change or publish.
    pub async fn leave_candidate(&self, scope: &Scope, candidate: Candidate<'_>) {
        give_back(&self.parts, scope, &candidate.build).await;
    }

    /// Throws the candidate away. What it embedded stays in the cache, so that taking the same
    /// documents in again costs little.
    ///
    /// # Errors
    /// As [`Ingestor::publish_candidate`]; the candidate then stays staged.
    pub async fn withdraw_candidate(
        &self,
        scope: &Scope,
        candidate: Candidate<'_>,
    ) -> Result<(), IngestError> {
        let parts = &self.parts;
        let withdrawn = parts.records.withdraw(scope, &candidate.build).await;
        if withdrawn.is_ok()
            && let Err(error) = bring_in_line(parts, scope, &candidate.build).await
        {
            tracing::warn!(%error, "points of a withdrawn release stay until the next one");
        }
        give_back(parts, scope, &candidate.build).await;
        Ok(withdrawn.map(|_| ())?)
    }
}

/// Brings the index in line; whether the build changes anything.
pub(crate) async fn prepare(
    parts: &IngestorParts,
    scope: &Scope,
    build: &Build,
) -> Result<bool, IngestError> {
    // Also when nothing is staged: a crash or a rollback may have left points behind.
    bring_in_line(parts, scope, build).await?;
    Ok(!parts.records.build_is_empty(scope, build).await?)
}

/// Publishes a build, collects what nobody needs any more and gives the lease back.
pub(crate) async fn publish(
    parts: &IngestorParts,
    scope: &Scope,
    build: &Build,
) -> Result<Release, IngestError> {
    bring_in_line(parts, scope, build).await?;
    let release = parts.records.publish(scope, build).await?;
    // The release is out; what fails from here on is made up for by the next one.
    if let Err(error) = collect(parts, scope, build).await {
        tracing::warn!(%error, "old releases were not collected to the end");
    }
    give_back(parts, scope, build).await;
    Ok(release)
}

/// Tells the index what it has not been told. Each step may be repeated, so that a crash between
/// telling and noting costs one step.
async fn bring_in_line(
    parts: &IngestorParts,
    scope: &Scope,
    build: &Build,
) -> Result<(), IngestError> {
    loop {
        let drift = parts.records.drift(scope, build, DRIFT_PER_STEP).await?;
        if drift.is_empty() {
            return Ok(());
        }
        let mut by_change: HashMap<PointChange, Vec<ChunkId>> = HashMap::new();
        for point in &drift {
            by_change.entry(point.change).or_default().push(point.chunk_id);
        }
        for (change, ids) in by_change {
            let mut patience = Patience::new();
            while let Err(error) = tell(parts, scope, change, &ids).await {
                if !patience.wait(error.kind()).await {
                    return Err(error.into());
                }
            }
        }
        parts.records.settled(scope, build, &drift).await?;
    }
}

async fn tell(
    parts: &IngestorParts,
    scope: &Scope,
    change: PointChange,
    ids: &[ChunkId],
) -> Result<(), StoreError> {
    let collection = &parts.collection.name;
    match change {
        PointChange::Remove => parts.store.remove(scope, collection, ids).await,
        PointChange::Until(until) => parts.store.set_until(scope, collection, ids, until).await,
    }
}

async fn collect(parts: &IngestorParts, scope: &Scope, build: &Build) -> Result<(), IngestError> {
    let keep = parts.settings.keep_releases;
    let mut n_chunks = 0;
    loop {
        let step = parts.records.collect(scope, build, keep, COLLECTED_PER_STEP).await?;
        n_chunks += step.n_chunks;
        for release in step.releases {
            tracing::info!(release = release.0, "an old release was collected");
        }
        if step.done {
            break;
        }
    }
    if n_chunks > 0 {
        bring_in_line(parts, scope, build).await?;
    }
    Ok(())
}

async fn give_back(parts: &IngestorParts, scope: &Scope, build: &Build) {
    if let Err(error) = parts.records.end_build(scope, build).await {
        tracing::warn!(%error, "the build lease could not be given back and will expire");
    }
}
