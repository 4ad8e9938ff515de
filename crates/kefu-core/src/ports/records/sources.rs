use async_trait::async_trait;

use crate::error::RecordsError;
use crate::ports::Validators;
use crate::release::ReleaseNo;
use crate::scope::Scope;

/// What is known of a page of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRecord {
    /// Its origin, as [`BuildDocument::source`](super::BuildDocument::source) names it.
    pub origin: String,
    /// What the server said of it.
    pub validators: Validators,
    /// When its sitemap says that it was changed, as written there.
    pub changed_at: Option<String>,
    /// Fingerprint of what was stored of it then; the rest counts only while that is still so.
    pub stored: String,
}

/// How a run of a source ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceOutcome {
    /// All of it was taken in.
    Done,
    /// Some pages or files were not.
    Partly,
    /// Nothing was.
    Failed,
}

/// The last run of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRun {
    /// The source's id.
    pub source: String,
    /// When it began.
    pub began_at_ms: i64,
    /// When it ended.
    pub ended_at_ms: i64,
    /// How.
    pub outcome: SourceOutcome,
    /// What went wrong first.
    pub error: Option<String>,
    /// The release that it published.
    pub release: Option<ReleaseNo>,
    /// New documents.
    pub n_added: u64,
    /// Documents that changed.
    pub n_changed: u64,
    /// Documents found as stored.
    pub n_unchanged: u64,
    /// Documents deleted.
    pub n_removed: u64,
    /// Documents that are no longer there and stay until somebody confirms.
    pub n_withheld: u64,
    /// Pages and files that could not be taken in.
    pub n_failed: u64,
}

/// What is remembered of sources. Editors and above.
#[async_trait]
pub trait SourceRecords: Send + Sync {
    /// Pages of one source, in no order.
    async fn source_pages(
        &self,
        scope: &Scope,
        source: &str,
    ) -> Result<Vec<PageRecord>, RecordsError>;

    /// Keeps a run and what it learned of the source's pages, in place of what was known of both.
    /// Durable on return.
    async fn keep_source_run(
        &self,
        scope: &Scope,
        run: &SourceRun,
        pages: &[PageRecord],
    ) -> Result<(), RecordsError>;

    /// The last run of every source that ever ran, by id.
    async fn source_runs(&self, scope: &Scope) -> Result<Vec<SourceRun>, RecordsError>;
}
