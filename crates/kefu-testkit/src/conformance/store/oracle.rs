use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use kefu_core::ports::{CollectionSpec, Hit, LegQuery, VectorStore};
use kefu_core::{Chunk, ChunkId, DocumentId, ReleaseNo, Scope, Validity};

use super::fixture::{Fixture, TOLERANCE, audiences, chunk, dense, document_ids, lexical, terms};
use crate::fakes::MemoryStore;
use crate::scopes;

const DIMENSIONS: usize = 24;
const N_TERMS: u64 = 60;
const N_CHUNKS: u64 = 300;

/// Random writes and queries give what the exact store in memory gives, up to rounding.
pub(super) async fn agrees_with_memory(store: Arc<dyn VectorStore>) {
    let fixture = Fixture::open(store, Some(DIMENSIONS)).await;
    let memory = MemoryStore::new();
    let spec = CollectionSpec { name: fixture.name.clone(), dimensions: Some(DIMENSIONS) };
    memory.open(&spec).await.unwrap();
    let mut random = Random(20_260_101);
    let tenants = [scopes::editor("acme"), scopes::editor("beta")];

    for round in 0..3 {
        for (n, tenant) in tenants.iter().enumerate() {
            // Later rounds replace about half of the earlier chunks.
            let first = round * N_CHUNKS / 2 + (n as u64) * 10_000;
            let chunks: Vec<Chunk> =
                (first..first + N_CHUNKS).map(|id| random.chunk(u128::from(id))).collect();
            fixture.upsert(tenant, &chunks).await;
            memory.upsert(tenant, &fixture.name, &chunks).await.unwrap();
            let closed = random.some(&chunks);
            let until = (round < 2).then_some(ReleaseNo(3));
            fixture.store.set_until(tenant, &fixture.name, &closed, until).await.unwrap();
            memory.set_until(tenant, &fixture.name, &closed, until).await.unwrap();
        }
        for _ in 0..20 {
            let scope = random.scope();
            compare(&fixture, &memory, &scope, &random.query()).await;
        }
    }

    let all: Vec<Chunk> = (0..3 * N_CHUNKS).map(|id| chunk(u128::from(id))).collect();
    let removed = random.some(&all);
    fixture.store.remove(&tenants[0], &fixture.name, &removed).await.unwrap();
    memory.remove(&tenants[0], &fixture.name, &removed).await.unwrap();
    for _ in 0..20 {
        // An engine may count the terms of removed chunks for a while: sets agree, scores need not.
        let scope = random.scope();
        let query = LegQuery { limit: 1000, ..random.query() };
        let expected = memory.query(&scope, &fixture.name, &query).await.unwrap();
        let expected: BTreeSet<ChunkId> = expected.iter().map(|hit| hit.chunk_id).collect();
        let found = fixture.query(&scope, &query).await;
        assert_eq!(found.iter().map(|hit| hit.chunk_id).collect::<BTreeSet<_>>(), expected);
    }
    for (tenant, release) in tenants.iter().zip(1..) {
        let expected = memory.count(tenant, &fixture.name, ReleaseNo(release)).await.unwrap();
        assert_eq!(fixture.count(tenant, release).await, expected);
        let (all, name) = (usize::MAX, &fixture.name);
        let expected = memory.points(tenant, name, None, all).await.unwrap();
        assert_eq!(fixture.store.points(tenant, name, None, all).await.unwrap(), expected);
    }
}

async fn compare(fixture: &Fixture, memory: &MemoryStore, scope: &Scope, query: &LegQuery) {
    let all = LegQuery { limit: usize::MAX, ..query.clone() };
    let exact: Vec<Hit> = memory.query(scope, &fixture.name, &all).await.unwrap();
    let scores: HashMap<ChunkId, f32> = exact.iter().map(|h| (h.chunk_id, h.score)).collect();
    let hits = fixture.query(scope, query).await;
    assert_eq!(hits.len(), exact.len().min(query.limit), "{query:?}");
    for (hit, expected) in hits.iter().zip(&exact) {
        let own = scores.get(&hit.chunk_id).expect("only what may be seen is found");
        let slack = TOLERANCE * expected.score.abs().max(1.0);
        assert!((hit.score - own).abs() < slack, "{hit:?} scores {own} in memory; {query:?}");
        // Its place is right when its score is that of the place.
        assert!((hit.score - expected.score).abs() < slack, "{hit:?}, not {expected:?}");
    }
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

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// From -1 to 1.
    fn value(&mut self) -> f32 {
        let thousandths = i16::try_from(self.below(2001)).unwrap() - 1000;
        f32::from(thousandths) / 1000.0
    }

    fn vector(&mut self) -> Vec<f32> {
        let mut vector: Vec<f32> = (0..DIMENSIONS).map(|_| self.value()).collect();
        vector[0] += 2.0;
        vector
    }

    /// Low term ids are frequent, high ones rare.
    fn weights(&mut self, n: u64) -> Vec<(u32, f32)> {
        let weight = |random: &mut Self| {
            let term = random.below(N_TERMS) * random.below(N_TERMS) / N_TERMS;
            (u32::try_from(term).unwrap() * 70_000_001, random.value().abs() + 0.01)
        };
        (0..n).map(|_| weight(self)).collect()
    }

    fn chunk(&mut self, id: u128) -> Chunk {
        let n_terms = self.below(12);
        let names: &[&str] = match self.below(3) {
            0 => &["public"],
            1 => &["staff"],
            _ => &["public", "vip"],
        };
        let mut draft = chunk(id).draft;
        if self.below(3) == 0 {
            draft.validity = Validity { from: self.day(), to: self.day() };
        }
        Chunk {
            draft,
            document_id: DocumentId::new(format!("d{}", self.below(40))).unwrap(),
            audiences: audiences(names),
            since: ReleaseNo(u32::try_from(self.below(4)).unwrap() + 1),
            dense: (self.below(5) > 0).then(|| self.vector()),
            sparse: terms(&self.weights(n_terms)),
            ..chunk(id)
        }
    }

    /// One of some days, or none.
    fn day(&mut self) -> Option<String> {
        let month = self.below(8);
        (month > 0).then(|| format!("2026-{month:02}-15"))
    }

    /// One in eight.
    fn some(&mut self, chunks: &[Chunk]) -> Vec<ChunkId> {
        chunks.iter().filter(|_| self.below(8) == 0).map(|chunk| chunk.id).collect()
    }

    fn scope(&mut self) -> Scope {
        let tenant = if self.below(2) == 0 { "acme" } else { "beta" };
        match self.below(3) {
            0 => scopes::customer(tenant),
            1 => scopes::agent(tenant),
            _ => scopes::editor(tenant),
        }
    }

    fn query(&mut self) -> LegQuery {
        let query = if self.below(2) == 0 {
            dense(&self.vector())
        } else {
            let n_terms = 1 + self.below(6);
            lexical(&self.weights(n_terms))
        };
        let documents = (self.below(4) == 0).then(|| {
            let names: Vec<String> = (0..5).map(|_| format!("d{}", self.below(40))).collect();
            document_ids(&names.iter().map(String::as_str).collect::<Vec<_>>())
        });
        let limit = usize::try_from(1 + self.below(60)).unwrap();
        LegQuery {
            release: ReleaseNo(u32::try_from(self.below(6)).unwrap()),
            day: self.day(),
            documents,
            limit,
            ..query
        }
    }
}
