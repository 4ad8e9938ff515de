use kefu_core::ErrorKind::Forbidden;
use kefu_core::ReleaseNo;
use kefu_core::ports::{PageRecord, SourceOutcome, SourceRun, Validators};

use super::fixtures::refused;
use super::{Fresh, Subject};
use crate::scopes::{agent, editor};

/// Runs of sources, and what is known of their pages.
pub async fn sources(fresh: Fresh<'_>) {
    a_run_takes_the_place_of_the_one_before(fresh()).await;
}

fn run(source: &str, began_at_ms: i64) -> SourceRun {
    SourceRun {
        source: source.to_owned(),
        began_at_ms,
        ended_at_ms: began_at_ms + 7,
        outcome: SourceOutcome::Partly,
        error: Some("timeout: 页面".to_owned()),
        release: Some(ReleaseNo(3)),
        n_added: 1,
        n_changed: 2,
        n_unchanged: 3,
        n_removed: 4,
        n_withheld: 5,
        n_failed: 6,
    }
}

fn page(origin: &str) -> PageRecord {
    PageRecord {
        origin: origin.to_owned(),
        validators: Validators { etag: Some("\"a\"".to_owned()), last_modified: None },
        changed_at: Some("2026-01-02".to_owned()),
        stored: "0011".to_owned(),
    }
}

async fn a_run_takes_the_place_of_the_one_before(Subject { records, .. }: Subject) {
    let (ours, theirs) = (editor("acme"), editor("globex"));
    records.keep_source_run(&ours, &run("shop", 10), &[page("a"), page("b")]).await.unwrap();
    records.keep_source_run(&ours, &run("blog", 20), &[page("a")]).await.unwrap();
    let last = SourceRun { outcome: SourceOutcome::Done, error: None, ..run("shop", 30) };
    records.keep_source_run(&ours, &last, &[page("c")]).await.unwrap();
    assert_eq!(records.source_runs(&ours).await.unwrap(), [run("blog", 20), last]);
    assert_eq!(records.source_pages(&ours, "shop").await.unwrap(), [page("c")]);
    assert_eq!(records.source_pages(&ours, "blog").await.unwrap(), [page("a")]);
    assert_eq!(records.source_pages(&ours, "none").await.unwrap(), []);
    assert_eq!(records.source_runs(&theirs).await.unwrap(), []);
    assert_eq!(records.source_pages(&theirs, "shop").await.unwrap(), []);
    refused(records.source_runs(&agent("acme")).await, Forbidden);
    refused(records.source_pages(&agent("acme"), "shop").await, Forbidden);
    refused(records.keep_source_run(&agent("acme"), &run("x", 1), &[]).await, Forbidden);
}
