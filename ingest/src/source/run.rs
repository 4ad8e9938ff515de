//! One run of a source.

use kefu_core::Scope;
use kefu_core::ports::{SourceOutcome, SourceRun};

use super::{SourceSpec, list};
use crate::error::IngestError;
use crate::events::IngestObserver;
use crate::pipeline::{IngestOptions, Ingestor, Mode};
use crate::report::{FileOutcome, IngestReport};

impl Ingestor {
    /// Takes in what a source has now. Pages that their server, their sitemap or their revision
    /// tells to be unchanged cost nothing. Deleted is what the source's own policy says, whatever
    /// `options.prune`; a page that could not be fetched never counts as gone. The run is on
    /// record afterwards, unless it was a dry one.
    ///
    /// # Errors
    /// As [`Ingestor::ingest`]; that is on record too.
    pub async fn ingest_source(
        &self,
        scope: &Scope,
        spec: &SourceSpec,
        options: &IngestOptions,
        observer: &dyn IngestObserver,
    ) -> Result<IngestReport, IngestError> {
        let began_at_ms = self.parts.clock.now_ms();
        let outcome = self.run_source(scope, spec, options, observer).await;
        if options.dry_run {
            return outcome.map(|(report, _)| report);
        }
        let mut run = SourceRun {
            source: spec.id.clone(),
            began_at_ms,
            ended_at_ms: self.parts.clock.now_ms(),
            outcome: SourceOutcome::Failed,
            error: None,
            release: None,
            n_added: 0,
            n_changed: 0,
            n_unchanged: 0,
            n_removed: 0,
            n_withheld: 0,
            n_failed: 0,
        };
        match outcome {
            Ok((report, pages)) => {
                describe(&mut run, &report);
                self.parts.records.keep_source_run(scope, &run, &pages).await?;
                Ok(report)
            }
            Err(error) => {
                run.error = Some(error.to_string());
                let pages = self.parts.records.source_pages(scope, &spec.id).await?;
                self.parts.records.keep_source_run(scope, &run, &pages).await?;
                Err(error)
            }
        }
    }

    async fn run_source(
        &self,
        scope: &Scope,
        spec: &SourceSpec,
        options: &IngestOptions,
        observer: &dyn IngestObserver,
    ) -> Result<(IngestReport, Vec<kefu_core::ports::PageRecord>), IngestError> {
        let known = self.parts.records.source_pages(scope, &spec.id).await?;
        let intake = list::list(spec, self.parts.fetcher.as_deref(), known).await?;
        let mode = Mode {
            dry_run: options.dry_run,
            publish: options.publish,
            confirm_deletions: options.confirm_deletions,
            keep: self.parts.settings.keep_rules.and(&options.keep),
        };
        self.run_with_pages(scope, intake, mode, observer).await
    }
}

fn describe(run: &mut SourceRun, report: &IngestReport) {
    let n = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let n_taken = report.n_added + report.n_changed + report.n_unchanged;
    run.outcome = match (report.n_failed, n_taken) {
        (0, _) => SourceOutcome::Done,
        (_, 0) => SourceOutcome::Failed,
        _ => SourceOutcome::Partly,
    };
    let first = report.files.iter().find(|line| line.outcome == FileOutcome::Failed);
    run.error =
        first.map(|line| format!("{}: {}", line.name, line.detail.as_deref().unwrap_or_default()));
    run.release = report.release;
    run.n_added = n(report.n_added);
    run.n_changed = n(report.n_changed);
    run.n_unchanged = n(report.n_unchanged);
    run.n_removed = n(report.n_removed);
    run.n_withheld = n(report.n_deletions_withheld());
    run.n_failed = n(report.n_failed);
}
