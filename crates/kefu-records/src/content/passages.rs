use kefu_core::{ChunkId, Passage, ReleaseNo, Validity};
use rusqlite::params;

use super::documents::{document_id, optional_span, revision};
use super::texts;
use crate::access::{readable, sees_all};
use crate::blob::{audiences, chunk_id, language, span};
use crate::fault::Fault;
use crate::session::Session;

const READ: &str = concat!(
    "SELECT c.document_id, r.revision, r.title, r.url, c.heading, l.ordinal, l.span_start,
        l.span_end, c.language, r.answer_start, r.answer_end, r.id, c.valid_from, c.valid_to
    FROM chunks c
    JOIN versions v ON v.tenant = c.tenant AND v.document_id = c.document_id
        AND v.since <= ?5 AND (v.until IS NULL OR v.until > ?5)
    JOIN layout l ON l.chunk = c.id AND l.version = v.id
    JOIN revisions r ON r.id = v.revision
    WHERE c.tenant = ?1 AND c.chunk_id = ?4 AND c.since <= ?5 AND (c.until IS NULL OR c.until > ?5)
        AND ",
    readable!("r.audiences"),
    " AND ",
    readable!("c.audiences")
);

pub(super) fn read(
    s: &Session<'_>,
    release: ReleaseNo,
    chunks: &[ChunkId],
) -> Result<Vec<Passage>, Fault> {
    let ours = audiences(s.scope.audiences())?;
    let mut passages = Vec::with_capacity(chunks.len());
    for id in chunks {
        let params = params![s.tenant(), sees_all(&s.scope), ours, chunk_id(*id), release.0];
        let found = s.one(READ, params, |row| {
            let span = span(row.get(6)?, row.get(7)?)?;
            Ok(Passage {
                chunk_id: *id,
                document_id: document_id(row.get(0)?)?,
                revision: revision(row.get_ref(1)?.as_str()?)?,
                title: row.get(2)?,
                url: row.get(3)?,
                heading: row.get(4)?,
                ordinal: row.get(5)?,
                span,
                text: texts::cut(s, row.get(11)?, span)?,
                language: language(row.get_ref(8)?.as_str()?)?,
                validity: Validity { from: row.get(12)?, to: row.get(13)? },
                pair_answer: optional_span(row, 9)?,
            })
        })?;
        passages.extend(found);
    }
    Ok(passages)
}
