//! Both legs of one question against the engine in this process: 10,000 chunks of two tenants,
//! 384 dimensions, with the filter that every question has. `KEFU_BENCH_CHUNKS` sets another size.
//! Scores are random, so this measures speed and nothing else.
#![expect(clippy::unwrap_used, reason = "a bench fails loudly")]

use std::collections::BTreeSet;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use kefu_core::ports::{CollectionSpec, Leg, LegQuery, VectorStore};
use kefu_core::{
    Audience, Chunk, ChunkDraft, ChunkId, DocumentId, Language, ReleaseNo, Scope, Span,
    SparseVector,
};
use kefu_store::{EdgeSettings, EdgeStore};
use kefu_testkit::scopes;

const DIMENSIONS: usize = 384;
const N_TERMS_PER_CHUNK: u64 = 80;
const N_TERMS: u64 = 20_000;
const NAME: &str = "bench";

criterion_group!(benches, query);
criterion_main!(benches);

fn query(criterion: &mut Criterion) {
    let n_chunks = std::env::var("KEFU_BENCH_CHUNKS").map_or(10_000, |n| n.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let settings = EdgeSettings {
        n_query_threads: 2,
        max_waiting: 64,
        min_free_bytes: 0,
        max_log_bytes: u64::MAX,
    };
    let store = EdgeStore::open(dir.path().to_owned(), &settings).unwrap();
    let mut random = Random(7);
    runtime.block_on(fill(&store, n_chunks, &mut random));

    let customer = scopes::customer("tenant-0");
    let mut group = criterion.benchmark_group(format!("{n_chunks} chunks"));
    let ask = |query: LegQuery| {
        black_box(runtime.block_on(store.query(&customer, NAME, &query)).unwrap());
    };
    group.bench_function("dense", |bencher| {
        let setup = || at_release_1(Leg::Dense(random.vector()));
        bencher.iter_batched(setup, ask, BatchSize::SmallInput);
    });
    group.bench_function("lexical", |bencher| {
        let setup = || at_release_1(Leg::Lexical(random.terms(12)));
        bencher.iter_batched(setup, ask, BatchSize::SmallInput);
    });
    group.bench_function("both legs at once", |bencher| {
        let setup = || {
            let dense = at_release_1(Leg::Dense(random.vector()));
            (dense, at_release_1(Leg::Lexical(random.terms(12))))
        };
        let ask = |(dense, lexical): (LegQuery, LegQuery)| {
            black_box(runtime.block_on(async {
                tokio::try_join!(
                    store.query(&customer, NAME, &dense),
                    store.query(&customer, NAME, &lexical)
                )
                .unwrap()
            }));
        };
        bencher.iter_batched(setup, ask, BatchSize::SmallInput);
    });
    group.bench_function("write of 64 chunks", |bencher| {
        let scope = scopes::editor("tenant-0");
        let setup = || (0..64).map(|n| random.chunk(n)).collect::<Vec<_>>();
        let write = |chunks: Vec<Chunk>| {
            runtime.block_on(store.upsert(&scope, NAME, &chunks)).unwrap();
        };
        bencher.iter_batched(setup, write, BatchSize::SmallInput);
    });
    group.finish();
    runtime.block_on(store.close_store()).unwrap();
}

async fn fill(store: &EdgeStore, n_chunks: u64, random: &mut Random) {
    let spec = CollectionSpec { name: NAME.to_owned(), dimensions: Some(DIMENSIONS) };
    store.open(&spec).await.unwrap();
    let tenants: [Scope; 2] = [scopes::editor("tenant-0"), scopes::editor("tenant-1")];
    let ids: Vec<u64> = (0..n_chunks).collect();
    for (n, batch) in ids.chunks(256).enumerate() {
        let chunks: Vec<Chunk> = batch.iter().map(|id| random.chunk(*id)).collect();
        // One chunk in five is the other tenant's.
        store.upsert(&tenants[usize::from(n % 5 == 4)], NAME, &chunks).await.unwrap();
    }
    store.mark_complete(NAME).await.unwrap();
}

fn at_release_1(leg: Leg) -> LegQuery {
    LegQuery { leg, release: ReleaseNo(1), day: None, documents: None, limit: 50 }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1.
    fn share(&mut self) -> f32 {
        f32::from(u16::try_from(self.next() % 10_000).unwrap()) / 10_000.0
    }

    fn vector(&mut self) -> Vec<f32> {
        (0..DIMENSIONS).map(|_| self.share() - 0.5).collect()
    }

    /// Low ids are much more frequent than high ones, as words are.
    fn terms(&mut self, n: u64) -> SparseVector {
        let weight = |random: &mut Self| {
            let place = random.share();
            let term = (place * place * place * f32::from(u16::try_from(N_TERMS).unwrap())).floor();
            let term = term as u32;
            (term, random.share() + 0.1)
        };
        let weights: Vec<(u32, f32)> = (0..n).map(|_| weight(self)).collect();
        SparseVector::from_weights(weights)
    }

    fn chunk(&mut self, id: u64) -> Chunk {
        Chunk {
            id: ChunkId::derive(&[&id.to_le_bytes()]),
            document_id: DocumentId::new(format!("document-{}", id / 8)).unwrap(),
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
            dense: Some(self.vector()),
            sparse: self.terms(N_TERMS_PER_CHUNK),
        }
    }
}
