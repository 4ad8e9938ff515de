//! A first release that answers by its words while its vectors are made.

use kefu_core::ReleaseNo;
use kefu_core::ports::{ContentRecords, EmbedKind, Embedder, Leg, LegQuery, VectorStore};
use kefu_ingest::Unobserved;

use crate::world::{COLLECTION, World, page};

async fn published() -> World {
    let world = World::with(|settings| settings.words_first = true).await;
    world.write("a.md", page(6));
    world.write("zh.md", "# 退货\n\n商品签收后七天内可以退货。\n");
    let report = world.ingest().await;
    assert_eq!((report.release, report.n_chunks_embedded), (Some(ReleaseNo(1)), 0));
    assert!(report.n_vectors_to_come > 2, "{report:?}");
    assert!(world.n_visible(1).await > report.n_vectors_to_come as u64, "words can be searched");
    world
}

async fn n_dense(world: &World) -> usize {
    let texts = ["fee number 1 is due".to_owned()];
    let vector = world.embedder.embed(EmbedKind::Query, &texts).await.unwrap();
    let leg = Leg::Dense(vector[0].clone());
    let release = ReleaseNo(world.release().await);
    let query = LegQuery { leg, release, day: None, documents: None, limit: 100 };
    world.store.query(&world.scope, COLLECTION, &query).await.unwrap().len()
}

async fn awaits(world: &World) -> bool {
    world.records.current(&world.scope).await.unwrap().awaits_vectors
}

#[tokio::test]
async fn vectors_follow_and_later_releases_come_out_whole() {
    let world = published().await;
    assert!(awaits(&world).await);
    assert_eq!(n_dense(&world).await, 0);
    let before = world.embedder.n_embedded();
    let n_made = world.ingestor.fill_vectors(&world.scope, &Unobserved).await.unwrap();
    assert_eq!(world.embedder.n_embedded() - before, n_made as u64);
    assert!(!awaits(&world).await);
    assert_eq!(n_dense(&world).await, n_made);
    assert_eq!(world.ingestor.fill_vectors(&world.scope, &Unobserved).await.unwrap(), 0);
    assert!(world.ingestor.check_index(&world.scope).await.unwrap().differences.is_empty());

    world.write("a.md", page(6).replace("number 2", "two"));
    let report = world.ingest().await;
    assert_eq!((report.n_vectors_to_come, report.n_chunks_embedded), (0, 1));
    assert!(!awaits(&world).await);
}

#[tokio::test]
async fn a_fill_that_fails_goes_on_where_it_was_and_embeds_nothing_twice() {
    let world = published().await;
    let first = world.embedder.n_embedded();
    world.embedder.fail_after(first + 2);
    world.ingestor.fill_vectors(&world.scope, &Unobserved).await.unwrap_err();
    assert!(awaits(&world).await, "the words still answer alone");
    world.embedder.fail_after(u64::MAX);
    let n_rest = world.ingestor.fill_vectors(&world.scope, &Unobserved).await.unwrap();
    // One batch of two was made, the next failed, and the rest was made.
    assert_eq!(world.embedder.n_embedded() - first, 2 + 2 + n_rest as u64);
    assert_eq!(n_dense(&world).await, 2 + n_rest);
    assert!(!awaits(&world).await);
}

#[tokio::test]
async fn chunks_that_are_replaced_meanwhile_are_not_seen_again() {
    let world = published().await;
    world.write("a.md", "# Other\n\nNothing of the old page is left.\n");
    let report = world.ingest().await;
    assert_eq!(report.n_chunks_embedded, 1);
    let visible = world.n_visible(2).await;
    world.ingestor.fill_vectors(&world.scope, &Unobserved).await.unwrap();
    assert!(!awaits(&world).await);
    assert_eq!(world.n_visible(2).await, visible);
    assert!(world.ingestor.check_index(&world.scope).await.unwrap().differences.is_empty());
}
