use std::sync::Arc;

use kefu_core::ports::VectorStore;

use super::fixture::{Fixture, at, dense, with_dense};
use crate::scopes;

pub(super) async fn never_meet(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, Some(2)).await;
    let (acme, other) = (scopes::editor("acme"), scopes::operator("其他"));
    let vector = [1.0, 0.0];
    fixture.upsert(&acme, &[with_dense(1, &vector), with_dense(2, &vector)]).await;
    fixture.upsert(&other, &[with_dense(3, &vector)]).await;

    for query in [at(1), dense(&vector)] {
        assert_eq!(fixture.ids(&acme, &query).await, [1, 2]);
        assert_eq!(fixture.ids(&other, &query).await, [3]);
        assert!(fixture.ids(&scopes::editor("third"), &query).await.is_empty());
    }
    assert_eq!(fixture.count(&acme, 1).await, 2);
    assert_eq!(fixture.count(&other, 1).await, 1);
    let points = fixture.store.points(&other, &fixture.name, None, 10).await.unwrap();
    assert_eq!(points.iter().map(|p| p.chunk_id.as_u128()).collect::<Vec<_>>(), [3]);

    // Naming another tenant's points touches only one's own.
    fixture.end(&other, &[1, 3], Some(2)).await;
    assert_eq!(fixture.ids(&acme, &at(2)).await, [1, 2]);
    assert!(fixture.ids(&other, &at(2)).await.is_empty());
    fixture.remove(&other, &[1, 2, 3]).await;
    assert_eq!(fixture.ids(&acme, &at(1)).await, [1, 2]);
    assert_eq!(fixture.count(&other, 1).await, 0);
}
