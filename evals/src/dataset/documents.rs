use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::EvalError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    documents: PathBuf,
    as_of: Option<String>,
}

/// Where a set's documents are, and on which day its questions are asked.
pub(super) struct Place {
    pub(super) documents: Option<PathBuf>,
    pub(super) as_of: Option<String>,
}

/// Finds the set's documents: `documents.jsonl`, else what `dataset.toml` names relative to the
/// set's folder.
pub(super) fn locate(dir: &Path) -> Result<Place, EvalError> {
    let rows = dir.join("documents.jsonl");
    if rows.is_file() {
        return Ok(Place { documents: Some(rows), as_of: None });
    }
    let path = dir.join("dataset.toml");
    if !path.is_file() {
        return Ok(Place { documents: None, as_of: None });
    }
    let text = std::fs::read_to_string(&path)
        .map_err(|source| EvalError::Unreadable { path: path.clone(), source })?;
    let manifest: Manifest = toml::from_str(&text).map_err(|error| EvalError::BadManifest {
        path: path.clone(),
        detail: error.message().to_owned(),
    })?;
    let documents = dir.join(manifest.documents);
    if documents.exists() {
        return Ok(Place { documents: Some(documents), as_of: manifest.as_of });
    }
    let detail = format!("documents = {:?} does not exist", documents.display());
    Err(EvalError::BadManifest { path, detail })
}
