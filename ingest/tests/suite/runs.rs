//! Runs over files.

use std::sync::Arc;

use futures_util::FutureExt as _;
use kefu_core::ports::{ContentRecords, Leg, LegQuery, VectorStore};
use kefu_core::{DocumentId, ErrorKind, PointerTarget, ReleaseNo};
use kefu_ingest::{FileOutcome, IngestEvent, IngestObserver, IngestOptions, Unobserved};
use kefu_testkit::fakes::MemoryRecords;

use crate::world::{COLLECTION, World, line, options, page};

#[tokio::test]
async fn an_unchanged_source_embeds_nothing_and_publishes_nothing() {
    let world = World::new().await;
    world.write("fees.md", page(4));
    world.write("zh/退货.md", "# 退货\n\n七天内可以退货。\n");
    let first = world.ingest().await;
    assert_eq!((first.n_added, first.release), (2, Some(ReleaseNo(1))));
    assert_eq!(world.n_visible(1).await, u64::try_from(first.n_chunks).unwrap());
    let n_embedded = world.embedder.n_embedded();

    let second = world.ingest().await;
    assert_eq!((second.n_unchanged, second.n_chunks, second.release), (2, 0, None));
    assert_eq!(world.embedder.n_embedded(), n_embedded);
    assert_eq!(world.release().await, 1);
}

#[tokio::test]
async fn editing_one_paragraph_embeds_one_chunk_and_keeps_the_old_release_whole() {
    let world = World::new().await;
    world.write("fees.md", page(10));
    let first = world.ingest().await;
    world.write("fees.md", page(10).replace("number 5 is", "number five is now"));
    let second = world.ingest().await;
    assert_eq!((second.n_changed, second.n_chunks_embedded), (1, 1));
    assert_eq!(second.release, Some(ReleaseNo(2)));
    let n = u64::try_from(first.n_chunks).unwrap();
    assert_eq!((world.n_visible(1).await, world.n_visible(2).await), (n, n));
    // Spans of kept chunks have moved with the text.
    let leg = Leg::Lexical(kefu_text::Analyser::new().encode_query(&[("section 9", 1.0)]));
    let query = LegQuery { leg, release: ReleaseNo(2), day: None, documents: None, limit: 1 };
    let hits = world.store.query(&world.scope, COLLECTION, &query).await.unwrap();
    let passages =
        world.records.passages(&world.scope, ReleaseNo(2), &[hits[0].chunk_id]).await.unwrap();
    assert!(passages[0].text.contains("fee number 9"), "{}", passages[0].text);
    assert_eq!(passages[0].heading, "Section 9");
}

#[tokio::test]
async fn a_new_paragraph_at_the_front_of_a_long_section_moves_no_chunk_behind_it() {
    let world = World::new().await;
    let paragraph = |n: usize| format!("Rule {n} says that fee {n} is due in {n} days.\n\n");
    let text: String = (1..=90).map(paragraph).collect();
    world.write("rules.md", format!("# Rules\n\n{text}"));
    let first = world.ingest().await;
    assert!(first.n_chunks > 15, "{}", first.n_chunks);
    world.write("rules.md", format!("# Rules\n\nA rule that nobody knew before.\n\n{text}"));
    let second = world.ingest().await;
    assert!((1..=3).contains(&second.n_chunks_embedded), "{}", second.n_chunks_embedded);
}

#[tokio::test]
async fn a_failing_embedder_leaves_the_old_release_and_loses_no_vectors() {
    let world = World::new().await;
    world.write("a.md", page(1));
    world.ingest().await;
    let before = world.embedder.n_embedded();
    world.write("b.md", page(12).replace("fee", "charge"));
    world.embedder.fail_after(before + 6);
    let error = world.try_ingest(&options(), &Unobserved).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert_eq!(world.release().await, 1);
    world.embedder.fail_after(u64::MAX);
    let report = world.ingest().await;
    assert_eq!((report.n_chunks, report.n_chunks_embedded), (12, 6));
    assert_eq!((report.release, world.n_visible(2).await), (Some(ReleaseNo(2)), 13));
}

/// Makes the second write after the last embedding fail: the first announces, this one stages.
struct FailStaging(Arc<MemoryRecords>);

impl IngestObserver for FailStaging {
    fn observe(&self, event: IngestEvent<'_>) {
        if matches!(event, IngestEvent::Embedding { n_done, n_total } if n_done == n_total) {
            self.0.fail_writes_after(1, 1);
        }
    }
}

#[tokio::test]
async fn points_that_were_never_staged_are_invisible_and_the_next_run_completes() {
    let world = World::new().await;
    world.write("a.md", page(1));
    world.ingest().await;
    world.write("b.md", page(3));
    let faults = FailStaging(world.records.clone());
    world.try_ingest(&options(), &faults).await.unwrap_err();
    assert_eq!(world.store.n_points(COLLECTION), 4, "the points were written");
    assert_eq!((world.release().await, world.n_visible(1).await), (1, 1));
    let report = world.ingest().await;
    assert_eq!((report.n_added, report.n_chunks_embedded), (1, 0));
    assert_eq!(world.n_visible(2).await, 4);
    assert_eq!(world.store.n_points(COLLECTION), 4, "equal chunks are equal points");
}

#[tokio::test]
async fn what_cannot_be_read_is_a_line_and_the_rest_goes_on() {
    let world = World::new().await;
    world.write("good.md", "# Good\n\nText.\n");
    world.write("binary.txt", b"a\0b");
    world.write("logo.png", b"\x89PNG");
    world.write("empty.md", "  \n");
    world.write("huge.txt", "x ".repeat(10_001));
    world.write("long.txt", "x ".repeat(5_001));
    world.write(
        "rows.jsonl",
        "{\"id\":\"r1\",\"text\":\"One\"}\nnope\n{\"id\":\"good.md\",\"text\":\"Two\"}\n",
    );
    let report = world.ingest().await;
    let expected = [
        ("good.md", FileOutcome::Added, None),
        ("binary.txt", FileOutcome::Failed, Some("binary_file")),
        ("logo.png", FileOutcome::Skipped, Some("unsupported_format")),
        ("empty.md", FileOutcome::Skipped, Some("empty")),
        ("huge.txt", FileOutcome::Failed, Some("too_large")),
        ("long.txt", FileOutcome::Failed, Some("too_large")),
        ("rows.jsonl", FileOutcome::Added, Some("bad_rows")),
        ("rows.jsonl:2", FileOutcome::Failed, Some("bad_structure")),
    ];
    for (name, outcome, code) in expected {
        assert_eq!(line(&report, name), (outcome, code), "{name}");
    }
    let codes: Vec<_> = report.files.iter().filter_map(|line| line.code.as_deref()).collect();
    assert!(codes.contains(&"duplicate_id"));
    assert_eq!((report.n_added, report.n_skipped, report.n_failed), (2, 2, 5));
    assert_eq!(world.release().await, 1);
}

#[tokio::test]
async fn rows_keep_their_ids_and_their_text() {
    let world = World::new().await;
    world.write(
        "documents.jsonl",
        "{\"id\":\"kd-故宫\",\"title\":\"故宫\",\"text\":\"\\n门票 60 元。\\n\",\"lang\":\"zh\"}\n\
         {\"question\":\"Open?\",\"answer\":\"Yes.\"}\n",
    );
    world.ingest().await;
    let id = |text: &str| DocumentId::new(text).unwrap();
    let stored = world.records.document(&world.scope, &id("kd-故宫"), None).await.unwrap();
    assert_eq!(stored.document.text, "\n门票 60 元。\n");
    assert_eq!(stored.document.meta.title, "故宫");
    let pair = world.records.document(&world.scope, &id("documents.jsonl#2"), None).await.unwrap();
    assert_eq!(pair.document.text, "Open?\n\nYes.");
    assert!(pair.source.ends_with("::documents.jsonl"));
}

#[tokio::test]
async fn a_language_the_embedder_does_not_serve_is_lexical_only() {
    let world = World::new().await;
    world.write("zh.md", "# 运费\n\n满 99 元包邮。\n");
    let report = world.ingest().await;
    assert_eq!((report.n_chunks, report.n_chunks_embedded, world.embedder.n_embedded()), (1, 0, 0));
    let leg = Leg::Lexical(kefu_text::Analyser::new().encode_query(&[("包邮", 1.0)]));
    let query = LegQuery { leg, release: ReleaseNo(1), day: None, documents: None, limit: 5 };
    let hits = world.store.query(&world.scope, COLLECTION, &query).await.unwrap();
    assert_eq!(hits.len(), 1);
}

#[tokio::test]
async fn vanished_files_are_kept_until_pruned_and_unreadable_ones_are_not_pruned() {
    let world = World::new().await;
    for name in ["a.md", "b.md", "c.md"] {
        world.write(name, page(1));
    }
    world.ingest().await;
    world.delete("a.md");
    world.write("b.md", b"\0");
    let kept = world.ingest().await;
    assert_eq!(line(&kept, "a.md"), (FileOutcome::Kept, Some("no_longer_in_source")));
    assert_eq!(kept.release, None);

    let prune = IngestOptions { prune: true, ..options() };
    let dry = IngestOptions { dry_run: true, ..prune.clone() };
    let would = world.try_ingest(&dry, &Unobserved).await.unwrap();
    assert_eq!((would.n_removed, world.release().await), (1, 1));

    let pruned = world.try_ingest(&prune, &Unobserved).await.unwrap();
    assert_eq!(line(&pruned, "a.md"), (FileOutcome::Removed, None));
    assert_eq!((pruned.n_removed, pruned.release), (1, Some(ReleaseNo(2))));
    assert_eq!((world.n_visible(1).await, world.n_visible(2).await), (3, 2));
}

#[tokio::test]
async fn a_source_of_which_most_is_gone_is_pruned_only_when_confirmed() {
    let world = World::new().await;
    for n in 0..9 {
        world.write(&format!("{n}.md"), page(1));
    }
    world.ingest().await;
    for n in 0..5 {
        world.delete(&format!("{n}.md"));
    }
    world.write("new.md", page(1));
    let prune = IngestOptions { prune: true, ..options() };
    let withheld = world.try_ingest(&prune, &Unobserved).await.unwrap();
    assert_eq!((withheld.n_removed, withheld.n_deletions_withheld()), (0, 5));
    assert_eq!(line(&withheld, "0.md"), (FileOutcome::Kept, Some("too_many_would_vanish")));
    // What is new is published all the same; with it, five of ten are gone, which is not most.
    assert_eq!((withheld.n_added, withheld.release), (1, Some(ReleaseNo(2))));

    world.delete("5.md");
    let dry = IngestOptions { dry_run: true, ..prune.clone() };
    let would = world.try_ingest(&dry, &Unobserved).await.unwrap();
    assert_eq!((would.n_removed, would.n_deletions_withheld()), (0, 6));
    let confirmed = IngestOptions { confirm_deletions: true, ..prune };
    let pruned = world.try_ingest(&confirmed, &Unobserved).await.unwrap();
    assert_eq!((pruned.n_removed, pruned.n_deletions_withheld()), (6, 0));
}

#[tokio::test]
async fn another_sources_documents_are_not_pruned() {
    let world = World::new().await;
    world.write("a.md", page(1));
    let named =
        |name: &str| IngestOptions { source_name: Some(name.to_owned()), prune: true, ..options() };
    world.try_ingest(&named("handbook"), &Unobserved).await.unwrap();
    world.delete("a.md");
    world.write("b.md", page(1));
    let other = world.try_ingest(&named("hand"), &Unobserved).await.unwrap();
    assert_eq!((other.n_removed, world.n_visible(2).await), (0, 2));
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let world = World::new().await;
    world.write("a.md", page(2));
    let dry = IngestOptions { dry_run: true, ..options() };
    world.records.fail_next_writes(100);
    let report = world.try_ingest(&dry, &Unobserved).await.unwrap();
    assert_eq!((report.n_added, report.n_chunks, report.n_chunks_embedded), (1, 2, 0));
    assert_eq!((world.store.n_points(COLLECTION), world.embedder.n_embedded()), (0, 0));
}

#[tokio::test]
async fn staged_changes_wait_and_a_later_run_publishes_them() {
    let world = World::new().await;
    world.write("a.md", page(2));
    let staged = IngestOptions { publish: false, ..options() };
    let report = world.try_ingest(&staged, &Unobserved).await.unwrap();
    assert_eq!((report.staged, report.release, world.release().await), (true, None, 0));
    // An edit before publishing replaces what was staged and leaves no point behind.
    world.write("a.md", page(2).replace("fee number 2", "charge"));
    world.try_ingest(&staged, &Unobserved).await.unwrap();
    let published =
        world.ingestor.ingest(&world.scope, &[], &options(), &Unobserved).await.unwrap();
    assert_eq!(published.release, Some(ReleaseNo(1)));
    assert_eq!((world.n_visible(1).await, world.store.n_points(COLLECTION)), (2, 2));
}

/// Rolls back as soon as the first file was read, as an editor may over HTTP.
struct RollBack<'a>(&'a World);

impl IngestObserver for RollBack<'_> {
    fn observe(&self, event: IngestEvent<'_>) {
        if matches!(event, IngestEvent::File { .. }) {
            let World { records, scope, .. } = self.0;
            let moved =
                records.move_pointer(scope, PointerTarget::Previous, "wrong").now_or_never();
            moved.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn a_rollback_ends_the_run_that_builds_on_what_was_rolled_back() {
    let world = World::new().await;
    for n in 1..=2 {
        world.write("a.md", page(n));
        world.ingest().await;
    }
    world.write("a.md", page(3));
    let error = world.try_ingest(&options(), &RollBack(&world)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("release 1 became current"), "{error}");
    assert_eq!((world.release().await, world.n_visible(1).await), (1, 1));
    let report = world.ingest().await;
    assert_eq!((report.release, report.replaced), (Some(ReleaseNo(3)), Some(ReleaseNo(1))));
    assert_eq!(report.abandoned, [ReleaseNo(2)]);
    assert_eq!((world.n_visible(1).await, world.n_visible(3).await), (1, 3));
    let check = world.ingestor.check_index(&world.scope).await.unwrap();
    assert_eq!((check.n_right, check.n_pending, check.is_well()), (3, 0, true));
}

#[tokio::test]
async fn a_second_builder_is_told_to_wait() {
    let world = World::new().await;
    world.write("a.md", page(1));
    world.records.begin_build(&world.scope, "somebody else", COLLECTION).await.unwrap();
    let error = world.try_ingest(&options(), &Unobserved).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("another process is building"), "{error}");
}

#[tokio::test]
async fn a_missing_source_is_an_error_that_names_it() {
    let world = World::new().await;
    let missing = ["/nonexistent/handbook".into()];
    let outcome = world.ingestor.ingest(&world.scope, &missing, &options(), &Unobserved).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("/nonexistent/handbook"));
}
