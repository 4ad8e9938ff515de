use std::path::{Path, PathBuf};

use crate::error::EvalError;

/// Fingerprint of a set's content. Files count by their place below the documents folder, not by
/// where the set lies on this machine.
pub(super) fn of(documents: Option<&Path>, rows: &[&Path]) -> Result<String, EvalError> {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for path in rows.iter().copied().filter(|path| path.is_file()) {
        parts.push(read(path)?);
    }
    if let Some(root) = documents {
        let mut files = Vec::new();
        collect(root, &mut files)?;
        files.sort();
        for path in files {
            let place = path.strip_prefix(root).unwrap_or(&path);
            parts.push(place.to_string_lossy().into_owned().into_bytes());
            parts.push(read(&path)?);
        }
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Ok(kefu_core::content::digest(&parts)[..8].iter().map(|b| format!("{b:02x}")).collect())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), EvalError> {
    let unreadable = |source| EvalError::Unreadable { path: path.to_owned(), source };
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        collect(&entry.map_err(unreadable)?.path(), files)?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, EvalError> {
    std::fs::read(path).map_err(|source| EvalError::Unreadable { path: path.to_owned(), source })
}
