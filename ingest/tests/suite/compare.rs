//! Comparing the index with the records, and releases with each other.

use kefu_core::diff::DocumentChangeKind;
use kefu_core::ports::VectorStore;
use kefu_core::{ChunkId, ErrorKind, ReleaseNo, Visibility};
use kefu_ingest::{IngestOptions, Unobserved, diff_releases};

use crate::world::{COLLECTION, World, options, page};

#[tokio::test]
async fn each_kind_of_difference_is_found_and_a_rebuild_mends_it() {
    let world = World::new().await;
    world.write("a.md", page(4));
    world.ingest().await;
    world.write("a.md", page(4).replace("number 2", "two"));
    world.ingest().await;
    let check = world.ingestor.check_index(&world.scope).await.unwrap();
    assert_eq!((check.n_right, check.is_well()), (5, true));

    let store = &world.store;
    let points = store.points(&world.scope, COLLECTION, None, 10).await.unwrap();
    let ids: Vec<ChunkId> = points.iter().map(|point| point.chunk_id).collect();
    let operator = &world.scope;
    store.remove(operator, COLLECTION, &ids[..1]).await.unwrap();
    store.set_until(operator, COLLECTION, &ids[2..3], Some(ReleaseNo(9))).await.unwrap();
    let stray = ChunkId::derive(&[b"stray"]);
    let surplus = kefu_core::Chunk { id: stray, ..some_chunk(&world).await };
    store.upsert(operator, COLLECTION, &[surplus]).await.unwrap();

    let check = world.ingestor.check_index(operator).await.unwrap();
    assert_eq!((check.n_missing, check.n_surplus, check.n_wrong, check.n_right), (1, 1, 1, 3));
    let mut kinds: Vec<_> = check.differences.iter().map(|d| (d.kind(), d.chunk_id)).collect();
    kinds.sort();
    assert_eq!(kinds, [("missing", ids[0]), ("surplus", stray), ("visibility", ids[2])]);
    let found = check.differences.iter().find(|d| d.kind() == "visibility").unwrap().found;
    assert_eq!(found.and_then(|seen: Visibility| seen.until), Some(ReleaseNo(9)));

    store.damage(COLLECTION);
    world.open().await.unwrap();
    let check = world.ingestor.check_index(operator).await.unwrap();
    assert_eq!((check.n_right, check.is_well()), (5, true));
}

async fn some_chunk(world: &World) -> kefu_core::Chunk {
    use kefu_core::ports::ContentRecords as _;
    world.records.chunks_after(&world.scope, None, None, 1).await.unwrap().remove(0)
}

#[tokio::test]
async fn what_waits_for_the_next_publish_is_no_fault() {
    let world = World::new().await;
    world.write("a.md", page(2));
    world.ingest().await;
    world.write("a.md", page(1));
    let staged = IngestOptions { publish: false, ..options() };
    world.try_ingest(&staged, &Unobserved).await.unwrap();
    let check = world.ingestor.check_index(&world.scope).await.unwrap();
    assert_eq!((check.n_right, check.n_pending, check.is_well()), (1, 1, true));
}

#[tokio::test]
async fn comparisons_of_releases_are_bounded() {
    let world = World::new().await;
    let many: String =
        (0..250).map(|n| format!("{{\"id\":\"d{n:03}\",\"text\":\"Fee {n}.\"}}\n")).collect();
    world.write("many.jsonl", many);
    world.write("long.md", "A line.\n".repeat(1_000));
    world.ingest().await;
    let fewer: String =
        (0..249).map(|n| format!("{{\"id\":\"d{n:03}\",\"text\":\"Charge {n}.\"}}\n")).collect();
    world.write("many.jsonl", fewer);
    world.write("long.md", "Line.\n".repeat(1_500));
    let prune = IngestOptions { prune: true, ..options() };
    world.try_ingest(&prune, &Unobserved).await.unwrap();

    let releases = (ReleaseNo(1), ReleaseNo(2));
    let diff = diff_releases(world.records.as_ref(), &world.scope, releases).await.unwrap();
    assert_eq!((diff.n_added, diff.n_changed, diff.n_removed), (0, 250, 1));
    assert_eq!(diff.documents.len(), 200);
    let first = diff.documents[0].text.as_ref().unwrap();
    let head = "--- d000 (release 1)\n+++ d000 (release 2)\n@@ -1 +1 @@\n-Fee 0.\n";
    assert!(first.unified.starts_with(head) && !first.truncated, "{first:?}");
    let back = (ReleaseNo(2), ReleaseNo(1));
    let back = diff_releases(world.records.as_ref(), &world.scope, back).await.unwrap();
    assert_eq!((back.n_added, back.n_removed), (1, 0));
    let long = back.documents.iter().find(|document| document.id.as_str() == "long.md");
    assert!(long.is_none(), "it is beyond the first 200");
    assert!(back.documents.iter().all(|d| d.kind == DocumentChangeKind::Changed));

    let unknown = (ReleaseNo(1), ReleaseNo(7));
    let error = diff_releases(world.records.as_ref(), &world.scope, unknown).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn long_differences_end_at_a_line() {
    let world = World::new().await;
    world.write("long.md", "A line.\n".repeat(1_000));
    world.ingest().await;
    world.write("long.md", "Line.\n\n".repeat(1_400));
    world.ingest().await;
    let releases = (ReleaseNo(1), ReleaseNo(2));
    let diff = diff_releases(world.records.as_ref(), &world.scope, releases).await.unwrap();
    let text = diff.documents[0].text.as_ref().unwrap();
    assert!(text.truncated && text.unified.ends_with('\n'));
    assert!((16_000..=16_384).contains(&text.unified.len()), "{}", text.unified.len());
}
