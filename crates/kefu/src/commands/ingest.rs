//! `kefu ingest`.

use std::path::Path;

use anyhow::{Context, bail};
use kefu_ingest::{FileOutcome, FileReport, IngestOptions, IngestReport};
use serde_json::{Value, json};

use crate::cli::IngestArgs;
use crate::config::Layers;
use crate::output;
use crate::progress::IngestProgress;
use crate::wiring::{Engine, Parts, scopes};

const MAX_LISTED: usize = 20;

/// Takes documents in and publishes them.
pub(crate) async fn run(args: &IngestArgs, layers: &Layers, place: &Path) -> anyhow::Result<()> {
    let engine = Engine::open(layers, place, Parts::Content).await?;
    let tenant = args.tenant.as_deref().unwrap_or(&layers.settings.tenant.default);
    let options = IngestOptions {
        dry_run: args.dry_run,
        publish: !args.no_publish,
        prune: args.prune,
        source_name: None,
    };
    let progress = IngestProgress::new();
    let report =
        engine.ingestor.ingest(&scopes::editor(tenant)?, &args.paths, &options, &progress).await?;
    drop(progress);
    if let Some(path) = &args.report {
        std::fs::write(path, serde_json::to_string_pretty(&to_json(&report))?)
            .with_context(|| format!("cannot write the report to {}", path.display()))?;
    }
    if args.json {
        output::json(&to_json(&report))?;
    } else {
        print(&report)?;
    }
    engine.shut_down().await?;
    if report.n_failed > 0 && report.n_added + report.n_changed + report.n_unchanged == 0 {
        bail!("nothing could be taken in; the lines above say why");
    }
    Ok(())
}

/// Prints a report for people: what went wrong first, then the sums.
pub(crate) fn print(report: &IngestReport) -> anyhow::Result<()> {
    let troubled = || {
        report
            .files
            .iter()
            .filter(|f| matches!(f.outcome, FileOutcome::Skipped | FileOutcome::Failed))
    };
    for file in troubled().take(MAX_LISTED) {
        let code = file.code.as_deref().unwrap_or("-");
        let detail = file.detail.as_deref().unwrap_or_default();
        output::line(format!("  {:<7} {code:<20} {} {detail}", file.outcome.as_str(), file.name))?;
    }
    let n_more = troubled().count().saturating_sub(MAX_LISTED);
    if n_more > 0 {
        output::line(format!("  … and {n_more} more; --report FILE lists all"))?;
    }
    output::line(format!(
        "{} added, {} changed, {} unchanged, {} removed, {} skipped, {} failed; {} chunks embedded in {:.1} s",
        report.n_added,
        report.n_changed,
        report.n_unchanged,
        report.n_removed,
        report.n_skipped,
        report.n_failed,
        report.n_chunks_embedded,
        report.duration_ms as f64 / 1000.0,
    ))?;
    if !report.abandoned.is_empty() {
        let numbers: Vec<String> = report.abandoned.iter().map(ToString::to_string).collect();
        let numbers = numbers.join(", ");
        output::line(format!(
            "the content had been rolled back: given up are release {numbers} and changes to {} \
             documents staged upon it",
            report.n_staged_dropped
        ))?;
    }
    match (report.release, report.replaced) {
        (Some(release), None) => output::line(format!("published as release {release}")),
        (Some(release), Some(before)) => output::line(format!(
            "published as release {release}; `kefu releases rollback` returns to release {before}"
        )),
        (None, _) if report.staged => output::line("staged; the next ingest publishes it"),
        (None, _) => output::line("no new release"),
    }
}

fn to_json(report: &IngestReport) -> Value {
    let file = |file: &FileReport| {
        json!({
            "name": file.name,
            "outcome": file.outcome.as_str(),
            "code": file.code,
            "detail": file.detail,
            "n_documents": file.n_documents,
            "n_chunks": file.n_chunks,
        })
    };
    json!({
        "files": report.files.iter().map(file).collect::<Vec<_>>(),
        "n_added": report.n_added,
        "n_changed": report.n_changed,
        "n_unchanged": report.n_unchanged,
        "n_removed": report.n_removed,
        "n_skipped": report.n_skipped,
        "n_failed": report.n_failed,
        "n_chunks": report.n_chunks,
        "n_chunks_embedded": report.n_chunks_embedded,
        "release": report.release.map(|release| release.0),
        "replaced": report.replaced.map(|release| release.0),
        "abandoned": report.abandoned.iter().map(|release| release.0).collect::<Vec<_>>(),
        "n_staged_dropped": report.n_staged_dropped,
        "staged": report.staged,
        "duration_ms": report.duration_ms,
    })
}
