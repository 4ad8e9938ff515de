use kefu_core::ErrorKind::{Invalid, NotFound};
use kefu_core::ports::{DocumentFilter, PageRequest};
use kefu_core::{DocumentKind, DocumentState, Language, Role, SectionValidity, Span, Validity};

use super::fixtures::{chunks, document, publish, refused, staff_document};
use super::{Fresh, Subject};
use crate::scopes::{agent, customer, editor, grant};

pub(super) async fn run(fresh: Fresh<'_>) {
    documents_come_back_whole(fresh()).await;
    passages_come_in_the_order_asked(fresh()).await;
    long_texts_are_cut_exactly(fresh()).await;
    audiences_are_kept_apart(fresh()).await;
    drafts_are_for_editors(fresh()).await;
    listings_are_paged(fresh()).await;
}

async fn documents_come_back_whole(Subject { records, .. }: Subject) {
    let mut pair = document("faq/退货?", "多少天？\n7 天。\n");
    pair.kind = DocumentKind::Pair { answer: Span { start: 13, end: 21 } };
    pair.meta.language = Language::CHINESE;
    pair.meta.url = None;
    pair.meta.valid_to = Some("2026-12-31".to_owned());
    let validity = Validity { from: None, to: Some("2026-03-31".to_owned()) };
    pair.meta.sections = vec![SectionValidity { heading: "春".to_owned(), validity }];
    let empty = document("empty", "");
    let release = publish(&*records, &editor("acme"), &[pair.clone(), empty.clone()]).await;
    let reader = customer("acme");
    let stored = records.document(&reader, &pair.id, None).await.unwrap();
    assert_eq!(stored.cleaning, super::fixtures::cleaning());
    assert_eq!(stored.revision, pair.revision());
    assert_eq!((stored.since, stored.n_chunks), (release.number, 2));
    assert_eq!(stored.source, "handbook/faq/退货?.md");
    assert_eq!(stored.document, pair);
    assert_eq!(records.document(&reader, &empty.id, None).await.unwrap().document, empty);
    let id = chunks(&pair, release.number)[1].0.id;
    let passage = &records.passages(&reader, release.number, &[id]).await.unwrap()[0];
    assert_eq!(passage.pair_answer, Some(Span { start: 13, end: 21 }));
    assert_eq!((passage.text.as_str(), passage.language), ("7 天。\n", Language::CHINESE));
    assert_eq!(
        (passage.validity.from.as_deref(), passage.validity.to.as_deref()),
        (Some("2026-01-01"), Some("2026-12-31"))
    );
    assert_eq!(passage.heading, "Guide > Basics");
    assert_eq!((passage.title.as_str(), &passage.url), ("About faq/退货?", &None));
}

async fn passages_come_in_the_order_asked(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let (a, b) = (document("a", "1\n2\n3\n"), document("b", "4\n"));
    let release = publish(&*records, &scope, &[a.clone(), b.clone()]).await.number;
    let (a, b) = (chunks(&a, release), chunks(&b, release));
    let unknown = kefu_core::ChunkId::derive(&[b"unknown"]);
    let asked = [a[2].0.id, unknown, b[0].0.id, a[0].0.id];
    let passages = records.passages(&scope, release, &asked).await.unwrap();
    let texts: Vec<_> = passages.iter().map(|p| p.text.as_str()).collect();
    assert_eq!(texts, ["3\n", "4\n", "1\n"]);
    assert_eq!(records.passages(&scope, release, &[]).await.unwrap(), []);
}

async fn long_texts_are_cut_exactly(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let lines: Vec<String> = (0..300).map(|n| format!("第{n}行{}\n", "长文本".repeat(n))).collect();
    let long = document("long", &lines.concat());
    let release = publish(&*records, &scope, std::slice::from_ref(&long)).await.number;
    let ids: Vec<_> = chunks(&long, release).iter().map(|(chunk, _)| chunk.id).collect();
    let passages = records.passages(&scope, release, &ids).await.unwrap();
    assert_eq!(passages.iter().map(|p| p.text.clone()).collect::<Vec<_>>(), lines);
    assert_eq!(records.document(&scope, &long.id, None).await.unwrap().document, long);
}

async fn audiences_are_kept_apart(Subject { records, .. }: Subject) {
    let (open, secret) = (document("open", "a\n"), staff_document("secret", "b\n"));
    let documents = [open.clone(), secret.clone()];
    let release = publish(&*records, &editor("acme"), &documents).await.number;
    let ids = [chunks(&open, release)[0].0.id, chunks(&secret, release)[0].0.id];
    let all = PageRequest { limit: 10, cursor: None };
    let nobody = grant("acme", &[], Role::Customer);
    let unlisted_editor = grant("acme", &[], Role::Editor);
    let staff_only = grant("acme", &["staff", "vip"], Role::Customer);
    for (scope, sees_open, sees_secret) in [
        (customer("acme"), true, false),
        (nobody, false, false),
        (staff_only, false, true),
        (agent("acme"), true, true),
        (unlisted_editor, true, true),
    ] {
        let expected: Vec<_> = [(&open, sees_open), (&secret, sees_secret)]
            .iter()
            .filter(|(_, sees)| *sees)
            .map(|(document, _)| document.id.clone())
            .collect();
        let listed =
            records.documents(&scope, &DocumentFilter::default(), &all).await.unwrap().items;
        assert_eq!(listed.into_iter().map(|d| d.id).collect::<Vec<_>>(), expected);
        let passages = records.passages(&scope, release, &ids).await.unwrap();
        assert_eq!(passages.into_iter().map(|p| p.document_id).collect::<Vec<_>>(), expected);
        if !sees_secret {
            refused(records.document(&scope, &secret.id, None).await, NotFound);
            let revision = secret.revision();
            refused(records.document(&scope, &secret.id, Some(&revision)).await, NotFound);
        }
    }
}

async fn drafts_are_for_editors(Subject { records, .. }: Subject) {
    let [approved, mut draft, mut retired] = ["a", "d", "r"].map(|id| document(id, ""));
    draft.meta.state = DocumentState::Draft;
    let validity = Validity { from: None, to: Some("2026-02-28".to_owned()) };
    draft.meta.sections = vec![SectionValidity { heading: "Winter".to_owned(), validity }];
    retired.meta.state = DocumentState::Retired;
    retired.kind = DocumentKind::Pair { answer: Span { start: 0, end: 0 } };
    retired.meta.valid_to = Some("2026-05-31".to_owned());
    let documents = [approved.clone(), draft.clone(), retired.clone()];
    let editor = editor("acme");
    publish(&*records, &editor, &documents).await;
    for scope in [customer("acme"), agent("acme")] {
        let listed = records.documents(&scope, &DocumentFilter::default(), &ALL).await.unwrap();
        assert_eq!(
            listed.items.into_iter().map(|d| d.id).collect::<Vec<_>>(),
            std::slice::from_ref(&approved.id)
        );
        for hidden in [&draft, &retired] {
            refused(records.document(&scope, &hidden.id, None).await, NotFound);
            let revision = hidden.revision();
            refused(records.document(&scope, &hidden.id, Some(&revision)).await, NotFound);
        }
    }
    for document in &documents {
        assert_eq!(
            &records.document(&editor, &document.id, None).await.unwrap().document,
            document
        );
    }
    let filter = DocumentFilter::default;
    let ends_by = |day: &str| DocumentFilter { ends_by: Some(day.to_owned()), ..filter() };
    for (filter, expected) in [
        (filter(), "adr"),
        (DocumentFilter { state: Some(DocumentState::Draft), ..filter() }, "d"),
        (DocumentFilter { state: Some(DocumentState::Approved), ..filter() }, "a"),
        (DocumentFilter { is_pair: Some(true), ..filter() }, "r"),
        (DocumentFilter { is_pair: Some(false), ..filter() }, "ad"),
        (ends_by("2026-02-27"), ""),
        (ends_by("2026-05-30"), "d"),
        (ends_by("2026-05-31"), "dr"),
    ] {
        let listed = records.documents(&editor, &filter, &ALL).await.unwrap().items;
        assert!(listed.iter().all(|d| d.is_pair == d.valid_to.is_some()));
        let ids: String = listed.iter().map(|d| d.id.to_string()).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
}

const ALL: PageRequest = PageRequest { limit: 10, cursor: None };

async fn listings_are_paged(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let first = PageRequest { limit: 2, cursor: None };
    assert_eq!(
        records.documents(&scope, &DocumentFilter::default(), &first).await.unwrap().items,
        []
    );
    let documents = ["e", "a", "c", "b", "d"].map(|id| document(id, "x\ny\n"));
    let release = publish(&*records, &scope, &documents).await.number;
    let mut page = first;
    let mut pages = Vec::new();
    loop {
        let got = records.documents(&scope, &DocumentFilter::default(), &page).await.unwrap();
        assert!(got.items.iter().all(|d| (d.size_bytes, d.n_chunks, d.since) == (4, 2, release)));
        pages.push(got.items.iter().map(|d| d.id.to_string()).collect::<String>());
        page.cursor = got.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, ["ab", "cd", "e"]);
    for cursor in ["", "nonsense", "documents", "退货", "ff00"] {
        let bad = PageRequest { limit: 2, cursor: Some(cursor.to_owned()) };
        refused(records.documents(&scope, &DocumentFilter::default(), &bad).await, Invalid);
    }
    for limit in [0, 501] {
        refused(
            records
                .documents(&scope, &DocumentFilter::default(), &PageRequest { limit, cursor: None })
                .await,
            Invalid,
        );
    }
}
