use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use kefu_core::ports::{Change, Clock, Records, Subscription, Watcher};
use kefu_core::{RecordsError, Scope};
use rusqlite::TransactionBehavior;

use crate::fault::Fault;
use crate::links;
use crate::pool::Pool;
use crate::schema;
use crate::session::Session;

/// Reads that run at once. More would wait for the same disk and hold page caches of their own.
const N_READERS: usize = 4;

/// Records in one SQLite file. One process may have it open at a time.
pub struct SqliteRecords {
    // Dropped in this order: only a connection that may write can fold the WAL into the file as
    // it closes last.
    readers: Pool,
    writer: Pool,
    clock: Arc<dyn Clock>,
    watchers: Arc<RwLock<Vec<Arc<dyn Watcher>>>>,
    subscriptions: RwLock<Arc<[Subscription]>>,
}

impl SqliteRecords {
    /// Opens the file, making it or bringing its schema up to date when needed. Calls later on
    /// need a tokio runtime.
    ///
    /// # Errors
    /// [`RecordsError::Storage`] when the file cannot be opened or written;
    /// [`RecordsError::Failed`] when it is damaged, another program's, or of a newer Kefu.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, RecordsError> {
        let writer = schema::open_writer(path)?;
        if let Err(fault) = links::free_claims(&writer) {
            // On a full disk they are free a while later.
            let error = RecordsError::from(fault);
            tracing::warn!(%error, "messages that were begun before could not be freed");
        }
        let readers: Result<Vec<_>, Fault> =
            (0..N_READERS).map(|_| schema::open_reader(path)).collect();
        Ok(Self {
            writer: Pool::new(vec![writer]),
            readers: Pool::new(readers?),
            clock,
            watchers: Arc::default(),
            subscriptions: RwLock::new(Arc::new([])),
        })
    }

    pub(crate) fn set_subscriptions(&self, subscriptions: Vec<Subscription>) {
        let mut known = self.subscriptions.write().unwrap_or_else(PoisonError::into_inner);
        *known = subscriptions.into();
    }

    fn subscriptions(&self) -> Arc<[Subscription]> {
        Arc::clone(&self.subscriptions.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs `work` on one snapshot.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        scope: &Scope,
        work: impl FnOnce(&Session<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, RecordsError> {
        let (scope, clock) = (scope.clone(), Arc::clone(&self.clock));
        let subscriptions = self.subscriptions();
        let on_snapshot = move |connection: &mut rusqlite::Connection| {
            let sql = connection.transaction()?;
            work(&Session { sql, scope, now_ms: clock.now_ms(), subscriptions })
        };
        self.readers.run(on_snapshot).await
    }

    /// Runs `work` and commits what it wrote, or nothing when it fails.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        scope: &Scope,
        work: impl FnOnce(&Session<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, RecordsError> {
        let (scope, clock) = (scope.clone(), Arc::clone(&self.clock));
        let subscriptions = self.subscriptions();
        let in_transaction = move |connection: &mut rusqlite::Connection| {
            let sql = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let session = Session { sql, scope, now_ms: clock.now_ms(), subscriptions };
            let done = work(&session)?;
            session.sql.commit()?;
            Ok(done)
        };
        self.writer.run(in_transaction).await
    }

    /// Moves everything from the WAL into the file and empties the WAL, which holds pages as they
    /// were before.
    pub(crate) async fn fold(&self) -> Result<(), RecordsError> {
        let fold = |connection: &mut rusqlite::Connection| {
            let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
            let is_busy: bool = connection.query_row(checkpoint, [], |row| row.get(0))?;
            if is_busy {
                let detail = "a long read kept the WAL from being emptied".to_owned();
                return Err(RecordsError::Storage { detail }.into());
            }
            Ok(())
        };
        self.writer.run(fold).await
    }

    /// As [`Self::write`], and tells the watchers what changed before the next write begins, so
    /// that they hear of commits in their order.
    pub(crate) async fn write_watched<T: Send + 'static>(
        &self,
        scope: &Scope,
        work: impl FnOnce(&Session<'_>) -> Result<(T, Vec<Change>), Fault> + Send + 'static,
    ) -> Result<T, RecordsError> {
        let (scope, clock) = (scope.clone(), Arc::clone(&self.clock));
        let (watchers, subscriptions) = (Arc::clone(&self.watchers), self.subscriptions());
        let in_transaction = move |connection: &mut rusqlite::Connection| {
            let sql = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let tenant = scope.tenant().clone();
            let session = Session { sql, scope, now_ms: clock.now_ms(), subscriptions };
            let (done, changes) = work(&session)?;
            session.sql.commit()?;
            for watcher in watchers.read().unwrap_or_else(PoisonError::into_inner).iter() {
                watcher.changed(&tenant, &changes);
            }
            Ok(done)
        };
        self.writer.run(in_transaction).await
    }
}

#[async_trait]
impl Records for SqliteRecords {
    async fn health(&self) -> Result<(), RecordsError> {
        let now_ms = self.clock.now_ms();
        self.readers
            .run(|connection| {
                connection.query_row("SELECT count(*) FROM health", [], |_| Ok(()))?;
                Ok(())
            })
            .await?;
        self.writer
            .run(move |connection| {
                let touch = "INSERT INTO health VALUES (1, ?1)
                    ON CONFLICT DO UPDATE SET checked_at_ms = excluded.checked_at_ms";
                connection.prepare_cached(touch)?.execute([now_ms])?;
                Ok(())
            })
            .await
    }

    fn watch(&self, watcher: Arc<dyn Watcher>) {
        self.watchers.write().unwrap_or_else(PoisonError::into_inner).push(watcher);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use kefu_core::ErrorKind;
    use kefu_core::ports::{ConversationRecords as _, SystemClock};
    use kefu_testkit::conformance::records::{conversation, exchange};
    use kefu_testkit::scopes::customer;

    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_reported_and_loses_nothing() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("records.db");
        let records = SqliteRecords::open(&path, Arc::new(SystemClock)).unwrap();
        let scope = customer("acme");
        let first = exchange(&conversation(1_000));
        records.commit_exchange(&scope, &first).await.unwrap();
        // With a limit on its pages SQLite reports a full disk, as a full disk makes it do.
        let limit = |connection: &mut rusqlite::Connection| {
            let n_pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            connection.query_row(
                &format!("PRAGMA max_page_count = {}", n_pages + 2),
                [],
                |_| Ok(()),
            )?;
            Ok(())
        };
        records.writer.run(limit).await.unwrap();
        let mut big = exchange(&conversation(2_000));
        big.turns[0].text = "x".repeat(1 << 20);
        let error = records.commit_exchange(&scope, &big).await.unwrap_err();
        assert!(matches!(error, RecordsError::Storage { .. }), "{error}");
        let lost = records.conversation(&scope, &big.conversation.id).await;
        assert_eq!(lost.map_err(|error| error.kind()), Err(ErrorKind::NotFound));
        let turns = records.turns(&scope, &first.conversation.id, 9).await.unwrap();
        assert_eq!(turns, first.turns);
        records.commit_exchange(&scope, &exchange(&conversation(3_000))).await.unwrap();
    }
}
