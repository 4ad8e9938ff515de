//! `/v1/jobs`.

use kefu_core::ports::{Job, JobFile};
use serde::Serialize;
use utoipa::ToSchema;

use crate::time::rfc3339;
use crate::words::{JobFileState, JobState};

/// Work on documents.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JobResponse {
    /// Its id.
    pub job_id: String,
    /// Where it stands.
    pub state: JobState,
    /// Its files.
    pub files: Vec<JobFileResponse>,
    /// How far the work on its chunks is.
    pub progress: JobProgressResponse,
    /// Whether `POST /v1/jobs/{id}/retry` can run it again.
    pub can_retry: bool,
    /// The release it published; null when it published none.
    pub release: Option<u32>,
    /// What went wrong with the job as a whole, or why it waits to be tried again.
    pub error: Option<String>,
    /// When it was accepted.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
}

/// Chunks of a job, as far as they are known.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct JobProgressResponse {
    /// Files that were read.
    pub n_files_done: usize,
    /// Files of the job.
    pub n_files: usize,
    /// Chunks that have their vectors.
    pub n_chunks_done: u64,
    /// Chunks found so far; grows while files are read.
    pub n_chunks: u64,
}

/// One file of a job.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JobFileResponse {
    /// Document id or file name.
    pub name: String,
    /// Where it stands.
    pub state: JobFileState,
    /// A code when it failed or was left out.
    pub code: Option<String>,
    /// What happened.
    pub detail: Option<String>,
}

impl From<Job> for JobResponse {
    fn from(job: Job) -> Self {
        let is_done = |file: &&JobFile| file.state != kefu_core::ports::JobFileState::Pending;
        Self {
            job_id: job.id.to_string(),
            state: job.state.into(),
            progress: JobProgressResponse {
                n_files_done: job.files.iter().filter(is_done).count(),
                n_files: job.files.len(),
                n_chunks_done: job.progress.n_chunks_done,
                n_chunks: job.progress.n_chunks,
            },
            can_retry: job.can_retry,
            files: job.files.into_iter().map(Into::into).collect(),
            release: job.release.map(|release| release.0),
            error: job.error,
            created_at: rfc3339(job.created_at_ms),
            updated_at: rfc3339(job.updated_at_ms),
        }
    }
}

impl From<JobFile> for JobFileResponse {
    fn from(file: JobFile) -> Self {
        Self { name: file.name, state: file.state.into(), code: file.code, detail: file.detail }
    }
}
