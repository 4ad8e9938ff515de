//! Corrections that outlive the files they correct.

use kefu_core::ports::{ContentRecords, Job, JobState, OverlayFilter, OverlayRecords, PageRequest};
use kefu_core::{
    DocumentId, DocumentState, ErrorKind, Overlay, OverlayAction, OverlayStatus, ReleaseNo,
};
use kefu_ingest::{OverlayInput, StateChange, Upload};

use crate::world::{World, page};

const PAGE: &str = "# Returns\n\nSend it back within 30 days.\n\nCall 555-0100 at night.\n\n\
                    Send it back within 30 days.\n";

fn id(name: &str) -> DocumentId {
    DocumentId::new(name).unwrap()
}

fn input(passage: &str, occurrence: Option<u32>, action: OverlayAction) -> OverlayInput {
    let note = "as Mei says".to_owned();
    let (document_id, passage) = (id("returns.md"), passage.to_owned());
    OverlayInput { document_id, passage, occurrence, action, note }
}

fn edit(text: &str) -> OverlayAction {
    OverlayAction::Edit { text: text.to_owned() }
}

async fn run(world: &World, upload: Upload) -> Job {
    world.ingestor.accept(&world.scope, vec![upload]).await.unwrap();
    world.ingestor.run_next_job(&world.scope).await.unwrap().unwrap()
}

async fn rework(world: &World) -> Job {
    run(world, Upload::Correct { document_id: id("returns.md") }).await
}

async fn add(world: &World, input: OverlayInput) -> Overlay {
    let overlay = world.ingestor.add_overlay(&world.scope, input, 7).await.unwrap();
    assert_eq!(rework(world).await.state, JobState::Succeeded);
    overlay
}

async fn text(world: &World) -> String {
    world.records.document(&world.scope, &id("returns.md"), None).await.unwrap().document.text
}

async fn statuses(world: &World) -> Vec<OverlayStatus> {
    let page = PageRequest { limit: 9, cursor: None };
    let found = world.records.overlays(&world.scope, &OverlayFilter::default(), &page).await;
    found.unwrap().items.into_iter().map(|stored| stored.status).collect()
}

/// What is indexed for the published release.
async fn indexed(world: &World) -> Vec<String> {
    let release = ReleaseNo(world.release().await);
    let chunks = world.records.chunks_after(&world.scope, None, None, 99).await.unwrap();
    let seen = |c: &kefu_core::Chunk| c.since <= release && c.until.is_none_or(|u| release < u);
    let mut texts: Vec<String> =
        chunks.into_iter().filter(seen).map(|chunk| chunk.draft.index_text).collect();
    texts.sort();
    texts
}

#[tokio::test]
async fn corrections_survive_later_files_and_cost_nothing_while_nothing_changes() {
    let world = World::new().await;
    world.write("returns.md", PAGE);
    world.write("fees.md", page(3));
    world.ingest().await;
    let nth = Some(2);
    let edited = add(&world, input("Send it back within 30 days.", nth, edit("14 days."))).await;
    add(&world, input("Call 555-0100\nat night.", None, OverlayAction::Hide)).await;
    let phrases = vec!["钱能退吗".to_owned(), "money back".to_owned()];
    add(&world, input("within 30 days", Some(1), OverlayAction::Pin { phrases })).await;
    let corrected = format!("{}14 days.\n", &PAGE[..PAGE.rfind("Send").unwrap()]);
    assert_eq!(text(&world).await, corrected);
    let seen = indexed(&world).await.join("|");
    assert!(!seen.contains("555-0100"), "{seen}");
    assert!(seen.contains("14 days.") && seen.contains("钱能退吗\nmoney back\nReturns"), "{seen}");
    assert_eq!(statuses(&world).await, [OverlayStatus::Applied; 3]);
    let moves = world.records.pointer_moves(&world.scope, 1).await.unwrap();
    assert_eq!(moves[0].reason, "returns.md is corrected");

    let n_embedded = world.embedder.n_embedded();
    let again = world.ingest().await;
    assert_eq!((again.n_unchanged, again.n_changed, again.release), (2, 0, None));
    assert_eq!(world.embedder.n_embedded(), n_embedded);

    // The file says more now, and what was corrected stays so.
    world.write("returns.md", PAGE.replace("# Returns\n", "# Returns\n\nWe are open daily.\n"));
    let later = world.ingest().await;
    assert_eq!(later.n_changed, 1);
    assert!(text(&world).await.contains("open daily.") && text(&world).await.contains("14 days."));
    assert_eq!(statuses(&world).await, [OverlayStatus::Applied; 3]);

    world.records.delete_overlay(&world.scope, &edited.id).await.unwrap();
    rework(&world).await;
    assert!(!text(&world).await.contains("14 days."));
}

#[tokio::test]
async fn a_correction_whose_words_are_gone_is_orphaned_and_returns_with_them() {
    let world = World::new().await;
    world.write("returns.md", PAGE);
    world.ingest().await;
    add(&world, input("at night", None, edit("until noon"))).await;
    world.write("returns.md", "# Returns\n\nAsk in the shop.\n");
    world.ingest().await;
    assert_eq!(statuses(&world).await, [OverlayStatus::Orphaned]);
    let rolled_back = kefu_core::PointerTarget::Previous;
    world.records.move_pointer(&world.scope, rolled_back, "").await.unwrap();
    assert_eq!(statuses(&world).await, [OverlayStatus::Applied]);
    world.ingest().await;
    assert_eq!(statuses(&world).await, [OverlayStatus::Orphaned]);
    world.write("returns.md", PAGE);
    world.ingest().await;
    assert_eq!(statuses(&world).await, [OverlayStatus::Applied]);
    assert!(text(&world).await.contains("until noon"));

    // A file that says by itself what the edit put there is not corrected, and is its own truth.
    world.write("returns.md", PAGE.replace("at night", "until noon"));
    world.ingest().await;
    assert_eq!(statuses(&world).await, [OverlayStatus::Orphaned]);
    world.delete("returns.md");
    run(&world, Upload::Delete { document_id: id("returns.md") }).await;
    assert_eq!(statuses(&world).await, [OverlayStatus::Orphaned]);
}

#[tokio::test]
async fn a_stored_document_keeps_the_structure_that_its_file_gave_it() {
    let world = World::new().await;
    let table = "product,price\nkettle,30 EUR\nlamp,12 EUR\n";
    world.write("prices.csv", table);
    world.ingest().await;
    let before = indexed(&world).await;
    for state in [DocumentState::Draft, DocumentState::Approved] {
        let document_id = id("prices.csv");
        let change = StateChange { state, reason: String::new() };
        run(&world, Upload::State { document_id, change }).await;
    }
    assert_eq!(indexed(&world).await, before);
}

#[tokio::test]
async fn passages_that_are_not_there_or_in_several_places_are_refused() {
    let world = World::new().await;
    world.write("returns.md", PAGE);
    world.write("faq.jsonl", "{\"question\":\"Open?\",\"answer\":\"From nine to five.\"}\n");
    world.ingest().await;
    let refused = async |input: OverlayInput| {
        let error = world.ingestor.add_overlay(&world.scope, input, 7).await.unwrap_err();
        (error.kind(), error.to_string())
    };
    let hide = OverlayAction::Hide;
    let (kind, why) = refused(input("never said", None, hide.clone())).await;
    assert_eq!((kind, why.contains("does not stand")), (ErrorKind::Invalid, true), "{why}");
    let (kind, why) = refused(input("30 days", None, hide.clone())).await;
    assert_eq!((kind, why.contains("2 times")), (ErrorKind::Invalid, true), "{why}");
    let (kind, why) = refused(input("30 days", Some(3), hide.clone())).await;
    assert_eq!((kind, why.contains("1 to 2")), (ErrorKind::Invalid, true), "{why}");
    let edited = add(&world, input("at night", None, edit("until noon"))).await;
    let (kind, why) = refused(input("until noon", None, edit("x"))).await;
    assert_eq!((kind, why.contains(edited.id.as_str())), (ErrorKind::Invalid, true), "{why}");
    let (kind, _) = refused(input("555-0100 at night", None, edit("x"))).await;
    assert_eq!(kind, ErrorKind::Conflict);
    let mut of_pair = input("Open?", None, hide.clone());
    of_pair.document_id = id("faq.jsonl#1");
    assert_eq!(refused(of_pair).await.0, ErrorKind::Invalid);
    let mut unknown = input("Open?", None, hide);
    unknown.document_id = id("nowhere");
    assert_eq!(refused(unknown).await.0, ErrorKind::NotFound);

    // The same edit with other words takes the place of the first.
    add(&world, input("at night", None, edit("after six"))).await;
    assert_eq!(statuses(&world).await, [OverlayStatus::Applied]);
    assert!(text(&world).await.contains("Call 555-0100 after six."));
}
