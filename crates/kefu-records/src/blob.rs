//! How values without a column type of their own are stored.

use std::collections::{BTreeMap, BTreeSet};

use kefu_core::{Audience, ChunkId, Language, SectionValidity, Span, SparseVector, Validity};
use serde::{Deserialize, Serialize};

use crate::fault::{Fault, damaged};

/// A count as SQLite holds it.
pub(crate) fn int(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A count that [`int`] stored.
pub(crate) fn count(n: i64) -> Result<u64, Fault> {
    u64::try_from(n).map_err(|_| damaged("a negative count"))
}

pub(crate) fn span(start: i64, end: i64) -> Result<Span, Fault> {
    match (usize::try_from(start), usize::try_from(end)) {
        (Ok(start), Ok(end)) if start <= end => Ok(Span { start, end }),
        _ => Err(damaged("a span with bad ends")),
    }
}

/// Big-endian, so that the order of bytes is the order of ids.
pub(crate) fn chunk_id(id: ChunkId) -> [u8; 16] {
    id.as_u128().to_be_bytes()
}

pub(crate) fn read_chunk_id(bytes: [u8; 16]) -> ChunkId {
    ChunkId::from_u128(u128::from_be_bytes(bytes))
}

pub(crate) fn attributes(attributes: &BTreeMap<String, String>) -> Result<String, Fault> {
    Ok(serde_json::to_string(attributes)?)
}

pub(crate) fn read_attributes(json: &str) -> Result<BTreeMap<String, String>, Fault> {
    Ok(serde_json::from_str(json)?)
}

pub(crate) fn audiences(names: &BTreeSet<Audience>) -> Result<String, Fault> {
    let names: Vec<&str> = names.iter().map(Audience::as_str).collect();
    Ok(serde_json::to_string(&names)?)
}

pub(crate) fn read_audiences(json: &str) -> Result<BTreeSet<Audience>, Fault> {
    let names: Vec<String> = serde_json::from_str(json)?;
    let names = names.iter().map(|name| Audience::new(name));
    names.collect::<Option<_>>().ok_or_else(|| damaged("an audience name"))
}

/// A section's days as stored in JSON.
#[derive(Serialize, Deserialize)]
struct SectionBody {
    heading: String,
    valid_from: Option<String>,
    valid_to: Option<String>,
}

pub(crate) fn sections(sections: &[SectionValidity]) -> Result<String, Fault> {
    let body = |section: &SectionValidity| SectionBody {
        heading: section.heading.clone(),
        valid_from: section.validity.from.clone(),
        valid_to: section.validity.to.clone(),
    };
    Ok(serde_json::to_string(&sections.iter().map(body).collect::<Vec<_>>())?)
}

pub(crate) fn read_sections(json: &str) -> Result<Vec<SectionValidity>, Fault> {
    let bodies: Vec<SectionBody> = serde_json::from_str(json)?;
    let section = |body: SectionBody| SectionValidity {
        heading: body.heading,
        validity: Validity { from: body.valid_from, to: body.valid_to },
    };
    Ok(bodies.into_iter().map(section).collect())
}

pub(crate) fn language(code: &str) -> Result<Language, Fault> {
    Language::from_code(code).ok_or_else(|| damaged("a language code"))
}

pub(crate) fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

pub(crate) fn read_floats(bytes: &[u8]) -> Result<Vec<f32>, Fault> {
    let (words, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(damaged("a vector of odd length"));
    }
    Ok(words.iter().map(|word| f32::from_le_bytes(*word)).collect())
}

/// Pairs of term id and weight.
pub(crate) fn sparse(vector: &SparseVector) -> Vec<u8> {
    let pairs = vector.indices().iter().zip(vector.values());
    pairs.flat_map(|(term, weight)| [term.to_le_bytes(), weight.to_le_bytes()].concat()).collect()
}

pub(crate) fn read_sparse(bytes: &[u8]) -> Result<SparseVector, Fault> {
    let (pairs, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(damaged("a sparse vector of odd length"));
    }
    Ok(SparseVector::from_weights(pairs.iter().map(|[a, b, c, d, e, f, g, h]| {
        (u32::from_le_bytes([*a, *b, *c, *d]), f32::from_le_bytes([*e, *f, *g, *h]))
    })))
}
