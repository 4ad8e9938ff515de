use async_trait::async_trait;
use kefu_core::ports::{
    Job, JobFile, JobFileState, JobProgress, JobRecords, JobState, NewJob, Page, PageRequest,
};
use kefu_core::{JobId, RecordsError, Role, Scope};

use super::{MemoryRecords, conflict, not_found, require};

const INGESTING: &str = "run ingest jobs";

/// One tenant's jobs, oldest first, with the payload of those that have not ended.
#[derive(Default)]
pub(super) struct Jobs(Vec<(Job, Vec<u8>)>);

impl Jobs {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn in_state(&self, state: JobState) -> usize {
        self.0.iter().filter(|(job, _)| job.state == state).count()
    }

    fn find(&mut self, id: &JobId) -> Result<&mut (Job, Vec<u8>), RecordsError> {
        self.0.iter_mut().find(|(job, _)| &job.id == id).ok_or_else(|| not_found("job", id))
    }
}

#[async_trait]
impl JobRecords for MemoryRecords {
    async fn enqueue(
        &self,
        scope: &Scope,
        job: &NewJob,
        max_queued: usize,
    ) -> Result<Job, RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        self.write(scope, |tenant, now_ms| {
            let jobs = &mut tenant.jobs;
            if jobs.in_state(JobState::Queued) >= max_queued {
                return Err(conflict(format!("{max_queued} jobs wait; try again later")));
            }
            if jobs.find(&job.id).is_ok() {
                return Err(conflict(format!("job {} exists", job.id)));
            }
            let files = job.files.iter().map(|name| JobFile {
                name: name.clone(),
                state: JobFileState::Pending,
                code: None,
                detail: None,
            });
            let accepted = Job {
                id: job.id.clone(),
                state: JobState::Queued,
                files: files.collect(),
                progress: JobProgress::default(),
                release: None,
                can_retry: false,
                error: None,
                created_at_ms: now_ms,
                updated_at_ms: now_ms,
            };
            jobs.0.push((accepted.clone(), job.payload.clone()));
            Ok(accepted)
        })
    }

    async fn claim_job(&self, scope: &Scope) -> Result<Option<(Job, Vec<u8>)>, RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        self.write(scope, |tenant, now_ms| {
            let queued = tenant.jobs.0.iter_mut().find(|(job, _)| job.state == JobState::Queued);
            Ok(queued.map(|entry| {
                entry.0.state = JobState::Running;
                entry.0.updated_at_ms = now_ms;
                entry.clone()
            }))
        })
    }

    async fn update_job(&self, scope: &Scope, job: &Job) -> Result<(), RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        self.write(scope, |tenant, now_ms| {
            let (kept, payload) = tenant.jobs.find(&job.id)?;
            if has_ended(kept.state) {
                return Err(conflict(format!("job {} has ended", job.id)));
            }
            let created_at_ms = kept.created_at_ms;
            *kept = Job { created_at_ms, updated_at_ms: now_ms, ..job.clone() };
            kept.can_retry = has_ended(job.state) && went_wrong(job);
            if has_ended(job.state) && !went_wrong(job) {
                payload.clear();
            }
            Ok(())
        })
    }

    async fn retry_job(
        &self,
        scope: &Scope,
        id: &JobId,
        max_queued: usize,
    ) -> Result<Job, RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        self.write(scope, |tenant, now_ms| {
            let jobs = &mut tenant.jobs;
            let is_full = jobs.in_state(JobState::Queued) >= max_queued;
            let (job, _) = jobs.find(id)?;
            if !job.can_retry {
                return Err(conflict(format!("job {id} has nothing to run again")));
            }
            if is_full {
                return Err(conflict(format!("{max_queued} jobs wait; try again later")));
            }
            for file in &mut job.files {
                file.state = JobFileState::Pending;
                (file.code, file.detail) = (None, None);
            }
            job.state = JobState::Queued;
            (job.release, job.error, job.can_retry) = (None, None, false);
            job.progress = JobProgress::default();
            job.updated_at_ms = now_ms;
            let at = jobs.0.iter().position(|(job, _)| &job.id == id).unwrap_or_default();
            let entry = jobs.0.remove(at);
            jobs.0.push(entry.clone());
            Ok(entry.0)
        })
    }

    async fn jobs(&self, scope: &Scope, page: &PageRequest) -> Result<Page<Job>, RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        self.read(scope, |tenant| {
            let latest_first = tenant.jobs.0.iter().rev().map(|(job, _)| job.clone());
            let skipped = page.cursor.as_deref().and_then(|c| c.parse().ok()).unwrap_or(0);
            let items: Vec<Job> = latest_first.skip(skipped).take(page.limit).collect();
            let end = skipped + items.len();
            let next_cursor = (end < tenant.jobs.0.len()).then(|| end.to_string());
            Ok(Page { items, next_cursor })
        })
    }

    async fn job(&self, scope: &Scope, id: &JobId) -> Result<Job, RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        self.read(scope, |tenant| {
            let found = tenant.jobs.0.iter().find(|(job, _)| &job.id == id);
            found.map(|(job, _)| job.clone()).ok_or_else(|| not_found("job", id))
        })
    }

    async fn requeue_running(&self, scope: &Scope) -> Result<u64, RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        self.write(scope, |tenant, now_ms| {
            let jobs = tenant.jobs.0.iter_mut();
            let running = jobs.filter(|(job, _)| job.state == JobState::Running);
            Ok(running.fold(0, |n, (job, _)| {
                job.state = JobState::Queued;
                job.updated_at_ms = now_ms;
                n + 1
            }))
        })
    }
}

fn went_wrong(job: &Job) -> bool {
    job.state == JobState::Failed || job.files.iter().any(|f| f.state == JobFileState::Failed)
}

fn has_ended(state: JobState) -> bool {
    matches!(state, JobState::Succeeded | JobState::Failed)
}
