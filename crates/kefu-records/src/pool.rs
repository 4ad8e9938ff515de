use std::sync::{Arc, Mutex, PoisonError};

use kefu_core::RecordsError;
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::fault::Fault;

/// A few connections, each lent to one call at a time; callers wait in order of arrival.
pub(crate) struct Pool {
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Pool {
    pub(crate) fn new(connections: Vec<Connection>) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(connections.len())),
            idle: Arc::new(Mutex::new(connections)),
        }
    }

    /// Runs `work` on a blocking thread with a connection of its own.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, RecordsError> {
        let mut loan = self.borrow().await?;
        let done = spawn_blocking(move || match &mut loan.connection {
            Some(connection) => work(connection).map_err(RecordsError::from),
            None => Err(stopped()),
        });
        done.await.unwrap_or_else(|_| Err(stopped()))
    }

    async fn borrow(&self) -> Result<Loan, RecordsError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| stopped())?;
        let connection = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(Loan { connection, idle: Arc::clone(&self.idle), _permit: permit })
    }
}

/// A lent connection. It goes back before its permit does, also when the work panics: fields are
/// dropped after `drop` has run.
struct Loan {
    connection: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}

fn stopped() -> RecordsError {
    RecordsError::Failed { detail: "the call was cut short; see the log".to_owned() }
}
