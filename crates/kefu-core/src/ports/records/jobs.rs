use async_trait::async_trait;

use super::{Page, PageRequest};
use crate::error::RecordsError;
use crate::ids::JobId;
use crate::release::ReleaseNo;
use crate::scope::Scope;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Accepted and durable; not begun.
    Queued,
    /// Being worked on.
    Running,
    /// Finished; files may still have failed one by one.
    Succeeded,
    /// Nothing was published.
    Failed,
}

/// Where one file of a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobFileState {
    /// Not begun.
    Pending,
    /// Read and compared; not yet published.
    Read,
    /// Published, or found unchanged.
    Done,
    /// Left out on purpose.
    Skipped,
    /// So much of it was removed by cleaning that it waits for a person.
    Quarantined,
    /// Could not be taken in.
    Failed,
}

/// One file of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobFile {
    /// Document id or file name.
    pub name: String,
    /// Where it stands.
    pub state: JobFileState,
    /// A code when it failed or was skipped.
    pub code: Option<String>,
    /// What happened, for people.
    pub detail: Option<String>,
}

/// A job as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Identity.
    pub id: JobId,
    /// Where it stands.
    pub state: JobState,
    /// Its files.
    pub files: Vec<JobFile>,
    /// How far the work on its chunks is.
    pub progress: JobProgress,
    /// The release it published.
    pub release: Option<ReleaseNo>,
    /// Whether [`JobRecords::retry_job`] can run it again: it ended, not all of it went well, and
    /// its payload is still kept.
    pub can_retry: bool,
    /// What went wrong with the job as a whole, or why it waits to be tried again.
    pub error: Option<String>,
    /// When it was accepted, milliseconds since the epoch, UTC.
    pub created_at_ms: i64,
    /// When it last changed, milliseconds since the epoch, UTC.
    pub updated_at_ms: i64,
}

/// Chunks of a job; what is known so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobProgress {
    /// Chunks that have their vectors.
    pub n_chunks_done: u64,
    /// Chunks found so far; grows while files are read.
    pub n_chunks: u64,
}

/// A job to accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// Identity.
    pub id: JobId,
    /// The work, in the words of `kefu-ingest`; kept until the job ends.
    pub payload: Vec<u8>,
    /// Names of its files.
    pub files: Vec<String>,
}

/// Ingest jobs: accepted work survives a crash. Editors and above.
#[async_trait]
pub trait JobRecords: Send + Sync {
    /// Accepts a job. Durable on return. [`RecordsError::Conflict`] when `max_queued` wait.
    async fn enqueue(
        &self,
        scope: &Scope,
        job: &NewJob,
        max_queued: usize,
    ) -> Result<Job, RecordsError>;

    /// Marks the oldest queued job of the scope's tenant as running and returns it with its
    /// payload. Jobs left running by a process that died count as queued.
    async fn claim_job(&self, scope: &Scope) -> Result<Option<(Job, Vec<u8>)>, RecordsError>;

    /// Writes progress. A job that ends well drops its payload; one that failed, or with a file
    /// that failed, keeps it for [`JobRecords::retry_job`] until a hundred later ones failed too.
    /// [`Job::can_retry`] is not written.
    async fn update_job(&self, scope: &Scope, job: &Job) -> Result<(), RecordsError>;

    /// Puts an ended job whose payload is kept back into the queue, behind what waits there.
    /// [`RecordsError::Conflict`] when it has not ended, has nothing to retry, or `max_queued`
    /// wait.
    async fn retry_job(
        &self,
        scope: &Scope,
        id: &JobId,
        max_queued: usize,
    ) -> Result<Job, RecordsError>;

    /// Jobs, the latest accepted first.
    async fn jobs(&self, scope: &Scope, page: &PageRequest) -> Result<Page<Job>, RecordsError>;

    /// A job.
    async fn job(&self, scope: &Scope, id: &JobId) -> Result<Job, RecordsError>;

    /// Jobs that a dead process left running go back to the queue; called once at start.
    async fn requeue_running(&self, scope: &Scope) -> Result<u64, RecordsError>;
}
