//! Attention within each sequence of a batch, all heads, without padding.

use pulp::{Simd, WithSimd};

use crate::simd::{exp, fastest, highest, sum};

/// Rows of queries that share one pass over keys and values.
const ROWS: usize = 8;

/// Sizes of a layer's attention.
#[derive(Clone, Copy)]
pub(super) struct Heads {
    pub(super) n_heads: usize,
    pub(super) head_dim: usize,
}

/// One sequence: its queries, keys and values side by side, and where the results go.
struct Sequence<'a> {
    heads: Heads,
    mixed: &'a [f32],
    out: &'a mut [f32],
}

/// What one head works on, arranged so that registers are filled by plain loads.
struct Scratch {
    /// Keys of as many rows as fill a register, number by number; then those of the next rows.
    keys: Vec<f32>,
    /// The numbers of each value that fill a register, row by row; then the numbers after them.
    values: Vec<f32>,
    queries: Vec<[f32; ROWS]>,
    /// One row of scores per query.
    scores: Vec<f32>,
}

impl Heads {
    pub(super) fn width(self) -> usize {
        self.n_heads * self.head_dim
    }

    /// Reads rows of queries, keys and values (three widths) and writes rows of one width.
    /// `lengths` says which rows belong together.
    pub(super) fn attend(self, mixed: &[f32], lengths: &[usize]) -> Vec<f32> {
        let width = self.width();
        let n_rows: usize = lengths.iter().sum();
        let mut out = vec![0.0; n_rows * width];
        let (mut mixed, mut rest) = (mixed, out.as_mut_slice());
        for n in lengths {
            let (own, others) = mixed.split_at(n * 3 * width);
            let (target, targets) = rest.split_at_mut(n * width);
            fastest(Sequence { heads: self, mixed: own, out: target });
            (mixed, rest) = (others, targets);
        }
        out
    }
}

impl WithSimd for Sequence<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (dim, lanes) = (self.heads.head_dim, S::F32_LANES);
        let n_rows = self.out.len() / self.heads.width();
        let n_padded = n_rows.next_multiple_of(lanes);
        let mut scratch = Scratch {
            keys: vec![0.0; n_padded * dim],
            values: vec![0.0; n_rows * dim.next_multiple_of(lanes)],
            queries: vec![[0.0; ROWS]; dim],
            scores: vec![0.0; n_padded * ROWS],
        };
        for head in 0..self.heads.n_heads {
            for row in 0..n_rows {
                let (tile, lane) = (row / lanes, row % lanes);
                let keys = scratch.keys.iter_mut().skip(tile * dim * lanes + lane).step_by(lanes);
                for (slot, key) in keys.zip(self.part(1, head, row)) {
                    *slot = *key;
                }
                let values = self.part(2, head, row).chunks(lanes);
                for (tile, values) in scratch.values.chunks_exact_mut(n_rows * lanes).zip(values) {
                    for (slot, value) in tile[row * lanes..][..lanes].iter_mut().zip(values) {
                        *slot = *value;
                    }
                }
            }
            for first in (0..n_rows).step_by(ROWS) {
                self.load_queries(&mut scratch, head, first, n_rows);
                let shares = scratch.weigh(simd, n_rows);
                let values = S::as_simd_f32s(&scratch.values).0;
                for (idx, tile) in values.chunks_exact(n_rows).enumerate() {
                    let sums = mix(simd, &scratch.scores, n_padded, tile);
                    let from = head * dim + idx * lanes;
                    let to = (from + lanes).min((head + 1) * dim);
                    let rows = self.out.chunks_exact_mut(self.heads.width()).skip(first);
                    for ((row, sums), share) in rows.zip(sums).zip(shares) {
                        let scaled = simd.mul_f32s(sums, simd.splat_f32s(share));
                        simd.partial_store_f32s(&mut row[from..to], scaled);
                    }
                }
            }
        }
    }
}

impl Sequence<'_> {
    /// The query (0), key (1) or value (2) of a head in a row.
    #[inline(always)]
    fn part(&self, part: usize, head: usize, row: usize) -> &[f32] {
        let (width, dim) = (self.heads.width(), self.heads.head_dim);
        let at = part * width + head * dim;
        &self.mixed[row * 3 * width + at..][..dim]
    }

    #[inline(always)]
    fn load_queries(&self, scratch: &mut Scratch, head: usize, first: usize, n_rows: usize) {
        let scale = 1.0 / (self.heads.head_dim as f32).sqrt();
        for idx in 0..ROWS {
            // Past the end the last row is computed again and dropped.
            let query = self.part(0, head, (first + idx).min(n_rows - 1));
            for (slot, value) in scratch.queries.iter_mut().zip(query) {
                slot[idx] = *value * scale;
            }
        }
    }
}

impl Scratch {
    /// Turns queries into weights of all keys, and gives what to multiply the weighted sums with.
    #[inline(always)]
    fn weigh<S: Simd>(&mut self, simd: S, n_keys: usize) -> [f32; ROWS] {
        let n_padded = self.scores.len() / ROWS;
        let keys = S::as_simd_f32s(&self.keys).0;
        for (idx, tile) in keys.chunks_exact(self.queries.len()).enumerate() {
            let mut sums = [simd.splat_f32s(0.0); ROWS];
            for (key, query) in tile.iter().zip(&self.queries) {
                for (sum, factor) in sums.iter_mut().zip(query) {
                    *sum = simd.mul_add_e_f32s(simd.splat_f32s(*factor), *key, *sum);
                }
            }
            for (row, sum) in self.scores.chunks_exact_mut(n_padded).zip(sums) {
                S::as_mut_simd_f32s(row).0[idx] = sum;
            }
        }
        let mut shares = [0.0; ROWS];
        for (row, share) in self.scores.chunks_exact_mut(n_padded).zip(&mut shares) {
            let row = &mut row[..n_keys];
            let highest = highest(row);
            for value in row.iter_mut() {
                *value = exp(*value - highest);
            }
            let total = sum(
                row,
                #[inline(always)]
                |value| value,
            );
            *share = 1.0 / total;
        }
        shares
    }
}

/// Sums of the values, weighted by each row of scores.
#[inline(always)]
fn mix<S: Simd>(simd: S, scores: &[f32], n_padded: usize, values: &[S::f32s]) -> [S::f32s; ROWS] {
    let n = values.len();
    let rows: [&[f32]; ROWS] = std::array::from_fn(
        #[inline(always)]
        |idx| &scores[idx * n_padded..][..n],
    );
    let mut sums = [simd.splat_f32s(0.0); ROWS];
    for idx in 0..n {
        for (sum, row) in sums.iter_mut().zip(rows) {
            *sum = simd.mul_add_e_f32s(simd.splat_f32s(row[idx]), values[idx], *sum);
        }
    }
    sums
}
