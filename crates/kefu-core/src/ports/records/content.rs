use std::collections::HashMap;

use async_trait::async_trait;

use super::{Page, PageRequest};
use crate::content::{Chunk, Cleaning, Document, DocumentState, Passage, Revision};
use crate::error::RecordsError;
use crate::ids::{ChunkId, DocumentId, TenantId};
use crate::language::Language;
use crate::release::{
    Build, Drift, PointerMove, PointerTarget, Release, ReleaseNo, Undone, Visibility,
};
use crate::scope::Scope;
use crate::structure::SourceText;
use crate::validity::SectionValidity;

/// What a tenant's questions are answered from now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentContent {
    /// The published release; 0 when nothing was published.
    pub release: ReleaseNo,
    /// The collection that holds its points; `None` when nothing was published.
    pub collection: Option<String>,
    /// Whether dense vectors of some chunks are still to come; the lexical leg alone is whole.
    pub awaits_vectors: bool,
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
        /// How it was cleaned and corrected.
        cleaning: Cleaning,
        /// What it was made from.
        source_text: SourceText,
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
    /// Whether it may answer customers.
    pub state: DocumentState,
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

/// Which documents to list; the default lets all through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentFilter {
    /// Only those in this state.
    pub state: Option<DocumentState>,
    /// Only reviewed pairs, or only articles.
    pub is_pair: Option<bool>,
    /// Only those whose last day, or that of a section, is this one, `YYYY-MM-DD`, or lies before
    /// it.
    pub ends_by: Option<String>,
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
    /// Whether it may answer customers.
    pub state: DocumentState,
    /// Whether it is a reviewed pair.
    pub is_pair: bool,
    /// First day it holds, `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// Last day it holds, `YYYY-MM-DD`.
    pub valid_to: Option<String>,
    /// Headings whose text holds for fewer days.
    pub sections: Vec<SectionValidity>,
    /// Address for customers.
    pub url: Option<String>,
    /// Length of its text in bytes.
    pub size_bytes: u64,
    /// Chunks it has.
    pub n_chunks: u64,
    /// First release that sees this revision.
    pub since: ReleaseNo,
}

/// A document that two releases show differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentDelta {
    /// Which.
    pub id: DocumentId,
    /// Its revision in the first release; `None` when it is not there.
    pub before: Option<Revision>,
    /// Its revision in the second release; `None` when it is not there.
    pub after: Option<Revision>,
}

/// What the index should hold of one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedPoint {
    /// Which.
    pub chunk_id: ChunkId,
    /// Who sees it; `None` when the index may hold it but should not.
    pub visibility: Option<Visibility>,
    /// Whether the index has yet to be told: then any state of it is in order.
    pub pending: bool,
}

/// What one step of collection did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Releases that are gone now.
    pub releases: Vec<ReleaseNo>,
    /// Versions of documents that were deleted.
    pub n_versions: usize,
    /// Chunks that were deleted; their points are drift now.
    pub n_chunks: usize,
    /// Whether nothing is left to collect.
    pub done: bool,
}

/// Key of the vector cache: hash of the embedded text.
pub type VectorKey = [u8; 32];

/// Documents, chunks, vectors and releases.
///
/// The release pointer moves only by [`ContentRecords::publish`] and
/// [`ContentRecords::move_pointer`]; everything staged before is invisible to readers and survives
/// a crash, and the next [`ContentRecords::begin_build`] goes on with it.
///
/// *Drift* is what the index has not been told yet. Whatever changes the visibility of a chunk or
/// deletes one leaves drift in the same transaction, and only [`ContentRecords::settled`] takes it
/// away, so that a crash anywhere costs nothing but telling the index once more. No drift ever
/// concerns a release that the pointer may name.
#[async_trait]
pub trait ContentRecords: Send + Sync {
    /// All tenants that ever had content. Operators only.
    async fn tenants(&self, scope: &Scope) -> Result<Vec<TenantId>, RecordsError>;

    /// What questions are answered from now.
    async fn current(&self, scope: &Scope) -> Result<CurrentContent, RecordsError>;

    /// The collection that the last build wrote to, which holds every chunk of the tenant; `None`
    /// before the first build.
    async fn index_collection(&self, scope: &Scope) -> Result<Option<String>, RecordsError>;

    /// Says that `collection` holds every chunk of the tenant now, and lets the pointer name it.
    /// Editors and above.
    async fn repoint(&self, scope: &Scope, collection: &str) -> Result<(), RecordsError>;

    /// Takes the tenant's build lease, or renews the holder's own. The build's number follows the
    /// highest ever published; a build that a crash left behind is continued. Editors and above.
    ///
    /// When the pointer has moved since the last build, releases newer than the current one are
    /// abandoned first, in the same transaction: their rows go, what they ended is open again, and
    /// what was staged upon them goes too; [`Build::undone`] says what.
    ///
    /// [`RecordsError::Conflict`] while another holder's lease (60 s after its last write) lives.
    async fn begin_build(
        &self,
        scope: &Scope,
        holder: &str,
        collection: &str,
    ) -> Result<Build, RecordsError>;

    /// Throws away what the build staged, and gives back how much that was. Releases newer than
    /// the current one go with it, as when a build begins after a rollback. Needs the lease.
    async fn withdraw(&self, scope: &Scope, build: &Build) -> Result<Undone, RecordsError>;

    /// Gives the lease back; what was staged and not published stays staged.
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

    /// Says that points of these new chunks are about to be written to the index. Until the
    /// chunks are staged the points are drift, so a crash in between leaves none behind.
    async fn announce(
        &self,
        scope: &Scope,
        build: &Build,
        chunks: &[ChunkId],
    ) -> Result<(), RecordsError>;

    /// Says that these chunks, which are about to be staged, are written to the index without
    /// their dense vectors, which come later. Needs the build's lease and renews it.
    async fn await_vectors(
        &self,
        scope: &Scope,
        build: &Build,
        chunks: &[ChunkId],
    ) -> Result<(), RecordsError>;

    /// Chunks whose dense vectors are still to come, at most `limit`, with the vectors that
    /// `embedder_id` has made meanwhile. Editors and above.
    async fn awaiting_vectors(
        &self,
        scope: &Scope,
        embedder_id: &str,
        limit: usize,
    ) -> Result<Vec<Chunk>, RecordsError>;

    /// Notes that points of these chunks were written again, with their vectors and with the
    /// visibility given. Where the visibility has changed meanwhile, that is drift. Editors and
    /// above.
    async fn vectors_arrived(
        &self,
        scope: &Scope,
        written: &[(ChunkId, Visibility)],
    ) -> Result<(), RecordsError>;

    /// Applies changes to the build in one transaction and renews the lease. Durable on return.
    /// [`RecordsError::Conflict`] when the lease was lost, or the pointer was moved meanwhile.
    async fn stage(
        &self,
        scope: &Scope,
        build: &Build,
        changes: &[DocumentChange],
    ) -> Result<(), RecordsError>;

    /// What the index must be told, at most `limit` points; empty when it is in line with the
    /// records. Needs the build's lease and renews it.
    async fn drift(
        &self,
        scope: &Scope,
        build: &Build,
        limit: usize,
    ) -> Result<Vec<Drift>, RecordsError>;

    /// Notes that the index was told. What has changed since it was told stays drift.
    async fn settled(
        &self,
        scope: &Scope,
        build: &Build,
        told: &[Drift],
    ) -> Result<(), RecordsError>;

    /// What the index should hold, ordered by id, after `after`. Operators only.
    async fn expected_points(
        &self,
        scope: &Scope,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<ExpectedPoint>, RecordsError>;

    /// Whether the build changes anything.
    async fn build_is_empty(&self, scope: &Scope, build: &Build) -> Result<bool, RecordsError>;

    /// Moves the pointer to the build in one transaction. The lease stays until
    /// [`ContentRecords::end_build`], for collecting. [`RecordsError::Conflict`] as for
    /// [`ContentRecords::stage`], and while there is drift.
    async fn publish(&self, scope: &Scope, build: &Build) -> Result<Release, RecordsError>;

    /// Moves the pointer to a published release in one transaction, whatever a build is doing: the
    /// index is in line with every release that can be named. Releases newer than the target can
    /// be returned to until the next build begins. `reason` is kept, cut to 500 characters.
    /// Naming the current release changes nothing. Editors and above.
    ///
    /// [`RecordsError::NotFound`] for a number that was never given;
    /// [`RecordsError::Conflict`] for a release that was collected or abandoned, or when there is
    /// none to go back to; [`RecordsError::Invalid`] for [`PointerTarget::Older`] with a newer one.
    async fn move_pointer(
        &self,
        scope: &Scope,
        target: PointerTarget,
        reason: &str,
    ) -> Result<Release, RecordsError>;

    /// Moves of the pointer, latest first.
    async fn pointer_moves(
        &self,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<PointerMove>, RecordsError>;

    /// One step of deleting what no kept release needs, in one transaction: at most `limit`
    /// versions and `limit` chunks. Kept are the current release, the `keep` newest published ones
    /// (at least 1), and those that were current within the last 10 minutes, for the answers that
    /// began on them. A vector of the cache goes with the last chunk that has its text. Needs the
    /// build's lease and renews it.
    async fn collect(
        &self,
        scope: &Scope,
        build: &Build,
        keep: usize,
        limit: usize,
    ) -> Result<Collected, RecordsError>;

    /// Releases that were published and not collected, newest first.
    async fn releases(&self, scope: &Scope) -> Result<Vec<Release>, RecordsError>;

    /// Documents that differ between two published releases, by id, after `after`. Editors and
    /// above. Errors as [`ContentRecords::move_pointer`].
    async fn delta(
        &self,
        scope: &Scope,
        releases: (ReleaseNo, ReleaseNo),
        after: Option<&DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentDelta>, RecordsError>;

    /// A document as a published release shows it. Errors as [`ContentRecords::move_pointer`].
    async fn document_at(
        &self,
        scope: &Scope,
        release: ReleaseNo,
        document_id: &DocumentId,
    ) -> Result<StoredDocument, RecordsError>;

    /// A document: the revision named, else the one current at the published release. Editors and
    /// above may name a revision that is only staged.
    async fn document(
        &self,
        scope: &Scope,
        document_id: &DocumentId,
        revision: Option<&Revision>,
    ) -> Result<StoredDocument, RecordsError>;

    /// What the latest version with this revision was made from; `None` for versions that were
    /// stored before this was kept. Editors and above.
    async fn source_text(
        &self,
        scope: &Scope,
        document_id: &DocumentId,
        revision: &Revision,
    ) -> Result<Option<SourceText>, RecordsError>;

    /// Documents visible at the published release that the filter lets through, by id.
    async fn documents(
        &self,
        scope: &Scope,
        filter: &DocumentFilter,
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
