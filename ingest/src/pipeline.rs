mod build;
mod publish;
mod read;
mod run;
mod vectors;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use kefu_core::Scope;
use kefu_core::ports::{
    Clock, CollectionSpec, Embedder, Fetcher, PageRecord, Records, VectorStore,
};
use kefu_text::Analyser;
use tokio::sync::Mutex;

use crate::clean::KeepRules;
use crate::error::IngestError;
use crate::events::{IngestEvent, IngestObserver};
use crate::parser::Parser;
use crate::report::{FileReport, IngestReport};
use crate::settings::IngestSettings;
use crate::walk::{self, Found};
pub use publish::Candidate;
pub(crate) use read::{Content, Defaults, PageWork, StoredWork, Work};
use run::Run;
pub(crate) use run::write_points;
pub(crate) use vectors::Wanted;

/// Takes documents in and publishes releases of them.
pub struct Ingestor {
    pub(crate) parts: IngestorParts,
    /// The lease keeps other processes away; this keeps two runs of this one apart.
    pub(crate) building: Mutex<()>,
}

/// What an [`Ingestor`] works with.
pub struct IngestorParts {
    /// Reads files.
    pub parser: Arc<dyn Parser>,
    /// The truth.
    pub records: Arc<dyn Records>,
    /// The index.
    pub store: Arc<dyn VectorStore>,
    /// Makes dense vectors; without one the index is lexical only.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// Makes lexical vectors.
    pub analyser: Arc<Analyser>,
    /// Fetches the pages of sources; without one there are folders only.
    pub fetcher: Option<Arc<dyn Fetcher>>,
    /// Tells when sources ran.
    pub clock: Arc<dyn Clock>,
    /// The index collection.
    pub collection: CollectionSpec,
    /// Bounds and names.
    pub settings: IngestSettings,
}

/// What to do with the files of an ingest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IngestOptions {
    /// Only report what would happen; nothing is written.
    pub dry_run: bool,
    /// Publish at the end; otherwise changes stay staged for the next run that publishes.
    pub publish: bool,
    /// Delete documents that came from the same sources and are no longer there.
    pub prune: bool,
    /// Prune even where more than half of a source's documents would go, five or more of them;
    /// otherwise such a source keeps them all and the report says so.
    pub confirm_deletions: bool,
    /// Cleaning rules that remove nothing, beside those of the settings.
    pub keep: KeepRules,
    /// Name of the sources, instead of their paths; tells whose documents may be pruned.
    pub source_name: Option<String>,
}

/// How a run ends, whether too many deletions were confirmed, and what cleaning leaves alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mode {
    pub(crate) dry_run: bool,
    pub(crate) publish: bool,
    pub(crate) confirm_deletions: bool,
    pub(crate) keep: KeepRules,
}

/// What a run is given.
pub(crate) struct Intake {
    pub(crate) works: Vec<Work>,
    pub(crate) problems: Vec<FileReport>,
    /// Sources that were listed whole, so that what is missing from them has vanished.
    pub(crate) sources: Vec<Listed>,
}

/// A source that was listed whole.
pub(crate) struct Listed {
    pub(crate) name: String,
    /// Whether what has vanished is deleted.
    pub(crate) delete: bool,
    /// Share of its documents that may go at once; any when `None`.
    pub(crate) max_vanish_share: Option<f64>,
}

/// Share of a path's documents that may go at once.
const MAX_VANISH_SHARE: f64 = 0.5;

impl Ingestor {
    /// Joins the parts. Performs no IO.
    #[must_use]
    pub fn new(parts: IngestorParts) -> Self {
        Self { parts, building: Mutex::new(()) }
    }

    /// Takes in files and folders. Documents found unchanged cost nothing, and a run that changes
    /// nothing publishes no release. Staged changes of an earlier run are published with the own
    /// ones, so a run without sources publishes what was staged.
    ///
    /// # Errors
    /// [`IngestError`] when the run as a whole cannot go on; the old release then still serves,
    /// and the next run goes on from where this one stopped. What is wrong with single files is
    /// in the report.
    pub async fn ingest(
        &self,
        scope: &Scope,
        sources: &[PathBuf],
        options: &IngestOptions,
        observer: &dyn IngestObserver,
    ) -> Result<IngestReport, IngestError> {
        let (paths, name) = (sources.to_vec(), options.source_name.clone());
        let found = blocking(move || walk::walk(&paths, name.as_deref())).await??;
        let mode = Mode {
            dry_run: options.dry_run,
            publish: options.publish,
            confirm_deletions: options.confirm_deletions,
            keep: self.parts.settings.keep_rules.and(&options.keep),
        };
        self.run(scope, intake(found, options.prune), mode, observer).await
    }

    pub(crate) async fn run(
        &self,
        scope: &Scope,
        intake: Intake,
        mode: Mode,
        observer: &dyn IngestObserver,
    ) -> Result<IngestReport, IngestError> {
        Ok(self.run_with_pages(scope, intake, mode, observer).await?.0)
    }

    /// A run, and the pages that it met with what is stored of them now.
    pub(crate) async fn run_with_pages(
        &self,
        scope: &Scope,
        intake: Intake,
        mode: Mode,
        observer: &dyn IngestObserver,
    ) -> Result<(IngestReport, Vec<PageRecord>), IngestError> {
        let _turn = self.building.lock().await;
        let started = Instant::now();
        observer.observe(IngestEvent::Found { n_files: intake.works.len() });
        let mut run = Run::begin(&self.parts, scope, mode, observer).await?;
        let outcome = run.go(intake).await;
        if outcome.is_err() {
            run.give_up().await;
        }
        let (mut report, pages) = outcome?;
        report.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok((report, pages))
    }
}

fn intake(found: Found, prune: bool) -> Intake {
    let work = |file: walk::SourceFile| Work {
        source: source_of(&file.source, &file.name),
        name: file.name,
        content: Content::Path(file.path),
        defaults: Defaults::default(),
    };
    let listed =
        |name: String| Listed { name, delete: prune, max_vanish_share: Some(MAX_VANISH_SHARE) };
    Intake {
        works: found.files.into_iter().map(work).collect(),
        problems: found.problems,
        sources: found.sources.into_iter().map(listed).collect(),
    }
}

/// Between a source's name and the file's in what the records keep of a document's origin.
const SOURCE_BORDER: &str = "::";

pub(crate) fn source_of(source: &str, file: &str) -> String {
    format!("{source}{SOURCE_BORDER}{file}")
}

/// Runs work that takes longer than the runtime should be blocked for.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, IngestError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| IngestError::Worker { detail: error.to_string() })
}
