use kefu_core::ports::CurrentContent;
use kefu_core::{Build, Release, ReleaseNo, TenantId};
use rusqlite::{Row, params};

use super::builds;
use crate::blob::count;
use crate::fault::{Fault, damaged};
use crate::session::Session;

const COLUMNS: &str = "SELECT r.number, r.collection, r.published_at_ms, r.n_documents, r.n_chunks,
        r.number = t.current_release
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
        "SELECT r.number, r.collection FROM tenants t
        JOIN releases r ON r.tenant = t.tenant AND r.number = t.current_release
        WHERE t.tenant = ?1",
        [s.tenant()],
        |row| Ok(CurrentContent { release: ReleaseNo(row.get(0)?), collection: row.get(1)? }),
    )?;
    Ok(found.unwrap_or(CurrentContent { release: ReleaseNo(0), collection: None }))
}

pub(super) fn list(s: &Session<'_>) -> Result<Vec<Release>, Fault> {
    s.all(COLUMNS, [s.tenant()], release)
}

pub(super) fn publish(s: &Session<'_>, build: &Build) -> Result<Release, Fault> {
    builds::hold(s, build)?;
    s.run(
        "INSERT INTO releases (tenant, number, collection, published_at_ms, n_documents, n_chunks)
        SELECT t.tenant, ?2, t.build_collection, ?3, count(v.id), coalesce(sum(v.n_chunks), 0)
        FROM tenants t LEFT JOIN versions v ON v.tenant = t.tenant AND v.until IS NULL
        WHERE t.tenant = ?1",
        params![s.tenant(), build.release.0, s.now_ms],
    )?;
    s.run(
        "UPDATE tenants SET current_release = ?2 WHERE tenant = ?1",
        params![s.tenant(), build.release.0],
    )?;
    builds::release_lease(s)?;
    s.one(COLUMNS, [s.tenant()], release)?.ok_or_else(|| damaged("the release just published"))
}

fn release(row: &Row<'_>) -> Result<Release, Fault> {
    Ok(Release {
        number: ReleaseNo(row.get(0)?),
        collection: row.get(1)?,
        published_at_ms: row.get(2)?,
        n_documents: count(row.get(3)?)?,
        n_chunks: count(row.get(4)?)?,
        current: row.get(5)?,
    })
}
