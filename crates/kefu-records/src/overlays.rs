//! Corrections of passages.

use async_trait::async_trait;
use kefu_core::ports::{OverlayFilter, OverlayRecords, Page, PageRequest, StoredOverlay};
use kefu_core::{
    DocumentId, Overlay, OverlayAction, OverlayId, OverlayStatus, RecordsError, Role, Scope,
};
use rusqlite::{Row, params};

use crate::SqliteRecords;
use crate::access::{check_limit, require};
use crate::blob::int;
use crate::cursor;
use crate::fault::{Fault, conflict, damaged, not_found};
use crate::session::Session;

const CORRECTING: &str = "correct documents";
const LISTING: &str = "overlays";

/// An overlay in the order of [`overlay`]; `$from` follows.
macro_rules! select {
    ($from:literal) => {
        concat!(
            "SELECT o.id, o.document_id, o.passage, o.occurrence, o.action, o.value, o.note,
                o.created_at_ms, o.seq",
            $from
        )
    };
}

/// What an overlay does is what became of it in the version that the current release shows. When
/// that version has not met it, it waits; when there is none, its document is gone.
const LIST: &str = select!(
    ", CASE WHEN c.span_start IS NOT NULL THEN 'applied'
            WHEN v.id IS NOT NULL AND c.version IS NULL THEN 'waiting'
            ELSE 'orphaned' END AS status
    FROM overlays o
    LEFT JOIN tenants t ON t.tenant = o.tenant
    LEFT JOIN versions v ON v.tenant = o.tenant AND v.document_id = o.document_id
        AND v.since <= t.current_release AND (v.until IS NULL OR v.until > t.current_release)
    LEFT JOIN corrections c ON c.version = v.id AND c.overlay = o.id
    WHERE o.tenant = ?1 AND o.seq > ?2 AND (?3 IS NULL OR o.document_id = ?3)
        AND (NOT ?4 OR status = 'orphaned')
    ORDER BY o.seq LIMIT ?5"
);

#[async_trait]
impl OverlayRecords for SqliteRecords {
    async fn put_overlay(
        &self,
        scope: &Scope,
        overlay: &Overlay,
        max_overlays: usize,
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, CORRECTING)?;
        let overlay = overlay.clone();
        self.write(scope, move |s| put(s, &overlay, max_overlays)).await
    }

    async fn delete_overlay(&self, scope: &Scope, id: &OverlayId) -> Result<Overlay, RecordsError> {
        require(scope, Role::Editor, CORRECTING)?;
        let id = id.clone();
        self.write(scope, move |s| delete(s, &id)).await
    }

    async fn overlays(
        &self,
        scope: &Scope,
        filter: &OverlayFilter,
        page: &PageRequest,
    ) -> Result<Page<StoredOverlay>, RecordsError> {
        require(scope, Role::Editor, CORRECTING)?;
        let (filter, page) = (filter.clone(), page.clone());
        self.read(scope, move |s| list(s, &filter, &page)).await
    }
}

fn put(s: &Session<'_>, overlay: &Overlay, max_overlays: usize) -> Result<(), Fault> {
    let (document, action) = (overlay.document_id.as_str(), overlay.action.as_str());
    s.run(
        "DELETE FROM overlays WHERE tenant = ?1 AND document_id = ?2 AND passage = ?3
        AND occurrence = ?4 AND action = ?5",
        params![s.tenant(), document, overlay.passage, overlay.occurrence, action],
    )?;
    let query = "SELECT count(*) FROM overlays WHERE tenant = ?1";
    let n_others = s.one(query, [s.tenant()], |row| Ok(row.get::<_, i64>(0)?))?;
    if n_others.unwrap_or_default() >= int(max_overlays) {
        let detail = "corrections are kept already; put them into the documents and delete some";
        return Err(conflict(format!("{max_overlays} {detail}")));
    }
    let value = match &overlay.action {
        OverlayAction::Edit { text } => text.clone(),
        OverlayAction::Hide => String::new(),
        OverlayAction::Pin { phrases } => serde_json::to_string(phrases)?,
    };
    s.run(
        "INSERT INTO overlays
            (tenant, id, document_id, passage, occurrence, action, value, note, created_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            s.tenant(),
            overlay.id.as_str(),
            document,
            overlay.passage,
            overlay.occurrence,
            action,
            value,
            overlay.note,
            overlay.created_at_ms
        ],
    )?;
    Ok(())
}

fn delete(s: &Session<'_>, id: &OverlayId) -> Result<Overlay, Fault> {
    let place = params![s.tenant(), id.as_str()];
    let found =
        s.one(select!(" FROM overlays o WHERE o.tenant = ?1 AND o.id = ?2"), place, overlay)?;
    let found = found.ok_or_else(|| not_found("overlay", id))?;
    s.run("DELETE FROM overlays WHERE tenant = ?1 AND id = ?2", place)?;
    Ok(found)
}

fn list(
    s: &Session<'_>,
    filter: &OverlayFilter,
    page: &PageRequest,
) -> Result<Page<StoredOverlay>, Fault> {
    check_limit(page)?;
    let after: i64 = match &page.cursor {
        Some(cursor) => {
            cursor::read(LISTING, cursor)?.parse().map_err(|_| cursor::not_ours(LISTING))?
        }
        None => 0,
    };
    let document = filter.document_id.as_ref().map(DocumentId::as_str);
    let one_more = int(page.limit + 1);
    let params = params![s.tenant(), after, document, filter.orphaned, one_more];
    let mut items = s.all(LIST, params, |row| {
        let status = match row.get_ref(9)?.as_str()? {
            "applied" => OverlayStatus::Applied,
            "waiting" => OverlayStatus::Waiting,
            _ => OverlayStatus::Orphaned,
        };
        Ok((row.get::<_, i64>(8)?, StoredOverlay { overlay: overlay(row)?, status }))
    })?;
    let more = items.len() > page.limit;
    items.truncate(page.limit);
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|(seq, _)| cursor::write(LISTING, &seq.to_string()));
    Ok(Page { items: items.into_iter().map(|(_, item)| item).collect(), next_cursor })
}

fn overlay(row: &Row<'_>) -> Result<Overlay, Fault> {
    let value: String = row.get(5)?;
    let action = match row.get_ref(4)?.as_str()? {
        "edit" => OverlayAction::Edit { text: value },
        "hide" => OverlayAction::Hide,
        "pin" => OverlayAction::Pin { phrases: serde_json::from_str(&value)? },
        _ => return Err(damaged("the action of an overlay")),
    };
    let id = OverlayId::parse(row.get_ref(0)?.as_str()?).map_err(|_| damaged("an overlay id"))?;
    let document_id: String = row.get(1)?;
    Ok(Overlay {
        id,
        document_id: DocumentId::new(document_id).map_err(|_| damaged("a document id"))?,
        passage: row.get(2)?,
        occurrence: row.get(3)?,
        action,
        note: row.get(6)?,
        created_at_ms: row.get(7)?,
    })
}
