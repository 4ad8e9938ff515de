//! The worker that takes accepted documents in, and waiting for it.

use std::time::Duration;

use kefu_core::ports::{Job, JobState};
use kefu_core::{JobId, Scope};
use tokio::sync::{Notify, watch};

use crate::metrics;
use crate::problem::ApiError;
use crate::service::AppState;

/// How the worker and the handlers wake each other.
pub(crate) struct JobSignals {
    accepted: Notify,
    n_ended: watch::Sender<u64>,
}

impl JobSignals {
    pub(crate) fn new() -> Self {
        Self { accepted: Notify::new(), n_ended: watch::Sender::new(0) }
    }

    /// Tells the worker that a job was accepted.
    pub(crate) fn announce(&self) {
        self.accepted.notify_one();
    }
}

/// Jobs are looked for this often without being announced: those that an earlier process left,
/// and those that a failure of the records store interrupted.
const UNASKED_LOOK: Duration = Duration::from_secs(30);

/// Works jobs off until shutdown begins. A job that is cut short stays durable and is taken up
/// by the next process.
pub(crate) async fn run_worker(state: AppState) {
    let scope = state.parts.authenticator.worker();
    loop {
        tokio::select! {
            () = state.ending.cancelled() => return,
            () = work_off(&state, &scope) => {}
        }
        tokio::select! {
            () = state.stopping.cancelled() => return,
            () = state.jobs.accepted.notified() => {}
            () = tokio::time::sleep(UNASKED_LOOK) => {}
        }
    }
}

async fn work_off(state: &AppState, scope: &Scope) {
    while !state.stopping.is_cancelled() {
        match state.parts.ingestor.run_next_job(scope).await {
            Ok(Some(job)) => {
                let label = if job.state == JobState::Failed { "failed" } else { "succeeded" };
                metrics::count_job(label);
                tracing::info!(job.id = %job.id, job.state = label, "ingest job ended");
                state.jobs.n_ended.send_modify(|n| *n = n.wrapping_add(1));
            }
            Ok(None) => return,
            Err(error) => {
                tracing::error!(error = %error, "ingest job could not be run, trying again later");
                state.jobs.n_ended.send_modify(|n| *n = n.wrapping_add(1));
                return;
            }
        }
    }
}

/// The job once it has ended or was put off, or as it stands at the deadline.
pub(crate) async fn wait_for(
    state: &AppState,
    scope: &Scope,
    id: &JobId,
    patience: Duration,
) -> Result<Job, ApiError> {
    let mut n_ended = state.jobs.n_ended.subscribe();
    let ended = async {
        loop {
            n_ended.borrow_and_update();
            let job = state.parts.records.job(scope, id).await?;
            if is_over(&job) || is_put_off(&job) || n_ended.changed().await.is_err() {
                return Ok(job);
            }
        }
    };
    match tokio::time::timeout(patience, ended).await {
        Ok(job) => job,
        Err(_) => Ok(state.parts.records.job(scope, id).await?),
    }
}

/// Whether it was tried, and waits to be tried again for a reason that may pass.
fn is_put_off(job: &Job) -> bool {
    job.state == JobState::Queued && job.error.is_some()
}

/// Whether nothing more will happen to the job.
pub(crate) fn is_over(job: &Job) -> bool {
    matches!(job.state, JobState::Succeeded | JobState::Failed)
}
