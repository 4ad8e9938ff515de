use kefu_core::DocumentState;

use crate::clean::KeepRules;

/// Bounds and names of ingest.
#[derive(Clone, Debug, PartialEq)]
pub struct IngestSettings {
    /// Who holds the build lease; different for every process that may build.
    pub holder: String,
    /// Tokens of a chunk at most, title and headings included.
    pub chunk_tokens: usize,
    /// Published releases kept beside the current one, newest first; at least 1.
    pub keep_releases: usize,
    /// Whether the first release of a tenant is published as soon as its words can be searched,
    /// before its dense vectors are made; [`crate::Ingestor::fill_vectors`] makes them.
    pub words_first: bool,
    /// Texts per call of the embedder.
    pub embed_batch: usize,
    /// Files parsed at the same time.
    pub parse_concurrency: usize,
    /// State of a new document that says none.
    pub default_state: DocumentState,
    /// Cleaning rules that remove nothing.
    pub keep_rules: KeepRules,
    /// Share of a document's characters that cleaning may remove; beyond it the document waits for
    /// a person.
    pub max_removed_share: f64,
    /// Largest file, in bytes.
    pub max_file_bytes: u64,
    /// Longest text of one document, in bytes.
    pub max_document_bytes: usize,
    /// Uploads in one job.
    pub max_uploads: usize,
    /// Bytes of all uploads of one job.
    pub max_upload_bytes: usize,
    /// Jobs that may wait.
    pub max_queued_jobs: usize,
}
