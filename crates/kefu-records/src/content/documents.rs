use kefu_core::ports::{DocumentFilter, DocumentSummary, Page, PageRequest, StoredDocument};
use kefu_core::{
    Cleaning, Correction, Document, DocumentId, DocumentKind, DocumentMeta, DocumentState,
    OverlayId, ReleaseNo, Removal, Revision, Span,
};
use rusqlite::{Row, params};

use super::{releases, texts};
use crate::access::{check_limit, readable, sees_all};
use crate::blob::{audiences, count, int, language, read_audiences, read_sections, span};
use crate::cursor;
use crate::fault::{Fault, damaged, not_found};
use crate::session::Session;

const LISTING: &str = "documents";

/// A revision may have been shown in several intervals: the latest one published counts.
const READ: &str = concat!(
    "SELECT r.id, r.size_bytes, r.answer_start, r.answer_end, r.title, r.language, r.url,
        r.audiences, r.valid_from, r.valid_to, r.revision, v.since, v.until, v.source, v.n_chunks,
        v.id, v.cleaning, r.state, r.sections
    FROM versions v JOIN revisions r ON r.id = v.revision
    WHERE v.tenant = ?1 AND v.document_id = ?4
        AND (v.since <= ?5 OR (?2 AND ?6 IS NOT NULL))
        AND CASE WHEN ?6 IS NULL THEN v.until IS NULL OR v.until > ?5 ELSE r.revision = ?6 END
        AND ",
    readable!("r.audiences"),
    " AND (?2 OR r.state = 'approved') ORDER BY v.since DESC LIMIT 1"
);

const LIST: &str = concat!(
    "SELECT v.document_id, r.title, r.revision, r.language, r.url, r.size_bytes, v.n_chunks,
        v.since, r.state, r.answer_start IS NOT NULL, r.valid_from, r.valid_to,
        r.sections
    FROM versions v JOIN revisions r ON r.id = v.revision
    WHERE v.tenant = ?1 AND v.document_id > ?4 AND v.since <= ?5
        AND (v.until IS NULL OR v.until > ?5) AND ",
    readable!("r.audiences"),
    " AND (?2 OR r.state = 'approved')
        AND (?7 IS NULL OR r.state = ?7)
        AND (?8 IS NULL OR (r.answer_start IS NOT NULL) = ?8)
        AND (?9 IS NULL OR r.valid_to <= ?9 OR EXISTS (SELECT 1 FROM json_each(r.sections) AS part
            WHERE part.value ->> 'valid_to' <= ?9))
    ORDER BY v.document_id LIMIT ?6"
);

pub(super) fn read(
    s: &Session<'_>,
    id: &DocumentId,
    wanted: Option<&Revision>,
) -> Result<StoredDocument, Fault> {
    read_at(s, id, (releases::current(s)?.release, wanted))
}

/// The document as `current` shows it, or the revision named if it was published by then.
pub(super) fn read_at(
    s: &Session<'_>,
    id: &DocumentId,
    (current, wanted): (ReleaseNo, Option<&Revision>),
) -> Result<StoredDocument, Fault> {
    let ours = audiences(s.scope.audiences())?;
    let wanted = wanted.map(Revision::as_str);
    let params = params![s.tenant(), sees_all(&s.scope), ours, id.as_str(), current.0, wanted];
    let found = s.one(READ, params, |row| {
        let size_bytes = usize::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
        let until: Option<u32> = row.get(12)?;
        Ok(StoredDocument {
            document: Document {
                id: id.clone(),
                kind: optional_span(row, 2)?
                    .map_or(DocumentKind::Article, |answer| DocumentKind::Pair { answer }),
                text: texts::whole(s, row.get(0)?, size_bytes)?,
                meta: meta(row, (4, 17, 18))?,
            },
            revision: revision(row.get_ref(10)?.as_str()?)?,
            since: ReleaseNo(row.get(11)?),
            // What a build under way ends is still there for readers.
            until: until.map(ReleaseNo).filter(|until| *until <= current),
            source: row.get(13)?,
            cleaning: Cleaning {
                fingerprint: row.get(16)?,
                removals: removals(s, row.get(15)?)?,
                corrections: corrections(s, row.get(15)?)?,
            },
            n_chunks: count(row.get(14)?)?,
        })
    })?;
    found.ok_or_else(|| match wanted {
        None => not_found("document", id),
        Some(revision) => not_found(
            "revision",
            &format!(
                "{revision} of document {id}: it never was published, or the releases that had it \
                 were collected or undone"
            ),
        ),
    })
}

fn removals(s: &Session<'_>, version: i64) -> Result<Vec<Removal>, Fault> {
    s.all(
        "SELECT span_start, span_end, rule FROM removals WHERE tenant = ?1 AND version = ?2
        ORDER BY span_start",
        params![s.tenant(), version],
        |row| Ok(Removal { span: span(row.get(0)?, row.get(1)?)?, rule: row.get(2)? }),
    )
}

fn corrections(s: &Session<'_>, version: i64) -> Result<Vec<Correction>, Fault> {
    s.all(
        "SELECT overlay, span_start, span_end FROM corrections
        WHERE tenant = ?1 AND version = ?2 ORDER BY ordinal",
        params![s.tenant(), version],
        |row| {
            let overlay = row.get_ref(0)?.as_str()?;
            let overlay = OverlayId::parse(overlay).map_err(|_| damaged("an overlay id"))?;
            Ok(Correction { overlay, span: optional_span(row, 1)? })
        },
    )
}

pub(super) fn list(
    s: &Session<'_>,
    filter: &DocumentFilter,
    page: &PageRequest,
) -> Result<Page<DocumentSummary>, Fault> {
    check_limit(page)?;
    let after = match &page.cursor {
        Some(cursor) => cursor::read(LISTING, cursor)?,
        None => String::new(),
    };
    let current = releases::current(s)?.release;
    let ours = audiences(s.scope.audiences())?;
    let one_more = int(page.limit + 1);
    let state = filter.state.map(DocumentState::as_str);
    let params = params![
        s.tenant(),
        sees_all(&s.scope),
        ours,
        after,
        current.0,
        one_more,
        state,
        filter.is_pair,
        filter.ends_by
    ];
    let mut items = s.all(LIST, params, summary)?;
    let more = items.len() > page.limit;
    items.truncate(page.limit);
    let last = items.last().filter(|_| more);
    Ok(Page { next_cursor: last.map(|item| cursor::write(LISTING, item.id.as_str())), items })
}

fn summary(row: &Row<'_>) -> Result<DocumentSummary, Fault> {
    Ok(DocumentSummary {
        id: document_id(row.get(0)?)?,
        title: row.get(1)?,
        revision: revision(row.get_ref(2)?.as_str()?)?,
        language: language(row.get_ref(3)?.as_str()?)?,
        state: state(row.get_ref(8)?.as_str()?)?,
        is_pair: row.get(9)?,
        valid_from: row.get(10)?,
        valid_to: row.get(11)?,
        sections: read_sections(row.get_ref(12)?.as_str()?)?,
        url: row.get(4)?,
        size_bytes: count(row.get(5)?)?,
        n_chunks: count(row.get(6)?)?,
        since: ReleaseNo(row.get(7)?),
    })
}

fn meta(
    row: &Row<'_>,
    (first, of_state, of_sections): (usize, usize, usize),
) -> Result<DocumentMeta, Fault> {
    Ok(DocumentMeta {
        title: row.get(first)?,
        language: language(row.get_ref(first + 1)?.as_str()?)?,
        url: row.get(first + 2)?,
        audiences: read_audiences(row.get_ref(first + 3)?.as_str()?)?,
        valid_from: row.get(first + 4)?,
        valid_to: row.get(first + 5)?,
        sections: read_sections(row.get_ref(of_sections)?.as_str()?)?,
        state: state(row.get_ref(of_state)?.as_str()?)?,
    })
}

/// A span from two columns that are null where there is none, such as the answer of an article.
pub(super) fn optional_span(row: &Row<'_>, first: usize) -> Result<Option<Span>, Fault> {
    let ends: (Option<i64>, Option<i64>) = (row.get(first)?, row.get(first + 1)?);
    match ends {
        (Some(start), Some(end)) => Ok(Some(span(start, end)?)),
        _ => Ok(None),
    }
}

pub(super) fn document_id(text: String) -> Result<DocumentId, Fault> {
    DocumentId::new(text).map_err(|_| damaged("a document id"))
}

pub(super) fn state(word: &str) -> Result<DocumentState, Fault> {
    DocumentState::parse(word).ok_or_else(|| damaged("the state of a document"))
}

pub(super) fn revision(text: &str) -> Result<Revision, Fault> {
    Revision::parse(text).ok_or_else(|| damaged("a revision"))
}
