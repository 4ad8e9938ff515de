use std::collections::HashMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use kefu_core::ports::{CollectionSpec, Hit, Leg, LegQuery, OpenOutcome, StoredPoint, VectorStore};
use kefu_core::{Chunk, ChunkId, ReleaseNo, Scope, StoreError};

use crate::{checks, points};
use collection::Collection;
use workers::Workers;

mod collection;
mod engine;
mod files;
mod workers;

/// How much an [`EdgeStore`] may take.
#[derive(Clone, Debug)]
pub struct EdgeSettings {
    /// Threads that answer queries; 2 suits a small machine.
    pub n_query_threads: usize,
    /// Writes, and apart from them queries, that may wait; more are refused as overload.
    pub max_waiting: usize,
    /// Writes are refused while less than this is free on the disk, in bytes. The engine writes to
    /// mapped files, and a process that finds no room for those is killed.
    pub min_free_bytes: u64,
    /// A collection whose engine log is larger than this is rebuilt when it is opened, because
    /// the engine never trims the log. A chunk takes about 4 KiB of it at 384 dimensions.
    pub max_log_bytes: u64,
}

/// The Qdrant engine in this process, in one directory that one process holds at a time.
///
/// Writes run one after the other on a thread of their own and are flushed before they return.
/// Queries run beside them on theirs and see a batch while it is being written; releases keep
/// that invisible.
///
/// A process that dies in the middle of a write leaves a marker. The next [`VectorStore::open`]
/// finds it, empties the collection and answers [`OpenOutcome::Empty`]; so does a collection that
/// was never marked complete, cannot be loaded, or whose log has grown too large. A write that
/// fails half-way does the same within the process: queries go on, further writes are refused
/// until the collection is opened again.
///
/// Dropping the store lets its threads end by themselves; [`VectorStore::close_store`] waits.
#[derive(Debug)]
pub struct EdgeStore {
    shared: Arc<Shared>,
    writer: Workers,
    readers: Workers,
}

#[derive(Debug)]
struct Shared {
    dir: PathBuf,
    max_log_bytes: u64,
    min_free_bytes: u64,
    collections: RwLock<HashMap<String, Arc<Collection>>>,
    /// Declared last: given back after the collections are closed.
    lock: Mutex<Option<File>>,
}

impl EdgeStore {
    /// Takes a directory, making it when missing. No collection is open yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the directory cannot be used or another process, or
    /// another store of this process, holds it.
    pub fn open(dir: PathBuf, settings: &EdgeSettings) -> Result<Self, StoreError> {
        let unavailable = |detail: String| StoreError::Unavailable { detail };
        fs::create_dir_all(&dir)
            .map_err(|error| unavailable(format!("cannot make {}: {error}", dir.display())))?;
        let lock = files::lock(&dir.join("LOCK")).map_err(unavailable)?;
        let start = |name: &str, n_threads| {
            Workers::start(name, n_threads, settings.max_waiting)
                .map_err(|error| unavailable(format!("cannot start a thread: {error}")))
        };
        let writer = start("kefu-index-write", 1)?;
        let readers = start("kefu-index-query", settings.n_query_threads)?;
        let shared = Arc::new(Shared {
            dir,
            max_log_bytes: settings.max_log_bytes,
            min_free_bytes: settings.min_free_bytes,
            collections: RwLock::new(HashMap::new()),
            lock: Mutex::new(Some(lock)),
        });
        Ok(Self { shared, writer, readers })
    }

    async fn write(
        &self,
        collection: &str,
        work: impl FnOnce(&Collection) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        let (shared, name) = (Arc::clone(&self.shared), collection.to_owned());
        let write = move || {
            let collection = shared.find(&name)?;
            shared.check_room()?;
            work(collection.as_ref())
        };
        self.writer.call(write).await
    }

    async fn read<T: Send + 'static>(
        &self,
        collection: &str,
        work: impl FnOnce(&Collection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (shared, name) = (Arc::clone(&self.shared), collection.to_owned());
        self.readers.call(move || work(shared.find(&name)?.as_ref())).await
    }
}

#[async_trait]
impl VectorStore for EdgeStore {
    async fn open(&self, spec: &CollectionSpec) -> Result<OpenOutcome, StoreError> {
        checks::check_spec(spec)?;
        let (shared, spec) = (Arc::clone(&self.shared), spec.clone());
        let open = move || {
            if !shared.dir.join(&spec.name).exists() {
                shared.check_room()?;
            }
            shared.open(&spec)
        };
        self.writer.call(open).await
    }

    async fn mark_complete(&self, collection: &str) -> Result<(), StoreError> {
        self.write(collection, Collection::mark_complete).await
    }

    async fn discard(&self, collection: &str) -> Result<(), StoreError> {
        let (shared, name) = (Arc::clone(&self.shared), collection.to_owned());
        self.writer.call(move || shared.discard(&name)).await
    }

    async fn upsert(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[Chunk],
    ) -> Result<(), StoreError> {
        let (scope, chunks) = (scope.clone(), chunks.to_vec());
        self.write(collection, move |collection| {
            checks::check_chunks(collection.dimensions(), &chunks)?;
            if chunks.is_empty() {
                return Ok(());
            }
            collection.write(|shard| shard.upsert(&scope, &chunks))
        })
        .await
    }

    async fn set_until(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[ChunkId],
        until: Option<ReleaseNo>,
    ) -> Result<(), StoreError> {
        let owned = points::owned(scope, chunks);
        let is_empty = chunks.is_empty();
        self.write(collection, move |collection| {
            if is_empty {
                return Ok(());
            }
            collection.write(|shard| shard.set_payload(&owned, points::ending(until)))
        })
        .await
    }

    async fn remove(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[ChunkId],
    ) -> Result<(), StoreError> {
        let owned = points::owned(scope, chunks);
        let is_empty = chunks.is_empty();
        self.write(collection, move |collection| {
            if is_empty {
                return Ok(());
            }
            collection.write(|shard| shard.remove(&owned))
        })
        .await
    }

    async fn query(
        &self,
        scope: &Scope,
        collection: &str,
        query: &LegQuery,
    ) -> Result<Vec<Hit>, StoreError> {
        let readable = points::readable(scope, query);
        let (leg, limit) = (query.leg.clone(), query.limit);
        self.read(collection, move |collection| {
            checks::check_leg(collection.dimensions(), &leg)?;
            let no_terms = matches!(&leg, Leg::Lexical(terms) if terms.is_empty());
            let Some(readable) = readable.filter(|_| !no_terms) else {
                return Ok(Vec::new());
            };
            let found =
                collection.shard().search(&leg, &readable, checks::limit_with_margin(limit));
            let hits = found.map_err(|detail| StoreError::Failed { detail })?;
            Ok(checks::rank(hits, limit))
        })
        .await
    }

    async fn count(
        &self,
        scope: &Scope,
        collection: &str,
        release: ReleaseNo,
    ) -> Result<u64, StoreError> {
        let conditions = points::in_release(scope, release);
        self.read(collection, move |collection| {
            let n = collection.shard().count(&conditions);
            n.map(|n| n as u64).map_err(|detail| StoreError::Failed { detail })
        })
        .await
    }

    async fn points(
        &self,
        scope: &Scope,
        collection: &str,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<StoredPoint>, StoreError> {
        let Some(first) = checks::first_after(after) else { return Ok(Vec::new()) };
        let (conditions, limit) = (points::all(scope), checks::clamp_limit(limit));
        self.read(collection, move |collection| {
            let page = collection.shard().page(&conditions, first, limit);
            page.map_err(|detail| StoreError::Failed { detail })
        })
        .await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.readers.call(|| Ok(())).await
    }

    async fn close_store(&self) -> Result<(), StoreError> {
        self.readers.stop().await;
        self.writer.stop().await;
        let shared = Arc::clone(&self.shared);
        // Closing flushes, which is too slow for this thread.
        let closed = tokio::task::spawn_blocking(move || shared.close()).await;
        closed.map_err(|cause| StoreError::Failed { detail: cause.to_string() })
    }
}

impl Shared {
    fn find(&self, name: &str) -> Result<Arc<Collection>, StoreError> {
        let collections = self.collections.read().unwrap_or_else(PoisonError::into_inner);
        let found = collections.get(name).cloned();
        found.ok_or_else(|| StoreError::NoCollection { collection: name.to_owned() })
    }

    fn check_room(&self) -> Result<(), StoreError> {
        let (free, needed) = match files::free_bytes(&self.dir) {
            Ok(free) => (free, self.min_free_bytes),
            Err(error) => {
                tracing::warn!(%error, "cannot tell how much room the disk of the index has");
                return Ok(());
            }
        };
        if free >= needed {
            return Ok(());
        }
        let detail = format!("{free} bytes are free on its disk and {needed} must be");
        Err(StoreError::StorageFull { detail })
    }

    /// Called on the writer's thread, so opens do not race.
    fn open(&self, spec: &CollectionSpec) -> Result<OpenOutcome, StoreError> {
        if let Ok(open) = self.find(&spec.name) {
            checks::check_same(spec, open.dimensions())?;
            if !open.is_broken() {
                return Ok(open.outcome());
            }
            self.collections.write().unwrap_or_else(PoisonError::into_inner).remove(open.name());
        }
        let collection = Collection::open(&self.dir, spec, self.max_log_bytes)?;
        let outcome = collection.outcome();
        self.collections
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(spec.name.clone(), Arc::new(collection));
        Ok(outcome)
    }

    /// Called on the writer's thread. The next open finds the collection unfinished.
    fn discard(&self, name: &str) -> Result<(), StoreError> {
        self.collections.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        if checks::is_name(name) { collection::discard(&self.dir.join(name)) } else { Ok(()) }
    }

    fn close(&self) {
        self.collections.write().unwrap_or_else(PoisonError::into_inner).clear();
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
