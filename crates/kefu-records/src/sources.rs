//! What is remembered of sources.

use async_trait::async_trait;
use kefu_core::ports::{PageRecord, SourceOutcome, SourceRecords, SourceRun, Validators};
use kefu_core::{RecordsError, ReleaseNo, Role, Scope};
use rusqlite::{Row, params};

use crate::SqliteRecords;
use crate::access::require;
use crate::blob::count;
use crate::fault::Fault;
use crate::session::Session;
use crate::words::Word;

const USING: &str = "use sources";

#[async_trait]
impl SourceRecords for SqliteRecords {
    async fn source_pages(
        &self,
        scope: &Scope,
        source: &str,
    ) -> Result<Vec<PageRecord>, RecordsError> {
        require(scope, Role::Editor, USING)?;
        let source = source.to_owned();
        let read = move |s: &Session<'_>| {
            let query = "SELECT origin, etag, last_modified, changed_at, stored
                FROM source_pages WHERE tenant = ?1 AND source = ?2";
            s.all(query, params![s.tenant(), source], page)
        };
        self.read(scope, read).await
    }

    async fn keep_source_run(
        &self,
        scope: &Scope,
        run: &SourceRun,
        pages: &[PageRecord],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, USING)?;
        let (run, pages) = (run.clone(), pages.to_vec());
        self.write(scope, move |s| keep(s, &run, &pages)).await
    }

    async fn source_runs(&self, scope: &Scope) -> Result<Vec<SourceRun>, RecordsError> {
        require(scope, Role::Editor, USING)?;
        let read = |s: &Session<'_>| {
            let query = "SELECT source, began_at_ms, ended_at_ms, outcome, error, release, n_added,
                    n_changed, n_unchanged, n_removed, n_withheld, n_failed
                FROM source_runs WHERE tenant = ?1 ORDER BY source";
            s.all(query, [s.tenant()], source_run)
        };
        self.read(scope, read).await
    }
}

fn page(row: &Row<'_>) -> Result<PageRecord, Fault> {
    Ok(PageRecord {
        origin: row.get(0)?,
        validators: Validators { etag: row.get(1)?, last_modified: row.get(2)? },
        changed_at: row.get(3)?,
        stored: row.get(4)?,
    })
}

fn source_run(row: &Row<'_>) -> Result<SourceRun, Fault> {
    let number = |column: usize| count(row.get(column)?);
    Ok(SourceRun {
        source: row.get(0)?,
        began_at_ms: row.get(1)?,
        ended_at_ms: row.get(2)?,
        outcome: SourceOutcome::read(row.get_ref(3)?.as_str()?)?,
        error: row.get(4)?,
        release: row.get::<_, Option<u32>>(5)?.map(ReleaseNo),
        n_added: number(6)?,
        n_changed: number(7)?,
        n_unchanged: number(8)?,
        n_removed: number(9)?,
        n_withheld: number(10)?,
        n_failed: number(11)?,
    })
}

fn keep(s: &Session<'_>, run: &SourceRun, pages: &[PageRecord]) -> Result<(), Fault> {
    s.run(
        "INSERT OR REPLACE INTO source_runs
            (tenant, source, began_at_ms, ended_at_ms, outcome, error, release, n_added, n_changed,
            n_unchanged, n_removed, n_withheld, n_failed)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            s.tenant(),
            run.source,
            run.began_at_ms,
            run.ended_at_ms,
            run.outcome.word(),
            run.error,
            run.release.map(|release| release.0),
            int(run.n_added),
            int(run.n_changed),
            int(run.n_unchanged),
            int(run.n_removed),
            int(run.n_withheld),
            int(run.n_failed)
        ],
    )?;
    let place = params![s.tenant(), run.source];
    s.run("DELETE FROM source_pages WHERE tenant = ?1 AND source = ?2", place)?;
    for page in pages {
        s.run(
            "INSERT OR REPLACE INTO source_pages
                (tenant, source, origin, etag, last_modified, changed_at, stored)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                s.tenant(),
                run.source,
                page.origin,
                page.validators.etag,
                page.validators.last_modified,
                page.changed_at,
                page.stored
            ],
        )?;
    }
    Ok(())
}

fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
