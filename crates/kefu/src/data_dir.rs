//! The data directory: one folder of all state, held by one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// A data directory that this process holds until the value is dropped.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    lock: File,
}

impl DataDir {
    /// Makes the directory if needed and takes its lock. The lock is the operating system's, so a
    /// killed holder leaves none behind.
    pub(crate) fn hold(path: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(path)
            .with_context(|| format!("cannot make the data directory {}", path.display()))?;
        let lock_path = path.join("kefu.lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .with_context(|| format!("cannot open {}", lock_path.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                lock.read_to_string(&mut holder).unwrap_or_default();
                bail!(
                    "the data directory {} is in use by {}; stop that process, use its HTTP API, \
                     or name another --data-dir",
                    path.display(),
                    holder.trim()
                );
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", lock_path.display()));
            }
        }
        let mut held = Self { path: path.to_path_buf(), lock };
        held.announce("")?;
        Ok(held)
    }

    /// Writes into the lock file who holds it, for whoever finds it held.
    pub(crate) fn announce(&mut self, address: &str) -> anyhow::Result<()> {
        let place = if address.is_empty() { String::new() } else { format!(" at {address}") };
        self.lock.set_len(0)?;
        self.lock.rewind()?;
        writeln!(self.lock, "process {}{place}", std::process::id())?;
        Ok(())
    }

    /// The records database.
    pub(crate) fn records_path(&self) -> PathBuf {
        self.path.join("records.sqlite")
    }

    /// The in-process index.
    pub(crate) fn index_dir(&self) -> PathBuf {
        self.path.join("index")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_told_the_first_ones_pid() {
        let dir = tempfile::tempdir().unwrap();
        let mut first = DataDir::hold(dir.path()).unwrap();
        first.announce("http://127.0.0.1:1").unwrap();
        let error = DataDir::hold(dir.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        assert!(error.contains("http://127.0.0.1:1"), "{error}");
        drop(first);
        assert!(DataDir::hold(dir.path()).is_ok());
    }
}
