use kefu_core::ports::{CurrentContent, DocumentDelta};
use kefu_core::{
    Build, DocumentId, PointerMove, PointerTarget, Release, ReleaseNo, ReleaseState, Role, TenantId,
};
use rusqlite::{Row, params};

use super::{builds, documents, drift};
use crate::blob::{count, int};
use crate::fault::{Fault, conflict, damaged, invalid, not_found};
use crate::session::Session;
use crate::words::Word as _;

const MAX_REASON_CHARS: usize = 500;

const LIST: &str = "SELECT r.number, r.collection, r.published_at_ms, r.n_documents, r.n_chunks,
        r.state, r.number = t.current_release
    FROM releases r JOIN tenants t ON t.tenant = r.tenant
    WHERE r.tenant = ?1 ORDER BY r.number DESC";

/// Tenants that began a build or were given a job; the operator alone sees more than one.
pub(super) fn tenants(s: &Session<'_>) -> Result<Vec<TenantId>, Fault> {
    s.all("SELECT tenant FROM tenants UNION SELECT tenant FROM jobs ORDER BY 1", [], |row| {
        TenantId::new(row.get::<_, String>(0)?).map_err(|_| damaged("a tenant's name"))
    })
}

pub(super) fn current(s: &Session<'_>) -> Result<CurrentContent, Fault> {
    let found = s.one(
        "SELECT current_release, current_collection FROM tenants
        WHERE tenant = ?1 AND current_release > 0",
        [s.tenant()],
        |row| Ok(CurrentContent { release: ReleaseNo(row.get(0)?), collection: row.get(1)? }),
    )?;
    Ok(found.unwrap_or(CurrentContent { release: ReleaseNo(0), collection: None }))
}

/// The highest number ever given to a release; the newest ones are never collected.
pub(super) fn highest(s: &Session<'_>) -> Result<ReleaseNo, Fault> {
    let highest = s.one(
        "SELECT coalesce(max(number), 0) FROM releases WHERE tenant = ?1",
        [s.tenant()],
        |row| Ok(ReleaseNo(row.get(0)?)),
    )?;
    Ok(highest.unwrap_or_default())
}

pub(super) fn list(s: &Session<'_>) -> Result<Vec<Release>, Fault> {
    s.all(LIST, [s.tenant()], release)
}

/// A release that the pointer may name; errors say why it may not.
pub(super) fn find(s: &Session<'_>, number: ReleaseNo) -> Result<Release, Fault> {
    match list(s)?.into_iter().find(|release| release.number == number) {
        Some(release) if release.state == ReleaseState::Published => Ok(release),
        Some(_) => Err(conflict(format!(
            "release {number} was abandoned when a build began after a rollback; take its \
             documents in again"
        ))),
        None if number == ReleaseNo(0) || number > highest(s)? => {
            Err(not_found("release", &number))
        }
        None => Err(conflict(format!(
            "release {number} was collected, as releases.keep newer ones are kept; the list of \
             releases shows which"
        ))),
    }
}

pub(super) fn publish(s: &Session<'_>, build: &Build) -> Result<Release, Fault> {
    builds::hold(s, build)?;
    if drift::exists(s)? {
        return Err(conflict("the index must be brought in line before a release is published"));
    }
    s.run(
        "INSERT INTO releases (tenant, number, collection, published_at_ms, n_documents, n_chunks)
        SELECT t.tenant, ?2, t.build_collection, ?3, count(v.id), coalesce(sum(v.n_chunks), 0)
        FROM tenants t LEFT JOIN versions v ON v.tenant = t.tenant AND v.until IS NULL
        WHERE t.tenant = ?1",
        params![s.tenant(), build.release.0, s.now_ms],
    )?;
    s.run(
        "UPDATE tenants SET build_base = ?2 WHERE tenant = ?1",
        params![s.tenant(), build.release.0],
    )?;
    point_to(s, build.release, &cut(build.reason.as_deref().unwrap_or("published")))
}

/// Lets the pointer name another release that was published.
pub(super) fn move_pointer(
    s: &Session<'_>,
    target: PointerTarget,
    reason: &str,
) -> Result<Release, Fault> {
    let current = current(s)?.release;
    let number = match target {
        PointerTarget::Release(number) => number,
        PointerTarget::Older(number) if number >= current => {
            return Err(invalid(format!(
                "release {number} is not older than release {current}, which is current; publish \
                 it instead of rolling back to it"
            )));
        }
        PointerTarget::Older(number) => number,
        PointerTarget::Previous => previous(s, current)?,
    };
    let number = find(s, number)?.number;
    point_to(s, number, &cut(reason))
}

fn cut(reason: &str) -> String {
    reason.chars().take(MAX_REASON_CHARS).collect()
}

fn previous(s: &Session<'_>, current: ReleaseNo) -> Result<ReleaseNo, Fault> {
    let older = s.one(
        "SELECT max(number) FROM releases
        WHERE tenant = ?1 AND state = 'published' AND number < ?2",
        params![s.tenant(), current.0],
        |row| Ok(row.get::<_, Option<u32>>(0)?),
    )?;
    let older = older.flatten().map(ReleaseNo);
    older.ok_or_else(|| conflict("no release is kept that is older than the current one"))
}

fn point_to(s: &Session<'_>, number: ReleaseNo, reason: &str) -> Result<Release, Fault> {
    s.run(
        "INSERT INTO pointer_moves (tenant, previous, release, at_ms, role, reason)
        SELECT tenant, current_release, ?2, ?3, ?4, ?5 FROM tenants
        WHERE tenant = ?1 AND current_release <> ?2",
        params![s.tenant(), number.0, s.now_ms, s.scope.role().word(), reason],
    )?;
    // Every kept chunk is in the collection that builds write to.
    s.run(
        "UPDATE tenants SET current_release = ?2, current_collection = build_collection
        WHERE tenant = ?1",
        params![s.tenant(), number.0],
    )?;
    find(s, number)
}

pub(super) fn moves(s: &Session<'_>, limit: usize) -> Result<Vec<PointerMove>, Fault> {
    s.all(
        "SELECT previous, release, at_ms, role, reason FROM pointer_moves
        WHERE tenant = ?1 ORDER BY id DESC LIMIT ?2",
        params![s.tenant(), int(limit)],
        |row| {
            Ok(PointerMove {
                previous: ReleaseNo(row.get(0)?),
                release: ReleaseNo(row.get(1)?),
                at_ms: row.get(2)?,
                by: Role::read(row.get_ref(3)?.as_str()?)?,
                reason: row.get(4)?,
            })
        },
    )
}

/// Documents that two releases show differently.
pub(super) fn delta(
    s: &Session<'_>,
    (a, b): (ReleaseNo, ReleaseNo),
    after: Option<&DocumentId>,
    limit: usize,
) -> Result<Vec<DocumentDelta>, Fault> {
    find(s, a)?;
    find(s, b)?;
    let after = after.map_or("", DocumentId::as_str);
    s.all(DELTA, params![s.tenant(), a.0, b.0, after, int(limit)], |row| {
        let read = |at: usize| {
            let text: Option<String> = row.get(at)?;
            text.map(|text| documents::revision(&text)).transpose()
        };
        Ok(DocumentDelta {
            id: documents::document_id(row.get(0)?)?,
            before: read(1)?,
            after: read(2)?,
        })
    })
}

/// Only versions that begin or end between the two can differ.
const DELTA: &str = "WITH touched AS (
        SELECT document_id FROM versions WHERE tenant = ?1
            AND since > min(?2, ?3) AND since <= max(?2, ?3)
        UNION SELECT document_id FROM versions WHERE tenant = ?1
            AND until > min(?2, ?3) AND until <= max(?2, ?3)
    ), shown AS (
        SELECT t.document_id,
            (SELECT r.revision FROM versions v JOIN revisions r ON r.id = v.revision
                WHERE v.tenant = ?1 AND v.document_id = t.document_id
                AND v.since <= ?2 AND (v.until IS NULL OR v.until > ?2)) AS before,
            (SELECT r.revision FROM versions v JOIN revisions r ON r.id = v.revision
                WHERE v.tenant = ?1 AND v.document_id = t.document_id
                AND v.since <= ?3 AND (v.until IS NULL OR v.until > ?3)) AS after
        FROM touched t WHERE t.document_id > ?4
    )
    SELECT document_id, before, after FROM shown WHERE before IS NOT after
    ORDER BY document_id LIMIT ?5";

fn release(row: &Row<'_>) -> Result<Release, Fault> {
    Ok(Release {
        number: ReleaseNo(row.get(0)?),
        collection: row.get(1)?,
        published_at_ms: row.get(2)?,
        n_documents: count(row.get(3)?)?,
        n_chunks: count(row.get(4)?)?,
        state: ReleaseState::read(row.get_ref(5)?.as_str()?)?,
        current: row.get(6)?,
    })
}
