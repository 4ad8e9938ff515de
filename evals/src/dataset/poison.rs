use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{Poison, rows};
use crate::error::EvalError;

#[derive(Deserialize)]
struct DocumentRow {
    id: Option<String>,
    #[serde(default)]
    text: String,
    injection: Option<String>,
    clean_id: Option<String>,
}

/// The documents of a set that carry a foreign instruction, by id, with their clean counterparts.
pub(super) fn read(documents: Option<&Path>) -> Result<BTreeMap<String, Poison>, EvalError> {
    let rows_file = documents.filter(|path| path.extension().is_some_and(|ext| ext == "jsonl"));
    let Some(path) = rows_file else { return Ok(BTreeMap::new()) };
    let all: Vec<DocumentRow> =
        rows::read(path, Ok)?.into_iter().map(|(_, row): (usize, DocumentRow)| row).collect();
    let texts: BTreeMap<&str, &str> =
        all.iter().filter_map(|row| Some((row.id.as_deref()?, row.text.as_str()))).collect();
    let poison = |row: &DocumentRow| {
        let clean_id = row.clean_id.clone()?;
        let clean_text = (*texts.get(clean_id.as_str())?).to_owned();
        Some((row.id.clone()?, Poison { injection: row.injection.clone()?, clean_id, clean_text }))
    };
    Ok(all.iter().filter_map(poison).collect())
}
