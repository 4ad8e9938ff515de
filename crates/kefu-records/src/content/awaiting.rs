//! Chunks that serve by their words while their dense vectors are still being made.

use kefu_core::{Build, Chunk, ChunkId, Visibility};
use rusqlite::params;

use super::{builds, vectors};
use crate::blob::{chunk_id, int};
use crate::fault::Fault;
use crate::session::Session;

pub(super) fn begin(s: &Session<'_>, build: &Build, chunks: &[ChunkId]) -> Result<(), Fault> {
    builds::hold(s, build)?;
    for id in chunks {
        s.run(
            "INSERT OR IGNORE INTO awaiting (tenant, chunk_id) VALUES (?1, ?2)",
            params![s.tenant(), chunk_id(*id)],
        )?;
    }
    Ok(())
}

pub(super) fn list(s: &Session<'_>, embedder: &str, limit: usize) -> Result<Vec<Chunk>, Fault> {
    let chosen = "c.chunk_id IN (SELECT a.chunk_id FROM awaiting a
        JOIN chunks k ON k.tenant = a.tenant AND k.chunk_id = a.chunk_id
        WHERE a.tenant = ?1 ORDER BY a.chunk_id LIMIT ?3)";
    vectors::chunks(s, chosen, params![s.tenant(), embedder, int(limit)])
}

/// Rows of chunks that a crash or a rollback kept from being staged go along.
pub(super) fn end(s: &Session<'_>, written: &[(ChunkId, Visibility)]) -> Result<(), Fault> {
    for (id, seen) in written {
        let place = params![s.tenant(), chunk_id(*id)];
        s.run("DELETE FROM awaiting WHERE tenant = ?1 AND chunk_id = ?2", place)?;
        s.run(
            "UPDATE chunks SET drifted = 1
            WHERE tenant = ?1 AND chunk_id = ?2 AND until IS NOT ?3",
            params![s.tenant(), chunk_id(*id), seen.until.map(|until| until.0)],
        )?;
        s.run(
            "INSERT OR IGNORE INTO strays (tenant, chunk_id) SELECT ?1, ?2
            WHERE NOT EXISTS (SELECT 1 FROM chunks WHERE tenant = ?1 AND chunk_id = ?2)",
            place,
        )?;
    }
    s.run(
        "DELETE FROM awaiting AS a WHERE a.tenant = ?1 AND NOT EXISTS (
            SELECT 1 FROM chunks c WHERE c.tenant = a.tenant AND c.chunk_id = a.chunk_id)
        AND NOT EXISTS (SELECT 1 FROM strays t
            WHERE t.tenant = a.tenant AND t.chunk_id = a.chunk_id)",
        [s.tenant()],
    )?;
    Ok(())
}
