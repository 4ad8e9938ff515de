use kefu_core::ErrorKind::{Invalid, NotFound};
use kefu_core::ports::DocumentChange;
use kefu_core::{ChunkId, Cleaning, Document, DocumentId, ReleaseNo, Span};

use super::fixtures::{
    begin, chunks, closings, delete, document, finish, publish, put, put_kept, refused,
};
use super::{Fresh, Subject};
use crate::scopes::{customer, editor};

pub(super) async fn run(fresh: Fresh<'_>) {
    staged_changes_are_invisible(fresh()).await;
    a_later_stage_replaces_an_earlier(fresh()).await;
    kept_chunks_move_with_their_text(fresh()).await;
    closed_chunks_are_reopened(fresh()).await;
    deleted_documents_stay_in_old_releases(fresh()).await;
    a_restored_revision_is_a_new_interval(fresh()).await;
    a_bad_change_stages_nothing(fresh()).await;
}

fn ids(document: &Document, since: ReleaseNo) -> Vec<ChunkId> {
    chunks(document, since).iter().map(|(chunk, _)| chunk.id).collect()
}

async fn staged_changes_are_invisible(Subject { records, .. }: Subject) {
    let (scope, reader) = (editor("acme"), customer("acme"));
    let old = document("returns", "30 days\n");
    let first = publish(&*records, &scope, std::slice::from_ref(&old)).await.number;
    let build = begin(&*records, &scope).await;
    let new = document("returns", "14 days\n");
    let changes = [put(&new, build.release), put(&document("shipping", "x\n"), build.release)];
    records.stage(&scope, &build, &changes).await.unwrap();

    let seen = records.document(&reader, &old.id, None).await.unwrap();
    assert_eq!((seen.document.text.as_str(), seen.until), ("30 days\n", None));
    refused(records.document(&reader, &new.id, Some(&new.revision())).await, NotFound);
    let shipping = DocumentId::new("shipping").unwrap();
    refused(records.document(&scope, &shipping, None).await, NotFound);
    let asked = [ids(&old, first), ids(&new, build.release)].concat();
    let passages = records.passages(&reader, first, &asked).await.unwrap();
    assert_eq!(passages.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(), ["30 days\n"]);
    assert_eq!(closings(&*records, &scope, &build).await, ids(&old, first));

    finish(&*records, &scope, &build).await;
    let seen = records.document(&reader, &old.id, None).await.unwrap();
    assert_eq!((seen.document, seen.since), (new, build.release));
    let seen = records.document(&reader, &old.id, Some(&old.revision())).await.unwrap();
    assert_eq!((seen.document, seen.until), (old, Some(build.release)));
    let passages = records.passages(&reader, build.release, &asked).await.unwrap();
    assert_eq!(passages.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(), ["14 days\n"]);
}

async fn a_later_stage_replaces_an_earlier(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let build = begin(&*records, &scope).await;
    for text in ["a\nb\n", "b\nc\nd\n", "d\n"] {
        let change = put_kept(&*records, &scope, &build, &document("returns", text)).await;
        records.stage(&scope, &build, &[change]).await.unwrap();
    }
    let id = DocumentId::new("returns").unwrap();
    let open = records.open_chunks(&scope, &build, &id).await.unwrap();
    assert_eq!(open.iter().map(|c| c.ordinal).collect::<Vec<_>>(), [0]);
    assert_eq!(closings(&*records, &scope, &build).await, []);
    records.stage(&scope, &build, &[delete("returns"), delete("never-was")]).await.unwrap();
    assert!(records.build_is_empty(&scope, &build).await.unwrap());
    assert!(records.build_documents(&scope, &build).await.unwrap().is_empty());
    assert_eq!(records.open_chunks(&scope, &build, &id).await.unwrap(), []);
    assert_eq!(finish(&*records, &scope, &build).await.n_chunks, 0);
}

async fn kept_chunks_move_with_their_text(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let old = document("returns", "退货\nkept\nlast\n");
    let first = publish(&*records, &scope, std::slice::from_ref(&old)).await.number;
    let build = begin(&*records, &scope).await;
    let new = document("returns", "now much longer\nkept\n");
    let change = put_kept(&*records, &scope, &build, &new).await;
    records.stage(&scope, &build, &[change]).await.unwrap();
    let kept = ids(&old, first)[1];
    let mut gone = vec![ids(&old, first)[0], ids(&old, first)[2]];
    gone.sort();
    assert_eq!(closings(&*records, &scope, &build).await, gone);
    let release = finish(&*records, &scope, &build).await;
    assert_eq!(release.n_chunks, 2);

    let before = &records.passages(&scope, first, &[kept]).await.unwrap()[0];
    let after = &records.passages(&scope, release.number, &[kept]).await.unwrap()[0];
    assert_eq!((before.span, before.ordinal), (Span { start: 7, end: 12 }, 1));
    assert_eq!((after.span, after.ordinal), (Span { start: 16, end: 21 }, 1));
    assert_eq!((before.text.as_str(), after.text.as_str()), ("kept\n", "kept\n"));
    assert_eq!((&before.revision, &after.revision), (&old.revision(), &new.revision()));
}

async fn closed_chunks_are_reopened(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let old = document("returns", "a\nb\n");
    let first = publish(&*records, &scope, std::slice::from_ref(&old)).await.number;
    let build = begin(&*records, &scope).await;
    records.stage(&scope, &build, &[delete("returns")]).await.unwrap();
    assert_eq!(closings(&*records, &scope, &build).await.len(), 2);
    let back = DocumentChange::Put {
        document: old.clone(),
        source: "again".to_owned(),
        cleaning: Cleaning::default(),
        source_text: kefu_core::SourceText::default(),
        chunks: chunks(&old, first),
    };
    records.stage(&scope, &build, &[back]).await.unwrap();
    assert_eq!(closings(&*records, &scope, &build).await, []);
    let release = finish(&*records, &scope, &build).await.number;
    for at in [first, release] {
        assert_eq!(records.passages(&scope, at, &ids(&old, first)).await.unwrap().len(), 2);
    }
}

async fn deleted_documents_stay_in_old_releases(Subject { records, .. }: Subject) {
    let (scope, reader) = (editor("acme"), customer("acme"));
    let old = document("returns", "a\nb\n");
    let first = publish(&*records, &scope, std::slice::from_ref(&old)).await.number;
    let build = begin(&*records, &scope).await;
    records.stage(&scope, &build, &[delete("returns")]).await.unwrap();
    let second = finish(&*records, &scope, &build).await;
    assert_eq!((second.n_documents, second.n_chunks), (0, 0));
    refused(records.document(&reader, &old.id, None).await, NotFound);
    let cited = records.document(&reader, &old.id, Some(&old.revision())).await.unwrap();
    assert_eq!((cited.until, cited.n_chunks), (Some(second.number), 2));
    let asked = ids(&old, first);
    assert_eq!(records.passages(&reader, first, &asked).await.unwrap().len(), 2);
    assert_eq!(records.passages(&reader, second.number, &asked).await.unwrap(), []);
}

async fn a_restored_revision_is_a_new_interval(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let (one, two) = (document("returns", "one\n"), document("returns", "two\n"));
    for document in [&one, &two, &one] {
        publish(&*records, &scope, std::slice::from_ref(document)).await;
    }
    let third = ReleaseNo(3);
    let seen = records.document(&scope, &one.id, Some(&one.revision())).await.unwrap();
    assert_eq!((seen.since, seen.until), (third, None));
    let asked = [ids(&one, ReleaseNo(1)), ids(&two, ReleaseNo(2)), ids(&one, third)].concat();
    for (n, at) in [ReleaseNo(1), ReleaseNo(2), third].into_iter().enumerate() {
        let passages = records.passages(&scope, at, &asked).await.unwrap();
        assert_eq!(passages.iter().map(|p| p.chunk_id).collect::<Vec<_>>(), [asked[n]]);
    }
}

async fn a_bad_change_stages_nothing(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let first = publish(&*records, &scope, &[document("old", "gone\n")]).await.number;
    let build = begin(&*records, &scope).await;
    records.stage(&scope, &build, &[delete("old")]).await.unwrap();
    finish(&*records, &scope, &build).await;
    let build = begin(&*records, &scope).await;
    let good = put(&document("shipping", "x\n"), build.release);
    let base = document("returns", "退货\nb\n");
    let used_up = chunks(&document("old", "gone\n"), first)[0].0.id;
    let spoilers: [fn(&mut kefu_core::Chunk, ChunkId); 6] = [
        |chunk, _| chunk.draft.span.end = 1,
        |chunk, _| chunk.draft.span.end = 1_000,
        |chunk, _| chunk.document_id = DocumentId::new("other").unwrap(),
        |chunk, _| chunk.draft.ordinal = 1,
        |chunk, _| chunk.since = ReleaseNo(1),
        |chunk, used_up| chunk.id = used_up,
    ];
    for spoil in spoilers {
        let mut spoiled = chunks(&base, build.release);
        spoil(&mut spoiled[0].0, used_up);
        let source = String::new();
        let bad = DocumentChange::Put {
            document: base.clone(),
            source,
            cleaning: Cleaning::default(),
            source_text: kefu_core::SourceText::default(),
            chunks: spoiled,
        };
        refused(records.stage(&scope, &build, &[good.clone(), bad]).await, Invalid);
        assert!(records.build_is_empty(&scope, &build).await.unwrap());
    }
    let mut twice = chunks(&base, build.release);
    twice[1].0.id = twice[0].0.id;
    let bad = DocumentChange::Put {
        document: base,
        source: String::new(),
        cleaning: Cleaning::default(),
        source_text: kefu_core::SourceText::default(),
        chunks: twice,
    };
    refused(records.stage(&scope, &build, &[bad]).await, Invalid);
}
