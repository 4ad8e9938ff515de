//! What both adapters refuse before they ask an engine, and the order of hits.

use kefu_core::ports::{CollectionSpec, Hit, Leg};
use kefu_core::{Chunk, ChunkId, StoreError};

const MAX_LIMIT: usize = 1000;
const MAX_DIMENSIONS: usize = 65_536;
/// Hits asked for beyond the limit, so that ties at the cut are decided by chunk id.
const TIE_MARGIN: usize = 32;

pub(crate) fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (1..=200).contains(&name.len()) && name.chars().all(allowed)
}

pub(crate) fn check_spec(spec: &CollectionSpec) -> Result<(), StoreError> {
    let name = &spec.name;
    if !is_name(name) {
        let detail =
            format!("a collection name is 1 to 200 of A-Z, a-z, 0-9, _ and -; got {name:?}");
        return Err(StoreError::Failed { detail });
    }
    if spec.dimensions.is_some_and(|n| !(1..=MAX_DIMENSIONS).contains(&n)) {
        let detail = format!("collection {name} needs 1 to {MAX_DIMENSIONS} dimensions");
        return Err(StoreError::Failed { detail });
    }
    Ok(())
}

/// Refuses to use a collection of other dimensions under the same name.
pub(crate) fn check_same(
    spec: &CollectionSpec,
    dimensions: Option<usize>,
) -> Result<(), StoreError> {
    if spec.dimensions == dimensions {
        return Ok(());
    }
    let words =
        |n: Option<usize>| n.map_or("no dense vectors".to_owned(), |n| format!("{n} dimensions"));
    let detail = format!(
        "collection {} has {}, not {}; give another embedder another collection",
        spec.name,
        words(dimensions),
        words(spec.dimensions)
    );
    Err(StoreError::BadVector { detail })
}

pub(crate) fn check_chunks(dimensions: Option<usize>, chunks: &[Chunk]) -> Result<(), StoreError> {
    for chunk in chunks {
        if let Some(dense) = &chunk.dense {
            check_dense(dimensions, dense).map_err(|detail| StoreError::BadVector {
                detail: format!("chunk {}: {detail}", chunk.id),
            })?;
        }
    }
    Ok(())
}

pub(crate) fn check_leg(dimensions: Option<usize>, leg: &Leg) -> Result<(), StoreError> {
    match leg {
        Leg::Dense(vector) => {
            check_dense(dimensions, vector).map_err(|detail| StoreError::BadVector { detail })
        }
        Leg::Lexical(_) => Ok(()),
    }
}

fn check_dense(dimensions: Option<usize>, vector: &[f32]) -> Result<(), String> {
    let Some(expected) = dimensions else {
        return Err("the collection is lexical only".to_owned());
    };
    if vector.len() != expected {
        return Err(format!("expected {expected} values, got {}", vector.len()));
    }
    if vector.iter().any(|value| !value.is_finite()) {
        return Err("every value must be finite".to_owned());
    }
    // Engines divide by the length when they normalise; a length that rounds to zero or to
    // infinity would give scores that are no numbers.
    let square: f32 = vector.iter().map(|value| value * value).sum();
    if square.is_normal() { Ok(()) } else { Err("the length must be above zero".to_owned()) }
}

pub(crate) fn clamp_limit(limit: usize) -> usize {
    limit.clamp(1, MAX_LIMIT)
}

/// The first id that may follow `after`; `None` when there is no higher one.
pub(crate) fn first_after(after: Option<ChunkId>) -> Option<ChunkId> {
    match after {
        None => Some(ChunkId::from_u128(0)),
        Some(id) => id.as_u128().checked_add(1).map(ChunkId::from_u128),
    }
}

pub(crate) fn limit_with_margin(limit: usize) -> usize {
    clamp_limit(limit) + TIE_MARGIN
}

/// Best first, ties by chunk id, cut to the limit.
pub(crate) fn rank(mut hits: Vec<Hit>, limit: usize) -> Vec<Hit> {
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.chunk_id.cmp(&b.chunk_id)));
    hits.truncate(clamp_limit(limit));
    hits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_ordered_by_id_and_cut() {
        let hit = |id, score| Hit { chunk_id: ChunkId::from_u128(id), score };
        let ranked = rank(vec![hit(9, 1.0), hit(3, 1.0), hit(5, 2.0), hit(1, 0.5)], 3);
        assert_eq!(ranked, [hit(5, 2.0), hit(3, 1.0), hit(9, 1.0)]);
    }

    #[test]
    fn limits_are_moved_into_range() {
        assert_eq!(clamp_limit(0), 1);
        assert_eq!(clamp_limit(usize::MAX), MAX_LIMIT);
    }

    #[test]
    fn vectors_without_a_usable_length_are_refused() {
        assert!(check_dense(Some(2), &[0.6, 0.8]).is_ok());
        for bad in [[0.0, 0.0], [f32::NAN, 1.0], [f32::MAX, f32::MAX], [1e-30, 0.0]] {
            assert!(check_dense(Some(2), &bad).is_err(), "{bad:?}");
        }
    }
}
