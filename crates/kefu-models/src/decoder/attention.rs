//! Attention of new tokens to all before them, over the pages of a cache.
//!
//! What a token sees is summed up in the order of the keys, whatever other tokens are computed
//! beside it, so its result does not depend on how a text is cut into passes.

use std::ops::Range;
use std::sync::Arc;

use super::cache::{PAGE_TOKENS, Page};
use crate::simd::{Instructions, exp, highest, sum, wide};

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vectors of 16-bit floats have no safe form")]
mod avx512;
mod kernel;

/// Queries that share one pass over keys and values.
const QUERIES: usize = 8;

/// Sizes of a network's attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heads {
    pub(crate) n_heads: usize,
    /// Divides the number of heads.
    pub(crate) n_kv_heads: usize,
    /// Numbers per head.
    pub(crate) dim: usize,
    /// How many tokens a token sees, itself among them.
    pub(crate) window: usize,
}

impl Heads {
    /// Width of a row of queries.
    pub(crate) fn width(self) -> usize {
        self.n_heads * self.dim
    }

    /// Numbers per head with what fills the last vector.
    pub(super) fn padded(self) -> usize {
        self.dim.next_multiple_of(PAGE_TOKENS)
    }

    fn n_sharing(self) -> usize {
        self.n_heads / self.n_kv_heads
    }
}

/// New tokens of one text.
#[derive(Clone, Copy)]
pub(super) struct Queries<'a> {
    pub(super) heads: Heads,
    /// Rows that begin with the queries of all heads.
    pub(super) rows: &'a [f32],
    /// How far apart the rows are.
    pub(super) stride: usize,
    /// Place of the first in its text.
    pub(super) position: usize,
    /// Pages of the layer that hold the keys of the new tokens too.
    pub(super) pages: &'a [Arc<Page>],
}

impl Queries<'_> {
    /// What the heads see that share the key heads given; rows of so many heads.
    pub(super) fn attend(&self, kv_heads: Range<usize>) -> Vec<f32> {
        self.attend_with(kv_heads, Instructions::best())
    }

    fn attend_with(&self, kv_heads: Range<usize>, by: Instructions) -> Vec<f32> {
        let (heads, n_sharing) = (self.heads, self.heads.n_sharing());
        let n_rows = self.rows.len() / self.stride;
        let first = kv_heads.start * n_sharing;
        let width = kv_heads.len() * n_sharing * heads.dim;
        let mut out = vec![0.0; n_rows * width];
        let mut scratch = Scratch::default();
        for kv_head in kv_heads {
            let stacked: Vec<(usize, usize)> = (0..n_rows)
                .flat_map(|row| (0..n_sharing).map(move |n| (row, kv_head * n_sharing + n)))
                .collect();
            for some in stacked.chunks(QUERIES) {
                self.attend_some(by, kv_head, some, &mut scratch);
                for ((row, head), seen) in some.iter().zip(scratch.seen.chunks(heads.padded())) {
                    let at = row * width + (head - first) * heads.dim;
                    out[at..at + heads.dim].copy_from_slice(&seen[..heads.dim]);
                }
            }
        }
        out
    }

    /// Writes what up to [`QUERIES`] queries (row and head) see.
    fn attend_some(
        &self,
        by: Instructions,
        kv_head: usize,
        some: &[(usize, usize)],
        scratch: &mut Scratch,
    ) {
        let heads = self.heads;
        let visible = |row: usize| {
            let end = self.position + row + 1;
            end.saturating_sub(heads.window)..end
        };
        let first = some.first().map_or(0, |(row, _)| visible(*row).start) / PAGE_TOKENS;
        let end = some.last().map_or(0, |(row, _)| visible(*row).end).div_ceil(PAGE_TOKENS);
        let pages = &self.pages[first..end];
        let n_padded = pages.len() * PAGE_TOKENS;
        scratch.queries.clear();
        scratch.queries.resize(heads.dim, [0.0; QUERIES]);
        scratch.scores.clear();
        scratch.scores.resize(some.len() * n_padded, 0.0);
        scratch.seen.clear();
        scratch.seen.resize(some.len() * heads.padded(), 0.0);
        let scale = 1.0 / (heads.dim as f32).sqrt();
        for (idx, (row, head)) in some.iter().enumerate() {
            let query = &self.rows[row * self.stride + head * heads.dim..][..heads.dim];
            for (slot, value) in scratch.queries.iter_mut().zip(query) {
                slot[idx] = value * scale;
            }
        }
        let view = kernel::View { heads, kv_head, pages };
        kernel::score(by, view, &scratch.queries, &mut scratch.scores);
        let scores = &mut scratch.scores;
        wide(
            #[inline(always)]
            || {
                for ((row, _), scores) in some.iter().zip(scores.chunks_exact_mut(n_padded)) {
                    let visible = visible(*row);
                    let skipped = first * PAGE_TOKENS;
                    weigh(scores, visible.start.max(skipped) - skipped, visible.end - skipped);
                }
            },
        );
        kernel::mix(by, view, &scratch.scores, &mut scratch.seen);
    }
}

#[derive(Default)]
struct Scratch {
    queries: Vec<[f32; QUERIES]>,
    /// One row per query.
    scores: Vec<f32>,
    seen: Vec<f32>,
}

/// Scores of the keys from `start` to `end` to shares that add up to 1; all others to 0.
#[inline(always)]
fn weigh(scores: &mut [f32], start: usize, end: usize) {
    scores[..start].fill(f32::NEG_INFINITY);
    scores[end..].fill(f32::NEG_INFINITY);
    let highest = highest(scores);
    for score in scores.iter_mut() {
        *score = exp(*score - highest);
    }
    scores[..start].fill(0.0);
    scores[end..].fill(0.0);
    let share = 1.0
        / sum(
            scores,
            #[inline(always)]
            |value| value,
        );
    for score in scores.iter_mut() {
        *score *= share;
    }
}

#[cfg(test)]
mod tests;
