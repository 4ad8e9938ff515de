//! Products of rows of numbers with a matrix, in bytes.
//!
//! Weights are whole numbers from -127 to 127 with one scale per output, rounded once. Rows are
//! rounded as they come, each with the scale and the zero that use all 256 values of a byte. Sums
//! of products are exact; only rounding costs accuracy.

use self::kernel::{COLUMNS, ROWS, STEP, Tile};
use crate::simd::{Instructions, gelu, highest, lowest, sum, wide};

mod kernel;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the instructions that multiply bytes have no safe form")]
mod x86;

pub(super) use self::kernel::has_vectors;

/// Sums of more products may not fit into 32 bits.
const MAX_INPUTS: usize = 1 << 15;
/// What is added to weights to make them positive, which the instructions want.
const WEIGHT_OFFSET: i32 = 128;

/// What is done to each output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// Nothing but adding its bias.
    Keep,
    /// The Gaussian error linear unit after adding its bias.
    Gelu,
}

/// A matrix whose weights are bytes, in the order in which kernels read them.
pub(super) struct Packed {
    instructions: Instructions,
    n_in: usize,
    n_out: usize,
    /// Panels of [`COLUMNS`] outputs, each by groups of [`STEP`] inputs.
    bytes: Vec<u8>,
    scales: Vec<f32>,
    /// Sum of an output's weights.
    sums: Vec<i32>,
    bias: Vec<f32>,
}

/// Rows of inputs as bytes.
pub(super) struct Rounded {
    width: usize,
    bytes: Vec<i8>,
    rows: Vec<RoundedRow>,
}

#[derive(Clone, Copy)]
struct RoundedRow {
    scale: f32,
    /// The byte that stands for 0.
    zero: i32,
    /// Sum of all bytes.
    sum: i32,
}

impl Packed {
    /// From (outputs, inputs) with as many biases as outputs, or `None` when there are too many
    /// inputs or none.
    pub(super) fn new(weights: &[f32], bias: &[f32]) -> Option<Self> {
        Self::with(weights, bias, Instructions::best())
    }

    fn with(weights: &[f32], bias: &[f32], instructions: Instructions) -> Option<Self> {
        let n_out = bias.len();
        let n_in = weights.len().checked_div(n_out)?;
        if n_in == 0 || n_in > MAX_INPUTS {
            return None;
        }
        let (width, n_padded) = (n_in.next_multiple_of(STEP), n_out.next_multiple_of(COLUMNS));
        let mut packed = Self {
            instructions,
            n_in,
            n_out,
            bytes: vec![WEIGHT_OFFSET as u8; width * n_padded],
            scales: vec![0.0; n_padded],
            sums: vec![0; n_padded],
            bias: bias.to_vec(),
        };
        packed.bias.resize(n_padded, 0.0);
        for (output, weights) in weights.chunks_exact(n_in).enumerate() {
            let largest = weights.iter().fold(0.0_f32, |most, w| most.max(w.abs()));
            if largest == 0.0 {
                continue;
            }
            let (panel, column) = (output / COLUMNS, output % COLUMNS);
            packed.scales[output] = largest / 127.0;
            for (input, weight) in weights.iter().enumerate() {
                let rounded = (weight * (127.0 / largest)).round() as i32;
                packed.sums[output] += rounded;
                let group = panel * COLUMNS * width + input / STEP * COLUMNS * STEP;
                packed.bytes[group + column * STEP + input % STEP] =
                    (rounded + WEIGHT_OFFSET) as u8;
            }
        }
        Some(packed)
    }

    /// Bytes that it takes in memory.
    pub(super) fn size_bytes(&self) -> usize {
        self.bytes.len() + 4 * (self.scales.len() + self.sums.len() + self.bias.len())
    }

    /// Number of outputs.
    pub(super) fn n_out(&self) -> usize {
        self.n_out
    }

    /// Writes the products of all rows, each as wide as the matrix has outputs.
    pub(super) fn multiply(&self, rows: &Rounded, then: Then, out: &mut [f32]) {
        let width = rows.width;
        debug_assert_eq!(width, self.n_in.next_multiple_of(STEP));
        let n_rows = rows.rows.len();
        // Blocks of about the same size, so that none is too small to keep the processor busy.
        let n_blocks = n_rows.div_ceil(ROWS).max(1);
        let n_per_block = n_rows.div_ceil(n_blocks).max(1);
        let mut tile: Tile = [[0; COLUMNS]; ROWS];
        for (panel, weights) in self.bytes.chunks_exact(COLUMNS * width).enumerate() {
            let inputs = rows.bytes.chunks(n_per_block * width);
            let outputs = out.chunks_mut(n_per_block * self.n_out);
            let scales = rows.rows.chunks(n_per_block);
            for ((inputs, outputs), rows) in inputs.zip(outputs).zip(scales) {
                kernel::multiply(self.instructions, inputs, weights, width, &mut tile);
                wide(
                    #[inline(always)]
                    || self.finish(&tile, panel, rows, then, outputs),
                );
            }
        }
    }

    /// Turns sums of bytes into numbers.
    #[inline(always)]
    fn finish(
        &self,
        tile: &Tile,
        panel: usize,
        rows: &[RoundedRow],
        then: Then,
        outputs: &mut [f32],
    ) {
        let first = panel * COLUMNS;
        let n = COLUMNS.min(self.n_out - first);
        let part = first..first + COLUMNS;
        let (scales, bias) = (&self.scales[part.clone()], &self.bias[part.clone()]);
        let weight_sums = &self.sums[part];
        for ((tile, row), output) in tile.iter().zip(rows).zip(outputs.chunks_mut(self.n_out)) {
            let mut values = [0.0; COLUMNS];
            // Nothing here wraps; checks for it would keep the loop from using vectors.
            let offset = row.sum.wrapping_mul(WEIGHT_OFFSET);
            let columns = scales.iter().zip(bias).zip(weight_sums);
            for ((value, sum), ((scale, bias), weight_sum)) in
                values.iter_mut().zip(tile).zip(columns)
            {
                let shift = row.zero.wrapping_mul(*weight_sum).wrapping_add(offset);
                *value = (sum.wrapping_sub(shift) as f32 * row.scale).mul_add(*scale, *bias);
            }
            if then == Then::Gelu {
                for value in &mut values {
                    *value = gelu(*value);
                }
            }
            // Of a size that is known, so that it is two stores and no call.
            match output[first..].first_chunk_mut() {
                Some(output) if n == COLUMNS => *output = values,
                _ => output[first..first + n].copy_from_slice(&values[..n]),
            }
        }
    }
}

impl Rounded {
    /// Rounds rows of `n_in` numbers after multiplying each with its factor, if there are any.
    pub(super) fn new(rows: &[f32], n_in: usize, factors: Option<&[f32]>) -> Self {
        let (n_rows, width) = (rows.len() / n_in.max(1), n_in.next_multiple_of(STEP));
        let mut rounded =
            Self { width, bytes: vec![0; n_rows * width], rows: Vec::with_capacity(n_rows) };
        wide(
            #[inline(always)]
            || {
                let mut scaled = vec![0.0; n_in];
                for (row, bytes) in
                    rows.chunks_exact(n_in).zip(rounded.bytes.chunks_exact_mut(width))
                {
                    let row = match factors {
                        Some(factors) => {
                            for ((slot, x), factor) in scaled.iter_mut().zip(row).zip(factors) {
                                *slot = x * factor;
                            }
                            &scaled
                        }
                        None => row,
                    };
                    rounded.rows.push(round(row, bytes));
                }
            },
        );
        rounded
    }
}

#[inline(always)]
fn round(row: &[f32], bytes: &mut [i8]) -> RoundedRow {
    // Adding this to a number rounds it to a whole one, which is then in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let (low, high) = (lowest(row).min(0.0), highest(row).max(0.0));
    // What is not finite makes the scale so, and with it the whole row.
    let scale = (high - low) / 255.0
        + sum(
            row,
            #[inline(always)]
            |value| value * 0.0,
        );
    if scale.partial_cmp(&f32::MIN_POSITIVE) != Some(std::cmp::Ordering::Greater) {
        return RoundedRow { scale, zero: 0, sum: 0 };
    }
    let inverse = 1.0 / scale;
    let zero = (-128.0 - low * inverse).round();
    let mut total = 0_i32;
    for (byte, value) in bytes.iter_mut().zip(row) {
        let shifted = value.mul_add(inverse, zero).clamp(-128.0, 127.0) + ROUND;
        let whole = shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i32;
        total = total.wrapping_add(whole);
        *byte = whole as i8;
    }
    RoundedRow { scale, zero: zero as i32, sum: total }
}

#[cfg(test)]
mod tests;
