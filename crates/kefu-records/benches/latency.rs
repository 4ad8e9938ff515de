//! Latencies of the calls that a question waits for: `cargo bench -p kefu-records`.
#![expect(clippy::unwrap_used, reason = "a bench fails loudly")]

use std::sync::Arc;
use std::time::Instant;

use kefu_core::ports::{
    ContentRecords as _, ConversationRecords as _, PageRequest, SystemClock, TicketFilter,
    TicketRecords as _,
};
use kefu_core::{Document, Priority, TicketStatus};
use kefu_records::SqliteRecords;
use kefu_testkit::conformance::records::{
    chunks, conversation, document, exchange, publish, ticket,
};
use kefu_testkit::scopes::{agent, customer, editor};

#[tokio::main]
async fn main() {
    // The temporary folder may be in memory, where a commit costs nothing.
    let dir = tempfile::TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = dir.path().join("records.db");
    let records = SqliteRecords::open(&path, Arc::new(SystemClock)).unwrap();
    let (scope, writer) = (agent("acme"), customer("acme"));

    measure("commit_exchange with a ticket", 10_000, async |n| {
        let begun = conversation(n);
        let mut said = exchange(&begun);
        said.ticket = Some(ticket(&begun, Priority::ALL[usize::try_from(n % 4).unwrap()]));
        records.commit_exchange(&writer, &said).await.unwrap();
    })
    .await;

    let documents: Vec<Document> =
        (0..50).map(|n| text(n, if n < 5 { 2_000 } else { 40 })).collect();
    let begun = Instant::now();
    let release = publish(&records, &editor("acme"), &documents).await.number;
    let n_chunks: usize = documents.iter().map(|d| d.text.lines().count()).sum();
    say(&format!("stage and publish 50 documents, {n_chunks} chunks: {:?}", begun.elapsed()));
    let ids: Vec<_> = documents
        .iter()
        .map(|document| {
            let all = chunks(document, release);
            all[all.len() / 2].0.id
        })
        .collect();
    measure("50 passages of 50 documents, 5 of them 1 MB", 500, async |_| {
        assert_eq!(records.passages(&scope, release, &ids).await.unwrap().len(), 50);
    })
    .await;

    for (name, status) in [("any", None), ("open", Some(TicketStatus::Open))] {
        let filter = TicketFilter { status, ..TicketFilter::default() };
        measure(&format!("page of 50 among 10,000 tickets, status {name}"), 200, async |_| {
            let page = PageRequest { limit: 50, cursor: None };
            let got = records.tickets(&scope, &filter, &page).await.unwrap();
            assert_eq!(got.items.len(), 50);
        })
        .await;
    }
    measure("all 10,000 open tickets in pages of 500", 10, async |_| {
        let mut page = PageRequest { limit: 500, cursor: None };
        let mut n_tickets = 0;
        loop {
            let filter =
                TicketFilter { status: Some(TicketStatus::Open), ..TicketFilter::default() };
            let got = records.tickets(&scope, &filter, &page).await.unwrap();
            n_tickets += got.items.len();
            page.cursor = got.next_cursor;
            if page.cursor.is_none() {
                break;
            }
        }
        assert_eq!(n_tickets, 10_000);
    })
    .await;
}

fn text(n: usize, n_lines: usize) -> Document {
    let sentence = "A sentence of a passage that is about as long as most passages are. ";
    let lines: String =
        (0..n_lines).map(|line| format!("{line} {}\n", sentence.repeat(8))).collect();
    document(&format!("doc-{n}"), &lines)
}

async fn measure(name: &str, n: i64, work: impl AsyncFn(i64)) {
    let mut times = Vec::new();
    for n in 0..n {
        let begun = Instant::now();
        work(n).await;
        times.push(begun.elapsed());
    }
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    say(&format!("{name}: p50 {:?}, p99 {:?}", at(50), at(99)));
}

#[expect(clippy::print_stdout, reason = "the figures are what a bench is run for")]
fn say(line: &str) {
    println!("{line}");
}
