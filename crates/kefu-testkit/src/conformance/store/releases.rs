use std::sync::Arc;

use kefu_core::ports::{StoredPoint, VectorStore};
use kefu_core::{Chunk, ChunkId, ReleaseNo, Visibility};

use super::fixture::{Fixture, at, chunk};
use crate::scopes;

pub(super) async fn bound_what_is_visible(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, None).await;
    let scope = scopes::editor("acme");
    let ranged = |id, since, until: Option<u32>| Chunk {
        since: ReleaseNo(since),
        until: until.map(ReleaseNo),
        ..chunk(id)
    };
    let last = u32::MAX;
    fixture
        .upsert(
            &scope,
            &[
                ranged(1, 1, None),
                ranged(2, 2, Some(4)),
                ranged(3, 3, Some(3)),
                ranged(4, last, None),
            ],
        )
        .await;
    for (release, visible) in [
        (0, vec![]),
        (1, vec![1]),
        (2, vec![1, 2]),
        (3, vec![1, 2]),
        (4, vec![1]),
        (last - 1, vec![1]),
        (last, vec![1, 4]),
    ] {
        assert_eq!(fixture.ids(&scope, &at(release)).await, visible, "at release {release}");
        let count = fixture.count(&scope, release).await;
        assert_eq!(count, visible.len() as u64, "at release {release}");
    }
}

pub(super) async fn end_and_open_again(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, None).await;
    let scope = scopes::editor("acme");
    fixture.upsert(&scope, &[chunk(1), chunk(2), chunk(3)]).await;
    fixture.end(&scope, &[2, 77], Some(5)).await;
    assert_eq!(fixture.ids(&scope, &at(4)).await, [1, 2, 3]);
    assert_eq!(fixture.ids(&scope, &at(5)).await, [1, 3]);
    assert_eq!(fixture.ids(&scope, &at(6)).await, [1, 3]);

    // Ending again moves the end; ending nothing and ending the unknown change nothing.
    fixture.end(&scope, &[2], Some(6)).await;
    fixture.end(&scope, &[], Some(2)).await;
    fixture.end(&scope, &[77], Some(2)).await;
    assert_eq!(fixture.ids(&scope, &at(5)).await, [1, 2, 3]);
    assert_eq!(fixture.ids(&scope, &at(6)).await, [1, 3]);

    // Opening again is as good as never having ended, and both may be said twice.
    for _ in 0..2 {
        fixture.end(&scope, &[2, 3, 77], None).await;
        assert_eq!(fixture.ids(&scope, &at(6)).await, [1, 2, 3]);
    }
    for _ in 0..2 {
        fixture.end(&scope, &[2], Some(6)).await;
        assert_eq!(fixture.ids(&scope, &at(6)).await, [1, 3]);
    }

    // A point written again is open again.
    fixture.upsert(&scope, &[chunk(2)]).await;
    assert_eq!(fixture.ids(&scope, &at(6)).await, [1, 2, 3]);
}

pub(super) async fn can_be_read_back_page_by_page(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, None).await;
    let scope = scopes::editor("acme");
    let page = async |after: Option<u128>, limit| {
        let after = after.map(ChunkId::from_u128);
        fixture.store.points(&scope, &fixture.name, after, limit).await.unwrap()
    };
    assert_eq!(page(None, 5).await, []);
    let last = u128::MAX;
    let ids = [3, 1, last, 1 << 64, 2, 1 << 100];
    let chunks: Vec<Chunk> =
        ids.into_iter().map(|id| Chunk { since: ReleaseNo(7), ..chunk(id) }).collect();
    fixture.upsert(&scope, &chunks).await;
    fixture.end(&scope, &[2, last], Some(u32::MAX)).await;
    fixture.end(&scope, &[3], Some(9)).await;
    let stored = |id, until: Option<u32>| StoredPoint {
        chunk_id: ChunkId::from_u128(id),
        visibility: Visibility { since: ReleaseNo(7), until: until.map(ReleaseNo) },
    };
    let all = [
        stored(1, None),
        stored(2, Some(u32::MAX)),
        stored(3, Some(9)),
        stored(1 << 64, None),
        stored(1 << 100, None),
        stored(last, Some(u32::MAX)),
    ];
    assert_eq!(page(None, 100).await, all);
    assert_eq!(page(None, 2).await, all[..2]);
    assert_eq!(page(Some(2), 2).await, all[2..4]);
    assert_eq!(page(Some(1 << 70), 9).await, all[4..]);
    assert_eq!(page(Some(last), 9).await, []);
}
