use std::sync::Arc;

use kefu_core::StoreError;
use kefu_core::ports::{LegQuery, VectorStore};

use super::fixture::{Fixture, assert_close, at, chunk, dense, with_dense};
use crate::scopes;

pub(super) async fn ranks_by_cosine(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, Some(3)).await;
    let scope = scopes::editor("acme");
    fixture
        .upsert(
            &scope,
            &[
                with_dense(1, &[0.0, 1.0, 0.0]),
                with_dense(2, &[1.0, 0.0, 0.0]),
                with_dense(3, &[-1.0, 0.0, 0.0]),
                // Length does not count.
                with_dense(4, &[3.0, 4.0, 0.0]),
                chunk(5),
            ],
        )
        .await;
    let hits = fixture.query(&scope, &dense(&[1.0, 0.0, 0.0])).await;
    let ids: Vec<u128> = hits.iter().map(|hit| hit.chunk_id.as_u128()).collect();
    assert_eq!(ids, [2, 4, 1, 3], "a chunk without a dense vector is no dense hit");
    for (hit, expected) in hits.iter().zip([1.0, 0.6, 0.0, -1.0]) {
        assert_close(hit.score, expected);
    }
    assert_eq!(fixture.ids(&scope, &at(1)).await, [1, 2, 3, 4, 5]);
    assert_eq!(fixture.count(&scope, 1).await, 5);
}

pub(super) async fn refuses_bad_vectors(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, Some(2)).await;
    let scope = scopes::editor("acme");
    let bad: [&[f32]; 7] = [
        &[],
        &[1.0],
        &[1.0, 0.0, 0.0],
        &[0.0, 0.0],
        &[f32::NAN, 1.0],
        &[f32::INFINITY, 1.0],
        &[1.0, f32::NEG_INFINITY],
    ];
    for vector in bad {
        let written = fixture.store.upsert(&scope, &fixture.name, &[with_dense(1, vector)]).await;
        assert!(matches!(written, Err(StoreError::BadVector { .. })), "{vector:?}: {written:?}");
        let found = fixture.store.query(&scope, &fixture.name, &dense(vector)).await;
        assert!(matches!(found, Err(StoreError::BadVector { .. })), "{vector:?}: {found:?}");
    }
    assert_eq!(fixture.count(&scope, 1).await, 0);
}

pub(super) async fn is_missing_from_lexical_collections(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, None).await;
    let scope = scopes::editor("acme");
    let written = fixture.store.upsert(&scope, &fixture.name, &[with_dense(1, &[1.0])]).await;
    assert!(matches!(written, Err(StoreError::BadVector { .. })), "{written:?}");
    let found = fixture.store.query(&scope, &fixture.name, &dense(&[1.0])).await;
    assert!(matches!(found, Err(StoreError::BadVector { .. })), "{found:?}");
    fixture.upsert(&scope, &[chunk(1)]).await;
    assert_eq!(fixture.ids(&scope, &at(1)).await, [1]);
}

pub(super) async fn ties_and_limits(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, Some(2)).await;
    let scope = scopes::editor("acme");
    // Written in an order that is neither that of ids nor its reverse.
    for id in [7_u128, 2, 1 << 100, 9, 1, 8, 3] {
        fixture.upsert(&scope, &[with_dense(id, &[0.6, 0.8])]).await;
    }
    fixture.upsert(&scope, &[with_dense(50, &[1.0, 0.0])]).await;
    let query = dense(&[1.0, 0.0]);
    let expected = [50, 1, 2, 3, 7, 8, 9, 1 << 100];
    assert_eq!(fixture.ids(&scope, &query).await, expected);
    for limit in 1..=8 {
        let query = LegQuery { limit, ..query.clone() };
        assert_eq!(fixture.ids(&scope, &query).await, expected[..limit], "limit {limit}");
    }
    let none = LegQuery { limit: 0, ..query.clone() };
    assert_eq!(fixture.ids(&scope, &none).await, [50], "the smallest limit is 1");
    let huge = LegQuery { limit: usize::MAX, ..query };
    assert_eq!(fixture.ids(&scope, &huge).await, expected);
}
