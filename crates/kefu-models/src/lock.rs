//! `models.lock`: what each file of a model must be.

use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::ModelsError;

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lock {
    version: u32,
    #[serde(rename = "model", default)]
    entries: Vec<LockEntry>,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LockEntry {
    /// Manifest id.
    pub(crate) id: String,
    /// Where the files came from, for people.
    pub(crate) origin: String,
    /// Resolved revision: a commit for the hub, a version for a package.
    pub(crate) revision: String,
    /// Its files.
    pub(crate) files: Vec<FilePin>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilePin {
    /// Name by the manifest.
    pub(crate) path: String,
    /// Length.
    pub(crate) size_bytes: u64,
    /// SHA-256 in lower-case hex.
    pub(crate) sha256: String,
}

impl LockEntry {
    pub(crate) fn pin(&self, file: &str) -> Option<&FilePin> {
        self.files.iter().find(|pin| pin.path == file)
    }
}

impl Lock {
    const VERSION: u32 = 1;

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let lock: Self = toml::from_str(text).map_err(|e| e.to_string())?;
        if lock.version == Self::VERSION {
            Ok(lock)
        } else {
            Err(format!("version {} is not known to this build", lock.version))
        }
    }

    /// Reads the file; an absent one is empty.
    pub(crate) fn read(path: &Path) -> Result<Self, ModelsError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text)
                .map_err(|detail| ModelsError::BadLock { path: path.to_owned(), detail }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                Ok(Self { version: Self::VERSION, entries: Vec::new() })
            }
            Err(e) => Err(ModelsError::io("reading", path)(e)),
        }
    }

    pub(crate) fn entry(&self, id: &str) -> Option<&LockEntry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// Adds or replaces an entry and writes the file so that a crash leaves the old or the new one.
    pub(crate) fn record(&mut self, entry: LockEntry, path: &Path) -> Result<(), ModelsError> {
        self.entries.retain(|old| old.id != entry.id);
        self.entries.push(entry);
        self.entries.sort_by(|a, b| a.id.cmp(&b.id));
        let text = toml::to_string(self)
            .map_err(|e| ModelsError::BadLock { path: path.to_owned(), detail: e.to_string() })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(ModelsError::io("writing", path))
    }
}
