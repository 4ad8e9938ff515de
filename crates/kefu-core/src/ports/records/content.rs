use std::collections::HashMap;

use async_trait::async_trait;

use super::{Page, PageRequest};
use crate::content::{Chunk, Cleaning, Document, Passage, Revision};
use crate::error::RecordsError;
use crate::ids::{ChunkId, DocumentId, TenantId};
use crate::language::Language;
use crate::release::{Build, Release, ReleaseNo};
use crate::scope::Scope;

/// What a tenant's questions are answered from now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentContent {
    /// The published release; 0 when nothing was published.
    pub release: ReleaseNo,
    /// The collection that holds its points; `None` when nothing was published.
    pub collection: Option<String>,
}

/// A chunk of a document as a build sees it, for comparing with a new revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenChunk {
    /// Identity.
    pub id: ChunkId,
    /// Position in the document.
    pub ordinal: u32,
    /// Key that decides whether a new chunk is the same: see `kefu-ingest`.
    pub key: [u8; 32],
}

/// One document's change in a build.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "puts are the common case, in short batches")]
pub enum DocumentChange {
    /// The document has this revision from the build on.
    Put {
        /// The revision.
        document: Document,
        /// Where the document came from, such as a source's name and path; for reports.
        source: String,
        /// How it was cleaned.
        cleaning: Cleaning,
        /// All chunks of the revision in order, kept and new. A chunk with a known id keeps its
        /// row and gets a new span and ordinal; others are inserted.
        chunks: Vec<(Chunk, [u8; 32])>,
    },
    /// The document is gone from the build on. Unknown documents are ignored.
    Delete {
        /// Which.
        document_id: DocumentId,
    },
}

/// A document as a build sees it, for comparing with what a source has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildDocument {
    /// Its revision.
    pub revision: Revision,
    /// Where it came from.
    pub source: String,
    /// How it was cleaned, as [`Cleaning::fingerprint`] says it.
    pub cleaning: String,
}

/// A document as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredDocument {
    /// The document.
    pub document: Document,
    /// Its revision.
    pub revision: Revision,
    /// First release that sees this revision.
    pub since: ReleaseNo,
    /// First release that no longer sees it.
    pub until: Option<ReleaseNo>,
    /// Where it came from.
    pub source: String,
    /// How it was cleaned.
    pub cleaning: Cleaning,
    /// Chunks it has.
    pub n_chunks: u64,
}

/// A document in a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentSummary {
    /// Identity.
    pub id: DocumentId,
    /// Title.
    pub title: String,
    /// Revision.
    pub revision: Revision,
    /// Language.
    pub language: Language,
    /// Address for customers.
    pub url: Option<String>,
    /// Length of its text in bytes.
    pub size_bytes: u64,
    /// Chunks it has.
    pub n_chunks: u64,
    /// First release that sees this revision.
    pub since: ReleaseNo,
}

/// Key of the vector cache: hash of the embedded text.
pub type VectorKey = [u8; 32];

/// Documents, chunks, vectors and releases.
///
/// A release moves only by [`ContentRecords::publish`]; everything staged before is invisible to
/// readers and survives a crash, and the next [`ContentRecords::begin_build`] goes on with it.
#[async_trait]
pub trait ContentRecords: Send + Sync {
    /// All tenants that ever had content. Operators only.
    async fn tenants(&self, scope: &Scope) -> Result<Vec<TenantId>, RecordsError>;

    /// What questions are answered from now.
    async fn current(&self, scope: &Scope) -> Result<CurrentContent, RecordsError>;

    /// Takes the tenant's build lease, or renews the holder's own. The build's number follows the
    /// highest ever published; a build that a crash left behind is continued. Editors and above.
    /// [`RecordsError::Conflict`] while another holder's lease (60 s after its last write) lives.
    async fn begin_build(
        &self,
        scope: &Scope,
        holder: &str,
        collection: &str,
    ) -> Result<Build, RecordsError>;

    /// Gives the lease back without publishing; what was staged stays staged.
    async fn end_build(&self, scope: &Scope, build: &Build) -> Result<(), RecordsError>;

    /// Documents as the build sees them.
    async fn build_documents(
        &self,
        scope: &Scope,
        build: &Build,
    ) -> Result<HashMap<DocumentId, BuildDocument>, RecordsError>;

    /// Chunks of one document as the build sees them, in order.
    async fn open_chunks(
        &self,
        scope: &Scope,
        build: &Build,
        document_id: &DocumentId,
    ) -> Result<Vec<OpenChunk>, RecordsError>;

    /// Vectors made earlier from equal texts by the same embedder; missing keys are left out.
    async fn cached_vectors(
        &self,
        scope: &Scope,
        embedder_id: &str,
        keys: &[VectorKey],
    ) -> Result<HashMap<VectorKey, Vec<f32>>, RecordsError>;

    /// Keeps vectors for [`ContentRecords::cached_vectors`]. Durable on return.
    async fn cache_vectors(
        &self,
        scope: &Scope,
        embedder_id: &str,
        vectors: &[(VectorKey, Vec<f32>)],
    ) -> Result<(), RecordsError>;

    /// Applies changes to the build in one transaction. Durable on return.
    async fn stage(
        &self,
        scope: &Scope,
        build: &Build,
        changes: &[DocumentChange],
    ) -> Result<(), RecordsError>;

    /// Chunks whose visibility the build ends: what the index must close before publishing.
    async fn closings(&self, scope: &Scope, build: &Build) -> Result<Vec<ChunkId>, RecordsError>;

    /// Whether the build changes anything.
    async fn build_is_empty(&self, scope: &Scope, build: &Build) -> Result<bool, RecordsError>;

    /// Moves the pointer to the build and gives the lease back, in one transaction.
    async fn publish(&self, scope: &Scope, build: &Build) -> Result<Release, RecordsError>;

    /// Published releases, newest first.
    async fn releases(&self, scope: &Scope) -> Result<Vec<Release>, RecordsError>;

    /// A document: the revision named, else the one current at the published release.
    async fn document(
        &self,
        scope: &Scope,
        document_id: &DocumentId,
        revision: Option<&Revision>,
    ) -> Result<StoredDocument, RecordsError>;

    /// Documents visible at the published release, by id.
    async fn documents(
        &self,
        scope: &Scope,
        page: &PageRequest,
    ) -> Result<Page<DocumentSummary>, RecordsError>;

    /// Passages of the chunks visible at `release` to the scope, in the order asked; chunks that
    /// are not visible are left out.
    async fn passages(
        &self,
        scope: &Scope,
        release: ReleaseNo,
        chunks: &[ChunkId],
    ) -> Result<Vec<Passage>, RecordsError>;

    /// Chunks of the tenant with their vectors, ordered by id, after `after`, for rebuilding the
    /// index: all that any kept release or the present build sees. Operators only.
    async fn chunks_after(
        &self,
        scope: &Scope,
        embedder_id: Option<&str>,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<Chunk>, RecordsError>;
}
