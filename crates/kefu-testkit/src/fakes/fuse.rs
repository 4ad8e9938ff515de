use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use kefu_core::ports::{CollectionSpec, Hit, LegQuery, OpenOutcome, StoredPoint, VectorStore};
use kefu_core::{Chunk, ChunkId, ReleaseNo, Scope, StoreError};

/// Cuts a process off in the middle: after a number of writes to all stores that share it, every
/// further write fails and changes nothing, until it is mended.
#[derive(Debug, Default)]
pub struct Fuse {
    left: Mutex<Option<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Current {
    Flows,
    /// This very write is the one that is cut short.
    Breaks,
    Broken,
}

impl Fuse {
    /// A fuse that holds.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// `n_writes` more writes pass.
    pub fn blow_after(&self, n_writes: usize) {
        *self.left.lock().unwrap() = Some(n_writes + 1);
    }

    /// Lets writes pass again; whether the fuse had blown.
    pub fn mend(&self) -> bool {
        self.left.lock().unwrap().take() == Some(0)
    }

    /// Counts one write.
    pub(super) fn write(&self) -> Current {
        match self.left.lock().unwrap().as_mut() {
            None => Current::Flows,
            Some(0) => Current::Broken,
            Some(left) => {
                *left -= 1;
                if *left == 0 { Current::Breaks } else { Current::Flows }
            }
        }
    }
}

/// A store behind a fuse. The write that is cut short reaches half of its points.
pub struct FusedStore {
    store: Arc<dyn VectorStore>,
    fuse: Arc<Fuse>,
}

impl FusedStore {
    /// Puts a fuse before a store.
    #[must_use]
    pub fn new(store: Arc<dyn VectorStore>, fuse: Arc<Fuse>) -> Self {
        Self { store, fuse }
    }

    /// How many of `n` points a write reaches.
    fn reach(&self, n: usize) -> (usize, Result<(), StoreError>) {
        let cut = || Err(StoreError::Failed { detail: "the fuse has blown".to_owned() });
        match self.fuse.write() {
            Current::Flows => (n, Ok(())),
            Current::Breaks => (n / 2, cut()),
            Current::Broken => (0, cut()),
        }
    }
}

#[async_trait]
impl VectorStore for FusedStore {
    async fn open(&self, spec: &CollectionSpec) -> Result<OpenOutcome, StoreError> {
        self.store.open(spec).await
    }

    async fn mark_complete(&self, collection: &str) -> Result<(), StoreError> {
        self.store.mark_complete(collection).await
    }

    async fn discard(&self, collection: &str) -> Result<(), StoreError> {
        self.store.discard(collection).await
    }

    async fn upsert(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[Chunk],
    ) -> Result<(), StoreError> {
        let (n, outcome) = self.reach(chunks.len());
        self.store.upsert(scope, collection, &chunks[..n]).await.and(outcome)
    }

    async fn set_until(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[ChunkId],
        until: Option<ReleaseNo>,
    ) -> Result<(), StoreError> {
        let (n, outcome) = self.reach(chunks.len());
        self.store.set_until(scope, collection, &chunks[..n], until).await.and(outcome)
    }

    async fn remove(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[ChunkId],
    ) -> Result<(), StoreError> {
        let (n, outcome) = self.reach(chunks.len());
        self.store.remove(scope, collection, &chunks[..n]).await.and(outcome)
    }

    async fn query(
        &self,
        scope: &Scope,
        collection: &str,
        query: &LegQuery,
    ) -> Result<Vec<Hit>, StoreError> {
        self.store.query(scope, collection, query).await
    }

    async fn count(
        &self,
        scope: &Scope,
        collection: &str,
        release: ReleaseNo,
    ) -> Result<u64, StoreError> {
        self.store.count(scope, collection, release).await
    }

    async fn points(
        &self,
        scope: &Scope,
        collection: &str,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<StoredPoint>, StoreError> {
        self.store.points(scope, collection, after, limit).await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.store.health().await
    }

    async fn close_store(&self) -> Result<(), StoreError> {
        self.store.close_store().await
    }
}
