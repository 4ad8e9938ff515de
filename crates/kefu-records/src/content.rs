//! Documents, chunks, vectors and releases.

mod awaiting;
mod builds;
mod collect;
mod documents;
mod drift;
mod passages;
mod releases;
mod source_texts;
mod staging;
mod texts;
mod undo;
mod vectors;

use std::collections::HashMap;

use async_trait::async_trait;
use kefu_core::ports::{
    BuildDocument, Collected, ContentRecords, CurrentContent, DocumentChange, DocumentDelta,
    DocumentFilter, DocumentSummary, ExpectedPoint, OpenChunk, Page, PageRequest, StoredDocument,
    VectorKey,
};
use kefu_core::{
    Build, Chunk, ChunkId, DocumentId, Drift, Passage, PointerMove, PointerTarget, RecordsError,
    Release, ReleaseNo, Revision, Role, Scope, SourceText, TenantId, Undone, Visibility,
};

use crate::SqliteRecords;
use crate::access::require;
use crate::session::Session;

const BUILDING: &str = "build releases";
const PUBLISHING: &str = "publish releases";

/// Who moved the pointer and where to, in the log; the reason is the mover's and stays out of it.
fn audit(scope: &Scope, release: &Release) {
    let (tenant, role) = (scope.tenant().as_str(), scope.role().as_str());
    tracing::info!(tenant, role, release = release.number.0, "the release pointer was moved");
}

#[async_trait]
impl ContentRecords for SqliteRecords {
    async fn tenants(&self, scope: &Scope) -> Result<Vec<TenantId>, RecordsError> {
        require(scope, Role::Operator, "list tenants")?;
        self.read(scope, releases::tenants).await
    }

    async fn current(&self, scope: &Scope) -> Result<CurrentContent, RecordsError> {
        self.read(scope, releases::current).await
    }

    async fn index_collection(&self, scope: &Scope) -> Result<Option<String>, RecordsError> {
        self.read(scope, builds::collection).await
    }

    async fn repoint(&self, scope: &Scope, collection: &str) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let collection = collection.to_owned();
        self.write(scope, move |session| builds::repoint(session, &collection)).await
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

    async fn withdraw(&self, scope: &Scope, build: &Build) -> Result<Undone, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let build = build.clone();
        self.write(scope, move |session| builds::withdraw(session, &build)).await
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

    async fn await_vectors(
        &self,
        scope: &Scope,
        build: &Build,
        chunks: &[ChunkId],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let (build, chunks) = (build.clone(), chunks.to_vec());
        self.write(scope, move |session| awaiting::begin(session, &build, &chunks)).await
    }

    async fn awaiting_vectors(
        &self,
        scope: &Scope,
        embedder_id: &str,
        limit: usize,
    ) -> Result<Vec<Chunk>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let embedder = embedder_id.to_owned();
        self.read(scope, move |session| awaiting::list(session, &embedder, limit)).await
    }

    async fn vectors_arrived(
        &self,
        scope: &Scope,
        written: &[(ChunkId, Visibility)],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let written = written.to_vec();
        self.write(scope, move |session| awaiting::end(session, &written)).await
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

    async fn announce(
        &self,
        scope: &Scope,
        build: &Build,
        chunks: &[ChunkId],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let (build, chunks) = (build.clone(), chunks.to_vec());
        self.write(scope, move |session| drift::announce(session, &build, &chunks)).await
    }

    async fn drift(
        &self,
        scope: &Scope,
        build: &Build,
        limit: usize,
    ) -> Result<Vec<Drift>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let build = build.clone();
        self.write(scope, move |session| drift::list(session, &build, limit)).await
    }

    async fn settled(
        &self,
        scope: &Scope,
        build: &Build,
        told: &[Drift],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let (build, told) = (build.clone(), told.to_vec());
        self.write(scope, move |session| drift::settled(session, &build, &told)).await
    }

    async fn expected_points(
        &self,
        scope: &Scope,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<ExpectedPoint>, RecordsError> {
        require(scope, Role::Operator, "compare the index")?;
        self.read(scope, move |session| drift::expected(session, after, limit)).await
    }

    async fn build_is_empty(&self, scope: &Scope, build: &Build) -> Result<bool, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let release = build.release;
        self.read(scope, move |session| builds::is_empty(session, release)).await
    }

    async fn publish(&self, scope: &Scope, build: &Build) -> Result<Release, RecordsError> {
        require(scope, Role::Editor, PUBLISHING)?;
        let build = build.clone();
        let release = self.write(scope, move |session| releases::publish(session, &build)).await?;
        audit(scope, &release);
        Ok(release)
    }

    async fn move_pointer(
        &self,
        scope: &Scope,
        target: PointerTarget,
        reason: &str,
    ) -> Result<Release, RecordsError> {
        require(scope, Role::Editor, PUBLISHING)?;
        let reason = reason.to_owned();
        let moved = move |session: &Session<'_>| releases::move_pointer(session, target, &reason);
        let release = self.write(scope, moved).await?;
        audit(scope, &release);
        Ok(release)
    }

    async fn pointer_moves(
        &self,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<PointerMove>, RecordsError> {
        require(scope, Role::Editor, "read the history of releases")?;
        self.read(scope, move |session| releases::moves(session, limit)).await
    }

    async fn collect(
        &self,
        scope: &Scope,
        build: &Build,
        keep: usize,
        limit: usize,
    ) -> Result<Collected, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let build = build.clone();
        self.write(scope, move |session| collect::step(session, &build, keep, limit)).await
    }

    async fn delta(
        &self,
        scope: &Scope,
        releases: (ReleaseNo, ReleaseNo),
        after: Option<&DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentDelta>, RecordsError> {
        require(scope, Role::Editor, "compare releases")?;
        let after = after.cloned();
        let read =
            move |session: &Session<'_>| releases::delta(session, releases, after.as_ref(), limit);
        self.read(scope, read).await
    }

    async fn document_at(
        &self,
        scope: &Scope,
        release: ReleaseNo,
        document_id: &DocumentId,
    ) -> Result<StoredDocument, RecordsError> {
        let id = document_id.clone();
        let read = move |session: &Session<'_>| {
            releases::find(session, release)?;
            documents::read_at(session, &id, (release, None))
        };
        self.read(scope, read).await
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

    async fn source_text(
        &self,
        scope: &Scope,
        document_id: &DocumentId,
        revision: &Revision,
    ) -> Result<Option<SourceText>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        let (id, revision) = (document_id.clone(), revision.clone());
        self.read(scope, move |session| source_texts::read(session, &id, &revision)).await
    }

    async fn documents(
        &self,
        scope: &Scope,
        filter: &DocumentFilter,
        page: &PageRequest,
    ) -> Result<Page<DocumentSummary>, RecordsError> {
        let (filter, page) = (filter.clone(), page.clone());
        self.read(scope, move |session| documents::list(session, &filter, &page)).await
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
