//! What the index has yet to be told.

use kefu_core::ports::ExpectedPoint;
use kefu_core::{Build, ChunkId, Drift, PointChange, ReleaseNo, Visibility};
use rusqlite::{Params, Row, params};

use super::builds;
use crate::blob::{chunk_id, int, read_chunk_id};
use crate::fault::Fault;
use crate::session::Session;

/// Notes that the index may hold the points of the chunks that `condition` names, before their
/// rows are deleted. `?1` is the tenant.
pub(super) fn stray(
    s: &Session<'_>,
    condition: &'static str,
    params: impl Params,
) -> Result<(), Fault> {
    let statement = format!(
        "INSERT OR IGNORE INTO strays (tenant, chunk_id)
        SELECT tenant, chunk_id FROM chunks WHERE tenant = ?1 AND {condition}"
    );
    s.run(&statement, params)?;
    Ok(())
}

/// Notes that points of these chunks are about to be written, before there are rows of them.
pub(super) fn announce(s: &Session<'_>, build: &Build, chunks: &[ChunkId]) -> Result<(), Fault> {
    builds::hold(s, build)?;
    for id in chunks {
        s.run(
            "INSERT OR IGNORE INTO strays (tenant, chunk_id) SELECT ?1, ?2
            WHERE NOT EXISTS (SELECT 1 FROM chunks WHERE tenant = ?1 AND chunk_id = ?2)",
            params![s.tenant(), chunk_id(*id)],
        )?;
    }
    Ok(())
}

/// Notes that a row knows the point.
pub(super) fn adopt(s: &Session<'_>, id: ChunkId) -> Result<(), Fault> {
    s.run(
        "DELETE FROM strays WHERE tenant = ?1 AND chunk_id = ?2",
        params![s.tenant(), chunk_id(id)],
    )?;
    Ok(())
}

/// Removals first, as they may be many and the reader pages.
pub(super) fn list(s: &Session<'_>, build: &Build, limit: usize) -> Result<Vec<Drift>, Fault> {
    builds::hold_lease(s, build)?;
    s.all(
        "SELECT chunk_id, 1, NULL FROM strays WHERE tenant = ?1
        UNION ALL
        SELECT chunk_id, 0, until FROM chunks INDEXED BY chunks_drifted WHERE tenant = ?1 AND drifted = 1
        LIMIT ?2",
        params![s.tenant(), int(limit)],
        |row| {
            let until: Option<u32> = row.get(2)?;
            let change = match row.get(1)? {
                true => PointChange::Remove,
                false => PointChange::Until(until.map(ReleaseNo)),
            };
            Ok(Drift { chunk_id: read_chunk_id(row.get(0)?), change })
        },
    )
}

pub(super) fn exists(s: &Session<'_>) -> Result<bool, Fault> {
    let found = s.one(
        "SELECT EXISTS (SELECT 1 FROM strays WHERE tenant = ?1)
            OR EXISTS (SELECT 1 FROM chunks INDEXED BY chunks_drifted WHERE tenant = ?1 AND drifted = 1)",
        [s.tenant()],
        |row| Ok(row.get(0)?),
    )?;
    Ok(found.unwrap_or_default())
}

pub(super) fn settled(s: &Session<'_>, build: &Build, told: &[Drift]) -> Result<(), Fault> {
    builds::hold_lease(s, build)?;
    for drift in told {
        match drift.change {
            PointChange::Remove => adopt(s, drift.chunk_id)?,
            PointChange::Until(until) => {
                let until = until.map(|until| until.0);
                s.run(
                    "UPDATE chunks SET drifted = 0
                    WHERE tenant = ?1 AND chunk_id = ?2 AND until IS ?3",
                    params![s.tenant(), chunk_id(drift.chunk_id), until],
                )?;
            }
        }
    }
    Ok(())
}

pub(super) fn expected(
    s: &Session<'_>,
    after: Option<ChunkId>,
    limit: usize,
) -> Result<Vec<ExpectedPoint>, Fault> {
    let after = after.map_or_else(Vec::new, |id| chunk_id(id).to_vec());
    s.all(
        "SELECT chunk_id, since, until, drifted FROM chunks
        WHERE tenant = ?1 AND chunk_id > ?2
        UNION ALL
        SELECT chunk_id, NULL, NULL, 1 FROM strays WHERE tenant = ?1 AND chunk_id > ?2
        ORDER BY 1 LIMIT ?3",
        params![s.tenant(), after, int(limit)],
        expected_point,
    )
}

fn expected_point(row: &Row<'_>) -> Result<ExpectedPoint, Fault> {
    let since: Option<u32> = row.get(1)?;
    let until = row.get::<_, Option<u32>>(2)?.map(ReleaseNo);
    Ok(ExpectedPoint {
        chunk_id: read_chunk_id(row.get(0)?),
        visibility: since.map(|since| Visibility { since: ReleaseNo(since), until }),
        pending: row.get(3)?,
    })
}
