use std::sync::Arc;

use kefu_core::ports::VectorStore;
use kefu_core::{Chunk, StoreError};

use super::fixture::{
    Fixture, assert_close, at, audiences, chunk, dense, lexical, with_dense, with_terms,
};
use crate::scopes;

pub(super) async fn replace_what_was_there(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, Some(2)).await;
    let scope = scopes::editor("acme");
    fixture.upsert(&scope, &[with_dense(1, &[1.0, 0.0]), with_dense(2, &[1.0, 0.0])]).await;
    let replacement = Chunk { audiences: audiences(&["staff"]), ..with_terms(1, &[(5, 1.0)]) };
    fixture.upsert(&scope, &[replacement]).await;
    assert_eq!(fixture.count(&scope, 1).await, 2);
    assert_eq!(fixture.ids(&scope, &dense(&[1.0, 0.0])).await, [2], "the dense vector is gone");
    assert_eq!(fixture.ids(&scope, &at(1)).await, [2], "the old terms are gone");
    assert_eq!(fixture.ids(&scope, &lexical(&[(5, 1.0)])).await, [1]);
    assert!(fixture.ids(&scopes::customer("acme"), &lexical(&[(5, 1.0)])).await.is_empty());

    // Of equal ids in one batch the last counts.
    let batch = [with_dense(3, &[1.0, 0.0]), with_dense(3, &[0.0, 1.0])];
    fixture.upsert(&scope, &batch).await;
    let hits = fixture.query(&scope, &dense(&[0.0, 1.0])).await;
    assert_eq!(hits[0].chunk_id, batch[1].id);
    assert_close(hits[0].score, 1.0);
    assert_eq!(fixture.count(&scope, 1).await, 3);
}

pub(super) async fn remove_for_good(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, Some(2)).await;
    let scope = scopes::editor("acme");
    let chunks: Vec<Chunk> = (1..=4).map(|id| with_dense(id, &[1.0, 0.0])).collect();
    fixture.upsert(&scope, &chunks).await;
    fixture.remove(&scope, &[1, 3, 99]).await;
    fixture.remove(&scope, &[]).await;
    fixture.remove(&scope, &[99]).await;
    assert_eq!(fixture.ids(&scope, &at(1)).await, [2, 4]);
    assert_eq!(fixture.ids(&scope, &dense(&[1.0, 0.0])).await, [2, 4]);
    assert_eq!(fixture.count(&scope, 1).await, 2);
    fixture.upsert(&scope, &[chunk(3)]).await;
    assert_eq!(fixture.ids(&scope, &at(1)).await, [2, 3, 4]);
    assert_eq!(fixture.ids(&scope, &dense(&[1.0, 0.0])).await, [2, 4], "nothing old comes back");
}

pub(super) async fn happen_whole_or_not_at_all(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, Some(2)).await;
    let scope = scopes::editor("acme");
    fixture.upsert(&scope, &[]).await;
    assert_eq!(fixture.count(&scope, 1).await, 0);
    let batch = [chunk(1), with_dense(2, &[1.0, 0.0]), with_dense(3, &[1.0])];
    let refused = fixture.store.upsert(&scope, &fixture.name, &batch).await;
    assert!(matches!(refused, Err(StoreError::BadVector { .. })), "{refused:?}");
    assert_eq!(fixture.count(&scope, 1).await, 0);
    // More than any engine takes in one piece.
    let many: Vec<Chunk> = (1..=600).map(|id| with_dense(id, &[1.0, 0.5])).collect();
    fixture.upsert(&scope, &many).await;
    assert_eq!(fixture.count(&scope, 1).await, 600);
}

pub(super) async fn run_beside_queries(store: Arc<dyn VectorStore>) {
    let fixture = Arc::new(Fixture::open(store, Some(2)).await);
    let scope = scopes::editor("acme");
    fixture.upsert(&scope, &[with_dense(1, &[1.0, 0.0])]).await;
    let writer = tokio::spawn({
        let (fixture, scope) = (Arc::clone(&fixture), scope.clone());
        async move {
            for id in 2..=20 {
                fixture.upsert(&scope, &[with_dense(id, &[0.6, 0.8])]).await;
            }
        }
    });
    while !writer.is_finished() {
        for query in [at(1), dense(&[1.0, 0.0])] {
            let hits = fixture.query(&scope, &query).await;
            assert!(hits.iter().any(|hit| hit.chunk_id.as_u128() == 1), "{hits:?}");
        }
        tokio::task::yield_now().await;
    }
    writer.await.unwrap();
    assert_eq!(fixture.count(&scope, 1).await, 20);
}
