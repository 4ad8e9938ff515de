use kefu_core::ErrorKind::{Conflict, Forbidden, Invalid, NotFound};
use kefu_core::ports::{DocumentDelta, Records};
use kefu_core::{
    ChunkId, Document, PointChange, PointerTarget, ReleaseNo, ReleaseState, Role, Scope,
};

use super::fixtures::{
    begin, chunks, delete, document, finish, publish, put, put_kept, refused, settle,
};
use super::{Fresh, Subject};
use crate::scopes::{agent, customer, editor, operator};

pub(super) async fn run(fresh: Fresh<'_>) {
    the_pointer_goes_back_and_forth(fresh()).await;
    some_moves_are_refused(fresh()).await;
    building_after_a_rollback_abandons(fresh()).await;
    staged_work_of_a_later_release_is_dropped(fresh()).await;
    staged_work_outlives_a_rollback_and_return(fresh()).await;
    a_move_ends_the_build_under_way(fresh()).await;
    drift_is_what_the_index_was_not_told(fresh()).await;
    points_without_rows_are_drift(fresh()).await;
    the_pointer_follows_the_collection(fresh()).await;
    releases_are_compared(fresh()).await;
    roles_are_enforced(fresh()).await;
}

const NEXT: PointerTarget = PointerTarget::Previous;

fn to(number: u32) -> PointerTarget {
    PointerTarget::Release(ReleaseNo(number))
}

/// Publishes a release for each text of one document.
pub(super) async fn editions(
    records: &dyn Records,
    scope: &Scope,
    texts: &[&str],
) -> Vec<Document> {
    let documents: Vec<_> = texts.iter().map(|text| document("returns", text)).collect();
    for document in &documents {
        publish(records, scope, std::slice::from_ref(document)).await;
    }
    documents
}

async fn text(records: &dyn Records, scope: &Scope) -> String {
    let id = document("returns", "").id;
    records.document(scope, &id, None).await.unwrap().document.text
}

fn only_id(document: &Document, since: u32) -> ChunkId {
    chunks(document, ReleaseNo(since))[0].0.id
}

async fn the_pointer_goes_back_and_forth(Subject { records, clock }: Subject) {
    let (scope, reader) = (editor("acme"), customer("acme"));
    let all = editions(&*records, &scope, &["one\n", "two\n", "three\n"]).await;
    let asked = [only_id(&all[0], 1), only_id(&all[1], 2), only_id(&all[2], 3)];
    clock.advance_ms(7_000);
    let reason = "x".repeat(501);
    for (target, number, reason) in
        [(NEXT, 2, "wrong prices"), (NEXT, 1, ""), (to(3), 3, &reason), (to(3), 3, "again")]
    {
        let moved = records.move_pointer(&scope, target, reason).await.unwrap();
        assert_eq!((moved.number, moved.current), (ReleaseNo(number), true));
        assert_eq!(records.current(&reader).await.unwrap().release, moved.number);
        let seen = &all[usize::try_from(number).unwrap() - 1];
        assert_eq!(text(&*records, &reader).await, seen.text);
        // An answer that began before finishes on its own release.
        for (n, document) in (1..).zip(&all) {
            let passages = records.passages(&reader, ReleaseNo(n), &asked).await.unwrap();
            let texts: Vec<_> = passages.iter().map(|p| p.text.as_str()).collect();
            assert_eq!(texts, [document.text.as_str()]);
        }
    }
    let moves = records.pointer_moves(&scope, 4).await.unwrap();
    let seen: Vec<_> = moves.iter().map(|m| (m.previous.0, m.release.0, m.reason.len())).collect();
    assert_eq!(seen, [(1, 3, 500), (2, 1, 0), (3, 2, 12), (2, 3, 9)], "naming 3 again is no move");
    assert_eq!((moves[2].by, moves[2].at_ms), (Role::Editor, 1_007_000));
}

async fn some_moves_are_refused(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    refused(records.move_pointer(&scope, NEXT, "").await, Conflict);
    refused(records.move_pointer(&scope, to(1), "").await, NotFound);
    editions(&*records, &scope, &["one\n", "two\n"]).await;
    for unknown in [0, 3, u32::MAX] {
        refused(records.move_pointer(&scope, to(unknown), "").await, NotFound);
    }
    for newer in [2, 3] {
        let target = PointerTarget::Older(ReleaseNo(newer));
        refused(records.move_pointer(&scope, target, "").await, Invalid);
    }
    let older = PointerTarget::Older(ReleaseNo(1));
    assert_eq!(records.move_pointer(&scope, older, "").await.unwrap().number, ReleaseNo(1));
    refused(records.move_pointer(&scope, NEXT, "").await, Conflict);
}

async fn building_after_a_rollback_abandons(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let (one, two) = (document("returns", "one\nkept\n"), document("returns", "two\nkept\n"));
    let only_first = document("first", "x\n");
    publish(&*records, &scope, &[one.clone(), only_first.clone()]).await;
    let build = begin(&*records, &scope).await;
    let edit = put_kept(&*records, &scope, &build, &two).await;
    records.stage(&scope, &build, &[edit, delete("first")]).await.unwrap();
    finish(&*records, &scope, &build).await;
    publish(&*records, &scope, &[document("late", "y\n")]).await;
    records.move_pointer(&scope, to(1), "").await.unwrap();

    let build = begin(&*records, &scope).await;
    assert_eq!((build.release, build.base), (ReleaseNo(4), ReleaseNo(1)));
    assert_eq!(build.undone.abandoned, [ReleaseNo(2), ReleaseNo(3)]);
    assert_eq!(build.undone.n_staged_documents, 0);
    assert!(begin(&*records, &scope).await.undone.is_empty(), "once is enough");
    assert!(records.build_is_empty(&scope, &build).await.unwrap());
    let known = records.build_documents(&scope, &build).await.unwrap();
    assert_eq!(known.len(), 2);
    assert_eq!(known[&one.id].revision, one.revision());
    let open = records.open_chunks(&scope, &build, &one.id).await.unwrap();
    let ids: Vec<_> = chunks(&one, ReleaseNo(1)).iter().map(|(chunk, _)| chunk.id).collect();
    assert_eq!(open.iter().map(|chunk| chunk.id).collect::<Vec<_>>(), ids);

    refused(records.publish(&scope, &build).await, Conflict);
    let told = settle(&*records, &scope, &build).await;
    let mut expected = vec![
        (only_id(&two, 2), PointChange::Remove),
        (only_id(&document("late", "y\n"), 3), PointChange::Remove),
        (ids[0], PointChange::Until(None)),
        (only_id(&only_first, 1), PointChange::Until(None)),
    ];
    let mut told: Vec<_> = told.iter().map(|drift| (drift.chunk_id, drift.change)).collect();
    told.sort_by_key(|(id, _)| *id);
    expected.sort_by_key(|(id, _)| *id);
    assert_eq!(told, expected);

    records.stage(&scope, &build, &[put(&document("new", "z\n"), build.release)]).await.unwrap();
    let release = finish(&*records, &scope, &build).await;
    assert_eq!((release.number, release.n_documents, release.n_chunks), (ReleaseNo(4), 3, 4));
    assert_eq!(text(&*records, &scope).await, one.text);
    let states = records.releases(&scope).await.unwrap();
    let states: Vec<_> = states.iter().map(|r| (r.number.0, r.state)).collect();
    let (published, abandoned) = (ReleaseState::Published, ReleaseState::Abandoned);
    assert_eq!(states, [(4, published), (3, abandoned), (2, abandoned), (1, published)]);
    refused(records.move_pointer(&scope, to(3), "").await, Conflict);
    refused(records.document(&scope, &one.id, Some(&two.revision())).await, NotFound);
    assert_eq!(records.move_pointer(&scope, NEXT, "").await.unwrap().number, ReleaseNo(1));
}

async fn staged_work_of_a_later_release_is_dropped(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    editions(&*records, &scope, &["one\n", "two\n"]).await;
    let build = begin(&*records, &scope).await;
    let fresh = document("fresh", "x\n");
    let changes = [delete("returns"), put(&fresh, build.release)];
    records.stage(&scope, &build, &changes).await.unwrap();
    records.end_build(&scope, &build).await.unwrap();
    records.move_pointer(&scope, NEXT, "").await.unwrap();
    let build = begin(&*records, &scope).await;
    assert_eq!((build.release, build.undone.n_staged_documents), (ReleaseNo(3), 2));
    assert_eq!(build.undone.abandoned, [ReleaseNo(2)]);
    assert!(records.build_is_empty(&scope, &build).await.unwrap());
    // The dropped build had the same number, so equal chunks have equal ids.
    records.stage(&scope, &build, &[put(&fresh, build.release)]).await.unwrap();
    let told = settle(&*records, &scope, &build).await;
    assert!(!told.iter().any(|drift| drift.chunk_id == only_id(&fresh, 3)), "{told:?}");
    finish(&*records, &scope, &build).await;
    assert_eq!(text(&*records, &scope).await, "one\n");
}

async fn staged_work_outlives_a_rollback_and_return(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    editions(&*records, &scope, &["one\n", "two\n"]).await;
    let build = begin(&*records, &scope).await;
    records.stage(&scope, &build, &[delete("returns")]).await.unwrap();
    records.move_pointer(&scope, NEXT, "").await.unwrap();
    records.move_pointer(&scope, to(2), "").await.unwrap();
    records.stage(&scope, &build, &[]).await.unwrap();
    let again = begin(&*records, &scope).await;
    assert!(again.undone.is_empty());
    assert!(!records.build_is_empty(&scope, &again).await.unwrap());
    assert_eq!(finish(&*records, &scope, &again).await.n_documents, 0);
}

async fn a_move_ends_the_build_under_way(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    editions(&*records, &scope, &["one\n", "two\n"]).await;
    let build = begin(&*records, &scope).await;
    records.stage(&scope, &build, &[delete("returns")]).await.unwrap();
    settle(&*records, &scope, &build).await;
    records.move_pointer(&scope, NEXT, "").await.unwrap();
    refused(records.stage(&scope, &build, &[]).await, Conflict);
    refused(records.announce(&scope, &build, &[]).await, Conflict);
    refused(records.publish(&scope, &build).await, Conflict);
    assert_eq!(text(&*records, &scope).await, "one\n");
    let next = begin(&*records, &scope).await;
    assert_eq!(next.release, build.release, "the same number on another base");
    refused(records.stage(&scope, &build, &[]).await, Conflict);
    records.stage(&scope, &next, &[]).await.unwrap();
}

async fn drift_is_what_the_index_was_not_told(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let old = document("returns", "a\n");
    publish(&*records, &scope, std::slice::from_ref(&old)).await;
    let build = begin(&*records, &scope).await;
    assert_eq!(records.drift(&scope, &build, 9).await.unwrap(), []);
    records.stage(&scope, &build, &[delete("returns")]).await.unwrap();
    let ended = records.drift(&scope, &build, 9).await.unwrap();
    assert_eq!(ended[0].change, PointChange::Until(Some(build.release)));
    assert_eq!((ended.len(), ended[0].chunk_id), (1, only_id(&old, 1)));

    // The chunk is taken up again while the index is being told that it ends.
    let back = kefu_core::ports::DocumentChange::Put {
        document: old.clone(),
        source: String::new(),
        cleaning: super::fixtures::cleaning(),
        source_text: kefu_core::SourceText::default(),
        chunks: chunks(&old, ReleaseNo(1)),
    };
    records.stage(&scope, &build, &[back]).await.unwrap();
    records.settled(&scope, &build, &ended).await.unwrap();
    let opened = records.drift(&scope, &build, 9).await.unwrap();
    assert_eq!(opened[0].change, PointChange::Until(None));
    records.settled(&scope, &build, &opened).await.unwrap();
    assert_eq!(records.drift(&scope, &build, 9).await.unwrap(), []);
    records.settled(&scope, &build, &opened).await.unwrap();
}

async fn points_without_rows_are_drift(Subject { records, .. }: Subject) {
    let (scope, operator) = (editor("acme"), operator("acme"));
    let build = begin(&*records, &scope).await;
    let (staged, lost) = (document("a", "1\n2\n"), ChunkId::derive(&[b"never staged"]));
    let mut ids: Vec<_> =
        chunks(&staged, build.release).iter().map(|(chunk, _)| chunk.id).collect();
    let announced = [ids.clone(), vec![lost]].concat();
    for _ in 0..2 {
        records.announce(&scope, &build, &announced).await.unwrap();
    }
    assert_eq!(records.drift(&scope, &build, 9).await.unwrap().len(), 3);
    records.stage(&scope, &build, &[put(&staged, build.release)]).await.unwrap();
    records.announce(&scope, &build, &ids).await.unwrap();
    let expected = records.expected_points(&operator, None, 9).await.unwrap();
    assert_eq!(expected.len(), 3);
    for point in expected {
        let is_lost = point.chunk_id == lost;
        assert_eq!((point.pending, point.visibility.is_none()), (is_lost, is_lost));
    }
    refused(records.publish(&scope, &build).await, Conflict);
    let told = settle(&*records, &scope, &build).await;
    assert_eq!((told.len(), told[0].chunk_id, told[0].change), (1, lost, PointChange::Remove));

    // What the same build drops again must go, and may come back.
    records.stage(&scope, &build, &[delete("a")]).await.unwrap();
    assert_eq!(settle(&*records, &scope, &build).await.len(), 2);
    assert_eq!(records.expected_points(&operator, None, 9).await.unwrap(), []);
    records.stage(&scope, &build, &[delete("a"), put(&staged, build.release)]).await.unwrap();
    finish(&*records, &scope, &build).await;
    ids.sort();
    let expected = records.expected_points(&operator, Some(ids[0]), 9).await.unwrap();
    assert_eq!(expected.iter().map(|point| point.chunk_id).collect::<Vec<_>>(), ids[1..]);
}

async fn the_pointer_follows_the_collection(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    assert_eq!(records.index_collection(&scope).await.unwrap(), None);
    editions(&*records, &scope, &["one\n", "two\n"]).await;
    let build = begin(&*records, &scope).await;
    records.stage(&scope, &build, &[delete("returns")]).await.unwrap();
    assert_eq!(records.index_collection(&scope).await.unwrap().as_deref(), Some("points-a"));
    records.repoint(&scope, "points-b").await.unwrap();
    let current = records.current(&scope).await.unwrap();
    assert_eq!((current.release, current.collection.as_deref()), (ReleaseNo(2), Some("points-b")));
    assert_eq!(records.index_collection(&scope).await.unwrap().as_deref(), Some("points-b"));
    // A release that was published with another collection is served from the present one.
    records.move_pointer(&scope, NEXT, "").await.unwrap();
    let current = records.current(&scope).await.unwrap();
    assert_eq!((current.release, current.collection.as_deref()), (ReleaseNo(1), Some("points-b")));
}

async fn releases_are_compared(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let (one, two) = (document("returns", "one\n"), document("returns", "two\n"));
    let (gone, same) = (document("gone", "x\n"), document("same", "y\n"));
    let added = document("added", "z\n");
    publish(&*records, &scope, &[one.clone(), gone.clone(), same]).await;
    let build = begin(&*records, &scope).await;
    let changes = [delete("gone"), put(&two, build.release), put(&added, build.release)];
    records.stage(&scope, &build, &changes).await.unwrap();
    finish(&*records, &scope, &build).await;
    publish(&*records, &scope, std::slice::from_ref(&one)).await;

    let delta =
        async |a, b| records.delta(&scope, (ReleaseNo(a), ReleaseNo(b)), None, 9).await.unwrap();
    let entry = |before: Option<&Document>, after: Option<&Document>| DocumentDelta {
        id: before.or(after).unwrap().id.clone(),
        before: before.map(Document::revision),
        after: after.map(Document::revision),
    };
    let forward =
        [entry(None, Some(&added)), entry(Some(&gone), None), entry(Some(&one), Some(&two))];
    assert_eq!(delta(1, 2).await, forward);
    let back = [entry(Some(&added), None), entry(None, Some(&gone)), entry(Some(&two), Some(&one))];
    assert_eq!(delta(2, 1).await, back);
    assert_eq!(delta(1, 3).await, forward[..2], "changed and changed back");
    assert_eq!(delta(2, 2).await, []);
    let paged = records.delta(&scope, (ReleaseNo(1), ReleaseNo(2)), Some(&added.id), 1).await;
    assert_eq!(paged.unwrap(), forward[1..2]);

    let shown = records.document_at(&scope, ReleaseNo(2), &two.id).await.unwrap();
    assert_eq!(shown.document, two);
    let hidden = records.document_at(&scope, ReleaseNo(2), &gone.id).await;
    refused(hidden, NotFound);
    refused(records.document_at(&scope, ReleaseNo(9), &two.id).await, NotFound);
    refused(records.delta(&scope, (ReleaseNo(1), ReleaseNo(9)), None, 9).await, NotFound);
}

async fn roles_are_enforced(Subject { records, .. }: Subject) {
    publish(&*records, &editor("acme"), &[document("returns", "a\n")]).await;
    let build = begin(&*records, &editor("acme")).await;
    let (low, first) = (agent("acme"), ReleaseNo(1));
    refused(records.move_pointer(&low, to(1), "").await, Forbidden);
    refused(records.pointer_moves(&low, 9).await, Forbidden);
    refused(records.announce(&low, &build, &[]).await, Forbidden);
    refused(records.drift(&low, &build, 9).await, Forbidden);
    refused(records.settled(&low, &build, &[]).await, Forbidden);
    refused(records.collect(&low, &build, 1, 9).await, Forbidden);
    refused(records.delta(&low, (first, first), None, 9).await, Forbidden);
    refused(records.repoint(&low, "points-b").await, Forbidden);
    refused(records.expected_points(&editor("acme"), None, 9).await, Forbidden);
}
