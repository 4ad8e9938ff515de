//! Drafts, approved and retired documents, and parts that hold for some days only.

use kefu_core::ports::{ContentRecords, Job, JobFileState, JobState};
use kefu_core::{Document, DocumentId, DocumentState};
use kefu_ingest::{StateChange, Upload};

use crate::world::{World, page};

fn id(text: &str) -> DocumentId {
    DocumentId::new(text).unwrap()
}

async fn change(world: &World, name: &str, state: DocumentState) -> Job {
    let change = StateChange { state, reason: "checked by Mei".to_owned() };
    let upload = Upload::State { document_id: id(name), change };
    world.ingestor.accept(&world.scope, vec![upload]).await.unwrap();
    world.ingestor.run_next_job(&world.scope).await.unwrap().unwrap()
}

async fn stored(world: &World, name: &str) -> Document {
    world.records.document(&world.scope, &id(name), None).await.unwrap().document
}

#[tokio::test]
async fn a_draft_has_no_chunks_until_it_is_approved_and_a_persons_word_stays() {
    let world = World::new().await;
    world.write("fees.md", format!("---\nstate: draft\n---\n{}", page(4)));
    let first = world.ingest().await;
    assert_eq!((first.n_added, first.n_chunks_embedded), (1, 0));
    assert_eq!(world.n_visible(1).await, 0);
    let draft = stored(&world, "fees.md").await;
    assert_eq!(draft.meta.state, DocumentState::Draft);

    let job = change(&world, "fees.md", DocumentState::Approved).await;
    assert_eq!((job.state, job.files[0].state), (JobState::Succeeded, JobFileState::Done));
    assert!(world.n_visible(2).await > 2);
    let approved = stored(&world, "fees.md").await;
    let mut expected = draft.clone();
    expected.meta.state = DocumentState::Approved;
    assert_eq!(approved, expected);
    let moves = world.records.pointer_moves(&world.scope, 1).await.unwrap();
    assert_eq!(moves[0].reason, "fees.md is approved: checked by Mei");

    // The same once more changes nothing.
    assert_eq!(change(&world, "fees.md", DocumentState::Approved).await.release, None);

    // A file that says a state wins, and the report says so.
    let third = world.ingest().await;
    assert_eq!((third.n_changed, world.n_visible(3).await), (1, 0));
    let note = third.files[0].detail.as_deref().unwrap();
    assert!(note.contains("was approved and says that it is draft"), "{note}");

    // One that says nothing leaves a person's word standing.
    change(&world, "fees.md", DocumentState::Retired).await;
    world.write("fees.md", page(5));
    world.ingest().await;
    assert_eq!(stored(&world, "fees.md").await.meta.state, DocumentState::Retired);
    assert_eq!(world.n_visible(world.release().await).await, 0);
}

#[tokio::test]
async fn a_retired_document_costs_no_embedding_to_bring_back_and_cannot_be_a_draft() {
    let world = World::new().await;
    world.write("fees.md", page(4));
    world.write("faq.jsonl", "{\"question\":\"Open?\",\"answer\":\"From nine to five.\"}\n");
    let first = world.ingest().await;
    let n_embedded = world.embedder.n_embedded();
    for name in ["fees.md", "faq.jsonl#1"] {
        let before = stored(&world, name).await;
        change(&world, name, DocumentState::Retired).await;
        let refused = change(&world, name, DocumentState::Draft).await;
        assert_eq!(refused.files[0].code.as_deref(), Some("bad_state"));
        change(&world, name, DocumentState::Approved).await;
        assert_eq!(stored(&world, name).await, before);
    }
    assert_eq!(world.embedder.n_embedded(), n_embedded);
    let n_visible = world.n_visible(world.release().await).await;
    assert_eq!(n_visible, u64::try_from(first.n_chunks).unwrap());
    let unknown = change(&world, "nowhere", DocumentState::Draft).await;
    assert_eq!(unknown.files[0].code.as_deref(), Some("not_found"));
    assert_eq!(world.ingest().await.n_unchanged, 2);
}

#[tokio::test]
async fn a_section_holds_for_its_own_days_and_new_days_embed_nothing() {
    let world = World::new().await;
    let page = |days: &str| {
        format!(
            "---\nvalid_to: 2026-12-31\nsections:\n- heading: Winter\n  valid_to: {days}\n\
             - heading: Summer\n  valid_from: 2026-06-01\n---\n# Hours\n\nAsk us.\n\n\
             ## Winter\n\nTen to four.\n\n### Friday\n\nTen to two.\n"
        )
    };
    world.write("hours.md", page("2026-02-28"));
    let report = world.ingest().await;
    let note = report.files[0].detail.as_deref().unwrap();
    assert!(note.contains("no heading \"Summer\""), "{note}");
    let ends = async || {
        let chunks = world.records.chunks_after(&world.scope, None, None, 9).await.unwrap();
        let open = chunks.into_iter().filter(|chunk| chunk.until.is_none());
        let mut ends: Vec<(String, String)> =
            open.map(|c| (c.draft.heading, c.draft.validity.to.unwrap())).collect();
        ends.sort();
        ends
    };
    let expected = |winter: &str| {
        let of = |heading: &str, day: &str| (heading.to_owned(), day.to_owned());
        [of("Winter", winter), of("Winter > Friday", winter), of("", "2026-12-31")]
    };
    let sorted = |mut all: [(String, String); 3]| {
        all.sort();
        all
    };
    assert_eq!(ends().await, sorted(expected("2026-02-28")));
    let n_embedded = world.embedder.n_embedded();
    world.write("hours.md", page("2026-03-31"));
    assert_eq!(world.ingest().await.n_changed, 1);
    assert_eq!(ends().await, sorted(expected("2026-03-31")));
    assert_eq!(world.embedder.n_embedded(), n_embedded);
}
