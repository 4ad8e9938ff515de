//! What the first build after a rollback throws away.

use kefu_core::{ReleaseNo, Undone};
use rusqlite::params;

use super::{drift, releases};
use crate::blob::count;
use crate::fault::Fault;
use crate::session::Session;

/// Brings documents and chunks back to what `current` sees: rows of newer releases and of staged
/// work go, what they ended is open again, and the releases are abandoned.
pub(super) fn newer(s: &Session<'_>, current: ReleaseNo) -> Result<Undone, Fault> {
    let highest = releases::highest(s)?;
    let n_staged = s.one(
        "SELECT count(DISTINCT document_id) FROM versions
        WHERE tenant = ?1 AND (since > ?2 OR until > ?2)",
        params![s.tenant(), highest.0],
        |row| count(row.get(0)?),
    )?;
    versions(s, current)?;
    let newer = params![s.tenant(), current.0];
    drift::stray(s, "since > ?2", newer)?;
    s.run("DELETE FROM chunks WHERE tenant = ?1 AND since > ?2", newer)?;
    s.run("UPDATE chunks SET until = NULL, drifted = 1 WHERE tenant = ?1 AND until > ?2", newer)?;
    let abandoned = s.all(
        "SELECT number FROM releases
        WHERE tenant = ?1 AND number > ?2 AND state = 'published' ORDER BY number",
        newer,
        |row| Ok(ReleaseNo(row.get(0)?)),
    )?;
    s.run("UPDATE releases SET state = 'abandoned' WHERE tenant = ?1 AND number > ?2", newer)?;
    Ok(Undone { abandoned, n_staged_documents: n_staged.unwrap_or_default() })
}

fn versions(s: &Session<'_>, current: ReleaseNo) -> Result<(), Fault> {
    let newer = params![s.tenant(), current.0];
    let revisions = s.all(
        "SELECT DISTINCT revision FROM versions WHERE tenant = ?1 AND since > ?2",
        newer,
        |row| Ok(row.get::<_, i64>(0)?),
    )?;
    // Before anything is opened again: a document has one open version.
    s.run("DELETE FROM versions WHERE tenant = ?1 AND since > ?2", newer)?;
    s.run("UPDATE versions SET until = NULL WHERE tenant = ?1 AND until > ?2", newer)?;
    forget_revisions(s, &revisions)
}

/// Deletes those of the revisions that no version shows any more, with their texts.
pub(super) fn forget_revisions(s: &Session<'_>, revisions: &[i64]) -> Result<(), Fault> {
    for row in revisions {
        s.run(
            "DELETE FROM revisions AS r WHERE r.tenant = ?1 AND r.id = ?2
            AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.revision = r.id)",
            params![s.tenant(), row],
        )?;
    }
    Ok(())
}
