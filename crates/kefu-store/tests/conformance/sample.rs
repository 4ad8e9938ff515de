//! Chunks and queries for the tests of single adapters.

use std::collections::BTreeSet;
use std::path::Path;

use kefu_core::ports::{CollectionSpec, Leg, LegQuery, OpenOutcome, VectorStore};
use kefu_core::{
    Audience, Chunk, ChunkDraft, ChunkId, DocumentId, Language, ReleaseNo, Scope, Span,
    SparseVector,
};
use kefu_testkit::scopes;
use tempfile::TempDir;

pub(crate) const NAME: &str = "chunks";

pub(crate) fn spec() -> CollectionSpec {
    CollectionSpec { name: NAME.to_owned(), dimensions: Some(2) }
}

pub(crate) fn scope() -> Scope {
    scopes::editor("acme")
}

/// A directory that ends with the test; in memory where the system has such a place, because the
/// engine waits for the disk some sixty times per write.
pub(crate) fn directory() -> TempDir {
    let in_memory = Path::new("/dev/shm");
    if in_memory.is_dir() {
        tempfile::tempdir_in(in_memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// Chunks with different vectors, and terms of which low ids are frequent.
pub(crate) fn chunks(ids: std::ops::Range<u16>) -> Vec<Chunk> {
    ids.map(chunk).collect()
}

fn chunk(n: u16) -> Chunk {
    let angle = f32::from(n) / 1000.0;
    let weights =
        (1..=8_u16).filter(|term| n.is_multiple_of(*term)).map(|term| (u32::from(term), 1.0));
    Chunk {
        id: ChunkId::from_u128(u128::from(n)),
        document_id: DocumentId::new(format!("document-{}", n / 10)).unwrap(),
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
        dense: Some(vec![angle.cos(), angle.sin()]),
        sparse: SparseVector::from_weights(weights),
    }
}

pub(crate) fn queries() -> [LegQuery; 2] {
    let query =
        |leg| LegQuery { leg, release: ReleaseNo(1), day: None, documents: None, limit: 20 };
    let terms = SparseVector::from_weights([(1, 0.5), (3, 1.0), (7, 1.0)]);
    [query(Leg::Dense(vec![0.8, 0.6])), query(Leg::Lexical(terms))]
}

/// Opens, fills and completes the collection.
pub(crate) async fn fill(store: &dyn VectorStore, chunks: &[Chunk]) {
    assert_eq!(store.open(&spec()).await.unwrap(), OpenOutcome::Empty);
    store.upsert(&scope(), NAME, chunks).await.unwrap();
    store.mark_complete(NAME).await.unwrap();
}

pub(crate) async fn count(store: &dyn VectorStore) -> u64 {
    store.count(&scope(), NAME, ReleaseNo(1)).await.unwrap()
}
