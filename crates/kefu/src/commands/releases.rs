//! `kefu releases`.

use std::path::Path;

use kefu_core::ports::ContentRecords;
use serde_json::json;

use crate::cli::ReleasesCommand;
use crate::config::Layers;
use crate::data_dir::DataDir;
use crate::output;
use crate::wiring::{open_records, scopes};

/// Lists releases.
pub(crate) async fn run(
    command: &ReleasesCommand,
    layers: &Layers,
    place: &Path,
) -> anyhow::Result<()> {
    let ReleasesCommand::List { tenant, json: as_json } = command;
    let data_dir = DataDir::hold(place)?;
    let records = open_records(&data_dir)?;
    let tenant = tenant.as_deref().unwrap_or(&layers.settings.tenant.default);
    let releases = records.releases(&scopes::editor(tenant)?).await?;
    if *as_json {
        let items: Vec<_> = releases
            .iter()
            .map(|release| {
                json!({
                    "number": release.number.0,
                    "published_at_ms": release.published_at_ms,
                    "n_documents": release.n_documents,
                    "n_chunks": release.n_chunks,
                    "current": release.current,
                })
            })
            .collect();
        return output::json(&json!({"items": items}));
    }
    if releases.is_empty() {
        return output::line(
            "nothing was published yet; `kefu ingest PATH` makes the first release",
        );
    }
    for release in releases {
        let mark = if release.current { "*" } else { " " };
        output::line(format!(
            "{mark} release {:<6} {:>7} documents {:>8} chunks",
            release.number.0, release.n_documents, release.n_chunks
        ))?;
    }
    Ok(())
}
