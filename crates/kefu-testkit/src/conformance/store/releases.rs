use std::sync::Arc;

use kefu_core::ports::VectorStore;
use kefu_core::{Chunk, ReleaseNo};

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

pub(super) async fn end_when_closed(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, None).await;
    let scope = scopes::editor("acme");
    fixture.upsert(&scope, &[chunk(1), chunk(2), chunk(3)]).await;
    fixture.close(&scope, &[2, 77], 5).await;
    assert_eq!(fixture.ids(&scope, &at(4)).await, [1, 2, 3]);
    assert_eq!(fixture.ids(&scope, &at(5)).await, [1, 3]);
    assert_eq!(fixture.ids(&scope, &at(6)).await, [1, 3]);

    // Closing again moves the end; closing nothing and closing the unknown change nothing.
    fixture.close(&scope, &[2], 6).await;
    fixture.close(&scope, &[], 2).await;
    fixture.close(&scope, &[77], 2).await;
    assert_eq!(fixture.ids(&scope, &at(5)).await, [1, 2, 3]);
    assert_eq!(fixture.ids(&scope, &at(6)).await, [1, 3]);

    // A point written again is open again.
    fixture.upsert(&scope, &[chunk(2)]).await;
    assert_eq!(fixture.ids(&scope, &at(6)).await, [1, 2, 3]);
}
