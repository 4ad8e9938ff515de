use std::collections::BTreeSet;
use std::sync::Arc;

use kefu_core::ports::{CollectionSpec, Hit, Leg, LegQuery, VectorStore};
use kefu_core::{
    AnswerId, Audience, Chunk, ChunkDraft, ChunkId, DocumentId, Language, ReleaseNo, Scope, Span,
    SparseVector,
};

/// Largest difference between scores of two engines.
pub(super) const TOLERANCE: f32 = 1e-4;

/// One collection of a store under test.
pub(super) struct Fixture {
    pub(super) store: Arc<dyn VectorStore>,
    pub(super) name: String,
}

impl Fixture {
    /// Opens a fresh collection and declares it whole.
    pub(super) async fn open(store: Arc<dyn VectorStore>, dimensions: Option<usize>) -> Self {
        let spec = spec(dimensions);
        store.open(&spec).await.expect("a fresh collection opens");
        store.mark_complete(&spec.name).await.expect("it can be marked complete");
        Self { store, name: spec.name }
    }

    pub(super) async fn upsert(&self, scope: &Scope, chunks: &[Chunk]) {
        self.store.upsert(scope, &self.name, chunks).await.expect("good chunks are written");
    }

    pub(super) async fn end(&self, scope: &Scope, ids: &[u128], until: Option<u32>) {
        let ids: Vec<ChunkId> = ids.iter().map(|id| ChunkId::from_u128(*id)).collect();
        let until = until.map(ReleaseNo);
        self.store.set_until(scope, &self.name, &ids, until).await.expect("ending works");
    }

    pub(super) async fn remove(&self, scope: &Scope, ids: &[u128]) {
        let ids: Vec<ChunkId> = ids.iter().map(|id| ChunkId::from_u128(*id)).collect();
        self.store.remove(scope, &self.name, &ids).await.expect("removing works");
    }

    pub(super) async fn count(&self, scope: &Scope, release: u32) -> u64 {
        let count = self.store.count(scope, &self.name, ReleaseNo(release)).await;
        count.expect("counting works")
    }

    pub(super) async fn query(&self, scope: &Scope, query: &LegQuery) -> Vec<Hit> {
        self.store.query(scope, &self.name, query).await.expect("a good query is answered")
    }

    /// Ids of the hits, best first.
    pub(super) async fn ids(&self, scope: &Scope, query: &LegQuery) -> Vec<u128> {
        self.query(scope, query).await.iter().map(|hit| hit.chunk_id.as_u128()).collect()
    }
}

/// A collection name that no earlier run used.
pub(super) fn spec(dimensions: Option<usize>) -> CollectionSpec {
    CollectionSpec { name: format!("conformance-{}", AnswerId::generate()), dimensions }
}

/// A public, lexical chunk of term 1, visible from release 1 on.
pub(super) fn chunk(id: u128) -> Chunk {
    Chunk {
        id: ChunkId::from_u128(id),
        document_id: DocumentId::new(format!("document-{id}")).expect("a valid id"),
        draft: ChunkDraft {
            ordinal: 0,
            span: Span { start: 0, end: 4 },
            heading: String::new(),
            index_text: "text".to_owned(),
            language: Language::ENGLISH,
            validity: kefu_core::Validity::default(),
            n_tokens: 1,
        },
        audiences: BTreeSet::from([Audience::public()]),
        since: ReleaseNo(1),
        until: None,
        dense: None,
        sparse: terms(&[(1, 1.0)]),
    }
}

pub(super) fn with_dense(id: u128, vector: &[f32]) -> Chunk {
    Chunk { dense: Some(vector.to_vec()), ..chunk(id) }
}

pub(super) fn with_terms(id: u128, weights: &[(u32, f32)]) -> Chunk {
    Chunk { sparse: terms(weights), ..chunk(id) }
}

pub(super) fn terms(weights: &[(u32, f32)]) -> SparseVector {
    SparseVector::from_weights(weights.iter().copied())
}

pub(super) fn document_ids(ids: &[&str]) -> BTreeSet<DocumentId> {
    ids.iter().map(|id| DocumentId::new(*id).expect("a valid id")).collect()
}

pub(super) fn audiences(names: &[&str]) -> BTreeSet<Audience> {
    names.iter().map(|name| Audience::new(name).expect("a valid audience")).collect()
}

/// A lexical query for term 1 at a release.
pub(super) fn at(release: u32) -> LegQuery {
    LegQuery { release: ReleaseNo(release), ..lexical(&[(1, 1.0)]) }
}

/// A lexical query at release 1.
pub(super) fn lexical(weights: &[(u32, f32)]) -> LegQuery {
    leg(Leg::Lexical(terms(weights)))
}

/// A dense query at release 1.
pub(super) fn dense(vector: &[f32]) -> LegQuery {
    leg(Leg::Dense(vector.to_vec()))
}

fn leg(leg: Leg) -> LegQuery {
    LegQuery { leg, release: ReleaseNo(1), day: None, documents: None, limit: 100 }
}

pub(super) fn assert_close(found: f32, expected: f32) {
    assert!((found - expected).abs() < TOLERANCE, "score {found}, expected {expected}");
}
