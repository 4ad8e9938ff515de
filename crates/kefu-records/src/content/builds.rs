use std::collections::HashMap;

use kefu_core::ports::{BuildDocument, OpenChunk};
use kefu_core::{Build, DocumentId, ReleaseNo, Undone};
use rusqlite::params;

use super::documents::{document_id, revision, state};
use super::{releases, undo};
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
    let current = releases::current(s)?.release;
    let undone = if base(s)? == current { Undone::default() } else { undo::newer(s, current)? };
    s.run(
        "UPDATE tenants SET lease_holder = ?2, lease_ends_at_ms = ?3, build_collection = ?4,
            build_base = ?5
        WHERE tenant = ?1",
        params![s.tenant(), holder, s.now_ms + LEASE_MS, collection, current.0],
    )?;
    let (tenant, release) = (s.scope.tenant().clone(), releases::highest(s)?.next());
    Ok(Build { tenant, release, base: current, holder: holder.to_owned(), reason: None, undone })
}

pub(super) fn end(s: &Session<'_>, build: &Build) -> Result<(), Fault> {
    hold_lease(s, build)?;
    release_lease(s)
}

pub(super) fn withdraw(s: &Session<'_>, build: &Build) -> Result<Undone, Fault> {
    hold(s, build)?;
    undo::newer(s, build.base)
}

/// Checks that the build is the one under way, still based on the current release, and renews its
/// lease.
pub(super) fn hold(s: &Session<'_>, build: &Build) -> Result<(), Fault> {
    hold_lease(s, build)?;
    let (base, current) = (base(s)?, releases::current(s)?.release);
    if build.base != base || build.release != releases::highest(s)?.next() {
        return Err(conflict("another build took this one's place; begin the build again"));
    }
    if base != current {
        return Err(conflict(format!(
            "release {current} became current while a build based on release {base} was under \
             way; run it again"
        )));
    }
    Ok(())
}

/// Checks that the build's holder has the lease and renews it.
pub(super) fn hold_lease(s: &Session<'_>, build: &Build) -> Result<(), Fault> {
    if build.tenant.as_str() != s.tenant() {
        return Err(invalid("the build belongs to another tenant"));
    }
    if lease(s)?.is_none_or(|(holder, _)| holder != build.holder) {
        return Err(conflict("the build lease was lost; begin the build again"));
    }
    s.run(
        "UPDATE tenants SET lease_ends_at_ms = ?2 WHERE tenant = ?1",
        params![s.tenant(), s.now_ms + LEASE_MS],
    )?;
    Ok(())
}

fn release_lease(s: &Session<'_>) -> Result<(), Fault> {
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

/// The release that staged rows are based on.
fn base(s: &Session<'_>) -> Result<ReleaseNo, Fault> {
    let query = "SELECT build_base FROM tenants WHERE tenant = ?1";
    let base = s.one(query, [s.tenant()], |row| Ok(ReleaseNo(row.get(0)?)))?;
    Ok(base.unwrap_or_default())
}

/// The collection that the last build wrote to.
pub(super) fn collection(s: &Session<'_>) -> Result<Option<String>, Fault> {
    let query = "SELECT build_collection FROM tenants WHERE tenant = ?1";
    Ok(s.one(query, [s.tenant()], |row| Ok(row.get(0)?))?.flatten())
}

/// Makes everything that names a collection name this one.
pub(super) fn repoint(s: &Session<'_>, collection: &str) -> Result<(), Fault> {
    s.run(
        "UPDATE tenants SET build_collection = ?2,
            current_collection = CASE WHEN current_release > 0 THEN ?2 END
        WHERE tenant = ?1",
        params![s.tenant(), collection],
    )?;
    Ok(())
}

pub(super) fn documents(s: &Session<'_>) -> Result<HashMap<DocumentId, BuildDocument>, Fault> {
    let open = s.all(
        "SELECT v.document_id, r.revision, v.source, v.cleaning, r.state
        FROM versions v JOIN revisions r ON r.id = v.revision
        WHERE v.tenant = ?1 AND v.until IS NULL",
        [s.tenant()],
        |row| {
            let document = BuildDocument {
                revision: revision(row.get_ref(1)?.as_str()?)?,
                source: row.get(2)?,
                cleaning: row.get(3)?,
                state: state(row.get_ref(4)?.as_str()?)?,
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

/// A build is empty when no version begins or ends with it and its points lie in the collection
/// that is published already.
pub(super) fn is_empty(s: &Session<'_>, release: ReleaseNo) -> Result<bool, Fault> {
    let changes = s.one(
        "SELECT EXISTS (SELECT 1 FROM versions WHERE tenant = ?1 AND since = ?2)
            OR EXISTS (SELECT 1 FROM versions WHERE tenant = ?1 AND until = ?2)
            OR EXISTS (SELECT 1 FROM tenants WHERE tenant = ?1 AND current_release > 0
                AND current_collection <> build_collection)",
        params![s.tenant(), release.0],
        |row| Ok(row.get::<_, bool>(0)?),
    )?;
    Ok(!changes.unwrap_or_default())
}
