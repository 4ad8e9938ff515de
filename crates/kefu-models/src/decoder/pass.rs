//! What belongs to one pass over new tokens.

use std::ops::Range;

use super::Segment;

/// Which text a row belongs to, and where it stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) segment: usize,
    pub(super) position: usize,
}

/// The place of each row, or an error where a cache has no room.
pub(super) fn places(segments: &[Segment<'_>]) -> candle_core::Result<Vec<Place>> {
    let mut places = Vec::new();
    for (idx, segment) in segments.iter().enumerate() {
        let (n, room) = (segment.tokens.len(), segment.cache.room());
        if n > room {
            candle_core::bail!("{n} more tokens where {room} have room");
        }
        let first = segment.cache.n_tokens();
        places.extend((first..first + n).map(|position| Place { segment: idx, position }));
    }
    Ok(places)
}

/// Rows of one text after another.
pub(super) fn by_segment(places: &[Place]) -> impl Iterator<Item = (Place, usize)> {
    places
        .chunk_by(|a, b| a.segment == b.segment)
        .filter_map(|rows| Some((*rows.first()?, rows.len())))
}

/// Part `idx` of `n_parts` about equal ones.
pub(super) fn part(n: usize, n_parts: usize, idx: usize) -> Range<usize> {
    idx * n / n_parts..(idx + 1) * n / n_parts
}
