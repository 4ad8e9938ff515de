use std::sync::Arc;

use kefu_core::ports::{LegQuery, VectorStore};

use super::fixture::{Fixture, assert_close, lexical, with_terms};
use crate::scopes;

pub(super) async fn weighs_rare_terms_higher(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, None).await;
    let scope = scopes::editor("acme");
    fixture
        .upsert(
            &scope,
            &[
                with_terms(1, &[(10, 1.0), (20, 1.0)]),
                with_terms(2, &[(10, 1.5)]),
                with_terms(3, &[(10, 0.5)]),
                with_terms(4, &[(u32::MAX, 2.0)]),
            ],
        )
        .await;
    let idf = |n_with: f32| ((4.0 - n_with + 0.5) / (n_with + 0.5) + 1.0_f32).ln();
    let hits = fixture.query(&scope, &lexical(&[(10, 1.0), (20, 0.5), (u32::MAX, 0.25)])).await;
    let expected = [
        (1, idf(3.0) + 0.5 * idf(1.0)),
        (4, 2.0 * 0.25 * idf(1.0)),
        (2, 1.5 * idf(3.0)),
        (3, 0.5 * idf(3.0)),
    ];
    assert_eq!(hits.len(), expected.len());
    for (hit, (id, score)) in hits.iter().zip(expected) {
        assert_eq!(hit.chunk_id.as_u128(), id);
        assert_close(hit.score, score);
    }
}

pub(super) async fn finds_only_shared_terms(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, None).await;
    let scope = scopes::editor("acme");
    fixture.upsert(&scope, &[with_terms(1, &[(1, 1.0)]), with_terms(2, &[(2, 1.0)])]).await;
    fixture.upsert(&scope, &[with_terms(3, &[])]).await;
    assert_eq!(fixture.ids(&scope, &lexical(&[(2, 1.0), (404, 1.0)])).await, [2]);
    assert!(fixture.ids(&scope, &lexical(&[(404, 1.0)])).await.is_empty());
    assert!(fixture.ids(&scope, &lexical(&[])).await.is_empty());
    assert_eq!(fixture.count(&scope, 1).await, 3, "a point without vectors is still a point");
}

pub(super) async fn ties_and_limits(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, None).await;
    let scope = scopes::editor("acme");
    for id in [6_u128, 1 << 90, 2, 5, 4, 3] {
        fixture.upsert(&scope, &[with_terms(id, &[(1, 0.7), (2, 0.1)])]).await;
    }
    let query = lexical(&[(1, 1.0), (2, 1.0)]);
    let expected = [2, 3, 4, 5, 6, 1 << 90];
    for limit in 1..=6 {
        let query = LegQuery { limit, ..query.clone() };
        assert_eq!(fixture.ids(&scope, &query).await, expected[..limit], "limit {limit}");
    }
    let huge = LegQuery { limit: usize::MAX, ..query };
    assert_eq!(fixture.ids(&scope, &huge).await, expected);
}
