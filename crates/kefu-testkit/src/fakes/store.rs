use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use kefu_core::ports::{CollectionSpec, Hit, LegQuery, OpenOutcome, StoredPoint, VectorStore};
use kefu_core::{Chunk, ChunkId, ReleaseNo, Scope, StoreError, TenantId, Visibility};

use search::search;

mod search;

/// An exact vector store in memory: the oracle of the store suite, with scripted faults.
///
/// Vectors must have the collection's length, be finite and not zero; a batch with one bad vector
/// writes nothing. Limits are clamped to 1..=1000.
#[derive(Debug)]
pub struct MemoryStore {
    collections: Mutex<HashMap<String, Collection>>,
    faults: Mutex<Faults>,
}

#[derive(Debug)]
struct Faults {
    n_passing: usize,
    n_failing: usize,
    delay: Duration,
    stopped: bool,
    n_points_written: u64,
}

#[derive(Debug)]
struct Collection {
    dimensions: Option<usize>,
    complete: bool,
    points: BTreeMap<ChunkId, Point>,
}

#[derive(Debug)]
struct Point {
    tenant: TenantId,
    chunk: Chunk,
}

impl MemoryStore {
    /// A store without collections.
    #[must_use]
    pub fn new() -> Self {
        Self {
            collections: Mutex::new(HashMap::new()),
            faults: Mutex::new(Faults {
                n_passing: 0,
                n_failing: 0,
                delay: Duration::ZERO,
                stopped: false,
                n_points_written: 0,
            }),
        }
    }

    /// The next `n_calls` calls of any kind fail and change nothing.
    pub fn fail_next(&self, n_calls: usize) {
        self.fail_after(0, n_calls);
    }

    /// `n_passing` calls of any kind pass, then `n_calls` fail and change nothing.
    pub fn fail_after(&self, n_passing: usize, n_calls: usize) {
        let mut faults = self.faults.lock().unwrap();
        faults.n_passing = n_passing;
        faults.n_failing = n_calls;
    }

    /// Every call waits this long first.
    pub fn delay(&self, by: Duration) {
        self.faults.lock().unwrap().delay = by;
    }

    /// Empties a collection as a crash would: the next `open` answers `Empty`.
    pub fn damage(&self, collection: &str) {
        if let Some(collection) = self.collections.lock().unwrap().get_mut(collection) {
            collection.points.clear();
            collection.complete = false;
        }
    }

    /// Points of all tenants and releases in a collection; 0 when there is none.
    #[must_use]
    pub fn n_points(&self, collection: &str) -> usize {
        self.collections.lock().unwrap().get(collection).map_or(0, |c| c.points.len())
    }

    /// Points written by `upsert` so far, replaced ones counted each time.
    #[must_use]
    pub fn n_points_written(&self) -> u64 {
        self.faults.lock().unwrap().n_points_written
    }

    async fn enter(&self) -> Result<MutexGuard<'_, HashMap<String, Collection>>, StoreError> {
        let delay = self.faults.lock().unwrap().delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let mut faults = self.faults.lock().unwrap();
        if faults.stopped {
            return Err(StoreError::Unavailable { detail: "the store was closed".to_owned() });
        }
        if faults.n_passing > 0 {
            faults.n_passing -= 1;
        } else if faults.n_failing > 0 {
            faults.n_failing -= 1;
            return Err(StoreError::Failed { detail: "scripted failure".to_owned() });
        }
        Ok(self.collections.lock().unwrap())
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Collection {
    fn check_dense(&self, vector: &[f32]) -> Result<(), StoreError> {
        let bad = |detail: String| Err(StoreError::BadVector { detail });
        let Some(dimensions) = self.dimensions else {
            return bad("the collection is lexical only".to_owned());
        };
        if vector.len() != dimensions {
            return bad(format!("expected {dimensions} values, got {}", vector.len()));
        }
        if vector.iter().any(|v| !v.is_finite()) || vector.iter().all(|v| *v == 0.0) {
            return bad("a vector must be finite and not zero".to_owned());
        }
        Ok(())
    }
}

fn find<'a>(
    collections: &'a mut HashMap<String, Collection>,
    name: &str,
) -> Result<&'a mut Collection, StoreError> {
    collections
        .get_mut(name)
        .ok_or_else(|| StoreError::NoCollection { collection: name.to_owned() })
}

fn valid_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (1..=200).contains(&name.len()) && name.chars().all(allowed)
}

#[async_trait]
impl VectorStore for MemoryStore {
    async fn open(&self, spec: &CollectionSpec) -> Result<OpenOutcome, StoreError> {
        let mut collections = self.enter().await?;
        if !valid_name(&spec.name) || spec.dimensions == Some(0) {
            return Err(StoreError::Failed { detail: format!("bad collection {spec:?}") });
        }
        let dimensions = spec.dimensions;
        let collection = collections.entry(spec.name.clone()).or_insert_with(|| Collection {
            dimensions,
            complete: false,
            points: BTreeMap::new(),
        });
        if collection.dimensions != dimensions {
            let detail = format!("collection {} has other dimensions", spec.name);
            return Err(StoreError::BadVector { detail });
        }
        Ok(if collection.complete { OpenOutcome::Ready } else { OpenOutcome::Empty })
    }

    async fn mark_complete(&self, collection: &str) -> Result<(), StoreError> {
        find(&mut *self.enter().await?, collection)?.complete = true;
        Ok(())
    }

    async fn discard(&self, collection: &str) -> Result<(), StoreError> {
        self.enter().await?.remove(collection);
        Ok(())
    }

    async fn upsert(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[Chunk],
    ) -> Result<(), StoreError> {
        let mut collections = self.enter().await?;
        let collection = find(&mut collections, collection)?;
        for chunk in chunks {
            if let Some(dense) = &chunk.dense {
                collection.check_dense(dense)?;
            }
        }
        for chunk in chunks {
            let point = Point { tenant: scope.tenant().clone(), chunk: chunk.clone() };
            collection.points.insert(chunk.id, point);
        }
        self.faults.lock().unwrap().n_points_written += chunks.len() as u64;
        Ok(())
    }

    async fn set_until(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[ChunkId],
        until: Option<ReleaseNo>,
    ) -> Result<(), StoreError> {
        let mut collections = self.enter().await?;
        let collection = find(&mut collections, collection)?;
        for id in chunks {
            if let Some(point) = collection.points.get_mut(id).filter(|p| p.is_of(scope)) {
                point.chunk.until = until;
            }
        }
        Ok(())
    }

    async fn remove(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[ChunkId],
    ) -> Result<(), StoreError> {
        let mut collections = self.enter().await?;
        let collection = find(&mut collections, collection)?;
        for id in chunks {
            if collection.points.get(id).is_some_and(|p| p.is_of(scope)) {
                collection.points.remove(id);
            }
        }
        Ok(())
    }

    async fn query(
        &self,
        scope: &Scope,
        collection: &str,
        query: &LegQuery,
    ) -> Result<Vec<Hit>, StoreError> {
        search(find(&mut *self.enter().await?, collection)?, scope, query)
    }

    async fn count(
        &self,
        scope: &Scope,
        collection: &str,
        release: ReleaseNo,
    ) -> Result<u64, StoreError> {
        let mut collections = self.enter().await?;
        let points = find(&mut collections, collection)?.points.values();
        Ok(points.filter(|p| p.is_of(scope) && p.is_visible(release)).count() as u64)
    }

    async fn points(
        &self,
        scope: &Scope,
        collection: &str,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<StoredPoint>, StoreError> {
        let mut collections = self.enter().await?;
        let later = find(&mut collections, collection)?.points.iter();
        let later = later.filter(|(id, point)| Some(**id) > after && point.is_of(scope));
        let stored = |(id, point): (&ChunkId, &Point)| StoredPoint {
            chunk_id: *id,
            visibility: Visibility { since: point.chunk.since, until: point.chunk.until },
        };
        Ok(later.take(limit.clamp(1, 1000)).map(stored).collect())
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.enter().await.map(|_| ())
    }

    async fn close_store(&self) -> Result<(), StoreError> {
        self.faults.lock().unwrap().stopped = true;
        Ok(())
    }
}
