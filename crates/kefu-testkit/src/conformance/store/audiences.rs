use std::sync::Arc;

use kefu_core::ports::{LegQuery, VectorStore};
use kefu_core::{Chunk, DocumentId, Role};

use super::fixture::{Fixture, at, audiences, chunk, dense, document_ids, lexical, with_dense};
use crate::scopes;

pub(super) async fn decide_what_is_read(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, Some(2)).await;
    let editor = scopes::editor("acme");
    let vector = [0.0, 1.0];
    let of = |id, names: &[&str]| Chunk { audiences: audiences(names), ..with_dense(id, &vector) };
    fixture
        .upsert(
            &editor,
            &[of(1, &["public"]), of(2, &["staff"]), of(3, &["vip", "staff"]), of(4, &["vip"])],
        )
        .await;
    for query in [at(1), dense(&vector)] {
        assert_eq!(fixture.ids(&scopes::customer("acme"), &query).await, [1]);
        assert_eq!(fixture.ids(&scopes::agent("acme"), &query).await, [1, 2, 3]);
        let vip = scopes::grant("acme", &["vip"], Role::Customer);
        assert_eq!(fixture.ids(&vip, &query).await, [3, 4]);
        let nobody = scopes::grant("acme", &[], Role::Agent);
        assert!(fixture.ids(&nobody, &query).await.is_empty());
        let all = scopes::grant("acme", &[], Role::Editor);
        assert_eq!(fixture.ids(&all, &query).await, [1, 2, 3, 4]);
    }
}

pub(super) async fn documents_narrow_a_query(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, Some(2)).await;
    let scope = scopes::customer("acme");
    let of = |id, document: &str| Chunk {
        document_id: DocumentId::new(document).unwrap(),
        ..with_dense(id, &[1.0, 0.0])
    };
    let chunks =
        [of(1, "退货/政策.md"), of(2, "a.md"), of(3, "a.md"), of(4, "a.md.bak"), of(5, "b \"q\"")];
    fixture.upsert(&scopes::editor("acme"), &chunks).await;
    for (documents, expected) in [
        (vec!["a.md"], vec![2, 3]),
        (vec!["退货/政策.md", "b \"q\""], vec![1, 5]),
        (vec!["a.md", "gone.md"], vec![2, 3]),
        (vec!["gone.md"], vec![]),
        (vec![], vec![]),
    ] {
        let documents = Some(document_ids(&documents));
        for query in [at(1), dense(&[1.0, 0.0])] {
            let query = LegQuery { documents: documents.clone(), ..query };
            assert_eq!(fixture.ids(&scope, &query).await, expected, "in {documents:?}");
        }
    }
    // A document that is asked for but shares no term is no lexical hit.
    fixture.upsert(&scopes::editor("acme"), &[chunk(6)]).await;
    let query = LegQuery { documents: Some(document_ids(&["a.md"])), ..lexical(&[(9, 1.0)]) };
    assert!(fixture.ids(&scope, &query).await.is_empty());
}
