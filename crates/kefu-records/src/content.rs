//! Documents, chunks, vectors and releases.

mod builds;
mod documents;
mod passages;
mod releases;
mod staging;
mod texts;
mod vectors;

use std::collections::HashMap;

use async_trait::async_trait;
use kefu_core::ports::{
    BuildDocument, ContentRecords, CurrentContent, DocumentChange, DocumentSummary, OpenChunk,
    Page, PageRequest, StoredDocument, VectorKey,
};
use kefu_core::{
    Build, Chunk, ChunkId, DocumentId, Passage, RecordsError, Release, ReleaseNo, Revision, Role,
    Scope, TenantId,
};

use crate::SqliteRecords;
use crate::access::require;
use crate::session::Session;

const BUILDING: &str = "build releases";

#[async_trait]
impl ContentRecords for SqliteRecords {
    async fn tenants(&self, scope: &Scope) -> Result<Vec<TenantId>, RecordsError> {
        require(scope, Role::Operator, "list tenants")?;
        self.read(scope, releases::tenants).await
    }

    async fn current(&self, scope: &Scope) -> Result<CurrentContent, RecordsError> {
        self.read(scope, releases::current).await
    }

    async fn begin_build(
        &self,
        scope: &Scope,
        holder: &str,
        collection: &str,
    ) -> Result<Build, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let (holder, collection) = (holder.to_owned(), collection.to_owned());
        self.write(scope, move |session| builds::begin(session, &holder, &collection)).await
    }

    async fn end_build(&self, scope: &Scope, build: &Build) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let build = build.clone();
        self.write(scope, move |session| builds::end(session, &build)).await
    }

    async fn build_documents(
        &self,
        scope: &Scope,
        _build: &Build,
    ) -> Result<HashMap<DocumentId, BuildDocument>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.read(scope, builds::documents).await
    }

    async fn open_chunks(
        &self,
        scope: &Scope,
        _build: &Build,
        document_id: &DocumentId,
    ) -> Result<Vec<OpenChunk>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let document_id = document_id.clone();
        self.read(scope, move |session| builds::open_chunks(session, &document_id)).await
    }

    async fn cached_vectors(
        &self,
        scope: &Scope,
        embedder_id: &str,
        keys: &[VectorKey],
    ) -> Result<HashMap<VectorKey, Vec<f32>>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let (embedder, keys) = (embedder_id.to_owned(), keys.to_vec());
        self.read(scope, move |session| vectors::cached(session, &embedder, &keys)).await
    }

    async fn cache_vectors(
        &self,
        scope: &Scope,
        embedder_id: &str,
        vectors: &[(VectorKey, Vec<f32>)],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let (embedder, vectors) = (embedder_id.to_owned(), vectors.to_vec());
        self.write(scope, move |session| vectors::cache(session, &embedder, &vectors)).await
    }

    async fn stage(
        &self,
        scope: &Scope,
        build: &Build,
        changes: &[DocumentChange],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let (build, changes) = (build.clone(), changes.to_vec());
        self.write(scope, move |session| staging::stage(session, &build, &changes)).await
    }

    async fn closings(&self, scope: &Scope, build: &Build) -> Result<Vec<ChunkId>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let release = build.release;
        self.read(scope, move |session| builds::closings(session, release)).await
    }

    async fn build_is_empty(&self, scope: &Scope, build: &Build) -> Result<bool, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let release = build.release;
        self.read(scope, move |session| builds::is_empty(session, release)).await
    }

    async fn publish(&self, scope: &Scope, build: &Build) -> Result<Release, RecordsError> {
        require(scope, Role::Editor, "publish releases")?;
        let build = build.clone();
        self.write(scope, move |session| releases::publish(session, &build)).await
    }

    async fn releases(&self, scope: &Scope) -> Result<Vec<Release>, RecordsError> {
        self.read(scope, releases::list).await
    }

    async fn document(
        &self,
        scope: &Scope,
        document_id: &DocumentId,
        revision: Option<&Revision>,
    ) -> Result<StoredDocument, RecordsError> {
        let (id, revision) = (document_id.clone(), revision.cloned());
        self.read(scope, move |session| documents::read(session, &id, revision.as_ref())).await
    }

    async fn documents(
        &self,
        scope: &Scope,
        page: &PageRequest,
    ) -> Result<Page<DocumentSummary>, RecordsError> {
        let page = page.clone();
        self.read(scope, move |session| documents::list(session, &page)).await
    }

    async fn passages(
        &self,
        scope: &Scope,
        release: ReleaseNo,
        chunks: &[ChunkId],
    ) -> Result<Vec<Passage>, RecordsError> {
        let chunks = chunks.to_vec();
        self.read(scope, move |session| passages::read(session, release, &chunks)).await
    }

    async fn chunks_after(
        &self,
        scope: &Scope,
        embedder_id: Option<&str>,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<Chunk>, RecordsError> {
        require(scope, Role::Operator, "read all chunks")?;
        let embedder = embedder_id.map(str::to_owned);
        let read = move |session: &Session<'_>| {
            vectors::chunks_after(session, embedder.as_deref(), after, limit)
        };
        self.read(scope, read).await
    }
}
