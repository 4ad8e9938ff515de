use kefu_core::ErrorKind::{Conflict, Forbidden, NotFound};
use kefu_core::ports::{JobFileState, JobProgress, JobState, NewJob, PageRequest};
use kefu_core::{JobId, ReleaseNo};

use super::fixtures::refused;
use super::{Fresh, Subject};
use crate::scopes::{agent, editor, operator};

/// Ingest jobs.
pub async fn jobs(fresh: Fresh<'_>) {
    a_job_runs_to_its_end(fresh()).await;
    jobs_are_claimed_once_and_in_order(fresh()).await;
    the_queue_is_bounded(fresh()).await;
    work_of_a_dead_process_is_done_again(fresh()).await;
    what_failed_can_be_run_again(fresh()).await;
    jobs_are_listed_latest_first(fresh()).await;
}

fn new_job(payload: &[u8]) -> NewJob {
    let files = vec!["a.md".to_owned(), "退货.md".to_owned()];
    NewJob { id: JobId::generate(), payload: payload.to_vec(), files }
}

async fn a_job_runs_to_its_end(Subject { records, clock }: Subject) {
    let scope = editor("acme");
    let work = new_job(b"\x00\xffwork");
    let accepted = records.enqueue(&scope, &work, 10).await.unwrap();
    assert_eq!((accepted.state, accepted.files.len()), (JobState::Queued, 2));
    assert!(accepted.files.iter().all(|f| f.state == JobFileState::Pending));
    assert_eq!(records.job(&scope, &work.id).await.unwrap(), accepted);
    assert_eq!(records.tenants(&operator("acme")).await.unwrap(), [scope.tenant().clone()]);
    refused(records.enqueue(&scope, &work, 10).await, Conflict);

    clock.advance_ms(70);
    let (mut job, payload) = records.claim_job(&scope).await.unwrap().unwrap();
    assert_eq!((job.state, payload), (JobState::Running, work.payload));
    assert_eq!(job.updated_at_ms, accepted.created_at_ms + 70);
    job.state = JobState::Succeeded;
    job.release = Some(ReleaseNo(4));
    job.error = Some("half".to_owned());
    job.files[0].state = JobFileState::Done;
    job.files[1].state = JobFileState::Failed;
    job.files[1].code = Some("not_utf8".to_owned());
    job.files[1].detail = Some("byte 7".to_owned());
    clock.advance_ms(30);
    records.update_job(&scope, &job).await.unwrap();
    job.updated_at_ms += 30;
    job.can_retry = true;
    assert_eq!(records.job(&scope, &job.id).await.unwrap(), job);
    refused(records.update_job(&scope, &job).await, Conflict);
    assert_eq!(records.claim_job(&scope).await.unwrap(), None);
}

async fn jobs_are_claimed_once_and_in_order(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let works = [new_job(b"1"), new_job(b"2"), new_job(b"3")];
    for work in &works {
        records.enqueue(&scope, work, 10).await.unwrap();
    }
    let (a, b) = tokio::join!(records.claim_job(&scope), records.claim_job(&scope));
    let last = records.claim_job(&scope).await.unwrap().unwrap();
    let mut payloads = vec![a.unwrap().unwrap().1, b.unwrap().unwrap().1];
    payloads.sort();
    assert_eq!(payloads, [b"1", b"2"]);
    assert_eq!(last.1, b"3");
    assert_eq!(records.claim_job(&scope).await.unwrap(), None);
}

async fn the_queue_is_bounded(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    for _ in 0..2 {
        records.enqueue(&scope, &new_job(b""), 2).await.unwrap();
    }
    refused(records.enqueue(&scope, &new_job(b""), 2).await, Conflict);
    records.enqueue(&editor("globex"), &new_job(b""), 2).await.unwrap();
    records.claim_job(&scope).await.unwrap();
    records.enqueue(&scope, &new_job(b""), 2).await.unwrap();
    refused(records.enqueue(&agent("acme"), &new_job(b""), 9).await, Forbidden);
    refused(records.claim_job(&agent("acme")).await, Forbidden);
    refused(records.job(&scope, &JobId::generate()).await, NotFound);
}

async fn work_of_a_dead_process_is_done_again(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let works = [new_job(b"1"), new_job(b"2")];
    for work in &works {
        records.enqueue(&scope, work, 10).await.unwrap();
    }
    records.claim_job(&scope).await.unwrap();
    assert_eq!(records.requeue_running(&scope).await.unwrap(), 1);
    assert_eq!(records.requeue_running(&scope).await.unwrap(), 0);
    let (job, payload) = records.claim_job(&scope).await.unwrap().unwrap();
    assert_eq!((&job.id, payload), (&works[0].id, works[0].payload.clone()));
}

async fn what_failed_can_be_run_again(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let work = new_job(b"work");
    records.enqueue(&scope, &work, 10).await.unwrap();
    refused(records.retry_job(&scope, &work.id, 10).await, Conflict);
    for (state, file, may_retry) in [
        (JobState::Failed, JobFileState::Pending, true),
        (JobState::Succeeded, JobFileState::Failed, true),
        (JobState::Succeeded, JobFileState::Done, false),
    ] {
        let (mut job, payload) = records.claim_job(&scope).await.unwrap().unwrap();
        assert_eq!(payload, work.payload);
        job.files[1].state = JobFileState::Read;
        job.progress = JobProgress { n_chunks_done: 3, n_chunks: 9 };
        records.update_job(&scope, &job).await.unwrap();
        assert_eq!(records.job(&scope, &job.id).await.unwrap().progress, job.progress);
        (job.state, job.files[1].state) = (state, file);
        records.update_job(&scope, &job).await.unwrap();
        let ended = records.job(&scope, &job.id).await.unwrap();
        assert_eq!((ended.state, ended.can_retry), (state, may_retry));
        if !may_retry {
            refused(records.retry_job(&scope, &job.id, 10).await, Conflict);
            continue;
        }
        refused(records.retry_job(&scope, &job.id, 0).await, Conflict);
        refused(records.retry_job(&editor("globex"), &job.id, 10).await, NotFound);
        let again = records.retry_job(&scope, &job.id, 10).await.unwrap();
        assert_eq!((again.state, again.can_retry), (JobState::Queued, false));
        assert!(again.files.iter().all(|f| f.state == JobFileState::Pending));
    }
}

async fn jobs_are_listed_latest_first(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let works = [new_job(b"1"), new_job(b"2"), new_job(b"3")];
    for work in &works {
        records.enqueue(&scope, work, 10).await.unwrap();
    }
    let mut request = PageRequest { limit: 2, cursor: None };
    let mut seen = Vec::new();
    loop {
        let page = records.jobs(&scope, &request).await.unwrap();
        seen.extend(page.items.into_iter().map(|job| job.id));
        request.cursor = page.next_cursor;
        if request.cursor.is_none() {
            break;
        }
    }
    let expected: Vec<JobId> = works.iter().rev().map(|work| work.id.clone()).collect();
    assert_eq!(seen, expected);
    assert!(records.jobs(&editor("globex"), &request).await.unwrap().items.is_empty());
    refused(records.jobs(&agent("acme"), &request).await, Forbidden);
}
