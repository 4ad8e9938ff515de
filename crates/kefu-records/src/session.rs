use std::sync::Arc;

use kefu_core::Scope;
use kefu_core::ports::Subscription;
use rusqlite::{Params, Row, Transaction};

use crate::fault::Fault;

/// One call's transaction, on whose behalf it runs and when.
pub(crate) struct Session<'a> {
    pub(crate) sql: Transaction<'a>,
    pub(crate) scope: Scope,
    pub(crate) now_ms: i64,
    /// Who is told of what is written.
    pub(crate) subscriptions: Arc<[Subscription]>,
}

impl Session<'_> {
    /// The tenant that every statement filters on.
    pub(crate) fn tenant(&self) -> &str {
        self.scope.tenant().as_str()
    }

    /// Runs a statement and returns the number of rows it changed.
    pub(crate) fn run(&self, statement: &str, params: impl Params) -> Result<usize, Fault> {
        Ok(self.sql.prepare_cached(statement)?.execute(params)?)
    }

    /// Reads at most one row.
    pub(crate) fn one<T>(
        &self,
        query: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let mut statement = self.sql.prepare_cached(query)?;
        let mut rows = statement.query(params)?;
        rows.next()?.map(read).transpose()
    }

    /// Reads all rows.
    pub(crate) fn all<T>(
        &self,
        query: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let mut statement = self.sql.prepare_cached(query)?;
        let mut rows = statement.query(params)?;
        let mut items = Vec::new();
        while let Some(row) = rows.next()? {
            items.push(read(row)?);
        }
        Ok(items)
    }
}
