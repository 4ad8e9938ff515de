use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use kefu_core::StoreError;
use kefu_core::ports::{CollectionSpec, OpenOutcome};

use super::engine::{self, Shard};
use super::files;
use crate::checks;

/// Names the generation in use; replaced atomically.
const CURRENT: &str = "CURRENT";
/// Stands while a write has not been flushed. Found at start: the generation is damaged.
const DIRTY: &str = "DIRTY";
/// Stands once the caller has declared the generation whole.
const COMPLETE: &str = "COMPLETE";
/// The engine's own directory.
const SHARD: &str = "shard";

/// A collection: the directory `<name>/<generation>/` with the engine's files and two markers.
///
/// Damage is never repaired. A damaged generation is replaced by an empty one, which the caller
/// fills from the records store; the pointer file moves once the new one is on disk.
#[derive(Debug)]
pub(super) struct Collection {
    name: String,
    dimensions: Option<usize>,
    dir: PathBuf,
    shard: Shard,
    complete: AtomicBool,
    /// A write failed half-way: queries go on, writes wait for the next open.
    broken: AtomicBool,
}

impl Collection {
    /// Opens the generation in use, or makes a new one when that is missing, damaged, unfinished
    /// or its log has grown beyond `max_log_bytes`.
    pub(super) fn open(
        root: &Path,
        spec: &CollectionSpec,
        max_log_bytes: u64,
    ) -> Result<Self, StoreError> {
        let home = root.join(&spec.name);
        if let Some(generation) = current(&home) {
            let dir = home.join(generation.to_string());
            if let Some(dimensions) = engine::stored_dimensions(&dir.join(SHARD)) {
                checks::check_same(spec, dimensions)?;
            }
            match Self::load(spec, dir, max_log_bytes) {
                Ok(collection) => {
                    sweep(&home, generation);
                    return Ok(collection);
                }
                Err(reason) => {
                    let collection = spec.name.as_str();
                    tracing::warn!(collection, reason, "the index is emptied and must be rebuilt");
                }
            }
        }
        Self::create(spec, &home)
            .map_err(|detail| failed(&format!("making collection {}: {detail}", spec.name)))
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn dimensions(&self) -> Option<usize> {
        self.dimensions
    }

    pub(super) fn shard(&self) -> &Shard {
        &self.shard
    }

    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::SeqCst)
    }

    pub(super) fn outcome(&self) -> OpenOutcome {
        if self.complete.load(Ordering::SeqCst) { OpenOutcome::Ready } else { OpenOutcome::Empty }
    }

    /// Runs a write and waits until it is durable. Called on the writer's thread only.
    pub(super) fn write(
        &self,
        work: impl FnOnce(&Shard) -> Result<(), String>,
    ) -> Result<(), StoreError> {
        self.check_writable()?;
        let marker = self.dir.join(DIRTY);
        files::put_marker(&marker).map_err(|e| failed(&format!("marking a write: {e}")))?;
        let written = work(&self.shard).and_then(|()| self.shard.flush());
        written.map_err(|detail| {
            self.broken.store(true, Ordering::SeqCst);
            failed(&detail)
        })?;
        if let Err(error) = files::remove_marker(&marker) {
            tracing::warn!(%error, "a write marker stays and will cost a rebuild at next start");
        }
        Ok(())
    }

    pub(super) fn mark_complete(&self) -> Result<(), StoreError> {
        self.check_writable()?;
        files::put_marker(&self.dir.join(COMPLETE))
            .map_err(|e| failed(&format!("marking collection {} complete: {e}", self.name)))?;
        self.complete.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn check_writable(&self) -> Result<(), StoreError> {
        if self.is_broken() {
            return Err(failed(&format!(
                "collection {} was damaged by an earlier write; open it again to rebuild it",
                self.name
            )));
        }
        Ok(())
    }

    fn load(spec: &CollectionSpec, dir: PathBuf, max_log_bytes: u64) -> Result<Self, String> {
        if dir.join(DIRTY).exists() {
            return Err("the last write did not finish".to_owned());
        }
        if !dir.join(COMPLETE).exists() {
            return Err("it was never filled to the end".to_owned());
        }
        let log_bytes = files::size_bytes(&dir.join(SHARD).join(engine::LOG_DIR));
        if log_bytes > max_log_bytes {
            return Err(format!("its log has grown to {log_bytes} bytes"));
        }
        let shard = Shard::load(&dir.join(SHARD), spec.dimensions)?;
        Ok(Self {
            name: spec.name.clone(),
            dimensions: spec.dimensions,
            dir,
            shard,
            complete: AtomicBool::new(true),
            broken: AtomicBool::new(false),
        })
    }

    fn create(spec: &CollectionSpec, home: &Path) -> Result<Self, String> {
        let io = |error: io::Error| error.to_string();
        fs::create_dir_all(home).map_err(io)?;
        let generation = generations(home).into_iter().max().map_or(1, |n| n + 1);
        let dir = home.join(generation.to_string());
        fs::create_dir_all(dir.join(SHARD)).map_err(io)?;
        let shard = Shard::create(&dir.join(SHARD), spec.dimensions)?;
        shard.flush()?;
        files::replace(&home.join(CURRENT), &format!("{generation}\n")).map_err(io)?;
        sweep(home, generation);
        Ok(Self {
            name: spec.name.clone(),
            dimensions: spec.dimensions,
            dir,
            shard,
            complete: AtomicBool::new(false),
            broken: AtomicBool::new(false),
        })
    }
}

/// Empties the collection in `home`, if there is one. The generation's number stays taken, so that
/// a query still under way keeps away from the files of the next.
pub(super) fn discard(home: &Path) -> Result<(), StoreError> {
    let Some(generation) = current(home) else { return Ok(()) };
    let dir = home.join(generation.to_string());
    let emptied =
        files::remove_marker(&dir.join(COMPLETE)).and_then(|()| {
            match fs::remove_dir_all(dir.join(SHARD)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        });
    emptied.map_err(|error| failed(&format!("emptying {}: {error}", home.display())))
}

fn current(home: &Path) -> Option<u64> {
    fs::read_to_string(home.join(CURRENT)).ok()?.trim().parse().ok()
}

fn generations(home: &Path) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(home) else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Removes all generations but one. What cannot be removed now is tried again at the next open.
fn sweep(home: &Path, keep: u64) {
    for generation in generations(home).into_iter().filter(|n| *n != keep) {
        let dir = home.join(generation.to_string());
        if let Err(error) = fs::remove_dir_all(&dir) {
            tracing::warn!(dir = %dir.display(), %error, "an old index generation stays on disk");
        }
    }
}

fn failed(detail: &str) -> StoreError {
    StoreError::Failed { detail: detail.to_owned() }
}
