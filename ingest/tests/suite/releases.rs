//! Random lives of a tenant's content, with crashes, against a table of releases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use kefu_core::ports::{CollectionSpec, Leg, LegQuery, Records, VectorStore};
use kefu_core::{ErrorKind, PointerTarget, ReleaseNo, ReleaseState, Scope};
use kefu_ingest::{IngestOptions, IngestSettings, Ingestor, IngestorParts, Unobserved};
use kefu_records::SqliteRecords;
use kefu_store::{EdgeSettings, EdgeStore};
use kefu_testkit::fakes::{FakeClock, Fuse, FusedStore, MemoryRecords, MemoryStore};
use kefu_testkit::scopes;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::world::{ANALYSER, InProcess};

const COLLECTION: &str = "points";
const KEEP: usize = 3;

/// Documents by name.
type Content = BTreeMap<String, String>;

#[derive(Clone, Debug)]
enum Step {
    /// Writes a file of the source.
    Put {
        document: u8,
        edition: u8,
    },
    /// Deletes a file of the source.
    Delete {
        document: u8,
    },
    /// Takes the source in, and dies after this many writes.
    Ingest {
        publish: bool,
        dies_after: Option<usize>,
    },
    /// Looks at what is staged before anyone else does, then decides.
    Candidate {
        fate: Fate,
        dies_after: Option<usize>,
    },
    Rollback,
    Publish {
        release: u32,
    },
    /// Lets the time pass for which answers may be in flight.
    Wait,
}

/// What becomes of a candidate.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Published,
    Left,
    Withdrawn,
}

fn steps(max: usize) -> impl Strategy<Value = Vec<Step>> {
    let dies = || prop_oneof![2 => Just(None), 3 => (0_usize..24).prop_map(Some)];
    let fate = prop_oneof![Just(Fate::Published), Just(Fate::Left), Just(Fate::Withdrawn)];
    let step = prop_oneof![
        4 => (0_u8..4, 0_u8..6).prop_map(|(document, edition)| Step::Put { document, edition }),
        2 => (0_u8..4).prop_map(|document| Step::Delete { document }),
        6 => (prop::bool::weighted(0.7), dies())
            .prop_map(|(publish, dies_after)| Step::Ingest { publish, dies_after }),
        3 => (fate, dies()).prop_map(|(fate, dies_after)| Step::Candidate { fate, dies_after }),
        2 => Just(Step::Rollback),
        2 => (0_u32..12).prop_map(|release| Step::Publish { release }),
        1 => Just(Step::Wait),
    ];
    prop::collection::vec(step, 1..max)
}

/// Three sections of which the first follows the edition, the second every other one.
fn text(document: u8, edition: u8) -> String {
    let (second, n) = (edition / 2, usize::from(edition % 3) + 1);
    format!(
        "# Kettle {document}\n\n## Price\n\nKettle {document} costs {edition}0 euros.\n\n\
         ## Colour\n\nIts colour is number {second}.\n\n## Notes\n\n{}\n",
        "It boils water quickly. ".repeat(n)
    )
}

struct Life {
    records: Arc<dyn Records>,
    store: Arc<dyn VectorStore>,
    fuse: Arc<Fuse>,
    clock: Arc<FakeClock>,
    scope: Scope,
    source: TempDir,
    files: Content,
    /// What each release shows that may be named.
    releases: BTreeMap<u32, Content>,
    current: u32,
    highest: u32,
}

impl Life {
    fn new(
        records: Arc<dyn Records>,
        store: Arc<dyn VectorStore>,
        (fuse, clock): (Arc<Fuse>, Arc<FakeClock>),
    ) -> Self {
        let store: Arc<dyn VectorStore> = Arc::new(FusedStore::new(store, fuse.clone()));
        Self {
            records,
            store,
            fuse,
            clock,
            scope: scopes::operator("acme"),
            source: directory(),
            files: Content::new(),
            releases: BTreeMap::from([(0, Content::new())]),
            current: 0,
            highest: 0,
        }
    }

    /// A process starts.
    async fn start(&self) -> Ingestor {
        let ingestor = Ingestor::new(IngestorParts {
            fetcher: None,
            clock: Arc::new(kefu_testkit::fakes::FakeClock::at(1_000_000)),
            parser: Arc::new(InProcess),
            records: self.records.clone(),
            store: self.store.clone(),
            embedder: None,
            analyser: ANALYSER.clone(),
            collection: CollectionSpec { name: COLLECTION.to_owned(), dimensions: None },
            settings: IngestSettings {
                holder: "test".to_owned(),
                chunk_tokens: 32,
                default_state: kefu_core::DocumentState::Approved,
                words_first: false,
                keep_releases: KEEP,
                embed_batch: 8,
                parse_concurrency: 1,
                max_file_bytes: 20_000,
                max_document_bytes: 10_000,
                max_uploads: 3,
                max_upload_bytes: 5_000,
                max_queued_jobs: 2,
                keep_rules: kefu_ingest::KeepRules::default(),
                max_removed_share: 0.6,
            },
        });
        let per_tenant = |tenant: kefu_core::TenantId| scopes::operator(tenant.as_str());
        ingestor.open_index(&self.scope, &per_tenant, &Unobserved).await.unwrap();
        ingestor
    }

    async fn live(&mut self, steps: &[Step]) {
        let mut ingestor = self.start().await;
        for step in steps {
            let has_died = self.take(&ingestor, step).await;
            if has_died {
                self.look_after_death().await;
                ingestor = self.start().await;
            }
            self.check(&ingestor).await;
        }
        // Whatever happened, the next run comes out right.
        self.take(&ingestor, &Step::Ingest { publish: true, dies_after: None }).await;
        self.check(&ingestor).await;
        assert_eq!(self.releases[&self.current], self.files);
        let check = ingestor.check_index(&self.scope).await.unwrap();
        assert_eq!(check.n_pending, 0, "{check:?}");
    }

    /// Whether the process died.
    async fn take(&mut self, ingestor: &Ingestor, step: &Step) -> bool {
        match step {
            Step::Put { document, edition } => {
                let (name, text) = (format!("{document}.md"), text(*document, *edition));
                std::fs::write(self.source.path().join(&name), &text).unwrap();
                self.files.insert(name, squeezed(&text));
            }
            Step::Delete { document } => {
                let name = format!("{document}.md");
                if self.files.remove(&name).is_some() {
                    std::fs::remove_file(self.source.path().join(&name)).unwrap();
                }
            }
            Step::Wait => self.clock.advance_ms(600_000),
            Step::Rollback => {
                let older = self.releases.range(1..self.current.max(1)).next_back();
                let expected = older.map(|(number, _)| *number);
                self.go(PointerTarget::Previous, expected).await;
            }
            Step::Publish { release } => {
                let expected = Some(*release).filter(|n| *n > 0 && self.releases.contains_key(n));
                self.go(PointerTarget::Release(ReleaseNo(*release)), expected).await;
            }
            Step::Ingest { publish, dies_after } => {
                return self.ingest(ingestor, *publish, *dies_after).await;
            }
            Step::Candidate { fate, dies_after } => {
                return self.judge(ingestor, *fate, *dies_after).await;
            }
        }
        false
    }

    async fn go(&mut self, target: PointerTarget, expected: Option<u32>) {
        let moved = self.records.move_pointer(&self.scope, target, "because").await;
        match expected {
            Some(number) => {
                assert_eq!(moved.unwrap().number, ReleaseNo(number));
                self.current = number;
            }
            None => {
                let kind = moved.unwrap_err().kind();
                assert!(matches!(kind, ErrorKind::Conflict | ErrorKind::NotFound), "{kind:?}");
            }
        }
    }

    async fn ingest(
        &mut self,
        ingestor: &Ingestor,
        publish: bool,
        dies_after: Option<usize>,
    ) -> bool {
        if let Some(n_writes) = dies_after {
            self.fuse.blow_after(n_writes);
        }
        let options = IngestOptions {
            dry_run: false,
            publish,
            prune: true,
            confirm_deletions: true,
            source_name: Some("s".into()),
            keep: kefu_ingest::KeepRules::default(),
        };
        let sources = [self.source.path().to_owned()];
        let outcome = ingestor.ingest(&self.scope, &sources, &options, &Unobserved).await;
        if self.fuse.mend() {
            return true;
        }
        let report = outcome.unwrap();
        let abandoned: BTreeSet<u32> = report.abandoned.iter().map(|number| number.0).collect();
        self.abandon(&abandoned);
        assert_eq!(self.releases.range(self.current + 1..).count(), 0, "all or nothing");
        match report.release {
            Some(release) => {
                assert!(publish && release.0 == self.highest + 1);
                self.publish(self.files.clone());
            }
            None if publish => assert_eq!(self.releases[&self.current], self.files),
            None => {}
        }
        false
    }

    async fn judge(&mut self, ingestor: &Ingestor, fate: Fate, dies_after: Option<usize>) -> bool {
        if let Some(n_writes) = dies_after {
            self.fuse.blow_after(n_writes);
        }
        let prepared = ingestor.prepare(&self.scope).await;
        let Ok(Some(candidate)) = prepared else {
            if let Err(error) = prepared {
                assert!(self.fuse.mend(), "{error}");
                return true;
            }
            self.abandon_newer();
            return self.fuse.mend();
        };
        self.abandon_newer();
        assert_eq!(candidate.release.0, self.highest + 1);
        let staged = self.seen_at(candidate.release.0).await;
        let old = self.seen_at(self.current).await;
        assert_eq!(old, self.releases[&self.current], "the candidate is not seen before its time");
        match fate {
            Fate::Published => {}
            Fate::Left => {
                ingestor.leave_candidate(&self.scope, candidate).await;
                return self.fuse.mend();
            }
            Fate::Withdrawn => {
                let outcome = ingestor.withdraw_candidate(&self.scope, candidate).await;
                let has_died = self.fuse.mend();
                assert!(has_died || outcome.is_ok());
                if !has_died {
                    assert!(ingestor.prepare(&self.scope).await.unwrap().is_none());
                }
                return has_died;
            }
        }
        let outcome = ingestor.publish_candidate(&self.scope, candidate, None).await;
        if self.records.current(&self.scope).await.unwrap().release.0 > self.highest {
            self.publish(staged);
        }
        let has_died = self.fuse.mend();
        assert!(has_died || outcome.is_ok());
        has_died
    }

    fn publish(&mut self, content: Content) {
        self.highest += 1;
        self.current = self.highest;
        self.releases.insert(self.highest, content);
    }

    fn abandon(&mut self, numbers: &BTreeSet<u32>) {
        let newer: BTreeSet<u32> =
            self.releases.range(self.current + 1..).map(|(number, _)| *number).collect();
        assert!(numbers.is_empty() || *numbers == newer, "{numbers:?}, not {newer:?}");
        self.releases.retain(|number, _| !numbers.contains(number));
    }

    fn abandon_newer(&mut self) {
        let current = self.current;
        self.releases.retain(|number, _| *number <= current);
    }

    /// A run that was cut off has abandoned newer releases or not, and published or not.
    async fn look_after_death(&mut self) {
        let listed = self.records.releases(&self.scope).await.unwrap();
        let is_abandoned = |number: u32| {
            listed.iter().any(|r| r.number.0 == number && r.state == ReleaseState::Abandoned)
        };
        let gone = self.releases.keys().copied().filter(|number| is_abandoned(*number)).collect();
        self.abandon(&gone);
        let current = self.records.current(&self.scope).await.unwrap().release.0;
        if current > self.highest {
            self.publish(self.files.clone());
        }
        assert_eq!(current, self.current);
    }

    /// Every release that may be named shows what it showed when it was published.
    async fn check(&mut self, ingestor: &Ingestor) {
        let now = self.records.current(&self.scope).await.unwrap();
        assert_eq!(now.release.0, self.current);
        let listed = self.records.releases(&self.scope).await.unwrap();
        let published: BTreeSet<u32> = listed
            .iter()
            .filter(|r| r.state == ReleaseState::Published)
            .map(|r| r.number.0)
            .collect();
        let newest = self.releases.keys().rev().take(KEEP).copied();
        for number in newest.chain([self.current]).filter(|number| *number > 0) {
            assert!(published.contains(&number), "{number} of {published:?}");
        }
        self.releases.retain(|number, _| *number == 0 || published.contains(number));
        assert_eq!(self.releases.len(), published.len() + 1, "{published:?}");
        for (number, content) in &self.releases {
            assert_eq!(&self.seen_at(*number).await, content, "at release {number}");
        }
        let check = ingestor.check_index(&self.scope).await.unwrap();
        assert!(check.is_well(), "{check:?}");
    }

    /// The documents that a question at a release can find, put together from their passages.
    async fn seen_at(&self, release: u32) -> Content {
        let release = ReleaseNo(release);
        let leg = Leg::Lexical(ANALYSER.encode_query(&[("kettle", 1.0)]));
        let query = LegQuery { leg, release, day: None, documents: None, limit: 1000 };
        let hits = self.store.query(&self.scope, COLLECTION, &query).await.unwrap();
        let ids: Vec<_> = hits.iter().map(|hit| hit.chunk_id).collect();
        let mut passages = self.records.passages(&self.scope, release, &ids).await.unwrap();
        assert_eq!(passages.len(), ids.len(), "the index shows what the records do not know");
        passages.sort_by_key(|passage| passage.ordinal);
        let mut content = Content::new();
        for passage in passages {
            *content.entry(passage.document_id.to_string()).or_default() += &passage.text;
        }
        content.values_mut().for_each(|text| *text = squeezed(text));
        content
    }
}

/// Chunks leave out the white space between them.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// In memory where the system has such a place.
fn directory() -> TempDir {
    let in_memory = Path::new("/dev/shm");
    if in_memory.is_dir() {
        tempfile::tempdir_in(in_memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

fn block_on(life: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(life);
}

fn in_memory(steps: &[Step]) {
    let clock = Arc::new(FakeClock::at(1_000_000));
    let fuse = Fuse::new();
    let records = Arc::new(MemoryRecords::with_fuse(clock.clone(), fuse.clone()));
    let mut life = Life::new(records, Arc::new(MemoryStore::new()), (fuse, clock));
    block_on(life.live(steps));
}

fn on_disk(steps: &[Step]) {
    let (clock, dir) = (Arc::new(FakeClock::at(1_000_000)), directory());
    let settings = EdgeSettings {
        n_query_threads: 1,
        max_waiting: 64,
        min_free_bytes: 0,
        max_log_bytes: 1 << 30,
    };
    block_on(async {
        let path = dir.path().join("records.db");
        let records = Arc::new(SqliteRecords::open(&path, clock.clone()).unwrap());
        let store = Arc::new(EdgeStore::open(dir.path().join("index"), &settings).unwrap());
        let mut life = Life::new(records, store, (Fuse::new(), clock));
        life.live(steps).await;
        life.store.close_store().await.unwrap();
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn every_release_shows_what_it_was_published_with(steps in steps(30)) {
        in_memory(&steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]
    #[test]
    fn the_real_stores_do_as_the_fakes(steps in steps(16)) {
        on_disk(&steps);
    }
}
