mod build;
mod publish;
mod read;
mod run;
mod vectors;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use kefu_core::Scope;
use kefu_core::ports::{CollectionSpec, Embedder, Records, VectorStore};
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
pub(crate) use read::{Content, StoredWork, Work};
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

/// How a run ends, what it may delete, and what cleaning leaves alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mode {
    pub(crate) dry_run: bool,
    pub(crate) publish: bool,
    pub(crate) prune: bool,
    pub(crate) confirm_deletions: bool,
    pub(crate) keep: KeepRules,
}

/// What a run is given.
pub(crate) struct Intake {
    pub(crate) works: Vec<Work>,
    pub(crate) problems: Vec<FileReport>,
    /// Sources that were listed whole, so that what is missing from them has vanished.
    pub(crate) sources: Vec<String>,
}

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
            prune: options.prune,
            confirm_deletions: options.confirm_deletions,
            keep: self.parts.settings.keep_rules.and(&options.keep),
        };
        self.run(scope, intake(found), mode, observer).await
    }

    pub(crate) async fn run(
        &self,
        scope: &Scope,
        intake: Intake,
        mode: Mode,
        observer: &dyn IngestObserver,
    ) -> Result<IngestReport, IngestError> {
        let _turn = self.building.lock().await;
        let started = Instant::now();
        observer.observe(IngestEvent::Found { n_files: intake.works.len() });
        let mut run = Run::begin(&self.parts, scope, mode, observer).await?;
        let outcome = run.go(intake).await;
        if outcome.is_err() {
            run.give_up().await;
        }
        let mut report = outcome?;
        report.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(report)
    }
}

fn intake(found: Found) -> Intake {
    let work = |file: walk::SourceFile| Work {
        source: source_of(&file.source, &file.name),
        name: file.name,
        content: Content::Path(file.path),
    };
    Intake {
        works: found.files.into_iter().map(work).collect(),
        problems: found.problems,
        sources: found.sources,
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
