use std::fs;
use std::path::Path;

use super::{Fetch, FetchEvent, Fetched};

/// Copies files out of `<folder>/<manifest id>/`.
pub(crate) fn fetch(fetch: &Fetch<'_>, folder: &Path) -> Result<Fetched, String> {
    for file in fetch.files {
        let from = folder.join(&fetch.manifest.id).join(file);
        let size = fs::metadata(&from).map_err(|e| format!("{}: {e}", from.display()))?.len();
        fetch.observer.observe(FetchEvent::Started { file, total_bytes: Some(size) });
        fs::copy(&from, fetch.staged(file)?).map_err(|e| format!("copying {file}: {e}"))?;
        fetch.observer.observe(FetchEvent::Finished { file });
    }
    let origin = format!("folder {}", folder.display());
    Ok(Fetched { origin, revision: "unknown".to_owned() })
}
