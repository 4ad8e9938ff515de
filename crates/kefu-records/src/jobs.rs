//! Ingest jobs.

use async_trait::async_trait;
use kefu_core::ports::{
    Job, JobFile, JobFileState, JobProgress, JobRecords, JobState, NewJob, Page, PageRequest,
};
use kefu_core::{JobId, RecordsError, ReleaseNo, Role, Scope};
use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use crate::SqliteRecords;
use crate::access::{check_limit, require};
use crate::blob::{count, int};
use crate::cursor;
use crate::fault::{Fault, conflict, damaged, not_found};
use crate::session::Session;
use crate::words::Word;

const INGESTING: &str = "run ingest jobs";
const LISTING: &str = "jobs";

/// Ended jobs that keep their payload for another run.
const MAX_KEPT_PAYLOADS: i64 = 100;

const COLUMNS: &str = "id, state, files, release, error, created_at_ms, updated_at_ms,
    n_chunks_done, n_chunks, payload IS NOT NULL";

#[async_trait]
impl JobRecords for SqliteRecords {
    async fn enqueue(
        &self,
        scope: &Scope,
        job: &NewJob,
        max_queued: usize,
    ) -> Result<Job, RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        let job = job.clone();
        self.write(scope, move |s| enqueue(s, &job, max_queued)).await
    }

    async fn claim_job(&self, scope: &Scope) -> Result<Option<(Job, Vec<u8>)>, RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        self.write(scope, claim).await
    }

    async fn update_job(&self, scope: &Scope, job: &Job) -> Result<(), RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        let job = job.clone();
        self.write(scope, move |s| update(s, &job)).await
    }

    async fn retry_job(
        &self,
        scope: &Scope,
        id: &JobId,
        max_queued: usize,
    ) -> Result<Job, RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        let id = id.clone();
        self.write(scope, move |s| retry(s, &id, max_queued)).await
    }

    async fn jobs(&self, scope: &Scope, page: &PageRequest) -> Result<Page<Job>, RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        let page = page.clone();
        self.read(scope, move |s| list(s, &page)).await
    }

    async fn job(&self, scope: &Scope, id: &JobId) -> Result<Job, RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        let id = id.clone();
        self.read(scope, move |s| read(s, &id)?.ok_or_else(|| not_found("job", &id))).await
    }

    async fn requeue_running(&self, scope: &Scope) -> Result<u64, RecordsError> {
        require(scope, Role::Editor, INGESTING)?;
        let requeue = |s: &Session<'_>| {
            let n = s.run(
                "UPDATE jobs SET state = 'queued', updated_at_ms = ?2
                WHERE tenant = ?1 AND state = 'running'",
                params![s.tenant(), s.now_ms],
            )?;
            Ok(n as u64)
        };
        self.write(scope, requeue).await
    }
}

/// A job's file as stored in JSON.
#[derive(Serialize, Deserialize)]
struct FileBody {
    name: String,
    state: String,
    code: Option<String>,
    detail: Option<String>,
}

fn check_room(s: &Session<'_>, max_queued: usize) -> Result<(), Fault> {
    let n_queued = s.one(
        "SELECT count(*) FROM jobs WHERE tenant = ?1 AND state = 'queued'",
        [s.tenant()],
        |row| Ok(row.get::<_, i64>(0)?),
    )?;
    if n_queued.unwrap_or_default() >= int(max_queued) {
        return Err(conflict(format!("{max_queued} jobs wait already; try again later")));
    }
    Ok(())
}

fn enqueue(s: &Session<'_>, job: &NewJob, max_queued: usize) -> Result<Job, Fault> {
    check_room(s, max_queued)?;
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
        created_at_ms: s.now_ms,
        updated_at_ms: s.now_ms,
    };
    s.run(
        "INSERT INTO jobs (tenant, id, state, files, created_at_ms, updated_at_ms, payload)
        VALUES (?1, ?2, 'queued', ?3, ?4, ?4, ?5)",
        params![s.tenant(), job.id.as_str(), write_files(&accepted.files)?, s.now_ms, job.payload],
    )?;
    Ok(accepted)
}

fn claim(s: &Session<'_>) -> Result<Option<(Job, Vec<u8>)>, Fault> {
    let oldest = s.one(
        "SELECT id, payload FROM jobs
        WHERE tenant = ?1 AND state = 'queued' ORDER BY seq LIMIT 1",
        [s.tenant()],
        |row| Ok((job_id(row)?, row.get::<_, Option<Vec<u8>>>(1)?)),
    )?;
    let Some((id, payload)) = oldest else { return Ok(None) };
    s.run(
        "UPDATE jobs SET state = 'running', updated_at_ms = ?3 WHERE tenant = ?1 AND id = ?2",
        params![s.tenant(), id.as_str(), s.now_ms],
    )?;
    let job = read(s, &id)?.ok_or_else(|| damaged("the job just claimed"))?;
    Ok(Some((job, payload.ok_or_else(|| damaged("a queued job without its payload"))?)))
}

fn update(s: &Session<'_>, job: &Job) -> Result<(), Fault> {
    let kept = read(s, &job.id)?.ok_or_else(|| not_found("job", &job.id))?;
    if has_ended(kept.state) {
        return Err(conflict(format!("job {} has ended", job.id)));
    }
    s.run(
        "UPDATE jobs SET state = ?3, files = ?4, release = ?5, error = ?6, updated_at_ms = ?7,
            payload = iif(?8, NULL, payload), n_chunks_done = ?9, n_chunks = ?10
        WHERE tenant = ?1 AND id = ?2",
        params![
            s.tenant(),
            job.id.as_str(),
            job.state.word(),
            write_files(&job.files)?,
            job.release.map(|release| release.0),
            job.error,
            s.now_ms,
            has_ended(job.state) && !went_wrong(job),
            int_of(job.progress.n_chunks_done),
            int_of(job.progress.n_chunks)
        ],
    )?;
    if has_ended(job.state) && went_wrong(job) {
        drop_old_payloads(s)?;
    }
    Ok(())
}

fn int_of(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Whether there is something that another run may do better.
fn went_wrong(job: &Job) -> bool {
    job.state == JobState::Failed || job.files.iter().any(|f| f.state == JobFileState::Failed)
}

fn drop_old_payloads(s: &Session<'_>) -> Result<(), Fault> {
    s.run(
        "UPDATE jobs SET payload = NULL WHERE tenant = ?1 AND seq IN (
            SELECT seq FROM jobs
            WHERE tenant = ?1 AND payload IS NOT NULL AND state IN ('succeeded', 'failed')
            ORDER BY seq DESC LIMIT -1 OFFSET ?2)",
        params![s.tenant(), MAX_KEPT_PAYLOADS],
    )?;
    Ok(())
}

fn retry(s: &Session<'_>, id: &JobId, max_queued: usize) -> Result<Job, Fault> {
    let job = read(s, id)?.ok_or_else(|| not_found("job", id))?;
    if !has_ended(job.state) {
        return Err(conflict(format!("job {id} has not ended; wait for it")));
    }
    if !job.can_retry {
        let detail = format!("job {id} has nothing to run again; send its documents once more");
        return Err(conflict(detail));
    }
    check_room(s, max_queued)?;
    let pending = |file: &JobFile| JobFile {
        name: file.name.clone(),
        state: JobFileState::Pending,
        code: None,
        detail: None,
    };
    let files: Vec<JobFile> = job.files.iter().map(pending).collect();
    s.run(
        "UPDATE jobs SET state = 'queued', files = ?3, release = NULL, error = NULL,
            updated_at_ms = ?4, n_chunks_done = 0, n_chunks = 0,
            seq = (SELECT max(seq) + 1 FROM jobs)
        WHERE tenant = ?1 AND id = ?2",
        params![s.tenant(), id.as_str(), write_files(&files)?, s.now_ms],
    )?;
    read(s, id)?.ok_or_else(|| damaged("the job just queued"))
}

fn list(s: &Session<'_>, page: &PageRequest) -> Result<Page<Job>, Fault> {
    check_limit(page)?;
    let before = match &page.cursor {
        Some(cursor) => {
            let place = cursor::read(LISTING, cursor)?;
            place.parse::<i64>().map_err(|_| cursor::not_ours(LISTING))?
        }
        None => i64::MAX,
    };
    let sql = format!(
        "SELECT {COLUMNS}, seq FROM jobs WHERE tenant = ?1 AND seq < ?2
        ORDER BY seq DESC LIMIT ?3"
    );
    let mut rows = s.all(&sql, params![s.tenant(), before, int(page.limit + 1)], |row| {
        Ok((job(row)?, row.get::<_, i64>(10)?))
    })?;
    let more = rows.len() > page.limit;
    rows.truncate(page.limit);
    let last = rows.last().filter(|_| more).map(|(_, seq)| *seq);
    Ok(Page {
        next_cursor: last.map(|seq| cursor::write(LISTING, &seq.to_string())),
        items: rows.into_iter().map(|(job, _)| job).collect(),
    })
}

fn read(s: &Session<'_>, id: &JobId) -> Result<Option<Job>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE tenant = ?1 AND id = ?2");
    s.one(&sql, params![s.tenant(), id.as_str()], job)
}

fn job(row: &Row<'_>) -> Result<Job, Fault> {
    let mut job = Job {
        id: job_id(row)?,
        state: Word::read(row.get_ref(1)?.as_str()?)?,
        files: read_files(row.get_ref(2)?.as_str()?)?,
        progress: JobProgress { n_chunks_done: count(row.get(7)?)?, n_chunks: count(row.get(8)?)? },
        release: row.get::<_, Option<u32>>(3)?.map(ReleaseNo),
        can_retry: row.get(9)?,
        error: row.get(4)?,
        created_at_ms: row.get(5)?,
        updated_at_ms: row.get(6)?,
    };
    job.can_retry = job.can_retry && has_ended(job.state) && went_wrong(&job);
    Ok(job)
}

fn has_ended(state: JobState) -> bool {
    matches!(state, JobState::Succeeded | JobState::Failed)
}

fn job_id(row: &Row<'_>) -> Result<JobId, Fault> {
    JobId::parse(row.get_ref(0)?.as_str()?).map_err(|_| damaged("a job id"))
}

fn write_files(files: &[JobFile]) -> Result<String, Fault> {
    let bodies = files.iter().map(|file| FileBody {
        name: file.name.clone(),
        state: file.state.word().to_owned(),
        code: file.code.clone(),
        detail: file.detail.clone(),
    });
    Ok(serde_json::to_string(&bodies.collect::<Vec<_>>())?)
}

fn read_files(json: &str) -> Result<Vec<JobFile>, Fault> {
    let bodies: Vec<FileBody> = serde_json::from_str(json)?;
    let files = bodies.into_iter().map(|body| {
        let state = Word::read(&body.state)?;
        Ok(JobFile { name: body.name, state, code: body.code, detail: body.detail })
    });
    files.collect()
}
