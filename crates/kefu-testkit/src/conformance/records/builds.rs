use kefu_core::ErrorKind::{Conflict, Forbidden, Invalid};
use kefu_core::ReleaseNo;
use kefu_core::ports::BuildDocument;

use super::fixtures::{begin, cleaning, delete, document, finish, publish, put, refused};
use super::{Fresh, Subject};
use crate::scopes::{agent, editor, operator};

pub(super) async fn run(fresh: Fresh<'_>) {
    nothing_was_published(fresh()).await;
    publishing_moves_the_pointer(fresh()).await;
    one_builder_at_a_time(fresh()).await;
    writes_keep_the_lease_alive(fresh()).await;
    staged_work_survives_its_builder(fresh()).await;
    a_new_collection_is_a_change(fresh()).await;
    roles_are_enforced(fresh()).await;
}

async fn nothing_was_published(Subject { records, .. }: Subject) {
    let scope = operator("acme");
    let current = records.current(&scope).await.unwrap();
    assert_eq!((current.release, current.collection), (ReleaseNo(0), None));
    assert_eq!(records.releases(&scope).await.unwrap(), []);
    assert_eq!(records.tenants(&scope).await.unwrap(), []);
    let build = begin(&*records, &scope).await;
    assert_eq!(build.release, ReleaseNo(1));
    assert!(records.build_is_empty(&scope, &build).await.unwrap());
    assert_eq!(records.tenants(&scope).await.unwrap(), [scope.tenant().clone()]);
}

async fn publishing_moves_the_pointer(Subject { records, clock }: Subject) {
    let scope = editor("acme");
    let first = publish(&*records, &scope, &[document("returns", "a\nb\n")]).await;
    clock.advance_ms(5_000);
    let second = publish(&*records, &scope, &[document("shipping", "c\n")]).await;
    assert_eq!((first.number, first.n_documents, first.n_chunks), (ReleaseNo(1), 1, 2));
    assert_eq!((second.number, second.n_documents, second.n_chunks), (ReleaseNo(2), 2, 3));
    assert_eq!(second.published_at_ms, first.published_at_ms + 5_000);
    let current = records.current(&scope).await.unwrap();
    assert_eq!((current.release, current.collection), (second.number, Some("points-a".to_owned())));
    let releases = records.releases(&scope).await.unwrap();
    let listed: Vec<_> = releases.iter().map(|r| (r.number, r.current)).collect();
    assert_eq!(listed, [(ReleaseNo(2), true), (ReleaseNo(1), false)]);
}

async fn one_builder_at_a_time(Subject { records, clock }: Subject) {
    let scope = editor("acme");
    let mine = records.begin_build(&scope, "one", "points-a").await.unwrap();
    refused(records.begin_build(&scope, "two", "points-a").await, Conflict);
    assert_eq!(records.begin_build(&scope, "one", "points-a").await.unwrap(), mine);
    clock.advance_ms(59_999);
    refused(records.begin_build(&scope, "two", "points-a").await, Conflict);
    clock.advance_ms(1);
    let theirs = records.begin_build(&scope, "two", "points-a").await.unwrap();
    assert_eq!(theirs.release, mine.release);
    refused(records.stage(&scope, &mine, &[]).await, Conflict);
    refused(records.publish(&scope, &mine).await, Conflict);
    refused(records.end_build(&scope, &mine).await, Conflict);
    records.publish(&scope, &theirs).await.unwrap();
    refused(records.publish(&scope, &theirs).await, Conflict);
    let next = records.begin_build(&scope, "two", "points-a").await.unwrap();
    refused(records.stage(&scope, &theirs, &[]).await, Conflict);
    let other_tenant = editor("globex");
    refused(records.stage(&other_tenant, &next, &[]).await, Invalid);
}

async fn writes_keep_the_lease_alive(Subject { records, clock }: Subject) {
    let scope = editor("acme");
    let build = begin(&*records, &scope).await;
    for _ in 0..3 {
        clock.advance_ms(40_000);
        refused(records.begin_build(&scope, "two", "points-a").await, Conflict);
        records.stage(&scope, &build, &[]).await.unwrap();
    }
    clock.advance_ms(70_000);
    records.stage(&scope, &build, &[]).await.expect("nobody took the lease meanwhile");
}

async fn staged_work_survives_its_builder(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let build = begin(&*records, &scope).await;
    let returns = document("returns", "a\n");
    records.stage(&scope, &build, &[put(&returns, build.release)]).await.unwrap();
    records.end_build(&scope, &build).await.unwrap();
    refused(records.stage(&scope, &build, &[]).await, Conflict);
    let next = records.begin_build(&scope, "two", "points-a").await.unwrap();
    assert_eq!(next.release, build.release);
    let staged = records.build_documents(&scope, &next).await.unwrap();
    let expected = BuildDocument {
        revision: returns.revision(),
        source: "handbook/returns.md".to_owned(),
        cleaning: cleaning().fingerprint,
        state: returns.meta.state,
    };
    assert_eq!(staged.get(&returns.id), Some(&expected));
    assert!(!records.build_is_empty(&scope, &next).await.unwrap());
    let release = finish(&*records, &scope, &next).await;
    assert_eq!(release.n_documents, 1);
}

async fn a_new_collection_is_a_change(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    publish(&*records, &scope, &[document("returns", "a\n")]).await;
    let same = begin(&*records, &scope).await;
    assert!(records.build_is_empty(&scope, &same).await.unwrap());
    let moved = records.begin_build(&scope, "builder", "points-b").await.unwrap();
    assert!(!records.build_is_empty(&scope, &moved).await.unwrap());
    let release = records.publish(&scope, &moved).await.unwrap();
    assert_eq!((release.collection.as_str(), release.n_chunks), ("points-b", 1));
}

async fn roles_are_enforced(Subject { records, .. }: Subject) {
    let build = begin(&*records, &editor("acme")).await;
    let low = agent("acme");
    refused(records.begin_build(&low, "builder", "points-a").await, Forbidden);
    refused(records.stage(&low, &build, &[delete("returns")]).await, Forbidden);
    refused(records.publish(&low, &build).await, Forbidden);
    refused(records.end_build(&low, &build).await, Forbidden);
    refused(records.build_documents(&low, &build).await, Forbidden);
    refused(records.tenants(&editor("acme")).await, Forbidden);
    refused(records.chunks_after(&editor("acme"), None, None, 10).await, Forbidden);
}
