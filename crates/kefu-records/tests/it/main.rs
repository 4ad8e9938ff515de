//! SQLite records against the suite of the port, and what only a database file can get wrong.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests fail loudly and say what they measured"
)]

mod concurrency;
mod conformance;
mod durability;
mod files;
mod many_tickets;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kefu_core::ports::SystemClock;
use kefu_records::SqliteRecords;
use kefu_testkit::conformance::records::Subject;
use kefu_testkit::fakes::FakeClock;
use tempfile::TempDir;

/// A folder of record files that goes away with the test.
struct Folder {
    dir: TempDir,
    n_files: AtomicU32,
}

impl Folder {
    fn new() -> Self {
        Self { dir: TempDir::new().unwrap(), n_files: AtomicU32::new(0) }
    }

    fn new_path(&self) -> PathBuf {
        let n = self.n_files.fetch_add(1, Ordering::SeqCst);
        self.dir.path().join(format!("{n}.db"))
    }

    fn subject(&self) -> Subject {
        let clock = Arc::new(FakeClock::at(1_000_000));
        let records = SqliteRecords::open(&self.new_path(), clock.clone()).unwrap();
        Subject { records: Arc::new(records), clock }
    }
}

fn open(path: &Path) -> SqliteRecords {
    SqliteRecords::open(path, Arc::new(SystemClock)).unwrap()
}
