//! `kefu sources`: what the service looks at by itself.

use std::path::Path;

use anyhow::Context;
use kefu_api::{ListedSource, SourceResponse, Sources};
use kefu_core::ports::SourceRecords;
use kefu_ingest::SourceSpec;
use kefu_records::SqliteRecords;

use crate::cli::SourcesCommand;
use crate::config::Layers;
use crate::data_dir::DataDir;
use crate::output;
use crate::wiring::{configured_sources, open_records, scopes};

/// Lists the sources of the configuration with their last runs.
pub(crate) async fn run(
    command: &SourcesCommand,
    layers: &Layers,
    place: &Path,
) -> anyhow::Result<()> {
    let SourcesCommand::List(of) = command;
    let specs = configured_sources(&layers.settings)?;
    let data_dir = DataDir::hold(place)?;
    let records: SqliteRecords = open_records(&data_dir)?;
    let tenant = of.tenant.as_deref().unwrap_or(&layers.settings.tenant.default);
    let runs = records.source_runs(&scopes::editor(tenant)?).await?;
    let item = |spec: &SourceSpec| {
        SourceResponse::new(ListedSource {
            id: &spec.id,
            every: spec.every,
            last: runs.iter().find(|run| run.source == spec.id),
            next_at_ms: None,
            is_running: false,
            is_waiting: false,
        })
    };
    let items: Vec<SourceResponse> = specs.iter().map(item).collect();
    if of.json {
        return output::json(&serde_json::to_value(Sources { items }).context("cannot print")?);
    }
    for item in &items {
        let every = item.every_s.map_or("on request".to_owned(), |s| format!("every {s} s"));
        let last = item.last_run.as_ref().map_or("never looked at".to_owned(), |run| {
            let trouble = run.error.as_deref().map(|error| format!("; {error}")).unwrap_or_default();
            format!(
                "{}: {} added, {} changed, {} unchanged, {} removed, {} withheld, {} failed{trouble}",
                run.began_at,
                run.n_added,
                run.n_changed,
                run.n_unchanged,
                run.n_removed,
                run.n_deletions_withheld,
                run.n_failed
            )
        });
        output::line(format!("{:<24} {every:<14} {last}", item.source_id))?;
    }
    output::line(format!("{} sources", items.len()))
}
