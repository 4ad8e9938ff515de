//! `kefu releases`.

use std::path::Path;

use kefu_api::ReleaseDiffResponse;
use kefu_core::ports::ContentRecords;
use kefu_core::{PointerMove, PointerTarget, Release, ReleaseNo, ReleaseState, Scope};
use kefu_ingest::diff_releases;
use kefu_records::SqliteRecords;
use serde_json::{Value, json};

use crate::cli::{ReleasesCommand, TenantArgs};
use crate::config::Layers;
use crate::data_dir::DataDir;
use crate::output;
use crate::wiring::{open_records, scopes};

const MAX_HISTORY: usize = 100;

/// Lists, compares and moves between releases. Needs no models and no index: the index is in line
/// with every release that can be named.
pub(crate) async fn run(
    command: &ReleasesCommand,
    layers: &Layers,
    place: &Path,
) -> anyhow::Result<()> {
    let data_dir = DataDir::hold(place)?;
    let records = open_records(&data_dir)?;
    let of = match command {
        ReleasesCommand::List(of) => of,
        ReleasesCommand::Publish(args) => &args.of,
        ReleasesCommand::Rollback(args) => &args.of,
        ReleasesCommand::Diff(args) => &args.of,
    };
    let tenant = of.tenant.as_deref().unwrap_or(&layers.settings.tenant.default);
    let scope = scopes::editor(tenant)?;
    match command {
        ReleasesCommand::List(of) => list(&records, &scope, of).await,
        ReleasesCommand::Publish(args) => {
            let target = PointerTarget::Release(ReleaseNo(args.number));
            go(&records, &scope, (target, &args.reason), of).await
        }
        ReleasesCommand::Rollback(args) => {
            let to = args.to.map(ReleaseNo);
            let target = to.map_or(PointerTarget::Previous, PointerTarget::Older);
            go(&records, &scope, (target, &args.reason), of).await
        }
        ReleasesCommand::Diff(args) => {
            let releases = (ReleaseNo(args.from), ReleaseNo(args.to));
            let diff = diff_releases(&records, &scope, releases).await?.into();
            if of.json { output::json(&diff) } else { print_diff(&diff) }
        }
    }
}

async fn list(records: &SqliteRecords, scope: &Scope, of: &TenantArgs) -> anyhow::Result<()> {
    let releases = records.releases(scope).await?;
    if of.json {
        let moves = records.pointer_moves(scope, MAX_HISTORY).await?;
        let items: Vec<_> = releases.iter().map(release_json).collect();
        let history: Vec<_> = moves.iter().map(move_json).collect();
        return output::json(&json!({"items": items, "history": history}));
    }
    if releases.is_empty() {
        return output::line(
            "nothing was published yet; `kefu ingest PATH` makes the first release",
        );
    }
    for release in releases {
        let mark = if release.current { "*" } else { " " };
        let note = match release.state {
            ReleaseState::Published => "",
            ReleaseState::Abandoned => "  abandoned after a rollback",
        };
        output::line(format!(
            "{mark} release {:<6} {:>7} documents {:>8} chunks{note}",
            release.number.0, release.n_documents, release.n_chunks
        ))?;
    }
    Ok(())
}

async fn go(
    records: &SqliteRecords,
    scope: &Scope,
    (target, reason): (PointerTarget, &str),
    of: &TenantArgs,
) -> anyhow::Result<()> {
    let before = records.current(scope).await?.release;
    let release = records.move_pointer(scope, target, reason).await?;
    if of.json {
        return output::json(&release_json(&release));
    }
    let now = release.number;
    if before == now {
        return output::line(format!("release {now} serves already"));
    }
    output::line(format!("release {now} serves now; `kefu releases publish {before}` undoes this"))
}

fn release_json(release: &Release) -> Value {
    json!({
        "number": release.number.0,
        "published_at_ms": release.published_at_ms,
        "n_documents": release.n_documents,
        "n_chunks": release.n_chunks,
        "state": release.state.as_str(),
        "current": release.current,
    })
}

fn move_json(step: &PointerMove) -> Value {
    json!({
        "release": step.release.0,
        "previous": step.previous.0,
        "at_ms": step.at_ms,
        "by": step.by.as_str(),
        "reason": step.reason,
    })
}

fn print_diff(diff: &ReleaseDiffResponse) -> anyhow::Result<()> {
    for document in &diff.documents {
        let change = serde_json::to_value(document.change)?;
        let change = change.as_str().unwrap_or_default();
        output::line(format!("{change:<8} {} ({})", document.document_id, document.title))?;
        for field in &document.fields {
            let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
            let (before, after) = (shown(&field.before), shown(&field.after));
            output::line(format!("  {}: {before} -> {after}", field.field))?;
        }
        if let Some(text) = &document.text {
            output::line(text.trim_end())?;
        }
        if document.text_truncated {
            output::line("  … more lines differ")?;
        }
    }
    if diff.truncated {
        output::line("… and more documents")?;
    }
    output::line(format!(
        "release {} to {}: {} added, {} changed, {} removed",
        diff.from, diff.to, diff.n_added, diff.n_changed, diff.n_removed
    ))
}
