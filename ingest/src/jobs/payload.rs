//! How a job's work is stored: one line of JSON that lists the items, then their bytes.

use kefu_core::{DocumentState, SectionValidity};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{DocumentInput, PairInput, StateChange, names};
use crate::error::IngestError;

/// One upload, ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) kind: Kind,
    /// Document id or file name.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// The bytes are a row as [`row`] writes it.
    Put,
    /// The bytes are a file.
    File,
    /// There are no bytes.
    Delete,
    /// The bytes are a state and a reason.
    State,
    /// There are no bytes.
    Correct,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    kind: Kind,
    name: String,
    size_bytes: usize,
}

pub(super) fn write(items: &[Item]) -> Vec<u8> {
    let entry = |item: &Item| Entry {
        kind: item.kind,
        name: item.name.clone(),
        size_bytes: item.bytes.len(),
    };
    let entries: Vec<Entry> = items.iter().map(entry).collect();
    let mut payload = json!(entries).to_string().into_bytes();
    payload.push(b'\n');
    for item in items {
        payload.extend_from_slice(&item.bytes);
    }
    payload
}

pub(super) fn read(payload: &[u8]) -> Result<Vec<Item>, IngestError> {
    let bad = |detail: &str| IngestError::BadJob { detail: detail.to_owned() };
    let border = payload.iter().position(|byte| *byte == b'\n');
    let (line, mut rest) =
        payload.split_at(border.ok_or_else(|| bad("its list of items has no end"))? + 1);
    let entries: Vec<Entry> =
        serde_json::from_slice(line).map_err(|error| bad(&error.to_string()))?;
    let mut items = Vec::with_capacity(entries.len());
    for Entry { kind, name, size_bytes } in entries {
        let (bytes, tail) =
            rest.split_at_checked(size_bytes).ok_or_else(|| bad("it is cut short"))?;
        items.push(Item { kind, name, bytes: bytes.to_vec() });
        rest = tail;
    }
    if rest.is_empty() { Ok(items) } else { Err(bad("it is longer than its list says")) }
}

/// A document as a row that parsers read.
pub(super) fn row(document: &DocumentInput) -> Vec<u8> {
    let row = json!({
        "id": document.id.as_str(),
        "title": document.title,
        "text": document.text,
        "lang": document.language.map(|language| language.code().to_owned()),
        "url": document.url,
        "audiences": names(&document.audiences),
        "valid_from": document.valid_from,
        "valid_to": document.valid_to,
        "sections": document.sections.iter().map(section).collect::<Vec<_>>(),
        "state": document.state.map(DocumentState::as_str),
    });
    row.to_string().into_bytes()
}

fn section(section: &SectionValidity) -> Value {
    let SectionValidity { heading, validity } = section;
    json!({"heading": heading, "valid_from": validity.from, "valid_to": validity.to})
}

/// A reviewed pair as such a row.
pub(super) fn pair_row(pair: &PairInput) -> Vec<u8> {
    let row = json!({
        "id": pair.id.as_str(),
        "question": pair.question,
        "answer": pair.answer,
        "lang": pair.language.map(|language| language.code().to_owned()),
        "state": pair.state.map(DocumentState::as_str),
    });
    row.to_string().into_bytes()
}

#[derive(Serialize, Deserialize)]
struct StoredState {
    state: String,
    reason: String,
}

pub(super) fn state(change: &StateChange) -> Vec<u8> {
    let state = change.state.as_str();
    json!({"state": state, "reason": change.reason}).to_string().into_bytes()
}

pub(super) fn read_state(bytes: &[u8]) -> Result<StateChange, IngestError> {
    let bad = |detail: String| IngestError::BadJob { detail };
    let stored: StoredState =
        serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
    let state = DocumentState::parse(&stored.state)
        .ok_or_else(|| bad(format!("{:?} is no state", stored.state)))?;
    Ok(StateChange { state, reason: stored.reason })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn items_survive_storage_and_damage_is_noticed() {
        let item = |kind, name: &str, bytes: &[u8]| Item {
            kind,
            name: name.to_owned(),
            bytes: bytes.to_vec(),
        };
        let items = vec![
            item(Kind::File, "退货.pdf", b"\x00\n\xff"),
            item(Kind::Delete, "old", b""),
            item(Kind::Put, "new", b"{}"),
        ];
        let payload = write(&items);
        assert_eq!(read(&payload).unwrap(), items);
        assert!(read(&payload[..payload.len() - 1]).is_err());
        assert!(read(&[payload.as_slice(), b"x"].concat()).is_err());
        assert!(read(b"").is_err());
    }
}
