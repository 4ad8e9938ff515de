use kefu_core::ErrorKind::{Conflict, NotFound};
use kefu_core::ports::{Collected, Records};
use kefu_core::{Build, PointChange, PointerTarget, ReleaseNo, Scope};

use super::fixtures::{begin, chunks, delete, document, finish, publish, refused, settle};
use super::releases::editions;
use super::{Fresh, Subject};
use crate::scopes::{editor, operator};

/// After this nothing is kept because it was current lately.
const LONG_MS: i64 = 600_000;

pub(super) async fn run(fresh: Fresh<'_>) {
    old_releases_go_and_kept_ones_stay_whole(fresh()).await;
    what_was_current_lately_stays(fresh()).await;
    staged_work_and_the_current_release_stay(fresh()).await;
    a_vector_goes_with_its_last_chunk(fresh()).await;
    abandoned_releases_leave_the_list_in_time(fresh()).await;
}

/// Collects to the end in steps of one.
async fn collect(records: &dyn Records, scope: &Scope, build: &Build, keep: usize) -> Collected {
    let mut total = Collected::default();
    while !total.done {
        let step = records.collect(scope, build, keep, 1).await.unwrap();
        assert!(step.n_versions <= 1 && step.n_chunks <= 1, "{step:?}");
        total.releases.extend(step.releases);
        total.n_versions += step.n_versions;
        total.n_chunks += step.n_chunks;
        total.done = step.done;
    }
    total
}

fn numbers(releases: &[kefu_core::Release]) -> Vec<u32> {
    releases.iter().map(|release| release.number.0).collect()
}

async fn old_releases_go_and_kept_ones_stay_whole(Subject { records, clock }: Subject) {
    let scope = editor("acme");
    let texts = ["one\nx\n", "two\n", "three\n", "four\n"];
    let all = editions(&*records, &scope, &texts).await;
    clock.advance_ms(LONG_MS);
    let build = begin(&*records, &scope).await;
    let done = collect(&*records, &scope, &build, 2).await;
    assert_eq!(done.releases, [ReleaseNo(1), ReleaseNo(2)]);
    assert_eq!((done.n_versions, done.n_chunks), (2, 3));
    let again = collect(&*records, &scope, &build, 2).await;
    assert_eq!(again, Collected { done: true, ..Collected::default() });
    let told = settle(&*records, &scope, &build).await;
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|drift| drift.change == PointChange::Remove));
    let expected = records.expected_points(&operator("acme"), None, 9).await.unwrap();
    assert_eq!(expected.len(), 2);

    assert_eq!(numbers(&records.releases(&scope).await.unwrap()), [4, 3]);
    let to = |number| PointerTarget::Release(ReleaseNo(number));
    for collected in [1, 2] {
        let refusal = records.move_pointer(&scope, to(collected), "").await;
        assert!(refusal.as_ref().unwrap_err().to_string().contains("collected"));
        refused(refusal, Conflict);
        refused(records.document_at(&scope, ReleaseNo(collected), &all[0].id).await, Conflict);
    }
    refused(records.document(&scope, &all[0].id, Some(&all[0].revision())).await, NotFound);
    let kept = records.document(&scope, &all[0].id, Some(&all[2].revision())).await.unwrap();
    assert_eq!(kept.document, all[2]);
    let id = chunks(&all[2], ReleaseNo(3))[0].0.id;
    assert_eq!(records.passages(&scope, ReleaseNo(3), &[id]).await.unwrap().len(), 1);
    records.move_pointer(&scope, PointerTarget::Previous, "").await.unwrap();
    assert_eq!(records.current(&scope).await.unwrap().release, ReleaseNo(3));
}

async fn what_was_current_lately_stays(Subject { records, clock }: Subject) {
    let scope = editor("acme");
    editions(&*records, &scope, &["one\n", "two\n"]).await;
    clock.advance_ms(LONG_MS - 1);
    let build = begin(&*records, &scope).await;
    let kept = collect(&*records, &scope, &build, 1).await;
    assert_eq!((kept.releases.len(), kept.n_chunks), (0, 0));
    clock.advance_ms(1);
    let gone = collect(&*records, &scope, &build, 1).await;
    assert_eq!((gone.releases, gone.n_chunks), (vec![ReleaseNo(1)], 1));
}

async fn staged_work_and_the_current_release_stay(Subject { records, clock }: Subject) {
    let scope = editor("acme");
    let all = editions(&*records, &scope, &["one\n", "two\n", "three\n"]).await;
    records.move_pointer(&scope, PointerTarget::Release(ReleaseNo(1)), "").await.unwrap();
    clock.advance_ms(LONG_MS);
    let lease = begin(&*records, &scope).await;
    let done = collect(&*records, &scope, &lease, 1).await;
    assert_eq!(done.n_chunks, 0, "what the rollback left is undone, not collected: {done:?}");
    records.stage(&scope, &lease, &[delete("returns")]).await.unwrap();
    assert_eq!(collect(&*records, &scope, &lease, 1).await.n_versions, 0);
    let seen = records.document(&scope, &all[0].id, None).await.unwrap();
    assert_eq!(seen.document, all[0]);
    let release = finish(&*records, &scope, &lease).await;
    assert_eq!(release.n_documents, 0);
    clock.advance_ms(LONG_MS);
    let lease = begin(&*records, &scope).await;
    let done = collect(&*records, &scope, &lease, 1).await;
    assert_eq!((done.n_versions, done.n_chunks), (1, 1));
}

async fn a_vector_goes_with_its_last_chunk(Subject { records, clock }: Subject) {
    let scope = editor("acme");
    let (shared, own) = (document("returns", "a\nb\n"), document("returns", "a\nc\n"));
    for document in [&shared, &own] {
        publish(&*records, &scope, std::slice::from_ref(document)).await;
    }
    let hash = |document, n: usize| chunks(document, ReleaseNo(1))[n].0.draft.text_hash();
    let keys = [hash(&shared, 0), hash(&shared, 1), hash(&own, 1)];
    for embedder in ["minilm@a", "minilm@b"] {
        let vectors = keys.map(|key| (key, vec![1.0]));
        records.cache_vectors(&scope, embedder, &vectors).await.unwrap();
    }
    clock.advance_ms(LONG_MS);
    let build = begin(&*records, &scope).await;
    assert_eq!(collect(&*records, &scope, &build, 1).await.n_chunks, 2);
    for embedder in ["minilm@a", "minilm@b"] {
        let left = records.cached_vectors(&scope, embedder, &keys).await.unwrap();
        assert!(left.contains_key(&keys[0]) && left.contains_key(&keys[2]), "still used");
        assert!(!left.contains_key(&keys[1]), "no chunk has this text");
    }
}

async fn abandoned_releases_leave_the_list_in_time(Subject { records, clock }: Subject) {
    let scope = editor("acme");
    editions(&*records, &scope, &["one\n", "two\n"]).await;
    records.move_pointer(&scope, PointerTarget::Previous, "").await.unwrap();
    editions(&*records, &scope, &["three\n", "four\n"]).await;
    clock.advance_ms(LONG_MS);
    let build = begin(&*records, &scope).await;
    let listed = async || numbers(&records.releases(&scope).await.unwrap());
    assert_eq!(listed().await, [4, 3, 2, 1]);
    collect(&*records, &scope, &build, 3).await;
    assert_eq!(listed().await, [4, 3, 2, 1], "an older release is kept");
    collect(&*records, &scope, &build, 2).await;
    assert_eq!(listed().await, [4, 3]);
}
