//! `kefu ingest`.

mod event_lines;
mod gate;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, anyhow, bail};
use kefu_core::Scope;
use kefu_evals::Verdict;
use kefu_ingest::{
    FileOutcome, FileReport, IngestObserver, IngestOptions, IngestReport, KeepRules, RemovalReport,
    Rule, SourceSpec, read_source_file,
};
use serde_json::{Value, json};

use self::event_lines::EventLines;
use self::gate::Gate;
use crate::cli::IngestArgs;
use crate::config::Layers;
use crate::output;
use crate::progress::IngestProgress;
use crate::wiring::{Engine, Parts, scopes};

const MAX_LISTED: usize = 20;

/// Takes documents in and publishes them.
pub(crate) async fn run(args: &IngestArgs, layers: &Layers, place: &Path) -> anyhow::Result<()> {
    let keep = KeepRules::parse(args.keep.iter().map(String::as_str)).map_err(|unknown| {
        let names = Rule::ALL.map(Rule::as_str).join(", ");
        anyhow!("--keep {unknown}: no cleaning rule has this name; there are all, {names}")
    })?;
    let gate = args.gate.as_deref().map(Gate::load).transpose()?;
    // A gate asks as customers do.
    let parts = if gate.is_some() { Parts::All } else { Parts::Content };
    let engine = Engine::open(layers, place, parts).await?;
    let tenant = args.tenant.as_deref().unwrap_or(&layers.settings.tenant.default);
    let options = IngestOptions {
        dry_run: args.dry_run,
        publish: !args.no_publish && gate.is_none(),
        prune: args.prune,
        confirm_deletions: args.confirm_deletions,
        keep,
        source_name: None,
    };
    let progress: Box<dyn IngestObserver> =
        if args.events { Box::new(EventLines) } else { Box::new(IngestProgress::new()) };
    let editor = scopes::editor(tenant)?;
    let (specs, paths) = specs(&args.paths)?;
    let mut report = take_in(&engine, &editor, (&paths, &specs), &options, &*progress).await?;
    if !args.dry_run {
        // Also those that an earlier run put off and was cut short before it made them.
        let begun = Instant::now();
        report.n_chunks_embedded +=
            engine.ingestor.fill_vectors(&editor, progress.as_ref()).await?;
        report.fill_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    }
    drop(progress);
    let verdict = match gate {
        Some(gate) if !args.dry_run => {
            let overriding = args.override_gate.as_deref();
            let gated = gate.pass(&engine, &layers.settings, (tenant, overriding)).await?;
            (report.release, report.staged) = (gated.release, false);
            gated.verdict
        }
        _ => None,
    };
    if let Some(path) = &args.report {
        std::fs::write(path, serde_json::to_string_pretty(&to_json(&report, verdict.as_ref()))?)
            .with_context(|| format!("cannot write the report to {}", path.display()))?;
    }
    if args.events {
        let report = to_json(&report, verdict.as_ref());
        output::line(json!({"event": "report", "report": report}).to_string())?;
    } else if args.json {
        output::json(&to_json(&report, verdict.as_ref()))?;
    } else {
        if let Some(verdict) = &verdict {
            output::line(verdict.to_table().trim_end())?;
        }
        print(&report)?;
    }
    engine.shut_down().await?;
    if report.release.is_none() && verdict.is_some_and(|verdict| !verdict.passes()) {
        bail!(
            "the gate refused the release, and what was taken in was withdrawn; correct it and \
             run this again, or publish it with --override-gate REASON"
        );
    }
    let n_withheld = report.n_deletions_withheld();
    if n_withheld > 0 {
        bail!(
            "{n_withheld} documents were not deleted, since more than half of a source would go; \
             look whether the source is whole, and if they shall go, add --confirm-deletions"
        );
    }
    if report.n_failed > 0 && report.n_added + report.n_changed + report.n_unchanged == 0 {
        bail!("nothing could be taken in; the lines above say why");
    }
    Ok(())
}

/// Source files among the paths, read, and the other paths.
fn specs(paths: &[PathBuf]) -> anyhow::Result<(Vec<SourceSpec>, Vec<PathBuf>)> {
    let is_source_file =
        |path: &PathBuf| path.extension().is_some_and(|ending| ending == "toml") && path.is_file();
    let (files, paths): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.iter().cloned().partition(is_source_file);
    let mut specs = Vec::new();
    for file in files {
        specs.extend(read_source_file(&file)?);
    }
    Ok((specs, paths))
}

/// Paths, then source after source; what changed is published with the last of them.
async fn take_in(
    engine: &Engine,
    scope: &Scope,
    (paths, specs): (&[PathBuf], &[SourceSpec]),
    options: &IngestOptions,
    progress: &dyn IngestObserver,
) -> anyhow::Result<IngestReport> {
    let publishing =
        |is_last: bool| IngestOptions { publish: options.publish && is_last, ..options.clone() };
    let mut all: Option<IngestReport> = None;
    if specs.is_empty() || !paths.is_empty() {
        let options = publishing(specs.is_empty());
        all = Some(engine.ingestor.ingest(scope, paths, &options, progress).await?);
    }
    for (n, spec) in specs.iter().enumerate() {
        let options = publishing(n + 1 == specs.len());
        let report = engine.ingestor.ingest_source(scope, spec, &options, progress).await?;
        all = Some(match all {
            Some(before) => before.and(report),
            None => report,
        });
    }
    all.context("nothing was named to take in")
}

/// Prints a report for people: what went wrong first, then the sums.
pub(crate) fn print(report: &IngestReport) -> anyhow::Result<()> {
    let troubled = || report.files.iter().filter(|f| is_trouble(f.outcome));
    for file in troubled().take(MAX_LISTED) {
        let code = file.code.as_deref().unwrap_or("-");
        let detail = file.detail.as_deref().unwrap_or_default();
        output::line(format!("  {:<11} {code:<20} {} {detail}", file.outcome.as_str(), file.name))?;
    }
    let n_more = troubled().count().saturating_sub(MAX_LISTED);
    if n_more > 0 {
        output::line(format!("  … and {n_more} more; --report FILE lists all"))?;
    }
    let cleaned: Vec<String> =
        report.removals_by_rule().iter().map(|(rule, n)| format!("{n} {rule}")).collect();
    if !cleaned.is_empty() {
        let list = cleaned.join(", ");
        output::line(format!("left out by cleaning: {list}; --report FILE lists them"))?;
    }
    output::line(format!(
        "{} added, {} changed, {} unchanged, {} removed, {} skipped, {} quarantined, {} failed; {} chunks embedded in {:.1} s",
        report.n_added,
        report.n_changed,
        report.n_unchanged,
        report.n_removed,
        report.n_skipped,
        report.n_quarantined,
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

fn is_trouble(outcome: FileOutcome) -> bool {
    matches!(outcome, FileOutcome::Skipped | FileOutcome::Quarantined | FileOutcome::Failed)
}

fn to_json(report: &IngestReport, verdict: Option<&Verdict>) -> Value {
    let removal = |removal: &RemovalReport| {
        json!({
            "document_id": removal.document_id,
            "rule": removal.rule,
            "start": removal.span.start,
            "end": removal.span.end,
            "excerpt": removal.excerpt,
        })
    };
    let file = |file: &FileReport| {
        json!({
            "name": file.name,
            "outcome": file.outcome.as_str(),
            "code": file.code,
            "detail": file.detail,
            "n_documents": file.n_documents,
            "n_chunks": file.n_chunks,
            "cleaning": file.cleaning.iter().map(removal).collect::<Vec<_>>(),
        })
    };
    json!({
        "files": report.files.iter().map(file).collect::<Vec<_>>(),
        "n_added": report.n_added,
        "n_changed": report.n_changed,
        "n_unchanged": report.n_unchanged,
        "n_removed": report.n_removed,
        "n_skipped": report.n_skipped,
        "n_quarantined": report.n_quarantined,
        "n_failed": report.n_failed,
        "n_removals": report.removals_by_rule(),
        "n_chunks": report.n_chunks,
        "n_chunks_embedded": report.n_chunks_embedded,
        "release": report.release.map(|release| release.0),
        "replaced": report.replaced.map(|release| release.0),
        "abandoned": report.abandoned.iter().map(|release| release.0).collect::<Vec<_>>(),
        "n_staged_dropped": report.n_staged_dropped,
        "staged": report.staged,
        "gate": verdict.map(Verdict::to_json),
        "n_vectors_to_come": report.n_vectors_to_come,
        "duration_ms": report.duration_ms,
        "fill_ms": report.fill_ms,
    })
}
