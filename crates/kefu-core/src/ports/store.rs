use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::content::Chunk;
use crate::error::StoreError;
use crate::ids::{ChunkId, DocumentId};
use crate::release::{ReleaseNo, Visibility};
use crate::scope::Scope;
use crate::vector::SparseVector;

/// An index collection: all tenants' points made with one embedder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionSpec {
    /// Name; letters, digits, `_` and `-`.
    pub name: String,
    /// Length of dense vectors; `None` for a lexical-only collection.
    pub dimensions: Option<usize>,
}

/// What opening a collection found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenOutcome {
    /// It was there and is whole.
    Ready,
    /// It was made anew, or was damaged by a crash and emptied: the caller must write every chunk
    /// of the records store again before it trusts a query.
    Empty,
}

/// One leg of retrieval.
#[derive(Clone, Debug, PartialEq)]
pub enum Leg {
    /// By cosine with a unit vector.
    Dense(Vec<f32>),
    /// By dot product of term weights, each multiplied by the term's inverse document frequency
    /// in the collection.
    Lexical(SparseVector),
}

/// A query of one leg.
#[derive(Clone, Debug, PartialEq)]
pub struct LegQuery {
    /// What to search by.
    pub leg: Leg,
    /// The release that must see a point.
    pub release: ReleaseNo,
    /// Only points that hold on this day, `YYYY-MM-DD`, when given.
    pub day: Option<String>,
    /// Only these documents, when given.
    pub documents: Option<BTreeSet<DocumentId>>,
    /// How many hits at most, 1..=1000.
    pub limit: usize,
}

/// A hit of one leg.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The chunk.
    pub chunk_id: ChunkId,
    /// The engine's raw score; higher is better.
    pub score: f32,
}

/// What the index knows of the releases that see a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredPoint {
    /// The chunk.
    pub chunk_id: ChunkId,
    /// Who sees it.
    pub visibility: Visibility,
}

/// The vector index: derived from the records store and rebuildable from it at any time.
///
/// A point is visible to a query when its tenant is the scope's, its audiences meet the scope's
/// (editors and above see all), and the release lies in its visibility range. Filters are applied
/// inside the engine, never after.
#[async_trait]
pub trait VectorStore: Send + Sync {
    /// Opens a collection, making it when missing. Idempotent.
    async fn open(&self, spec: &CollectionSpec) -> Result<OpenOutcome, StoreError>;

    /// Declares a collection whole after the rebuild that [`OpenOutcome::Empty`] asked for.
    /// Until then every later `open` answers `Empty` again.
    async fn mark_complete(&self, collection: &str) -> Result<(), StoreError>;

    /// Throws all points of a collection away: later `open` answers `Empty`. Unknown names are
    /// ignored.
    async fn discard(&self, collection: &str) -> Result<(), StoreError>;

    /// Writes points, replacing those with equal ids. On return they are durable and visible to
    /// queries. The chunks belong to the scope's tenant.
    async fn upsert(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[Chunk],
    ) -> Result<(), StoreError>;

    /// Ends the visibility of points at release `until`, or opens them again with `None`. Unknown
    /// ids are ignored. Durable on return; a call that fails may have reached some of the points.
    async fn set_until(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[ChunkId],
        until: Option<ReleaseNo>,
    ) -> Result<(), StoreError>;

    /// Removes points for good. Unknown ids are ignored. Durable on return; a call that fails may
    /// have reached some of the points.
    async fn remove(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[ChunkId],
    ) -> Result<(), StoreError>;

    /// Best hits first; equal scores are ordered by chunk id. Lexical hits share at least one
    /// term with the query.
    async fn query(
        &self,
        scope: &Scope,
        collection: &str,
        query: &LegQuery,
    ) -> Result<Vec<Hit>, StoreError>;

    /// Number of points of the scope's tenant visible at `release`.
    async fn count(
        &self,
        scope: &Scope,
        collection: &str,
        release: ReleaseNo,
    ) -> Result<u64, StoreError>;

    /// Points of the scope's tenant in the order of their ids, after `after`: at most `limit`,
    /// 1..=1000. For comparing the index with the records.
    async fn points(
        &self,
        scope: &Scope,
        collection: &str,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<StoredPoint>, StoreError>;

    /// Whether queries can be answered now.
    async fn health(&self) -> Result<(), StoreError>;

    /// Finishes what is queued and lets go of files. Later calls fail with
    /// [`StoreError::Unavailable`].
    async fn close_store(&self) -> Result<(), StoreError>;
}
