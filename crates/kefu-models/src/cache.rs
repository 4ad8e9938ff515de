use std::fmt::Display;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::catalogue::{committed_lock, pull_command};
use crate::encoder::ENCODER_VERSION;
use crate::error::ModelsError;
use crate::hash::{hash_file, hex};
use crate::lock::{Lock, LockEntry};
use crate::manifest::{Manifest, Role};

mod pull;

const LOCK_FILE: &str = "models.lock";

/// The folder of model files: `<folder>/<manifest id>/<file>`, with `models.lock` beside. Shared by
/// all installations of a user; several processes may use it at once.
#[derive(Clone, Debug)]
pub struct ModelCache {
    dir: PathBuf,
}

/// How a file is, judged by its size alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// There, of the pinned size.
    Present,
    /// Not there.
    Missing,
    /// There, of another size.
    WrongSize,
    /// There, but no lock says what it must be.
    Unlocked,
}

/// A file of a model in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileStatus {
    /// Where it is or should be.
    pub path: PathBuf,
    /// Pinned size, or the size found when nothing is pinned.
    pub size_bytes: Option<u64>,
    /// How it is.
    pub state: FileState,
}

/// A model whose files were checked byte for byte; the only thing that can be loaded.
#[derive(Clone, Debug)]
pub struct VerifiedModel {
    manifest: Manifest,
    dir: PathBuf,
    fingerprint: String,
}

impl VerifiedModel {
    /// What it is.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// `id@hash` over everything that decides its results: weights, tokenizer, pooling, prefixes,
    /// limits and the way of computing.
    #[must_use]
    pub fn versioned_id(&self) -> String {
        format!("{}@{}", self.manifest.id, self.fingerprint)
    }

    /// Where one of its files is.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.dir.join(file)
    }

    /// The error of a file that cannot be used.
    pub(crate) fn bad_file(&self, file: &str, detail: impl Display) -> ModelsError {
        ModelsError::BadFile {
            model: self.manifest.id.clone(),
            file: file.to_owned(),
            detail: detail.to_string(),
            command: pull_command(&self.manifest.id),
        }
    }
}

impl ModelCache {
    /// The cache in that folder, which need not exist yet.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Its folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// How the files of a model are, by their sizes; reads no contents.
    pub fn status(&self, manifest: &Manifest) -> Result<Vec<FileStatus>, ModelsError> {
        let entry = self.entry(manifest)?;
        let describe = |file: &String| {
            let path = self.path(manifest, file);
            let found = fs::metadata(&path).ok().map(|m| m.len());
            let pinned = entry.as_ref().and_then(|e| e.pin(file)).map(|pin| pin.size_bytes);
            let state = match (found, pinned) {
                (None, _) => FileState::Missing,
                (Some(_), None) => FileState::Unlocked,
                (Some(found), Some(pinned)) if found == pinned => FileState::Present,
                (Some(_), Some(_)) => FileState::WrongSize,
            };
            FileStatus { path, size_bytes: pinned.or(found), state }
        };
        Ok(manifest.files.iter().map(describe).collect())
    }

    /// Checks size and SHA-256 of every file of a model against the lock. Never writes and never
    /// touches a network.
    pub fn verify(&self, manifest: &Manifest) -> Result<VerifiedModel, ModelsError> {
        let entry = self.entry(manifest)?;
        for file in &manifest.files {
            let path = self.path(manifest, file);
            let found = fs::metadata(&path).ok().filter(fs::Metadata::is_file);
            if found.is_none() {
                let (model, command) = (manifest.id.clone(), pull_command(&manifest.id));
                return Err(ModelsError::Missing { model, path, command });
            }
        }
        let Some(entry) = entry else {
            let (model, command) = (manifest.id.clone(), pull_command(&manifest.id));
            return Err(ModelsError::Unlocked { model, command });
        };
        for file in &manifest.files {
            check_file(manifest, &entry, file, &self.path(manifest, file))?;
        }
        Ok(VerifiedModel {
            manifest: manifest.clone(),
            dir: self.dir.join(&manifest.id),
            fingerprint: fingerprint(manifest, &entry),
        })
    }

    fn path(&self, manifest: &Manifest, file: &str) -> PathBuf {
        self.dir.join(&manifest.id).join(file)
    }

    fn lock_path(&self) -> PathBuf {
        self.dir.join(LOCK_FILE)
    }

    /// What the files must be: the committed lock wins over the one beside the files.
    fn entry(&self, manifest: &Manifest) -> Result<Option<LockEntry>, ModelsError> {
        let lists_all = |e: &&LockEntry| manifest.files.iter().all(|file| e.pin(file).is_some());
        if let Some(entry) = committed_lock()?.entry(&manifest.id) {
            return Ok(Some(entry.clone()));
        }
        Ok(Lock::read(&self.lock_path())?.entry(&manifest.id).filter(lists_all).cloned())
    }
}

/// The folder used when nothing else is configured: `kefu/models` in the user's cache folder.
/// `None` when there is neither `XDG_CACHE_HOME` nor `HOME`.
#[must_use]
pub fn default_models_dir() -> Option<PathBuf> {
    let absolute =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(cache.join("kefu").join("models"))
}

/// Checks one file, wherever it lies, against its pin.
fn check_file(
    manifest: &Manifest,
    entry: &LockEntry,
    file: &str,
    path: &Path,
) -> Result<(), ModelsError> {
    let (model, command) = (manifest.id.clone(), pull_command(&manifest.id));
    let Some(pin) = entry.pin(file) else {
        return Err(ModelsError::Unlocked { model, command });
    };
    let path = path.to_owned();
    let size = fs::metadata(&path).map_err(ModelsError::io("reading", &path))?.len();
    if size != pin.size_bytes {
        let (expected_bytes, found_bytes) = (pin.size_bytes, size);
        return Err(ModelsError::Truncated { model, path, expected_bytes, found_bytes, command });
    }
    let (_, found) = hash_file(&path).map_err(ModelsError::io("reading", &path))?;
    if found != pin.sha256 {
        let expected = pin.sha256.clone();
        return Err(ModelsError::Altered { model, path, expected, found, command });
    }
    Ok(())
}

fn fingerprint(manifest: &Manifest, entry: &LockEntry) -> String {
    let mut hasher = Sha256::new();
    let facts = format!(
        "{:?} {:?} {:?} {:?} {:?} {}",
        manifest.family,
        manifest.dimensions,
        manifest.pooling,
        manifest.query_prefix,
        manifest.passage_prefix,
        manifest.max_tokens
    );
    hasher.update(facts);
    if manifest.role != Role::Generator {
        hasher.update(format!("encoder {ENCODER_VERSION}"));
    }
    for file in &manifest.files {
        if let Some(pin) = entry.pin(file) {
            hasher.update(&pin.sha256);
        }
    }
    hex(&hasher.finalize()).chars().take(12).collect()
}

/// Makes a rename in a folder survive a crash of the machine. Best effort: not every file system
/// lets a folder be opened.
fn sync_dir(dir: &Path) {
    if let Ok(dir) = File::open(dir) {
        let _ = dir.sync_all();
    }
}

#[cfg(test)]
mod tests;
