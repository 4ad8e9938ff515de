//! `kefu documents` and `kefu report`: what is stored and may answer, and what ends soon.

use std::path::Path;

use anyhow::bail;
use kefu_api::{DocumentItem, ListDocumentsQuery};
use kefu_core::ports::{Clock, ContentRecords, PageRequest, SystemClock};
use kefu_core::{DocumentId, DocumentState, Scope};
use kefu_ingest::{StateChange, Upload};
use kefu_records::SqliteRecords;
use serde_json::json;

use super::content_job;
use crate::cli::{
    DocumentsCommand, DocumentsListArgs, DocumentsStateArgs, ExpiringArgs, ReportCommand,
    TenantArgs,
};
use crate::config::Layers;
use crate::data_dir::DataDir;
use crate::output;
use crate::wiring::{Engine, Parts, open_records, scopes};

/// Documents per read of the records.
const PAGE: u32 = 500;

/// Lists documents of the published release, or changes the state of one.
pub(crate) async fn run(
    command: &DocumentsCommand,
    layers: &Layers,
    place: &Path,
) -> anyhow::Result<()> {
    match command {
        DocumentsCommand::List(args) => list(args, layers, place).await,
        DocumentsCommand::State(args) => change_state(args, layers, place).await,
    }
}

/// Needs no models and no index.
async fn list(args: &DocumentsListArgs, layers: &Layers, place: &Path) -> anyhow::Result<()> {
    let items = found(args.query(), &args.of, layers, place).await?;
    if args.of.json {
        return output::json(&json!({ "items": items }));
    }
    for item in &items {
        let state = serde_json::to_value(item.state)?;
        let state = state.as_str().unwrap_or_default();
        output::line(format!("{state:<9} {:<40} {}", item.document_id, item.title))?;
    }
    output::line(format!("{} documents", items.len()))
}

async fn change_state(
    args: &DocumentsStateArgs,
    layers: &Layers,
    place: &Path,
) -> anyhow::Result<()> {
    let Some(state) = DocumentState::parse(&args.state) else {
        bail!("{:?} is no state; there are draft, approved and retired", args.state);
    };
    let document_id = DocumentId::new(args.document.as_str())?;
    let engine = Engine::open(layers, place, Parts::Content).await?;
    let tenant = args.of.tenant.as_deref().unwrap_or(&layers.settings.tenant.default);
    let change = StateChange { state, reason: args.reason.clone() };
    let upload = Upload::State { document_id, change };
    let job = content_job::run(&engine.ingestor, &scopes::editor(tenant)?, upload).await;
    engine.shut_down().await?;
    let headline = format!("{} is {}", args.document, state.as_str());
    content_job::print(&job?, args.of.json, &headline, json!({}))
}

/// Reports on the content.
pub(crate) async fn report(
    command: &ReportCommand,
    layers: &Layers,
    place: &Path,
) -> anyhow::Result<()> {
    let ReportCommand::Expiring(args) = command;
    let items = found(args.query(), &args.of, layers, place).await?;
    if args.of.json {
        return output::json(&json!({ "within_days": args.within, "items": items }));
    }
    let today = kefu_api::day_after(SystemClock.now_ms(), 0);
    let until = kefu_api::day_after(SystemClock.now_ms(), args.within);
    let mut ends: Vec<(&str, &str, &str)> = Vec::new();
    for item in &items {
        let of_sections = item.sections.iter().map(|s| (&s.valid_to, s.heading.as_str()));
        for (day, what) in of_sections.chain([(&item.valid_to, item.title.as_str())]) {
            let day = day.as_deref().filter(|day| *day <= until.as_str());
            ends.extend(day.map(|day| (day, item.document_id.as_str(), what)));
        }
    }
    ends.sort_unstable();
    for (day, document, what) in &ends {
        let word = if *day < today.as_str() { "ended" } else { "ends" };
        output::line(format!("{word:<6}{day}  {document:<40} {what}"))?;
    }
    let n_days = args.within;
    output::line(format!(
        "{} documents end in part within {n_days} days or have ended",
        items.len()
    ))
}

async fn found(
    query: ListDocumentsQuery,
    of: &TenantArgs,
    layers: &Layers,
    place: &Path,
) -> anyhow::Result<Vec<DocumentItem>> {
    let (page, filter) = match query.check(SystemClock.now_ms()) {
        Ok(checked) => checked,
        Err(faults) => return Err(content_job::usage(&faults)),
    };
    let data_dir = DataDir::hold(place)?;
    let records: SqliteRecords = open_records(&data_dir)?;
    let tenant = of.tenant.as_deref().unwrap_or(&layers.settings.tenant.default);
    let scope: Scope = scopes::editor(tenant)?;
    let mut items = Vec::new();
    let mut next = PageRequest { limit: page.limit, cursor: None };
    loop {
        let found = records.documents(&scope, &filter, &next).await?;
        items.extend(found.items.into_iter().map(DocumentItem::from));
        next.cursor = found.next_cursor;
        if next.cursor.is_none() {
            return Ok(items);
        }
    }
}

impl DocumentsListArgs {
    fn query(&self) -> ListDocumentsQuery {
        ListDocumentsQuery {
            limit: Some(PAGE),
            state: self.state.clone(),
            ..ListDocumentsQuery::default()
        }
    }
}

impl ExpiringArgs {
    fn query(&self) -> ListDocumentsQuery {
        ListDocumentsQuery {
            limit: Some(PAGE),
            expires_within_days: Some(self.within),
            ..ListDocumentsQuery::default()
        }
    }
}
