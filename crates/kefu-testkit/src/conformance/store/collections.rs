use std::sync::Arc;

use kefu_core::ports::{CollectionSpec, OpenOutcome, VectorStore};
use kefu_core::{ReleaseNo, StoreError};

use super::fixture::{Fixture, at, chunk, spec};
use crate::scopes;

pub(super) async fn are_empty_until_marked_complete(store: Arc<dyn VectorStore>) {
    let spec = spec(Some(4));
    for _ in 0..2 {
        assert_eq!(store.open(&spec).await.unwrap(), OpenOutcome::Empty);
    }
    let editor = scopes::editor("acme");
    store.upsert(&editor, &spec.name, &[chunk(1)]).await.unwrap();
    assert_eq!(store.open(&spec).await.unwrap(), OpenOutcome::Empty);
    store.upsert(&editor, &spec.name, &[chunk(1), chunk(2)]).await.unwrap();
    store.mark_complete(&spec.name).await.unwrap();
    assert_eq!(store.open(&spec).await.unwrap(), OpenOutcome::Ready);
    assert_eq!(store.count(&editor, &spec.name, ReleaseNo(1)).await.unwrap(), 2);
    store.mark_complete(&spec.name).await.unwrap();
    assert_eq!(store.open(&spec).await.unwrap(), OpenOutcome::Ready);
}

pub(super) async fn are_refused_when_bad_or_unknown(store: Arc<dyn VectorStore>) {
    for name in ["", "a/b", "..", "名字", "a b", &"x".repeat(201)] {
        let spec = CollectionSpec { name: name.to_owned(), dimensions: None };
        assert!(store.open(&spec).await.is_err(), "{name:?} is no name for a collection");
    }
    let none = CollectionSpec { dimensions: Some(0), ..spec(None) };
    assert!(store.open(&none).await.is_err());

    let known = spec(Some(4));
    store.open(&known).await.unwrap();
    for dimensions in [None, Some(5)] {
        let other = CollectionSpec { dimensions, ..known.clone() };
        let refused = store.open(&other).await;
        assert!(matches!(refused, Err(StoreError::BadVector { .. })), "{refused:?}");
    }

    let name = spec(None).name;
    let scope = scopes::editor("acme");
    let id = chunk(1).id;
    let unknown = |result: Result<(), StoreError>| {
        assert!(
            matches!(&result, Err(StoreError::NoCollection { collection }) if *collection == name),
            "{result:?}"
        );
    };
    unknown(store.mark_complete(&name).await);
    unknown(store.upsert(&scope, &name, &[chunk(1)]).await);
    unknown(store.set_until(&scope, &name, &[id], Some(ReleaseNo(2))).await);
    unknown(store.remove(&scope, &name, &[id]).await);
    unknown(store.query(&scope, &name, &at(1)).await.map(drop));
    unknown(store.points(&scope, &name, None, 1).await.map(drop));
    unknown(store.count(&scope, &name, ReleaseNo(1)).await.map(drop));
}

pub(super) async fn do_not_share_points(store: Arc<dyn VectorStore>) {
    let scope = scopes::editor("acme");
    let one = Fixture::open(Arc::clone(&store), None).await;
    let other = Fixture::open(store, None).await;
    one.upsert(&scope, &[chunk(1), chunk(2)]).await;
    other.upsert(&scope, &[chunk(3)]).await;
    assert_eq!(one.ids(&scope, &at(1)).await, [1, 2]);
    assert_eq!(other.ids(&scope, &at(1)).await, [3]);
}

pub(super) async fn can_be_discarded(store: Arc<dyn VectorStore>) {
    let scope = scopes::editor("acme");
    let kept = Fixture::open(Arc::clone(&store), None).await;
    kept.upsert(&scope, &[chunk(1)]).await;
    let gone = Fixture::open(Arc::clone(&store), None).await;
    gone.upsert(&scope, &[chunk(2)]).await;
    for name in [&gone.name, &gone.name, &spec(None).name, "../no name"] {
        store.discard(name).await.unwrap();
    }
    let missing = store.query(&scope, &gone.name, &at(1)).await;
    assert!(matches!(missing, Err(StoreError::NoCollection { .. })), "{missing:?}");

    let again = CollectionSpec { name: gone.name.clone(), dimensions: Some(4) };
    assert_eq!(store.open(&again).await.unwrap(), OpenOutcome::Empty);
    assert_eq!(gone.count(&scope, 1).await, 0);
    gone.upsert(&scope, &[chunk(3)]).await;
    assert_eq!(gone.ids(&scope, &at(1)).await, [3]);
    assert_eq!(kept.ids(&scope, &at(1)).await, [1]);
}

pub(super) async fn refuse_work_once_closed(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, None).await;
    let scope = scopes::editor("acme");
    let store = &fixture.store;
    store.health().await.unwrap();
    store.close_store().await.unwrap();
    store.close_store().await.unwrap();
    let unavailable = |result: Result<(), StoreError>| {
        assert!(matches!(result, Err(StoreError::Unavailable { .. })), "{result:?}");
    };
    unavailable(store.health().await);
    unavailable(store.upsert(&scope, &fixture.name, &[chunk(1)]).await);
    unavailable(store.query(&scope, &fixture.name, &at(1)).await.map(drop));
    unavailable(store.open(&spec(None)).await.map(drop));
}
