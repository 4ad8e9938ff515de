use std::sync::Arc;
use std::time::{Duration, Instant};

use kefu_core::ports::{
    ContentRecords as _, ConversationRecords as _, DocumentChange, JobRecords as _, NewJob,
    Records as _,
};
use kefu_core::{ConversationState, ErrorKind, JobId, Priority};
use kefu_testkit::conformance::records::{
    chunks, conversation, document, exchange, publish, ticket,
};
use kefu_testkit::scopes::{customer, editor};

use crate::{Folder, open};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_tasks_commit_at_once() {
    let folder = Folder::new();
    let records = Arc::new(open(&folder.new_path()));
    let shared = conversation(1_000);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (records, shared) = (Arc::clone(&records), shared.clone());
        tasks.spawn(async move {
            for _ in 0..20 {
                records.commit_exchange(&customer("acme"), &exchange(&shared)).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    let turns = records.turns(&customer("acme"), &shared.id, 1_000).await.unwrap();
    assert_eq!(turns.len(), 8 * 20 * 2);
    for pair in turns.chunks(2) {
        assert!(pair[0].answer_id.is_none() && pair[1].answer_id.is_some(), "torn exchange");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_ticket_is_opened_by_many_exchanges() {
    let folder = Folder::new();
    let records = Arc::new(open(&folder.new_path()));
    let shared = conversation(1_000);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (records, mut opening) = (Arc::clone(&records), exchange(&shared));
        let opened = ticket(&shared, Priority::High);
        opening.conversation.state = ConversationState::Queued;
        opening.conversation.ticket_id = Some(opened.id.clone());
        opening.ticket = Some(opened);
        tasks.spawn(async move { records.commit_exchange(&customer("acme"), &opening).await });
    }
    let (won, lost): (Vec<_>, Vec<_>) = tasks.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 7));
    assert!(lost.into_iter().all(|r| r.err().map(|e| e.kind()) == Some(ErrorKind::Conflict)));
    assert_eq!(records.turns(&customer("acme"), &shared.id, 100).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_job_is_claimed_once() {
    let folder = Folder::new();
    let records = Arc::new(open(&folder.new_path()));
    let job = NewJob { id: JobId::generate(), payload: b"x".to_vec(), files: Vec::new() };
    records.enqueue(&editor("acme"), &job, 1).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let records = Arc::clone(&records);
        tasks.spawn(async move { records.claim_job(&editor("acme")).await.unwrap() });
    }
    assert_eq!(tasks.join_all().await.iter().flatten().count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_goes_on_while_a_long_write_runs() {
    let folder = Folder::new();
    let records = Arc::new(open(&folder.new_path()));
    let scope = editor("acme");
    let small = document("small", "a\n");
    publish(&*records, &scope, std::slice::from_ref(&small)).await;
    let build = records.begin_build(&scope, "builder", "points-a").await.unwrap();
    let lines: String = (0..8_000).map(|n| format!("line {n}\n")).collect();
    let long = document("long", &lines);
    let put = DocumentChange::Put {
        chunks: chunks(&long, build.release),
        document: long,
        cleaning: kefu_core::Cleaning::default(),
        source_text: kefu_core::SourceText::default(),
        source: String::new(),
    };
    let writing = tokio::spawn({
        let (records, scope) = (Arc::clone(&records), scope.clone());
        async move {
            records.stage(&scope, &build, &[put]).await.unwrap();
            Instant::now()
        }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    let seen = records.document(&scope, &small.id, None).await.unwrap();
    let read_at = Instant::now();
    assert_eq!(seen.document, small);
    assert!(read_at < writing.await.unwrap(), "the read waited for the write");
}

#[tokio::test]
async fn an_abandoned_write_happens_whole_or_not_at_all() {
    let folder = Folder::new();
    let records = open(&folder.new_path());
    let scope = customer("acme");
    let mut n_written = 0;
    for wait_us in 0..30 {
        let said = exchange(&conversation(1_000));
        let write = records.commit_exchange(&scope, &said);
        let _ = tokio::time::timeout(Duration::from_micros(wait_us * 40), write).await;
        records.health().await.unwrap();
        match records.turns(&scope, &said.conversation.id, 9).await {
            Ok(turns) => {
                assert_eq!(turns, said.turns);
                n_written += 1;
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound),
        }
    }
    assert!(n_written > 0);
}
