//! `kefu overlays`: corrections of passages.

use std::path::Path;

use anyhow::anyhow;
use kefu_api::{CheckedOverlay, ListOverlaysQuery, OverlayKind, OverlayRequest, OverlayResponse};
use kefu_core::ports::{Clock, OverlayRecords, SystemClock};
use kefu_core::{DocumentId, OverlayId};
use kefu_ingest::{OverlayInput, Upload};
use kefu_records::SqliteRecords;
use serde_json::json;

use super::content_job;
use crate::cli::{
    OverlaysAddArgs, OverlaysCommand, OverlaysDeleteArgs, OverlaysListArgs, TenantArgs,
};
use crate::config::Layers;
use crate::data_dir::DataDir;
use crate::output;
use crate::wiring::{Engine, Parts, open_records, scopes};

/// Overlays per read of the records.
const PAGE: u32 = 500;
/// Characters of a passage in a listing.
const MAX_SHOWN_CHARS: usize = 60;

/// Lists, adds and deletes corrections.
pub(crate) async fn run(
    command: &OverlaysCommand,
    layers: &Layers,
    place: &Path,
) -> anyhow::Result<()> {
    match command {
        OverlaysCommand::List(args) => list(args, layers, place).await,
        OverlaysCommand::Add(args) => add(args, layers, place).await,
        OverlaysCommand::Delete(args) => delete(args, layers, place).await,
    }
}

async fn list(args: &OverlaysListArgs, layers: &Layers, place: &Path) -> anyhow::Result<()> {
    let query = ListOverlaysQuery {
        limit: Some(PAGE),
        cursor: None,
        document_id: args.document.clone(),
        orphaned: Some(args.orphaned),
    };
    let (mut page, filter) = query.check().map_err(|faults| content_job::usage(&faults))?;
    let data_dir = DataDir::hold(place)?;
    let records: SqliteRecords = open_records(&data_dir)?;
    let scope = scopes::editor(tenant(&args.of, layers))?;
    let mut items: Vec<OverlayResponse> = Vec::new();
    loop {
        let found = records.overlays(&scope, &filter, &page).await?;
        items.extend(found.items.into_iter().map(OverlayResponse::from));
        page.cursor = found.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    if args.of.json {
        return output::json(&json!({ "items": items }));
    }
    for item in &items {
        let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let status = word(serde_json::to_value(item.status)?);
        let action = word(serde_json::to_value(item.action)?);
        let words: Vec<&str> = item.passage.split_whitespace().collect();
        let passage: String = words.join(" ").chars().take(MAX_SHOWN_CHARS).collect();
        let (id, document) = (&item.overlay_id, &item.document_id);
        output::line(format!("{id} {status:<9} {action:<5} {document:<32} {passage}"))?;
    }
    output::line(format!("{} corrections", items.len()))
}

async fn add(args: &OverlaysAddArgs, layers: &Layers, place: &Path) -> anyhow::Result<()> {
    let action = match (&args.edit, args.hide) {
        (Some(_), _) => OverlayKind::Edit,
        (None, true) => OverlayKind::Hide,
        (None, false) => OverlayKind::Pin,
    };
    let request = OverlayRequest {
        action,
        passage: args.passage.clone(),
        occurrence: args.occurrence,
        text: args.edit.clone(),
        phrases: Some(args.pin.clone()).filter(|phrases| !phrases.is_empty()),
        note: args.note.clone(),
    };
    let checked = request.check().map_err(|faults| content_job::usage(&faults))?;
    let CheckedOverlay { passage, occurrence, action, note } = checked;
    let document_id = DocumentId::new(args.document.as_str())?;
    let engine = Engine::open(layers, place, Parts::Content).await?;
    let scope = scopes::editor(tenant(&args.of, layers))?;
    let input =
        OverlayInput { document_id: document_id.clone(), passage, occurrence, action, note };
    let made = engine.ingestor.add_overlay(&scope, input, SystemClock.now_ms()).await?;
    let upload = Upload::Correct { document_id };
    let job = content_job::run(&engine.ingestor, &scope, upload).await;
    engine.shut_down().await?;
    let extra = json!({ "overlay_id": made.id.as_str() });
    content_job::print(&job?, args.of.json, &format!("kept as {}", made.id), extra)
}

async fn delete(args: &OverlaysDeleteArgs, layers: &Layers, place: &Path) -> anyhow::Result<()> {
    let id = OverlayId::parse(&args.id)
        .map_err(|error| anyhow!("{:?} is no correction: {error}", args.id))?;
    let engine = Engine::open(layers, place, Parts::Content).await?;
    let scope = scopes::editor(tenant(&args.of, layers))?;
    let gone = engine.records.delete_overlay(&scope, &id).await?;
    let upload = Upload::Correct { document_id: gone.document_id };
    let job = content_job::run(&engine.ingestor, &scope, upload).await;
    engine.shut_down().await?;
    let extra = json!({ "overlay_id": id.as_str() });
    content_job::print(&job?, args.of.json, &format!("{id} is gone"), extra)
}

fn tenant<'a>(of: &'a TenantArgs, layers: &'a Layers) -> &'a str {
    of.tenant.as_deref().unwrap_or(&layers.settings.tenant.default)
}
