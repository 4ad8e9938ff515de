use kefu_core::ErrorKind::{Conflict, Forbidden, NotFound};
use kefu_core::ports::{DocumentChange, OverlayFilter, PageRequest, Records};
use kefu_core::{
    Block, BlockKind, Cleaning, Correction, Document, Overlay, OverlayAction, OverlayId,
    OverlayStatus, PointerTarget, Scope, SourceText, Span,
};

use super::fixtures::{begin, chunks, delete, document, finish, publish, refused};
use super::{Fresh, Subject};
use crate::scopes::{agent, editor};

const MAX: usize = 3;

/// Corrections, and what documents were made from.
pub async fn overlays(fresh: Fresh<'_>) {
    an_overlay_is_kept_replaced_and_forgotten(fresh()).await;
    the_number_of_overlays_is_bounded(fresh()).await;
    what_an_overlay_does_follows_the_release(fresh()).await;
    overlays_are_listed_in_pages(fresh()).await;
    a_document_remembers_what_it_was_made_from(fresh()).await;
}

fn overlay(document: &Document, passage: &str, action: OverlayAction) -> Overlay {
    Overlay {
        id: OverlayId::generate(),
        document_id: document.id.clone(),
        passage: passage.to_owned(),
        occurrence: 1,
        action,
        note: "来自客服".to_owned(),
        created_at_ms: 1_000_007,
    }
}

fn edit(text: &str) -> OverlayAction {
    OverlayAction::Edit { text: text.to_owned() }
}

fn pin() -> OverlayAction {
    OverlayAction::Pin { phrases: vec!["money \"back\"".to_owned(), "退钱".to_owned()] }
}

async fn listed(
    records: &dyn Records,
    scope: &Scope,
    filter: &OverlayFilter,
) -> Vec<(Overlay, OverlayStatus)> {
    let page = PageRequest { limit: 500, cursor: None };
    let found = records.overlays(scope, filter, &page).await.unwrap();
    found.items.into_iter().map(|stored| (stored.overlay, stored.status)).collect()
}

async fn all(records: &dyn Records, scope: &Scope) -> Vec<(Overlay, OverlayStatus)> {
    listed(records, scope, &OverlayFilter::default()).await
}

async fn an_overlay_is_kept_replaced_and_forgotten(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let returns = document("returns", "30 days\n");
    let first = overlay(&returns, "30 days", edit("14 days"));
    let pinned = overlay(&returns, "30 days", pin());
    for made in [&first, &pinned] {
        records.put_overlay(&scope, made, MAX).await.unwrap();
    }
    let second = overlay(&returns, "30 days", edit("15 days"));
    records.put_overlay(&scope, &second, MAX).await.unwrap();
    // Nothing is published, so there is nothing to correct.
    let orphaned = OverlayStatus::Orphaned;
    let expected = [(pinned.clone(), orphaned), (second.clone(), orphaned)];
    assert_eq!(all(&*records, &scope).await, expected);
    refused(records.delete_overlay(&scope, &first.id).await, NotFound);
    assert_eq!(records.delete_overlay(&scope, &second.id).await.unwrap(), second);
    assert_eq!(all(&*records, &scope).await, [(pinned.clone(), orphaned)]);

    let other = editor("globex");
    assert_eq!(all(&*records, &other).await, []);
    refused(records.delete_overlay(&other, &pinned.id).await, NotFound);
    let page = PageRequest { limit: 9, cursor: None };
    refused(records.overlays(&agent("acme"), &OverlayFilter::default(), &page).await, Forbidden);
    refused(records.put_overlay(&agent("acme"), &pinned, MAX).await, Forbidden);
    refused(records.delete_overlay(&agent("acme"), &pinned.id).await, Forbidden);
}

async fn the_number_of_overlays_is_bounded(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let returns = document("returns", "a b c d\n");
    for passage in ["a", "b", "c"] {
        let made = overlay(&returns, passage, OverlayAction::Hide);
        records.put_overlay(&scope, &made, MAX).await.unwrap();
    }
    let one_more = overlay(&returns, "d", OverlayAction::Hide);
    refused(records.put_overlay(&scope, &one_more, MAX).await, Conflict);
    let again = overlay(&returns, "a", OverlayAction::Hide);
    records.put_overlay(&scope, &again, MAX).await.unwrap();
    assert_eq!(all(&*records, &scope).await.len(), MAX);
    records.put_overlay(&editor("globex"), &one_more, MAX).await.unwrap();
}

async fn what_an_overlay_does_follows_the_release(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let returns = document("returns", "30 days\n");
    publish(&*records, &scope, std::slice::from_ref(&returns)).await;
    let (met, lost) = (overlay(&returns, "30", pin()), overlay(&returns, "x", pin()));
    for made in [&met, &lost] {
        records.put_overlay(&scope, made, MAX).await.unwrap();
    }
    let statuses = async || {
        let found = all(&*records, &scope).await;
        found.into_iter().map(|(_, status)| status).collect::<Vec<_>>()
    };
    assert_eq!(statuses().await, [OverlayStatus::Waiting, OverlayStatus::Waiting]);

    let build = begin(&*records, &scope).await;
    let corrections = vec![
        Correction { overlay: met.id.clone(), span: Some(Span { start: 0, end: 2 }) },
        Correction { overlay: lost.id.clone(), span: None },
    ];
    let cleaning = Cleaning { corrections, ..Cleaning::default() };
    let mut kept = chunks(&returns, build.release);
    let open = records.open_chunks(&scope, &build, &returns.id).await.unwrap();
    kept[0].0.id = open[0].id;
    let put = DocumentChange::Put {
        document: returns.clone(),
        source: "x".to_owned(),
        cleaning: cleaning.clone(),
        source_text: SourceText::default(),
        chunks: kept,
    };
    records.stage(&scope, &build, &[put]).await.unwrap();
    assert_eq!(statuses().await, [OverlayStatus::Waiting, OverlayStatus::Waiting]);
    finish(&*records, &scope, &build).await;
    assert_eq!(statuses().await, [OverlayStatus::Applied, OverlayStatus::Orphaned]);
    let stored = records.document(&scope, &returns.id, None).await.unwrap();
    assert_eq!(stored.cleaning, cleaning);
    let orphaned = OverlayFilter { orphaned: true, ..OverlayFilter::default() };
    let found = listed(&*records, &scope, &orphaned).await;
    assert_eq!(found, [(lost, OverlayStatus::Orphaned)]);

    records.move_pointer(&scope, PointerTarget::Previous, "").await.unwrap();
    assert_eq!(statuses().await, [OverlayStatus::Waiting, OverlayStatus::Waiting]);
    let build = begin(&*records, &scope).await;
    records.stage(&scope, &build, &[delete("returns")]).await.unwrap();
    finish(&*records, &scope, &build).await;
    assert_eq!(statuses().await, [OverlayStatus::Orphaned, OverlayStatus::Orphaned]);
}

async fn overlays_are_listed_in_pages(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let (returns, fees) = (document("returns", "a b\n"), document("fees", "a\n"));
    let made = [
        overlay(&returns, "a", OverlayAction::Hide),
        overlay(&fees, "a", OverlayAction::Hide),
        overlay(&returns, "b", OverlayAction::Hide),
    ];
    for overlay in &made {
        records.put_overlay(&scope, overlay, MAX).await.unwrap();
    }
    let mut page = PageRequest { limit: 2, cursor: None };
    let any = OverlayFilter::default();
    let first = records.overlays(&scope, &any, &page).await.unwrap();
    page.cursor.clone_from(&first.next_cursor);
    let second = records.overlays(&scope, &any, &page).await.unwrap();
    assert_eq!(second.next_cursor, None);
    let ids = [first.items, second.items].concat().into_iter().map(|item| item.overlay.id);
    assert!(ids.eq(made.iter().map(|overlay| overlay.id.clone())));
    let of_fees = OverlayFilter { document_id: Some(fees.id), ..OverlayFilter::default() };
    let found = listed(&*records, &scope, &of_fees).await;
    assert_eq!(found, [(made[1].clone(), OverlayStatus::Orphaned)]);
    let foreign = PageRequest { limit: 2, cursor: Some("documents:1".to_owned()) };
    assert!(records.overlays(&scope, &any, &foreign).await.is_err());
}

async fn a_document_remembers_what_it_was_made_from(Subject { records, .. }: Subject) {
    let scope = editor("acme");
    let returns = document("returns", "# 退货\n14 days\n");
    let build = begin(&*records, &scope).await;
    let heading = BlockKind::Heading { level: 1, title: "退货".to_owned() };
    let source_text = SourceText {
        text: Some("# 退货\n30 days\n".to_owned()),
        blocks: vec![
            Block { kind: heading, start: 0, end: 8 },
            Block { kind: BlockKind::TableRow, start: 9, end: 16 },
        ],
    };
    let put = DocumentChange::Put {
        document: returns.clone(),
        source: "x".to_owned(),
        cleaning: Cleaning::default(),
        source_text: source_text.clone(),
        chunks: chunks(&returns, build.release),
    };
    records.stage(&scope, &build, &[put]).await.unwrap();
    let (id, revision) = (&returns.id, returns.revision());
    let kept = records.source_text(&scope, id, &revision).await.unwrap();
    assert_eq!(kept.as_ref(), Some(&source_text));
    finish(&*records, &scope, &build).await;
    assert_eq!(records.source_text(&scope, id, &revision).await.unwrap(), kept);
    assert_eq!(records.source_text(&editor("globex"), id, &revision).await.unwrap(), None);
    refused(records.source_text(&agent("acme"), id, &revision).await, Forbidden);
    let other = document("returns", "else").revision();
    assert_eq!(records.source_text(&scope, id, &other).await.unwrap(), None);
}
