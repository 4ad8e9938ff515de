use std::collections::HashMap;

use kefu_core::ports::{BuildDocument, OpenChunk};
use kefu_core::{Build, ChunkId, DocumentId, ReleaseNo};
use rusqlite::params;

use super::documents::{document_id, revision};
use crate::blob::read_chunk_id;
use crate::fault::{Fault, conflict, invalid};
use crate::session::Session;

/// How long a build belongs to its holder after the holder's last write.
const LEASE_MS: i64 = 60_000;

pub(super) fn begin(s: &Session<'_>, holder: &str, collection: &str) -> Result<Build, Fault> {
    s.run("INSERT INTO tenants (tenant) VALUES (?1) ON CONFLICT DO NOTHING", [s.tenant()])?;
    if let Some((other, ends_at_ms)) = lease(s)?
        && other != holder
        && ends_at_ms > s.now_ms
    {
        return Err(conflict(format!("{other} is building a release; try again when it is done")));
    }
    s.run(
        "UPDATE tenants SET lease_holder = ?2, lease_ends_at_ms = ?3, build_collection = ?4
        WHERE tenant = ?1",
        params![s.tenant(), holder, s.now_ms + LEASE_MS, collection],
    )?;
    let release = next_release(s)?;
    Ok(Build { tenant: s.scope.tenant().clone(), release, holder: holder.to_owned() })
}

pub(super) fn end(s: &Session<'_>, build: &Build) -> Result<(), Fault> {
    hold(s, build)?;
    release_lease(s)
}

/// Checks that the build is the one under way and renews its lease.
pub(super) fn hold(s: &Session<'_>, build: &Build) -> Result<(), Fault> {
    if build.tenant.as_str() != s.tenant() {
        return Err(invalid("the build belongs to another tenant"));
    }
    let held = lease(s)?.is_some_and(|(holder, _)| holder == build.holder);
    if !held || next_release(s)? != build.release {
        return Err(conflict("the build lease was lost; begin the build again"));
    }
    s.run(
        "UPDATE tenants SET lease_ends_at_ms = ?2 WHERE tenant = ?1",
        params![s.tenant(), s.now_ms + LEASE_MS],
    )?;
    Ok(())
}

pub(super) fn release_lease(s: &Session<'_>) -> Result<(), Fault> {
    s.run(
        "UPDATE tenants SET lease_holder = NULL, lease_ends_at_ms = NULL WHERE tenant = ?1",
        [s.tenant()],
    )?;
    Ok(())
}

fn lease(s: &Session<'_>) -> Result<Option<(String, i64)>, Fault> {
    s.one(
        "SELECT lease_holder, lease_ends_at_ms FROM tenants
        WHERE tenant = ?1 AND lease_holder IS NOT NULL",
        [s.tenant()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

fn next_release(s: &Session<'_>) -> Result<ReleaseNo, Fault> {
    let highest = s.one(
        "SELECT coalesce(max(number), 0) FROM releases WHERE tenant = ?1",
        [s.tenant()],
        |row| Ok(ReleaseNo(row.get(0)?)),
    )?;
    Ok(highest.unwrap_or_default().next())
}

pub(super) fn documents(s: &Session<'_>) -> Result<HashMap<DocumentId, BuildDocument>, Fault> {
    let open = s.all(
        "SELECT v.document_id, r.revision, v.source, v.cleaning
        FROM versions v JOIN revisions r ON r.id = v.revision
        WHERE v.tenant = ?1 AND v.until IS NULL",
        [s.tenant()],
        |row| {
            let document = BuildDocument {
                revision: revision(row.get_ref(1)?.as_str()?)?,
                source: row.get(2)?,
                cleaning: row.get(3)?,
            };
            Ok((document_id(row.get(0)?)?, document))
        },
    )?;
    Ok(open.into_iter().collect())
}

pub(super) fn open_chunks(s: &Session<'_>, id: &DocumentId) -> Result<Vec<OpenChunk>, Fault> {
    s.all(
        "SELECT c.chunk_id, l.ordinal, c.key
        FROM versions v JOIN layout l ON l.version = v.id JOIN chunks c ON c.id = l.chunk
        WHERE v.tenant = ?1 AND v.document_id = ?2 AND v.until IS NULL
        ORDER BY l.ordinal",
        params![s.tenant(), id.as_str()],
        |row| {
            let id = read_chunk_id(row.get(0)?);
            Ok(OpenChunk { id, ordinal: row.get(1)?, key: row.get(2)? })
        },
    )
}

pub(super) fn closings(s: &Session<'_>, release: ReleaseNo) -> Result<Vec<ChunkId>, Fault> {
    s.all(
        "SELECT chunk_id FROM chunks WHERE tenant = ?1 AND until = ?2 ORDER BY chunk_id",
        params![s.tenant(), release.0],
        |row| Ok(read_chunk_id(row.get(0)?)),
    )
}

/// A build is empty when no version begins or ends with it and its points lie in the collection
/// that is published already.
pub(super) fn is_empty(s: &Session<'_>, release: ReleaseNo) -> Result<bool, Fault> {
    let changes = s.one(
        "SELECT EXISTS (SELECT 1 FROM versions WHERE tenant = ?1 AND since = ?2)
            OR EXISTS (SELECT 1 FROM versions WHERE tenant = ?1 AND until = ?2)
            OR EXISTS (SELECT 1 FROM tenants t
                JOIN releases r ON r.tenant = t.tenant AND r.number = t.current_release
                WHERE t.tenant = ?1 AND r.collection <> t.build_collection)",
        params![s.tenant(), release.0],
        |row| Ok(row.get::<_, bool>(0)?),
    )?;
    Ok(!changes.unwrap_or_default())
}
