//! Deleting what no kept release needs.

use kefu_core::ports::Collected;
use kefu_core::{Build, ReleaseNo};
use rusqlite::params;

use super::{builds, drift, undo};
use crate::blob::int;
use crate::fault::Fault;
use crate::session::Session;

/// A release is kept this long after it was current, for the answers that began on it.
const GRACE_MS: i64 = 600_000;

pub(super) fn step(
    s: &Session<'_>,
    build: &Build,
    keep: usize,
    limit: usize,
) -> Result<Collected, Fault> {
    builds::hold_lease(s, build)?;
    let kept = kept(s, keep)?;
    let releases = releases(s, &kept)?;
    // Rows become useless only when a release goes, so most publishes need not look for them.
    if !releases.is_empty() {
        set_collecting(s, true)?;
    } else if !is_collecting(s)? {
        return Ok(Collected { done: true, ..Collected::default() });
    }
    let kept = serde_json::to_string(&kept)?;
    let n_versions = versions(s, &kept, limit)?;
    let n_chunks = chunks(s, &kept, limit)?;
    let done = n_versions < limit && n_chunks < limit;
    if done {
        set_collecting(s, false)?;
    }
    Ok(Collected { releases, n_versions, n_chunks, done })
}

fn is_collecting(s: &Session<'_>) -> Result<bool, Fault> {
    let query = "SELECT collecting FROM tenants WHERE tenant = ?1";
    Ok(s.one(query, [s.tenant()], |row| Ok(row.get(0)?))?.unwrap_or_default())
}

fn set_collecting(s: &Session<'_>, collecting: bool) -> Result<(), Fault> {
    let update = "UPDATE tenants SET collecting = ?2 WHERE tenant = ?1";
    s.run(update, params![s.tenant(), collecting])?;
    Ok(())
}

/// Numbers of the releases that must stay whole.
fn kept(s: &Session<'_>, keep: usize) -> Result<Vec<u32>, Fault> {
    s.all(
        "SELECT number FROM (SELECT number FROM releases
            WHERE tenant = ?1 AND state = 'published' ORDER BY number DESC LIMIT ?2)
        UNION SELECT current_release FROM tenants WHERE tenant = ?1
        UNION SELECT previous FROM pointer_moves WHERE tenant = ?1 AND at_ms > ?3
        ORDER BY 1",
        params![s.tenant(), int(keep.max(1)), s.now_ms - GRACE_MS],
        |row| Ok(row.get(0)?),
    )
}

/// Takes the other releases off the list, and abandoned ones older than all that are kept.
fn releases(s: &Session<'_>, kept: &[u32]) -> Result<Vec<ReleaseNo>, Fault> {
    let oldest = kept.iter().find(|number| **number > 0).copied().unwrap_or_default();
    let numbers = serde_json::to_string(kept)?;
    let place = params![s.tenant(), numbers, oldest];
    let gone = s.all(
        "DELETE FROM releases WHERE tenant = ?1 AND CASE state
            WHEN 'published' THEN number NOT IN (SELECT value FROM json_each(?2))
            ELSE number < ?3 END
        RETURNING number",
        place,
        |row| Ok(ReleaseNo(row.get(0)?)),
    );
    gone.map(|mut numbers| {
        numbers.sort_unstable();
        numbers
    })
}

/// What no kept release sees and no build has open; `$row` has `since` and `until`.
macro_rules! useless {
    ($row:literal) => {
        concat!(
            $row,
            ".until IS NOT NULL AND NOT EXISTS (SELECT 1 FROM json_each(?2) AS kept WHERE ",
            $row,
            ".since <= kept.value AND kept.value < ",
            $row,
            ".until)"
        )
    };
}

fn versions(s: &Session<'_>, kept: &str, limit: usize) -> Result<usize, Fault> {
    let useless = s.all(
        concat!(
            "SELECT v.id, v.revision FROM versions v WHERE v.tenant = ?1 AND ",
            useless!("v"),
            " LIMIT ?3"
        ),
        params![s.tenant(), kept, int(limit)],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
    )?;
    for (version, _) in &useless {
        s.run("DELETE FROM versions WHERE tenant = ?1 AND id = ?2", params![s.tenant(), version])?;
    }
    let revisions: Vec<i64> = useless.iter().map(|(_, revision)| *revision).collect();
    undo::forget_revisions(s, &revisions)?;
    Ok(useless.len())
}

/// Chunks that versions still show stay for the next step.
fn chunks(s: &Session<'_>, kept: &str, limit: usize) -> Result<usize, Fault> {
    let useless = s.all(
        concat!(
            "SELECT c.id, c.text_hash FROM chunks c WHERE c.tenant = ?1 AND ",
            useless!("c"),
            " AND NOT EXISTS (SELECT 1 FROM layout l WHERE l.chunk = c.id) LIMIT ?3"
        ),
        params![s.tenant(), kept, int(limit)],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?)),
    )?;
    let embedders = if useless.is_empty() { Vec::new() } else { embedders(s)? };
    for (chunk, text_hash) in &useless {
        let place = params![s.tenant(), chunk];
        drift::stray(s, "id = ?2", place)?;
        s.run("DELETE FROM chunks WHERE tenant = ?1 AND id = ?2", place)?;
        for embedder in &embedders {
            s.run(
                "DELETE FROM vectors WHERE tenant = ?1 AND embedder = ?2 AND key = ?3
                AND NOT EXISTS (SELECT 1 FROM chunks WHERE tenant = ?1 AND text_hash = ?3)",
                params![s.tenant(), embedder, text_hash],
            )?;
        }
    }
    Ok(useless.len())
}

/// Embedders that the cache has vectors of: a few steps through the index rather than a scan.
fn embedders(s: &Session<'_>) -> Result<Vec<String>, Fault> {
    let mut found: Vec<String> = Vec::new();
    loop {
        let last = found.last().cloned().unwrap_or_default();
        let next = s.one(
            "SELECT min(embedder) FROM vectors WHERE tenant = ?1 AND embedder > ?2",
            params![s.tenant(), last],
            |row| Ok(row.get::<_, Option<String>>(0)?),
        )?;
        match next.flatten() {
            Some(embedder) => found.push(embedder),
            None => return Ok(found),
        }
    }
}
