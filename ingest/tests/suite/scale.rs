//! How long releases take at 100,000 chunks; run by hand:
//! `cargo test -p kefu-ingest --test suite scale -- --ignored --nocapture`.
#![expect(clippy::print_stderr, reason = "figures for whoever runs it")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kefu_core::content::digest;
use kefu_core::ports::{CollectionSpec, ContentRecords, DocumentChange, VectorStore};
use kefu_core::{
    Audience, Build, Chunk, ChunkDraft, ChunkId, Document, DocumentId, DocumentKind, DocumentMeta,
    Language, PointerTarget, ReleaseNo, Scope, Span, SparseVector,
};
use kefu_ingest::{IngestSettings, Ingestor, IngestorParts, Unobserved, diff_releases};
use kefu_records::SqliteRecords;
use kefu_store::{EdgeSettings, EdgeStore};
use kefu_testkit::fakes::FakeClock;
use kefu_testkit::scopes;

use crate::world::{ANALYSER, InProcess};

const COLLECTION: &str = "points";
const N_DOCUMENTS: u32 = 10_000;
const N_PARAGRAPHS: u32 = 10;
const N_CHANGED: u32 = 100;
const DIMENSIONS: usize = 384;
const HOLDER: &str = "test";

struct Place {
    records: Arc<SqliteRecords>,
    store: Arc<EdgeStore>,
    ingestor: Ingestor,
    clock: Arc<FakeClock>,
    scope: Scope,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; figures only, except for the second that a rollback may take"]
async fn releases_of_100_000_chunks() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let place = open(dir.path()).await;
    let begun = Instant::now();
    place.stage(0..N_DOCUMENTS, 1).await;
    say("write 100,000 chunks to both stores", begun);
    place.publish("the first release, nothing to tell the index").await;
    place.stage(0..N_CHANGED, 2).await;
    place.publish("1,000 chunks replaced").await;

    place.go("roll back", PointerTarget::Previous).await;
    place.go("and forward", PointerTarget::Release(ReleaseNo(2))).await;
    place.diff("compare, 100 documents changed", 1, 2).await;

    place.stage(0..N_DOCUMENTS, 3).await;
    place.publish("all 100,000 chunks replaced").await;
    place.diff("compare, all documents changed", 2, 3).await;
    place.go("roll back", PointerTarget::Previous).await;

    let begun = Instant::now();
    let build = place.begin().await;
    assert_eq!(build.undone.abandoned, [ReleaseNo(3)]);
    say("begin to build, undoing 100,000 new and 100,000 ended chunks", begun);
    place.records.end_build(&place.scope, &build).await.unwrap();
    place.stage(0..1, 4).await;
    place.publish("the same, told to the index").await;

    place.stage(0..N_DOCUMENTS, 5).await;
    place.publish("all 100,000 chunks replaced again").await;
    place.clock.advance_ms(600_000);
    place.stage(0..1, 6).await;
    place.publish("the same with collecting 101,000 chunks").await;
    let check = timed("compare index and records", || place.ingestor.check_index(&place.scope));
    let check = check.await.unwrap();
    assert!(check.is_well(), "{check:?}");
    place.store.close_store().await.unwrap();
}

async fn open(dir: &std::path::Path) -> Place {
    let clock = Arc::new(FakeClock::at(1_000_000));
    let records = Arc::new(SqliteRecords::open(&dir.join("records.db"), clock.clone()).unwrap());
    let settings = EdgeSettings {
        n_query_threads: 2,
        max_waiting: 64,
        min_free_bytes: 0,
        max_log_bytes: 1 << 40,
    };
    let store = Arc::new(EdgeStore::open(dir.join("index"), &settings).unwrap());
    let ingestor = Ingestor::new(IngestorParts {
        fetcher: None,
        clock: Arc::new(kefu_testkit::fakes::FakeClock::at(1_000_000)),
        parser: Arc::new(InProcess),
        records: records.clone(),
        store: store.clone(),
        embedder: None,
        analyser: ANALYSER.clone(),
        collection: CollectionSpec { name: COLLECTION.to_owned(), dimensions: Some(DIMENSIONS) },
        settings: IngestSettings {
            holder: HOLDER.to_owned(),
            chunk_tokens: 200,
            default_state: kefu_core::DocumentState::Approved,
            words_first: false,
            keep_releases: 1,
            embed_batch: 64,
            parse_concurrency: 1,
            max_file_bytes: 1 << 20,
            max_document_bytes: 1 << 20,
            max_uploads: 3,
            max_upload_bytes: 5_000,
            max_queued_jobs: 2,
            keep_rules: kefu_ingest::KeepRules::default(),
            max_removed_share: 0.6,
        },
    });
    let scope = scopes::operator("acme");
    let per_tenant = |_| scopes::operator("acme");
    ingestor.open_index(&scope, &per_tenant, &Unobserved).await.unwrap();
    Place { records, store, ingestor, clock, scope }
}

impl Place {
    async fn begin(&self) -> Build {
        self.records.begin_build(&self.scope, HOLDER, COLLECTION).await.unwrap()
    }

    /// Writes an edition of some documents to both stores.
    async fn stage(&self, documents: std::ops::Range<u32>, edition: u32) {
        let build = self.begin().await;
        for first in documents.clone().step_by(200) {
            let some = first..(first + 200).min(documents.end);
            let made: Vec<_> = some.map(|n| document(n, edition, &build)).collect();
            let chunks: Vec<Chunk> = made
                .iter()
                .flat_map(|(_, chunks)| chunks)
                .map(|(chunk, _)| chunk.clone())
                .collect();
            let ids: Vec<ChunkId> = chunks.iter().map(|chunk| chunk.id).collect();
            let vectors: Vec<_> =
                chunks.iter().map(|c| (c.draft.text_hash(), c.dense.clone().unwrap())).collect();
            self.records.cache_vectors(&self.scope, "synthetic", &vectors).await.unwrap();
            self.records.announce(&self.scope, &build, &ids).await.unwrap();
            self.store.upsert(&self.scope, COLLECTION, &chunks).await.unwrap();
            let changes: Vec<DocumentChange> = made
                .into_iter()
                .map(|(document, chunks)| DocumentChange::Put {
                    document,
                    source: "scale".to_owned(),
                    cleaning: kefu_core::Cleaning::default(),
                    source_text: kefu_core::SourceText::default(),
                    chunks,
                })
                .collect();
            self.records.stage(&self.scope, &build, &changes).await.unwrap();
        }
        self.records.end_build(&self.scope, &build).await.unwrap();
    }

    async fn publish(&self, what: &str) {
        let begun = Instant::now();
        let candidate = self.ingestor.prepare(&self.scope).await.unwrap().unwrap();
        say(&format!("{what}: bring the index in line"), begun);
        let begun = Instant::now();
        self.ingestor.publish_candidate(&self.scope, candidate, None).await.unwrap();
        say(&format!("{what}: publish and collect"), begun);
    }

    async fn go(&self, what: &str, target: PointerTarget) {
        let begun = Instant::now();
        self.records.move_pointer(&self.scope, target, "").await.unwrap();
        say(what, begun);
        assert!(begun.elapsed() < Duration::from_secs(1));
    }

    async fn diff(&self, what: &str, from: u32, to: u32) {
        let begun = Instant::now();
        let releases = (ReleaseNo(from), ReleaseNo(to));
        diff_releases(self.records.as_ref(), &self.scope, releases).await.unwrap();
        say(what, begun);
    }
}

async fn timed<T, F: Future<Output = T>>(what: &str, work: impl FnOnce() -> F) -> T {
    let begun = Instant::now();
    let done = work().await;
    say(what, begun);
    done
}

fn say(what: &str, begun: Instant) {
    eprintln!("{:>10.1} ms  {what}", begun.elapsed().as_secs_f64() * 1_000.0);
}

fn document(n: u32, edition: u32, build: &Build) -> (Document, Vec<(Chunk, [u8; 32])>) {
    let paragraph = |p: u32| {
        format!("Paragraph {p} of page {n} in edition {edition}. {}\n", "More words. ".repeat(40))
    };
    let id = DocumentId::new(format!("page-{n:05}")).unwrap();
    let audiences = BTreeSet::from([Audience::public()]);
    let mut text = String::new();
    let chunks = (0..N_PARAGRAPHS).map(|p| {
        let start = text.len();
        text.push_str(&paragraph(p));
        let index_text = paragraph(p);
        let key = digest(&[index_text.as_bytes()]);
        let seed = f32::from(u16::try_from((n * N_PARAGRAPHS + p) % 10_007 + 1).unwrap());
        let value = |d: u16| (seed * f32::from(d + 1)).sin();
        let chunk = Chunk {
            id: ChunkId::derive(&[&key, &build.release.0.to_le_bytes()]),
            document_id: id.clone(),
            draft: ChunkDraft {
                ordinal: p,
                span: Span { start, end: text.len() },
                heading: String::new(),
                index_text,
                language: Language::ENGLISH,
                validity: kefu_core::Validity::default(),
                n_tokens: 100,
            },
            audiences: audiences.clone(),
            since: build.release,
            until: None,
            dense: Some((0..u16::try_from(DIMENSIONS).unwrap()).map(value).collect()),
            sparse: SparseVector::from_weights((0..40).map(|t| (t * 97 + n % 97, 1.0))),
        };
        (chunk, key)
    });
    let chunks = chunks.collect();
    let meta = DocumentMeta {
        title: format!("Page {n}"),
        language: Language::ENGLISH,
        url: None,
        audiences: audiences.clone(),
        valid_from: None,
        valid_to: None,
        sections: Vec::new(),
        state: kefu_core::DocumentState::Approved,
    };
    (Document { id, kind: DocumentKind::Article, text, meta }, chunks)
}
