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
    /// The release it published; null when it published none.
    pub release: Option<u32>,
    /// What went wrong with the job as a whole.
    pub error: Option<String>,
    /// When it was accepted.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
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
        Self {
            job_id: job.id.to_string(),
            state: job.state.into(),
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
