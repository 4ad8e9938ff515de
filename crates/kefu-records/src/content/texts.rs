use kefu_core::{Document, DocumentKind, Span};
use rusqlite::{OptionalExtension as _, params};

use crate::blob::{audiences, int, sections};
use crate::fault::{Fault, damaged};
use crate::session::Session;

/// Texts are stored in blocks of this many bytes: small enough that a passage costs a block or
/// two, large enough that most documents are one.
const BLOCK_BYTES: usize = 16 * 1024;

/// Keeps text and metadata of a document unless the revision is there; returns its row.
pub(super) fn keep(s: &Session<'_>, document: &Document) -> Result<i64, Fault> {
    let revision = document.revision();
    let known = s
        .sql
        .prepare_cached(
            "SELECT id FROM revisions WHERE tenant = ?1 AND document_id = ?2 AND revision = ?3",
        )?
        .query_row(params![s.tenant(), document.id.as_str(), revision.as_str()], |row| row.get(0))
        .optional()?;
    if let Some(row) = known {
        return Ok(row);
    }
    let meta = &document.meta;
    let answer = match document.kind {
        DocumentKind::Article => None,
        DocumentKind::Pair { answer } => Some(answer),
    };
    s.run(
        "INSERT INTO revisions
            (tenant, document_id, revision, answer_start, answer_end, title, language, url,
            audiences, valid_from, valid_to, size_bytes, state, sections)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            s.tenant(),
            document.id.as_str(),
            revision.as_str(),
            answer.map(|span| int(span.start)),
            answer.map(|span| int(span.end)),
            meta.title,
            meta.language.code(),
            meta.url,
            audiences(&meta.audiences)?,
            meta.valid_from,
            meta.valid_to,
            int(document.text.len()),
            meta.state.as_str(),
            sections(&meta.sections)?
        ],
    )?;
    let row = s.sql.last_insert_rowid();
    for (block, bytes) in document.text.as_bytes().chunks(BLOCK_BYTES).enumerate() {
        s.run(
            "INSERT INTO texts (tenant, revision, block, bytes) VALUES (?1, ?2, ?3, ?4)",
            params![s.tenant(), row, int(block), bytes],
        )?;
    }
    Ok(row)
}

/// A whole text.
pub(super) fn whole(s: &Session<'_>, revision: i64, size_bytes: usize) -> Result<String, Fault> {
    cut(s, revision, Span { start: 0, end: size_bytes })
}

/// The part of a text at `span`; reads only the blocks it touches.
pub(super) fn cut(s: &Session<'_>, revision: i64, span: Span) -> Result<String, Fault> {
    let first = span.start / BLOCK_BYTES;
    let mut bytes = Vec::with_capacity(span.len() + BLOCK_BYTES);
    s.all(
        "SELECT bytes FROM texts
        WHERE tenant = ?1 AND revision = ?2 AND block BETWEEN ?3 AND ?4 ORDER BY block",
        params![s.tenant(), revision, int(first), int(span.end / BLOCK_BYTES)],
        |row| {
            bytes.extend_from_slice(row.get_ref(0)?.as_blob()?);
            Ok(())
        },
    )?;
    let offset = first * BLOCK_BYTES;
    let part = bytes.get(span.start - offset..span.end - offset).ok_or_else(missing)?;
    Ok(std::str::from_utf8(part).map_err(|_| missing())?.to_owned())
}

fn missing() -> Fault {
    damaged("a part of a document's text is missing")
}
