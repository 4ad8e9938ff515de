//! The inner loops, one per instruction set.

#[cfg(target_arch = "x86_64")]
use super::x86;
use crate::simd::Instructions;

/// Inputs whose products are summed by one instruction.
pub(super) const STEP: usize = 4;
/// Rows of a tile: with more, addresses no longer fit into registers.
pub(super) const ROWS: usize = 8;
/// Outputs of a tile: two of the widest registers.
pub(super) const COLUMNS: usize = 32;

/// Sums of products.
pub(super) type Tile = [[i32; COLUMNS]; ROWS];

/// Whether bytes are multiplied by vector instructions here, and so faster than plain numbers.
pub(in crate::encoder) fn has_vectors() -> bool {
    Instructions::best() != Instructions::Portable
}

/// Multiplies up to [`ROWS`] rows of `width` bytes, a multiple of [`STEP`], with one panel of weights.
/// Lines of the tile beyond the rows keep what they had. AVX2 has to widen bytes first: its byte
/// products saturate.
pub(super) fn multiply(
    by: Instructions,
    rows: &[i8],
    weights: &[u8],
    width: usize,
    tile: &mut Tile,
) {
    match by {
        #[cfg(target_arch = "x86_64")]
        Instructions::Vnni => x86::multiply_vnni(rows, weights, width, tile),
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 | Instructions::Avx2 => {
            x86::multiply_avx2(rows, weights, width, tile);
        }
        _ => multiply_anywhere(rows, weights, width, tile),
    }
}

/// For any processor.
pub(super) fn multiply_anywhere(rows: &[i8], weights: &[u8], width: usize, tile: &mut Tile) {
    for (row, sums) in rows.chunks_exact(width).zip(tile) {
        sums.fill(0);
        let steps = row.as_chunks::<STEP>().0.iter().zip(weights.chunks_exact(COLUMNS * STEP));
        for (inputs, weights) in steps {
            for (sum, weights) in sums.iter_mut().zip(weights.as_chunks::<STEP>().0) {
                for (input, weight) in inputs.iter().zip(weights) {
                    *sum += i32::from(*input) * i32::from(*weight);
                }
            }
        }
    }
}
