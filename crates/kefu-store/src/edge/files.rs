//! Small durable steps on the file system: markers, the pointer file and the directory lock.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

/// Makes an empty file and waits until the disk has it.
pub(super) fn put_marker(path: &Path) -> io::Result<()> {
    File::create(path)?.sync_all()?;
    sync_parent(path)
}

/// Removes a file if it is there. The disk is not waited for: a marker of a write that comes back
/// after a power cut only costs a rebuild.
pub(super) fn remove_marker(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Replaces a file's content so that a crash leaves the old content or the new.
pub(super) fn replace(path: &Path, content: &str) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    let mut file = File::create(&temporary)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_parent(path)
}

/// Bytes that the files of a directory take on disk, without its subdirectories.
pub(super) fn size_bytes(dir: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(dir) else { return 0 };
    entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum()
}

/// Bytes that may still be written to the disk of a directory.
pub(super) fn free_bytes(dir: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(dir)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Takes the lock of a directory for as long as the file is held. `Err` says who holds it.
pub(super) fn lock(path: &Path) -> Result<File, String> {
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let mut file = open.map_err(|error| format!("cannot open {}: {error}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // The holder's number is a courtesy; without it the message still says what to do.
            let _ = file.read_to_string(&mut holder);
            let dir = path.parent().unwrap_or(path).display();
            return Err(format!(
                "{dir} is in use by process {}; stop it or choose another data directory",
                if holder.trim().is_empty() { "(unknown)" } else { holder.trim() }
            ));
        }
        Err(TryLockError::Error(error)) => {
            return Err(format!("cannot lock {}: {error}", path.display()));
        }
    }
    let written = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()));
    written.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    Ok(file)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(dir) => File::open(dir)?.sync_all(),
        None => Ok(()),
    }
}
