//! What a running job tells its readers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kefu_core::Scope;
use kefu_core::ports::{Job, JobFileState, JobProgress, Records};

use crate::events::{IngestEvent, IngestObserver};
use crate::report::FileOutcome;

/// Progress is written this often at most.
const WRITE_EVERY: Duration = Duration::from_millis(500);

/// Collects what a run reports, for the job's row.
#[derive(Default)]
pub(super) struct Watch(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    files: HashMap<String, JobFileState>,
    progress: JobProgress,
    has_news: bool,
}

impl IngestObserver for Watch {
    fn observe(&self, event: IngestEvent<'_>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            IngestEvent::File { name, outcome, .. } => {
                seen.files.insert(name.to_owned(), state_of(outcome));
            }
            IngestEvent::Embedding { n_done, n_total } => {
                seen.progress =
                    JobProgress { n_chunks_done: n_done as u64, n_chunks: n_total as u64 };
            }
            _ => return,
        }
        seen.has_news = true;
    }
}

impl Watch {
    /// Puts what was seen into the job; whether that changed it.
    pub(super) fn show(&self, job: &mut Job) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let has_news = std::mem::take(&mut seen.has_news);
        for file in &mut job.files {
            if let Some(state) = seen.files.get(&file.name) {
                file.state = *state;
            }
        }
        job.progress = seen.progress;
        has_news
    }

    /// Writes news of the job to the records for as long as the run goes on beside it.
    pub(super) async fn report(
        &self,
        records: &dyn Records,
        scope: &Scope,
        job: &Job,
    ) -> std::convert::Infallible {
        let mut shown = job.clone();
        loop {
            tokio::time::sleep(WRITE_EVERY).await;
            if self.show(&mut shown)
                && let Err(error) = records.update_job(scope, &shown).await
            {
                // The run itself will meet the same trouble and report it.
                tracing::debug!(%error, "a job's progress could not be written");
            }
        }
    }
}

fn state_of(outcome: FileOutcome) -> JobFileState {
    match outcome {
        FileOutcome::Failed => JobFileState::Failed,
        FileOutcome::Skipped | FileOutcome::Kept => JobFileState::Skipped,
        _ => JobFileState::Read,
    }
}
