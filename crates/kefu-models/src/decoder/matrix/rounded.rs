//! Inputs as bytes.

use super::BLOCK;
use super::kernel::{ROWS, Rows};
use crate::simd::wide;

/// Rows of inputs as whole numbers from -127 to 127 with one scale per [`BLOCK`].
pub(crate) struct Rounded {
    n_blocks: usize,
    bytes: Vec<i8>,
    scales: Vec<f32>,
    sums: Vec<i32>,
    totals: Vec<f32>,
}

impl Rounded {
    /// Rounds rows of `n_in` numbers, which lie one after the other. A block with a number that is
    /// not finite gives products that are not.
    pub(crate) fn new(rows: &[f32], n_in: usize) -> Self {
        let (n_rows, n_blocks) = (rows.len() / n_in.max(1), n_in.div_ceil(BLOCK));
        let n = n_rows * n_blocks;
        let mut rounded = Self {
            n_blocks,
            bytes: vec![0; n * BLOCK],
            scales: vec![0.0; n],
            sums: vec![0; n],
            totals: vec![0.0; n],
        };
        wide(
            #[inline(always)]
            || rounded.fill(rows, n_in),
        );
        rounded
    }

    /// Number of rows.
    pub(crate) fn n_rows(&self) -> usize {
        self.scales.len().checked_div(self.n_blocks).unwrap_or(0)
    }

    /// Rows in tiles of a size that kernels take.
    pub(super) fn tiles(&self) -> impl Iterator<Item = Rows<'_>> {
        let n_blocks = self.n_blocks;
        // Tiles of about the same size, so that none is too small to keep the processor busy.
        let n_tiles = self.n_rows().div_ceil(ROWS).max(1);
        let n = self.n_rows().div_ceil(n_tiles).max(1) * n_blocks;
        let bytes = self.bytes.chunks(n * BLOCK).zip(self.scales.chunks(n));
        let sums = self.sums.chunks(n).zip(self.totals.chunks(n));
        bytes.zip(sums).map(move |((bytes, scales), (sums, totals))| Rows {
            n_blocks,
            bytes,
            scales,
            sums,
            totals,
        })
    }

    #[inline(always)]
    fn fill(&mut self, rows: &[f32], n_in: usize) {
        let slots = self.scales.iter_mut().zip(&mut self.sums).zip(&mut self.totals);
        let mut slots = self.bytes.as_chunks_mut::<BLOCK>().0.iter_mut().zip(slots);
        for row in rows.chunks_exact(n_in.max(1)) {
            let (blocks, rest) = row.as_chunks::<BLOCK>();
            for block in blocks {
                if let Some((bytes, ((scale, sum), total))) = slots.next() {
                    (*scale, *sum) = round(block, bytes);
                    *total = *scale * *sum as f32;
                }
            }
            if !rest.is_empty() {
                let mut block = [0.0; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                if let Some((bytes, ((scale, sum), total))) = slots.next() {
                    (*scale, *sum) = round(&block, bytes);
                    *total = *scale * *sum as f32;
                }
            }
        }
    }
}

/// Gives the scale and the sum of the bytes.
#[inline(always)]
fn round(block: &[f32; BLOCK], bytes: &mut [i8; BLOCK]) -> (f32, i32) {
    // Adding this to a number rounds it to a whole one, which is then in the low bits.
    const ROUND: f32 = 12_582_912.0;
    // Largest without regard to the sign; as bits, because those of what is not finite are larger
    // than all others.
    let mut largest = [0_u32; BLOCK];
    for (slot, value) in largest.iter_mut().zip(block) {
        *slot = value.to_bits() & 0x7FFF_FFFF;
    }
    let mut n = BLOCK;
    while n > 1 {
        n /= 2;
        for idx in 0..n {
            largest[idx] = largest[idx].max(largest[idx + n]);
        }
    }
    let largest = f32::from_bits(largest[0]);
    if !(f32::MIN_POSITIVE * 127.0..=f32::MAX).contains(&largest) {
        bytes.fill(0);
        return (if largest.is_finite() { 0.0 } else { f32::NAN }, 0);
    }
    let inverse = 127.0 / largest;
    let mut sums = [0_i32; BLOCK];
    for ((byte, value), sum) in bytes.iter_mut().zip(block).zip(&mut sums) {
        let whole = (value * inverse + ROUND).to_bits().wrapping_sub(ROUND.to_bits()) as i32;
        *byte = whole as i8;
        *sum = whole;
    }
    (largest / 127.0, sums.iter().fold(0_i32, |sum, byte| sum.wrapping_add(*byte)))
}
