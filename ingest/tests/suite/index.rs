//! Rebuilding the index.

use std::sync::Arc;

use kefu_core::ports::{ContentRecords, Embedder, Leg, LegQuery, VectorStore};
use kefu_core::{Language, ReleaseNo};
use kefu_ingest::{IngestOptions, Unobserved};
use kefu_testkit::fakes::FakeEmbedder;
use kefu_testkit::scopes;

use crate::world::{COLLECTION, DIMENSIONS, World, options, page};

#[tokio::test]
async fn a_damaged_index_is_written_again_with_its_vectors() {
    let world = World::new().await;
    world.write("a.md", page(3));
    world.ingest().await;
    world.write("a.md", page(3).replace("number 2", "two"));
    world.ingest().await;
    let before = (world.n_visible(1).await, world.n_visible(2).await);
    let n_embedded = world.embedder.n_embedded();
    world.store.damage(COLLECTION);
    world.open().await.unwrap();
    assert_eq!((world.n_visible(1).await, world.n_visible(2).await), before);
    assert_eq!(world.embedder.n_embedded(), n_embedded);
    let texts = ["fee two is due".to_owned()];
    let vector = world.embedder.embed(kefu_core::ports::EmbedKind::Query, &texts).await.unwrap();
    let leg = Leg::Dense(vector[0].clone());
    let query = LegQuery { leg, release: ReleaseNo(2), day: None, documents: None, limit: 10 };
    assert_eq!(world.store.query(&world.scope, COLLECTION, &query).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_rebuild_that_fails_starts_over_at_the_next_start() {
    let world = World::new().await;
    world.write("a.md", page(2));
    world.ingest().await;
    world.store.damage(COLLECTION);
    world.store.fail_after(1, 1);
    world.open().await.unwrap_err();
    world.open().await.unwrap();
    assert_eq!(world.n_visible(1).await, 2);
}

#[tokio::test]
async fn another_embedder_gets_its_own_collection_and_the_pointer() {
    let mut world = World::new().await;
    world.write("a.md", page(2));
    world.ingest().await;
    let embedder = Arc::new(FakeEmbedder::new(DIMENSIONS * 2, &[Language::ENGLISH]));
    world.ingestor = World::ingestor(&world.records, &world.store, &embedder, "wider");
    world.open().await.unwrap();
    assert_eq!(embedder.n_embedded(), 2);
    let current = world.records.current(&world.scope).await.unwrap();
    assert_eq!(current.collection.as_deref(), Some("wider"));
    let count = world.store.count(&scopes::operator("acme"), "wider", current.release).await;
    assert_eq!(count.unwrap(), 2);
}

#[tokio::test]
async fn staged_changes_move_along_to_another_embedder_and_back() {
    let mut world = World::new().await;
    world.write("a.md", page(1));
    world.ingest().await;
    world.write("b.md", page(1));
    let staged = IngestOptions { publish: false, ..options() };
    world.try_ingest(&staged, &Unobserved).await.unwrap();
    let embedder = Arc::new(FakeEmbedder::new(DIMENSIONS * 2, &[Language::ENGLISH]));
    world.ingestor = World::ingestor(&world.records, &world.store, &embedder, "wider");
    world.open().await.unwrap();
    assert_eq!(world.release().await, 1, "the release is the same, in another collection");
    let published =
        world.ingestor.ingest(&world.scope, &[], &options(), &Unobserved).await.unwrap();
    assert_eq!(published.release, Some(ReleaseNo(2)));
    let count = async |name: &str, release| {
        let scope = scopes::operator("acme");
        world.store.count(&scope, name, ReleaseNo(release)).await.unwrap()
    };
    assert_eq!((count("wider", 1).await, count("wider", 2).await), (1, 2));
    world.write("c.md", page(1));
    assert_eq!(world.ingest().await.release, Some(ReleaseNo(3)));
    assert_eq!(count(COLLECTION, 3).await, 2, "the old collection was left behind");

    let back = World::ingestor(&world.records, &world.store, &world.embedder, COLLECTION);
    let per_tenant = |tenant: kefu_core::TenantId| scopes::operator(tenant.as_str());
    back.open_index(&world.scope, &per_tenant, &Unobserved).await.unwrap();
    assert_eq!((count(COLLECTION, 1).await, count(COLLECTION, 3).await), (1, 3));
    let current = world.records.current(&world.scope).await.unwrap();
    assert_eq!((current.release, current.collection.as_deref()), (ReleaseNo(3), Some(COLLECTION)));
}
