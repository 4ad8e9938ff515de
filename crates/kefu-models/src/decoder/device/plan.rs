//! Where the rows of a pass belong, as a device needs to know it.

use candle_core::{Device, Tensor};

use super::pages::Pages;
use crate::decoder::attention::Heads;
use crate::decoder::{Segment, Wanted};

/// A pass over new tokens. Its rows are not in the order of the segments: those of one token come
/// first, so that they can be computed together.
pub(super) struct Plan {
    pub(super) tokens: Tensor,
    pub(super) positions: Tensor,
    /// For each number of the new keys the place of its token in the pages.
    pub(super) written: Tensor,
    pub(super) groups: Vec<Group>,
    /// For each segment the rows whose scores are wanted.
    pub(super) wanted: Vec<Vec<u32>>,
}

/// Neighbouring rows of some segments that have equally many.
pub(super) struct Group {
    pub(super) first_row: usize,
    pub(super) n_segments: usize,
    /// Rows of each segment.
    pub(super) n_rows: usize,
    /// Keys that the rows may see, those of each segment filled up to so many.
    pub(super) n_keys: usize,
    /// Their places in the pages.
    pub(super) keys: Tensor,
    /// Added to scores, (1, segments, 1, rows, keys): nothing, or so much that a key is not seen.
    pub(super) mask: Tensor,
}

/// A segment within a group.
struct Part {
    /// Place of the first row in its text.
    position: usize,
    /// Places of all its tokens in the pages.
    places: Vec<u32>,
}

impl Plan {
    /// Gives the caches of the segments room for their tokens.
    pub(super) fn new(
        segments: &mut [Segment<'_>],
        heads: Heads,
        pages: &Pages,
        device: &Device,
    ) -> candle_core::Result<Self> {
        let mut order: Vec<usize> = (0..segments.len()).collect();
        order.sort_by_key(|idx| segments[*idx].tokens.len());
        let (mut tokens, mut positions, mut written) = (Vec::new(), Vec::new(), Vec::new());
        let mut wanted = vec![Vec::new(); segments.len()];
        let (mut groups, mut first_row) = (Vec::new(), 0);
        let together =
            |a: &usize, b: &usize| (segments[*a].tokens.len(), segments[*b].tokens.len()) == (1, 1);
        let grouped: Vec<Vec<usize>> = order.chunk_by(together).map(<[usize]>::to_vec).collect();
        for idxs in grouped {
            let mut parts = Vec::with_capacity(idxs.len());
            let mut n_rows = 0;
            for idx in &idxs {
                let segment = &mut segments[*idx];
                n_rows = segment.tokens.len();
                let row = tokens.len() as u32;
                let end = row + n_rows as u32;
                wanted[*idx] = match segment.wanted {
                    Wanted::Nothing => Vec::new(),
                    Wanted::Last => (end.saturating_sub(1).max(row)..end).collect(),
                    Wanted::All => (row..end).collect(),
                };
                let position = segment.cache.n_tokens();
                let places = pages.make_room(segment.cache, n_rows)?;
                tokens.extend_from_slice(segment.tokens);
                positions.extend((position..position + n_rows).map(|position| position as u32));
                written.extend_from_slice(&places[position..]);
                parts.push(Part { position, places });
            }
            if n_rows > 0 {
                groups.push(Group::new(first_row, n_rows, &parts, heads.window, device)?);
            }
            first_row = tokens.len();
        }
        let written = Tensor::new(written, device)?.reshape((1, first_row, 1))?;
        Ok(Self {
            tokens: Tensor::new(tokens, device)?,
            positions: Tensor::new(positions, device)?,
            written: written
                .broadcast_as((heads.n_kv_heads, first_row, heads.dim))?
                .contiguous()?,
            groups,
            wanted,
        })
    }
}

impl Group {
    fn new(
        first_row: usize,
        n_rows: usize,
        parts: &[Part],
        window: usize,
        device: &Device,
    ) -> candle_core::Result<Self> {
        // What the first row does not see, the others do not either.
        let start = |part: &Part| (part.position + 1).saturating_sub(window);
        let n_keys = parts.iter().map(|part| part.places.len() - start(part)).max().unwrap_or(0);
        let mut keys = Vec::with_capacity(parts.len() * n_keys);
        let mut mask = Vec::with_capacity(parts.len() * n_rows * n_keys);
        for part in parts {
            let (start, end) = (start(part), part.places.len());
            // Any place that was written to will do where a key is not seen.
            let filling = part.places.last().copied().unwrap_or(0);
            keys.extend_from_slice(&part.places[start..]);
            keys.resize(keys.len() + n_keys - (end - start), filling);
            for position in part.position..part.position + n_rows {
                let visible = (position + 1).saturating_sub(window)..position + 1;
                mask.extend(
                    (start..start + n_keys)
                        .map(|key| if visible.contains(&key) { 0.0 } else { f32::NEG_INFINITY }),
                );
            }
        }
        let shape = (1, parts.len(), 1, n_rows, n_keys);
        Ok(Self {
            first_row,
            n_segments: parts.len(),
            n_rows,
            n_keys,
            keys: Tensor::new(keys, device)?,
            mask: Tensor::from_vec(mask, shape, device)?,
        })
    }
}
