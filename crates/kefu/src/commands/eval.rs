//! `kefu eval`.

mod calibrate;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use kefu_core::ports::Embedder;
use kefu_evals::{
    AnswererSubject, AnswererSubjectParts, Dataset, EvalEvent, EvalObserver, EvalReport,
    RunOptions, Suite, TriageLabels,
};
use kefu_ingest::IngestOptions;
use kefu_rag::LanePreference;

use crate::cli::{EvalCommand, EvalRunArgs, LaneArg, SuiteArg};
use crate::config::Layers;
use crate::output;
use crate::progress::{IngestProgress, question_bar};
use crate::wiring::{Engine, Parts, Place, scopes};

const TENANT: &str = "eval";
pub(crate) const N_RESAMPLES: usize = 2_000;

/// Measures on a data set, or fits confidence on several.
pub(crate) async fn run(command: &EvalCommand, layers: &Layers) -> anyhow::Result<()> {
    match command {
        EvalCommand::Run(args) => {
            let mut dataset = Dataset::load(&args.dataset)?;
            if let Some(labels) = &args.labels {
                dataset.labels = TriageLabels::read(labels)?;
            }
            if let Some(documents) = &args.documents {
                dataset.documents = Some(documents.clone());
            }
            let options = RunOptions {
                suites: Suite::select(suite(args.suite), &dataset)?,
                sample: args.sample,
                seed: args.seed,
                n_resamples: N_RESAMPLES,
            };
            write(&measure(&dataset, (&options, lane(args.lane)), layers).await?, args)
        }
        EvalCommand::Calibrate(args) => calibrate::run(args, layers).await,
    }
}

/// Asks a data set's questions of a scratch installation.
async fn measure(
    dataset: &Dataset,
    (options, lane): (&RunOptions, LanePreference),
    layers: &Layers,
) -> anyhow::Result<EvalReport> {
    let scratch = tempfile::Builder::new().prefix("kefu-eval-").tempdir()?;
    let engine = Engine::open_at(&layers.settings, Place::Scratch(scratch), Parts::All).await?;
    if let Some(documents) = &dataset.documents {
        take_in(&engine, documents).await?;
    }
    let report = ask(&engine, dataset, (options, lane), layers).await?;
    engine.shut_down().await?;
    Ok(report)
}

fn lane(lane: LaneArg) -> LanePreference {
    match lane {
        LaneArg::Auto => LanePreference::Auto,
        LaneArg::Extractive => LanePreference::Extractive,
        LaneArg::Generated => LanePreference::Generated,
    }
}

fn suite(suite: SuiteArg) -> &'static str {
    match suite {
        SuiteArg::Retrieval => "retrieval",
        SuiteArg::Answers => "answers",
        SuiteArg::Trust => "trust",
        SuiteArg::Curated => "curated",
        SuiteArg::Triage => "triage",
        SuiteArg::Injection => "injection",
        SuiteArg::All => "all",
    }
}

/// Through the real pipeline, into the scratch store.
async fn take_in(engine: &Engine, documents: &Path) -> anyhow::Result<()> {
    let options = IngestOptions { publish: true, ..IngestOptions::default() };
    let progress = IngestProgress::new();
    let sources = [documents.to_path_buf()];
    let report =
        engine.ingestor.ingest(&scopes::editor(TENANT)?, &sources, &options, &progress).await?;
    drop(progress);
    output::note(format!(
        "{} documents and {} chunks taken in within {:.1} s ({} failed)",
        report.n_added,
        report.n_chunks,
        report.duration_ms as f64 / 1000.0,
        report.n_failed
    ))?;
    if report.n_added == 0 {
        bail!("no document of {} could be taken in", documents.display());
    }
    Ok(())
}

async fn ask(
    engine: &Engine,
    dataset: &Dataset,
    (options, lane): (&RunOptions, LanePreference),
    layers: &Layers,
) -> anyhow::Result<EvalReport> {
    let settings = &layers.settings;
    let subject = AnswererSubject::new(AnswererSubjectParts {
        answerer: Arc::clone(&engine.answerer),
        records: engine.records.clone(),
        triage: engine.triage.clone(),
        scope: scopes::customer(TENANT)?,
        content: None,
        reader: scopes::editor(TENANT)?,
        lane,
        timeout: Duration::from_millis(settings.server.request_timeout_ms),
        embedder: engine.models.embedder.as_deref().map(Embedder::info).map(|info| info.id.clone()),
        generator: engine.models.generator.as_ref().map(|model| model.info().id.clone()),
        reranker: engine.models.reranker.as_ref().map(|model| model.info().id.clone()),
    })
    .encoding_with(engine.models.embedder.clone());
    let bar = QuestionBar::new();
    Ok(kefu_evals::run(&subject, dataset, options, &bar).await?)
}

fn write(report: &EvalReport, args: &EvalRunArgs) -> anyhow::Result<()> {
    if let Some(path) = &args.html {
        std::fs::write(path, report.to_html())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    match &args.json {
        Some(path) if path.as_os_str() == "-" => return output::json(&report.to_json()),
        Some(path) => std::fs::write(path, serde_json::to_string_pretty(&report.to_json())?)
            .with_context(|| format!("cannot write {}", path.display()))?,
        None => {}
    }
    output::line(report.to_table().trim_end())
}

/// A progress bar of questions asked.
pub(crate) struct QuestionBar(ProgressBar);

impl QuestionBar {
    pub(crate) fn new() -> Self {
        Self(question_bar())
    }
}

impl EvalObserver for QuestionBar {
    fn observe(&self, event: EvalEvent) {
        match event {
            EvalEvent::Started { suite, n_total, .. } => {
                self.0.reset();
                self.0.set_message(suite.as_str());
                self.0.set_length(n_total as u64);
            }
            EvalEvent::Asked { n_done, .. } => self.0.set_position(n_done as u64),
            EvalEvent::Finished { .. } => self.0.finish_and_clear(),
        }
    }
}
