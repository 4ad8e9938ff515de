use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use kefu_core::ports::{CollectionSpec, Hit, Leg, LegQuery, OpenOutcome, StoredPoint, VectorStore};
use kefu_core::{Chunk, ChunkId, ReleaseNo, Scope, StoreError};
use qdrant_client::Qdrant;
use qdrant_client::qdrant::{
    CountPointsBuilder, DeletePointsBuilder, GetPointsBuilder, PointId, PointStruct,
    ScrollPointsBuilder, SetPayloadPointsBuilder, UpsertPointsBuilder,
};

use crate::{checks, points};

mod schema;
mod wire;

/// Points per request; bounds the size of one message.
const POINTS_PER_REQUEST: usize = 256;
/// Id of the point that says a collection is whole. Chunks have UUIDs, so it meets none of them,
/// and it belongs to no tenant, so no query finds it.
const COMPLETE: u64 = 0;

/// Where the server is and how collections are made there.
#[derive(Clone)]
pub struct QdrantSettings {
    /// gRPC address such as `http://127.0.0.1:6334`; `https` for TLS.
    pub url: String,
    /// Key, when the server asks for one.
    pub api_key: Option<String>,
    /// How long one request may take, connecting included.
    pub timeout: Duration,
    /// Shards of a new collection. Term statistics are counted per shard: with more than one,
    /// lexical scores depend a little on where a chunk lies.
    pub n_shards: u32,
    /// Copies of each shard of a new collection.
    pub n_replicas: u32,
}

impl fmt::Debug for QdrantSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QdrantSettings")
            .field("url", &self.url)
            .field("api_key", &self.api_key.as_ref().map(|_| "(hidden)"))
            .field("timeout", &self.timeout)
            .field("n_shards", &self.n_shards)
            .field("n_replicas", &self.n_replicas)
            .finish()
    }
}

/// Collections on a Qdrant server or cluster, over gRPC.
///
/// Writes wait until the server has applied them. A batch larger than 256 chunks travels in
/// pieces: when one fails, or the caller goes away, the pieces before it stay; writing the batch
/// again puts it right. Dense queries are as exact as the server's index, and the terms of removed
/// chunks count in lexical scores until the server has swept its segments.
///
/// A collection need not be opened by this process: another may have made it.
pub struct QdrantStore {
    client: Qdrant,
    settings: QdrantSettings,
    /// Dense length of the collections seen so far; it never changes under one name.
    dimensions: RwLock<HashMap<String, Option<usize>>>,
    closed: AtomicBool,
}

impl fmt::Debug for QdrantStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QdrantStore").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl QdrantStore {
    /// Connects and waits for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the address is wrong or the server does not answer.
    pub async fn connect(settings: QdrantSettings) -> Result<Self, StoreError> {
        let bad_address = |why: String| StoreError::Unavailable {
            detail: format!("bad address {}: {why}", settings.url),
        };
        if !["http://", "https://"].iter().any(|scheme| settings.url.starts_with(scheme)) {
            return Err(bad_address("it must begin with http:// or https://".to_owned()));
        }
        let client = Qdrant::from_url(&settings.url)
            .api_key(settings.api_key.clone())
            .timeout(settings.timeout)
            .connect_timeout(settings.timeout)
            // It would print to standard output; versions are the operator's affair.
            .skip_compatibility_check()
            .build()
            .map_err(|error| bad_address(error.to_string()))?;
        let store = Self {
            client,
            settings,
            dimensions: RwLock::new(HashMap::new()),
            closed: AtomicBool::new(false),
        };
        store.health().await?;
        Ok(store)
    }

    fn check_open(&self) -> Result<(), StoreError> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable { detail: "it has been closed".to_owned() });
        }
        Ok(())
    }

    /// Dense length of a collection, asked from the server the first time.
    async fn dimensions(&self, collection: &str) -> Result<Option<usize>, StoreError> {
        self.check_open()?;
        if let Some(dimensions) = self.known_dimensions(collection) {
            return Ok(dimensions);
        }
        let dimensions = schema::dimensions(&self.client, collection).await?;
        self.remember(collection, dimensions);
        Ok(dimensions)
    }

    fn known_dimensions(&self, collection: &str) -> Option<Option<usize>> {
        let known = self.dimensions.read().unwrap_or_else(PoisonError::into_inner);
        known.get(collection).copied()
    }

    fn remember(&self, collection: &str, dimensions: Option<usize>) {
        let mut known = self.dimensions.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(collection.to_owned(), dimensions);
    }
}

#[async_trait]
impl VectorStore for QdrantStore {
    async fn open(&self, spec: &CollectionSpec) -> Result<OpenOutcome, StoreError> {
        self.check_open()?;
        checks::check_spec(spec)?;
        schema::ensure(&self.client, spec, &self.settings).await?;
        let dimensions = schema::dimensions(&self.client, &spec.name).await?;
        checks::check_same(spec, dimensions)?;
        self.remember(&spec.name, dimensions);
        let marker = GetPointsBuilder::new(&spec.name, vec![PointId::from(COMPLETE)]);
        let found = self.client.get_points(marker).await.map_err(wire::error(&spec.name))?;
        Ok(if found.result.is_empty() { OpenOutcome::Empty } else { OpenOutcome::Ready })
    }

    async fn mark_complete(&self, collection: &str) -> Result<(), StoreError> {
        self.dimensions(collection).await?;
        let marker = PointStruct {
            id: Some(PointId::from(COMPLETE)),
            payload: HashMap::new(),
            vectors: Some(wire::no_vectors()),
        };
        let upsert = UpsertPointsBuilder::new(collection, vec![marker]).wait(true);
        self.client.upsert_points(upsert).await.map_err(wire::error(collection))?;
        Ok(())
    }

    async fn discard(&self, collection: &str) -> Result<(), StoreError> {
        self.check_open()?;
        self.dimensions.write().unwrap_or_else(PoisonError::into_inner).remove(collection);
        if !checks::is_name(collection) {
            return Ok(());
        }
        match self.client.delete_collection(collection).await.map_err(wire::error(collection)) {
            Err(StoreError::NoCollection { .. }) => Ok(()),
            other => other.map(|_| ()),
        }
    }

    async fn upsert(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[Chunk],
    ) -> Result<(), StoreError> {
        checks::check_chunks(self.dimensions(collection).await?, chunks)?;
        for batch in chunks.chunks(POINTS_PER_REQUEST) {
            let points: Vec<PointStruct> =
                batch.iter().map(|chunk| wire::point(scope, chunk)).collect::<Result<_, _>>()?;
            let upsert = UpsertPointsBuilder::new(collection, points).wait(true);
            self.client.upsert_points(upsert).await.map_err(wire::error(collection))?;
        }
        Ok(())
    }

    async fn set_until(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[ChunkId],
        until: Option<ReleaseNo>,
    ) -> Result<(), StoreError> {
        self.dimensions(collection).await?;
        for batch in chunks.chunks(POINTS_PER_REQUEST) {
            let owned = wire::filter(&points::owned(scope, batch));
            let set = SetPayloadPointsBuilder::new(collection, wire::ending(until)?)
                .points_selector(owned)
                .wait(true);
            self.client.set_payload(set).await.map_err(wire::error(collection))?;
        }
        Ok(())
    }

    async fn remove(
        &self,
        scope: &Scope,
        collection: &str,
        chunks: &[ChunkId],
    ) -> Result<(), StoreError> {
        self.dimensions(collection).await?;
        for batch in chunks.chunks(POINTS_PER_REQUEST) {
            let owned = wire::filter(&points::owned(scope, batch));
            let delete = DeletePointsBuilder::new(collection).points(owned).wait(true);
            self.client.delete_points(delete).await.map_err(wire::error(collection))?;
        }
        Ok(())
    }

    async fn query(
        &self,
        scope: &Scope,
        collection: &str,
        query: &LegQuery,
    ) -> Result<Vec<Hit>, StoreError> {
        checks::check_leg(self.dimensions(collection).await?, &query.leg)?;
        let readable = points::readable(scope, query);
        let no_terms = matches!(&query.leg, Leg::Lexical(terms) if terms.is_empty());
        let Some(readable) = readable.filter(|_| !no_terms) else {
            return Ok(Vec::new());
        };
        let request = wire::query(collection, &query.leg, &readable)
            .limit(checks::limit_with_margin(query.limit) as u64);
        let response = self.client.query(request).await.map_err(wire::error(collection))?;
        let hits = response.result.iter().map(wire::hit).collect::<Result<Vec<Hit>, _>>()?;
        Ok(checks::rank(hits, query.limit))
    }

    async fn count(
        &self,
        scope: &Scope,
        collection: &str,
        release: ReleaseNo,
    ) -> Result<u64, StoreError> {
        self.dimensions(collection).await?;
        let filter = wire::filter(&points::in_release(scope, release));
        let request = CountPointsBuilder::new(collection).filter(filter).exact(true);
        let response = self.client.count(request).await.map_err(wire::error(collection))?;
        Ok(response.result.map_or(0, |result| result.count))
    }

    async fn points(
        &self,
        scope: &Scope,
        collection: &str,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<StoredPoint>, StoreError> {
        self.dimensions(collection).await?;
        let Some(first) = checks::first_after(after) else { return Ok(Vec::new()) };
        let limit = u32::try_from(checks::clamp_limit(limit)).unwrap_or(u32::MAX);
        let scroll = ScrollPointsBuilder::new(collection)
            .filter(wire::filter(&points::all(scope)))
            .offset(PointId::from(first.to_string()))
            .limit(limit)
            .with_payload(true)
            .with_vectors(false);
        let response = self.client.scroll(scroll).await.map_err(wire::error(collection))?;
        response.result.iter().map(wire::stored).collect()
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.check_open()?;
        self.client.health_check().await.map_err(wire::error(""))?;
        Ok(())
    }

    /// Refuses further calls. Connections end when the store is dropped.
    async fn close_store(&self) -> Result<(), StoreError> {
        self.closed.store(true, Ordering::SeqCst);
        Ok(())
    }
}
