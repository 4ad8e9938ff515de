//! What the tests ingest into.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use kefu_core::ports::{CollectionSpec, ContentRecords, Embedder, VectorStore};
use kefu_core::{Language, ReleaseNo, Scope};
use kefu_ingest::{
    FileInput, FileOutcome, IngestError, IngestObserver, IngestOptions, IngestReport,
    IngestSettings, Ingestor, IngestorParts, ParseFailure, ParsedFile, Parser, Unobserved,
    read_reply,
};
use kefu_testkit::fakes::{FakeClock, FakeEmbedder, MemoryRecords, MemoryStore};
use kefu_testkit::scopes;
use kefu_text::Analyser;
use tempfile::TempDir;

pub(crate) const COLLECTION: &str = "test";
pub(crate) const DIMENSIONS: usize = 16;

pub(crate) static ANALYSER: LazyLock<Arc<Analyser>> = LazyLock::new(|| Arc::new(Analyser::new()));

/// The real parsers, without the child process.
pub(crate) struct InProcess;

#[async_trait]
impl Parser for InProcess {
    async fn parse(&self, file: &FileInput) -> Result<ParsedFile, ParseFailure> {
        let header = serde_json::json!({ "name": file.name, "size_bytes": file.bytes.len() });
        let request = [format!("{header}\n").as_bytes(), &file.bytes].concat();
        let mut reply = Vec::new();
        kefu_parse::serve(&request[..], &mut reply, &kefu_parse::Limits::STANDARD).unwrap();
        read_reply(reply.trim_ascii_end())
    }
}

pub(crate) struct World {
    pub(crate) records: Arc<MemoryRecords>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) embedder: Arc<FakeEmbedder>,
    pub(crate) ingestor: Ingestor,
    pub(crate) scope: Scope,
    folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(FakeClock::at(1_000_000));
        let records = Arc::new(MemoryRecords::new(clock));
        let store = Arc::new(MemoryStore::new());
        let embedder = Arc::new(FakeEmbedder::new(DIMENSIONS, &[Language::ENGLISH]));
        let ingestor = Self::ingestor(&records, &store, &embedder, COLLECTION);
        let scope = scopes::operator("acme");
        let folder = tempfile::tempdir().unwrap();
        let world = Self { records, store, embedder, ingestor, scope, folder };
        world.open().await.unwrap();
        world
    }

    pub(crate) fn ingestor(
        records: &Arc<MemoryRecords>,
        store: &Arc<MemoryStore>,
        embedder: &Arc<FakeEmbedder>,
        collection: &str,
    ) -> Ingestor {
        Ingestor::new(Self::parts_of(records, store, embedder, collection))
    }

    /// What its ingestor is made of, to change something.
    pub(crate) fn parts(&self) -> IngestorParts {
        Self::parts_of(&self.records, &self.store, &self.embedder, COLLECTION)
    }

    fn parts_of(
        records: &Arc<MemoryRecords>,
        store: &Arc<MemoryStore>,
        embedder: &Arc<FakeEmbedder>,
        collection: &str,
    ) -> IngestorParts {
        IngestorParts {
            parser: Arc::new(InProcess),
            records: records.clone(),
            store: store.clone(),
            embedder: Some(embedder.clone()),
            analyser: ANALYSER.clone(),
            fetcher: None,
            clock: Arc::new(FakeClock::at(1_000_000)),
            collection: CollectionSpec {
                name: collection.to_owned(),
                dimensions: Some(embedder.info().dimensions),
            },
            settings: IngestSettings {
                holder: "test".to_owned(),
                chunk_tokens: 60,
                default_state: kefu_core::DocumentState::Approved,
                words_first: false,
                keep_releases: 10,
                embed_batch: 2,
                parse_concurrency: 2,
                keep_rules: kefu_ingest::KeepRules::default(),
                max_removed_share: 0.6,
                max_file_bytes: 20_000,
                max_document_bytes: 10_000,
                max_uploads: 3,
                max_upload_bytes: 5_000,
                max_queued_jobs: 2,
            },
        }
    }

    /// A world that takes larger files.
    pub(crate) async fn with_max_bytes(max_bytes: usize) -> Self {
        let set = |settings: &mut IngestSettings| {
            settings.max_document_bytes = max_bytes;
            settings.max_file_bytes = max_bytes as u64;
        };
        Self::with(set).await
    }

    /// A world with other settings.
    pub(crate) async fn with(set: impl FnOnce(&mut IngestSettings)) -> Self {
        let mut world = Self::new().await;
        let mut parts = world.parts();
        set(&mut parts.settings);
        world.ingestor = Ingestor::new(parts);
        world
    }

    pub(crate) async fn open(&self) -> Result<(), IngestError> {
        let per_tenant = |tenant: kefu_core::TenantId| scopes::operator(tenant.as_str());
        self.ingestor.open_index(&self.scope, &per_tenant, &Unobserved).await
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn delete(&self, name: &str) {
        fs::remove_file(self.folder.path().join(name)).unwrap();
    }

    pub(crate) async fn ingest(&self) -> IngestReport {
        self.try_ingest(&options(), &Unobserved).await.unwrap()
    }

    pub(crate) async fn try_ingest(
        &self,
        options: &IngestOptions,
        observer: &dyn IngestObserver,
    ) -> Result<IngestReport, IngestError> {
        let sources = [PathBuf::from(self.folder.path())];
        self.ingestor.ingest(&self.scope, &sources, options, observer).await
    }

    pub(crate) async fn release(&self) -> u32 {
        self.records.current(&self.scope).await.unwrap().release.0
    }

    /// Points of the index that a question at `release` could find.
    pub(crate) async fn n_visible(&self, release: u32) -> u64 {
        self.store.count(&self.scope, COLLECTION, ReleaseNo(release)).await.unwrap()
    }
}

pub(crate) fn options() -> IngestOptions {
    IngestOptions { dry_run: false, publish: true, ..IngestOptions::default() }
}

/// What the report says of a name.
pub(crate) fn line<'a>(report: &'a IngestReport, name: &str) -> (FileOutcome, Option<&'a str>) {
    let found = report.files.iter().find(|line| line.name == name);
    let line = found.unwrap_or_else(|| panic!("no {name} in {:#?}", report.files));
    (line.outcome, line.code.as_deref())
}

/// A handbook page with `n` sections of one paragraph each.
pub(crate) fn page(n: usize) -> String {
    let section = |n: usize| {
        format!("## Section {n}\n\nThe fee number {n} is due within {n} days of delivery.\n\n")
    };
    format!("# Fees\n\n{}", (1..=n).map(section).collect::<String>())
}
