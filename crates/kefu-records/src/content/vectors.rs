use std::collections::HashMap;

use kefu_core::ports::VectorKey;
use kefu_core::{Chunk, ChunkDraft, ChunkId, ReleaseNo, Validity};
use rusqlite::{Params, Row, params};

use super::documents::document_id;
use crate::blob::{
    chunk_id, floats, int, language, read_audiences, read_chunk_id, read_floats, read_sparse, span,
};
use crate::fault::Fault;
use crate::session::Session;

pub(super) fn cached(
    s: &Session<'_>,
    embedder: &str,
    keys: &[VectorKey],
) -> Result<HashMap<VectorKey, Vec<f32>>, Fault> {
    let mut found = HashMap::with_capacity(keys.len());
    for key in keys {
        let vector = s.one(
            "SELECT vector FROM vectors WHERE tenant = ?1 AND embedder = ?2 AND key = ?3",
            params![s.tenant(), embedder, key],
            |row| read_floats(&row.get::<_, Vec<u8>>(0)?),
        )?;
        found.extend(vector.map(|vector| (*key, vector)));
    }
    Ok(found)
}

pub(super) fn cache(
    s: &Session<'_>,
    embedder: &str,
    vectors: &[(VectorKey, Vec<f32>)],
) -> Result<(), Fault> {
    for (key, vector) in vectors {
        s.run(
            "INSERT INTO vectors (tenant, embedder, key, vector) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET vector = excluded.vector",
            params![s.tenant(), embedder, key, floats(vector)],
        )?;
    }
    Ok(())
}

/// A chunk that several versions show has the place that the latest gives it.
const CHUNKS: &str = "SELECT c.chunk_id, c.document_id, l.ordinal, l.span_start, l.span_end,
        c.heading, c.index_text, c.language, c.n_tokens, c.audiences, c.since, c.until, c.sparse,
        d.vector, c.valid_from, c.valid_to
    FROM chunks c
    JOIN layout l ON l.chunk = c.id
        AND l.version = (SELECT max(version) FROM layout WHERE chunk = c.id)
    LEFT JOIN vectors d ON d.tenant = c.tenant AND d.embedder = ?2 AND d.key = c.text_hash
    WHERE c.tenant = ?1 AND ";

pub(super) fn chunks_after(
    s: &Session<'_>,
    embedder: Option<&str>,
    after: Option<ChunkId>,
    limit: usize,
) -> Result<Vec<Chunk>, Fault> {
    let after = after.map_or_else(Vec::new, |id| chunk_id(id).to_vec());
    let page = "c.chunk_id > ?3 ORDER BY c.chunk_id LIMIT ?4";
    chunks(s, page, params![s.tenant(), embedder, after, int(limit)])
}

/// Chunks that `condition` chooses, with their vectors; `?1` is the tenant and `?2` the embedder.
pub(super) fn chunks(
    s: &Session<'_>,
    condition: &'static str,
    params: impl Params,
) -> Result<Vec<Chunk>, Fault> {
    s.all(&format!("{CHUNKS}{condition}"), params, chunk)
}

fn chunk(row: &Row<'_>) -> Result<Chunk, Fault> {
    let dense: Option<Vec<u8>> = row.get(13)?;
    Ok(Chunk {
        id: read_chunk_id(row.get(0)?),
        document_id: document_id(row.get(1)?)?,
        draft: ChunkDraft {
            ordinal: row.get(2)?,
            span: span(row.get(3)?, row.get(4)?)?,
            heading: row.get(5)?,
            index_text: row.get(6)?,
            language: language(row.get_ref(7)?.as_str()?)?,
            n_tokens: row.get(8)?,
            validity: Validity { from: row.get(14)?, to: row.get(15)? },
        },
        audiences: read_audiences(row.get_ref(9)?.as_str()?)?,
        since: ReleaseNo(row.get(10)?),
        until: row.get::<_, Option<u32>>(11)?.map(ReleaseNo),
        sparse: read_sparse(&row.get::<_, Vec<u8>>(12)?)?,
        dense: dense.as_deref().map(read_floats).transpose()?,
    })
}
