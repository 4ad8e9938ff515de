//! The inner loops, one per instruction set. All of them do the same operations in the same order
//! on each output, so that their results are equal to the last bit.

use half::f16;

use super::{BLOCK, Kind, LANES, Line};
#[cfg(target_arch = "x86_64")]
use super::{avx2, vnni};
use crate::simd::Instructions;

/// Rows of a tile: with more, sums no longer fit into registers.
pub(super) const ROWS: usize = 12;

/// Products of some rows with the outputs of one panel.
pub(super) type Tile = [[f32; LANES]; ROWS];

/// [`LANES`] outputs of a matrix.
#[derive(Clone, Copy)]
pub(super) struct Panel<'a> {
    pub(super) kind: Kind,
    /// As many lines per block as the kind says.
    pub(super) lines: &'a [Line],
    /// Halves in the format of 16 bits: steps and, if the kind has them, least values of each block.
    pub(super) scales: &'a [[u16; LANES]],
}

/// Up to [`ROWS`] rows of rounded inputs, one after the other.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) n_blocks: usize,
    /// [`BLOCK`] for each block.
    pub(super) bytes: &'a [i8],
    /// One for each block, as are the following.
    pub(super) scales: &'a [f32],
    /// Sum of a block's bytes.
    pub(super) sums: &'a [i32],
    /// The same as a number: times the scale.
    pub(super) totals: &'a [f32],
}

impl Rows<'_> {
    pub(super) fn len(&self) -> usize {
        self.scales.len().checked_div(self.n_blocks).unwrap_or(0)
    }
}

/// Multiplies rows with a panel of as many blocks. Lines of the tile beyond the rows keep what they
/// had.
pub(super) fn multiply(by: Instructions, rows: Rows<'_>, panel: Panel<'_>, tile: &mut Tile) {
    match by {
        #[cfg(target_arch = "x86_64")]
        Instructions::Vnni => vnni::multiply(rows, panel, tile),
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 | Instructions::Avx2 => avx2::multiply(rows, panel, tile),
        _ => multiply_anywhere(rows, panel, tile),
    }
}

/// For any processor.
pub(super) fn multiply_anywhere(rows: Rows<'_>, panel: Panel<'_>, tile: &mut Tile) {
    for (idx, out) in tile.iter_mut().take(rows.len()).enumerate() {
        *out = [0.0; LANES];
        for block in 0..rows.n_blocks {
            let at = idx * rows.n_blocks + block;
            let inputs = &rows.bytes[at * BLOCK..][..BLOCK];
            let mut sums = [panel.kind.offset().wrapping_mul(rows.sums[at]); LANES];
            let lines = &panel.lines[block * panel.kind.lines()..][..panel.kind.lines()];
            for (input, value) in inputs.iter().enumerate() {
                for (lane, sum) in sums.iter_mut().enumerate() {
                    let level = i32::from(panel.kind.level(lines, lane, input));
                    *sum = sum.wrapping_add(i32::from(*value) * level);
                }
            }
            let n_scales = panel.kind.scales();
            let step = panel.scales[block * n_scales].map(|bits| f16::from_bits(bits).to_f32());
            for ((out, sum), step) in out.iter_mut().zip(sums).zip(step) {
                *out = (sum as f32).mul_add(step * rows.scales[at], *out);
            }
            if panel.kind == Kind::Nibbles {
                let least = panel.scales[block * n_scales + 1];
                for (out, least) in out.iter_mut().zip(least) {
                    *out = f16::from_bits(least).to_f32().mul_add(rows.totals[at], *out);
                }
            }
        }
    }
}
