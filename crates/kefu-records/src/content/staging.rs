use std::collections::HashSet;

use kefu_core::ports::DocumentChange;
use kefu_core::{Build, Chunk, ChunkId, Cleaning, Document, DocumentId, ReleaseNo, SourceText};
use rusqlite::{OptionalExtension as _, params};

use super::{builds, drift, source_texts, texts};
use crate::blob::{audiences, chunk_id, int, read_chunk_id, sparse};
use crate::fault::{Fault, invalid};
use crate::session::Session;

type Keyed = (Chunk, [u8; 32]);

pub(super) fn stage(
    s: &Session<'_>,
    build: &Build,
    changes: &[DocumentChange],
) -> Result<(), Fault> {
    builds::hold(s, build)?;
    for change in changes {
        match change {
            DocumentChange::Delete { document_id } => {
                end(s, build.release, document_id, &HashSet::new())?;
            }
            DocumentChange::Put { document, source, cleaning, source_text, chunks } => {
                check(document, chunks)?;
                let kept = chunks.iter().map(|(chunk, _)| chunk.id).collect();
                end(s, build.release, &document.id, &kept)?;
                let origin = Origin { source, cleaning, source_text };
                put(s, build.release, document, origin, chunks)?;
            }
        }
    }
    Ok(())
}

fn check(document: &Document, chunks: &[Keyed]) -> Result<(), Fault> {
    let mut ids = HashSet::new();
    let mut last_ordinal = None;
    for (chunk, _) in chunks {
        let ordinal = Some(chunk.draft.ordinal);
        let fits = chunk.document_id == document.id
            && chunk.draft.span.of(&document.text).is_some()
            && ordinal > last_ordinal
            && ids.insert(chunk.id);
        if !fits {
            let (chunk, document) = (chunk.id, &document.id);
            return Err(invalid(format!("chunk {chunk} does not fit document {document}")));
        }
        last_ordinal = ordinal;
    }
    Ok(())
}

/// Ends the open version of a document and its chunks, except those in `kept`. What the same
/// build staged earlier was never seen and goes for good.
fn end(
    s: &Session<'_>,
    release: ReleaseNo,
    id: &DocumentId,
    kept: &HashSet<ChunkId>,
) -> Result<(), Fault> {
    let place = params![s.tenant(), id.as_str(), release.0];
    s.run("DELETE FROM versions WHERE tenant = ?1 AND document_id = ?2 AND since = ?3", place)?;
    s.run(
        "UPDATE versions SET until = ?3 WHERE tenant = ?1 AND document_id = ?2 AND until IS NULL",
        place,
    )?;
    s.run(
        "DELETE FROM revisions AS r WHERE r.tenant = ?1 AND r.document_id = ?2
        AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.revision = r.id)",
        params![s.tenant(), id.as_str()],
    )?;
    let open = s.all(
        "SELECT id, chunk_id FROM chunks
        WHERE tenant = ?1 AND document_id = ?2 AND until IS NULL",
        params![s.tenant(), id.as_str()],
        |row| Ok((row.get::<_, i64>(0)?, read_chunk_id(row.get(1)?))),
    )?;
    for (row, _) in open.iter().filter(|(_, id)| !kept.contains(id)) {
        let place = params![s.tenant(), row, release.0];
        drift::stray(s, "id = ?2 AND since = ?3", place)?;
        s.run("DELETE FROM chunks WHERE tenant = ?1 AND id = ?2 AND since = ?3", place)?;
        s.run("UPDATE chunks SET until = ?3, drifted = 1 WHERE tenant = ?1 AND id = ?2", place)?;
    }
    Ok(())
}

/// Where a version came from, and how it was cleaned and corrected.
#[derive(Clone, Copy)]
struct Origin<'a> {
    source: &'a str,
    cleaning: &'a Cleaning,
    source_text: &'a SourceText,
}

fn put(
    s: &Session<'_>,
    release: ReleaseNo,
    document: &Document,
    origin: Origin<'_>,
    chunks: &[Keyed],
) -> Result<(), Fault> {
    let revision = texts::keep(s, document)?;
    s.run(
        "INSERT INTO versions
            (tenant, document_id, revision, since, source, cleaning, n_chunks, staged_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            s.tenant(),
            document.id.as_str(),
            revision,
            release.0,
            origin.source,
            origin.cleaning.fingerprint,
            int(chunks.len()),
            s.now_ms
        ],
    )?;
    let version = s.sql.last_insert_rowid();
    for removal in &origin.cleaning.removals {
        let (start, end) = (int(removal.span.start), int(removal.span.end));
        s.run(
            "INSERT INTO removals (tenant, version, span_start, span_end, rule)
            VALUES (?1, ?2, ?3, ?4, ?5)",
            params![s.tenant(), version, start, end, removal.rule],
        )?;
    }
    for (ordinal, correction) in origin.cleaning.corrections.iter().enumerate() {
        let (start, end) = correction.span.map(|span| (int(span.start), int(span.end))).unzip();
        s.run(
            "INSERT INTO corrections (tenant, version, ordinal, overlay, span_start, span_end)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![s.tenant(), version, int(ordinal), correction.overlay.as_str(), start, end],
        )?;
    }
    source_texts::keep(s, version, origin.source_text)?;
    for (chunk, key) in chunks {
        let row = match reopen(s, release, chunk)? {
            Some(row) => row,
            None => insert(s, release, chunk, key)?,
        };
        let span = chunk.draft.span;
        s.run(
            "INSERT INTO layout (tenant, version, ordinal, chunk, span_start, span_end)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![s.tenant(), version, chunk.draft.ordinal, row, int(span.start), int(span.end)],
        )?;
    }
    Ok(())
}

/// The row of a chunk that is kept: still open, or ended by an earlier stage of the same build.
fn reopen(s: &Session<'_>, release: ReleaseNo, chunk: &Chunk) -> Result<Option<i64>, Fault> {
    let known: Option<(i64, String, Option<u32>)> = s
        .sql
        .prepare_cached(
            "SELECT id, document_id, until FROM chunks WHERE tenant = ?1 AND chunk_id = ?2",
        )?
        .query_row(params![s.tenant(), chunk_id(chunk.id)], |row| row.try_into())
        .optional()?;
    let Some((row, document_id, until)) = known else { return Ok(None) };
    if document_id != chunk.document_id.as_str() || until.is_some_and(|until| until != release.0) {
        return Err(invalid(format!("chunk id {} was used for another chunk", chunk.id)));
    }
    if until.is_some() {
        s.run(
            "UPDATE chunks SET until = NULL, drifted = 1 WHERE tenant = ?1 AND id = ?2",
            params![s.tenant(), row],
        )?;
    }
    Ok(Some(row))
}

fn insert(
    s: &Session<'_>,
    release: ReleaseNo,
    chunk: &Chunk,
    key: &[u8; 32],
) -> Result<i64, Fault> {
    if chunk.since != release || chunk.until.is_some() {
        return Err(invalid(format!("new chunk {} must begin with the build", chunk.id)));
    }
    let draft = &chunk.draft;
    s.run(
        "INSERT INTO chunks
            (tenant, chunk_id, document_id, key, since, heading, language, n_tokens, audiences,
            text_hash, index_text, sparse, valid_from, valid_to)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            s.tenant(),
            chunk_id(chunk.id),
            chunk.document_id.as_str(),
            key,
            release.0,
            draft.heading,
            draft.language.code(),
            draft.n_tokens,
            audiences(&chunk.audiences)?,
            draft.text_hash(),
            draft.index_text,
            sparse(&chunk.sparse),
            draft.validity.from,
            draft.validity.to
        ],
    )?;
    let row = s.sql.last_insert_rowid();
    drift::adopt(s, chunk.id)?;
    Ok(row)
}
