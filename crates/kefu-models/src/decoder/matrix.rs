//! Matrices in blocks of 4 or 8 bits, and products of rows of numbers with them.
//!
//! A block is [`BLOCK`] neighbouring weights of one output with one step (and for 4 bits one least
//! value). Formats of the files that have such blocks are taken over as they are, everything else
//! is rounded to 8 bits. Inputs are rounded to 8 bits by the same blocks as they come. Sums within
//! a block are exact; sums of blocks are added in the same order whatever the kernel, the number of
//! rows and the number of threads, so equal inputs give equal products to the last bit.

use std::ops::Range;

use half::f16;

use self::kernel::{Panel, Tile};
pub(crate) use self::rounded::Rounded;
use self::stored::Block;
pub(crate) use self::stored::Stored;
use crate::simd::Instructions;

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the instructions that multiply bytes have no safe form")]
mod avx2;
mod kernel;
mod rounded;
mod stored;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the instructions that multiply bytes have no safe form")]
mod vnni;

/// Weights with one scale.
pub(crate) const BLOCK: usize = 32;
/// Outputs that are computed together.
pub(crate) const LANES: usize = 16;
/// Inputs whose weights stand together in a line.
const STEP: usize = 4;

/// What a processor reads at once.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line([u8; LANES * STEP]);

/// How weights are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Levels from 0 to 15 times a step, on top of a least value: 5 bits with those.
    Nibbles,
    /// Levels from -127 to 127, kept as positive numbers, times a step: 8.5 bits with that.
    Bytes,
}

/// A matrix in the order in which kernels read it: panels of [`LANES`] outputs, in each the blocks
/// one after the other.
pub(crate) struct Matrix {
    instructions: Instructions,
    kind: Kind,
    n_in: usize,
    n_out: usize,
    lines: Vec<Line>,
    scales: Vec<[u16; LANES]>,
}

impl Kind {
    fn lines(self) -> usize {
        match self {
            Self::Nibbles => BLOCK / STEP / 2,
            Self::Bytes => BLOCK / STEP,
        }
    }

    /// Sets of scales per block.
    fn scales(self) -> usize {
        match self {
            Self::Nibbles => 2,
            Self::Bytes => 1,
        }
    }

    /// What sums of inputs are multiplied with to make up for levels kept as positive numbers.
    fn offset(self) -> i32 {
        match self {
            Self::Nibbles => 0,
            Self::Bytes => -128,
        }
    }

    /// A level of a block as it is kept.
    fn level(self, lines: &[Line], lane: usize, input: usize) -> u8 {
        let (step, at) = (input / STEP, lane * STEP + input % STEP);
        match self {
            Self::Nibbles => lines[step / 2].0[at] >> (step % 2 * 4) & 15,
            Self::Bytes => lines[step].0[at],
        }
    }

    fn set_level(self, lines: &mut [Line], lane: usize, input: usize, level: u8) {
        let (step, at) = (input / STEP, lane * STEP + input % STEP);
        match self {
            Self::Nibbles => lines[step / 2].0[at] |= level << (step % 2 * 4),
            Self::Bytes => lines[step].0[at] = level,
        }
    }
}

impl Matrix {
    /// Packs weights whose outputs are taken in the order `of`: output `n` is row `of(n)`.
    pub(crate) fn new(stored: &Stored, of: impl Fn(usize) -> usize) -> Self {
        Self::with(stored, of, Instructions::best())
    }

    fn with(stored: &Stored, of: impl Fn(usize) -> usize, instructions: Instructions) -> Self {
        let (kind, n_in, n_out) = (stored.kind(), stored.n_in(), stored.n_out());
        let n_blocks = n_in.div_ceil(BLOCK);
        let n_all = n_out.div_ceil(LANES) * n_blocks;
        let blank = if kind == Kind::Bytes { 128 } else { 0 };
        let mut matrix = Self {
            instructions,
            kind,
            n_in,
            n_out,
            lines: vec![Line([blank; LANES * STEP]); n_all * kind.lines()],
            scales: vec![[0; LANES]; n_all * kind.scales()],
        };
        for output in 0..n_out {
            let (panel, lane) = (output / LANES, output % LANES);
            for (idx, block) in stored.row(of(output)).enumerate() {
                matrix.put(panel * n_blocks + idx, lane, &block);
            }
        }
        matrix
    }

    fn put(&mut self, at: usize, lane: usize, block: &Block) {
        let n_lines = self.kind.lines();
        let lines = &mut self.lines[at * n_lines..][..n_lines];
        let scales = &mut self.scales[at * self.kind.scales()..][..self.kind.scales()];
        for (input, level) in block.levels.iter().enumerate() {
            self.kind.set_level(lines, lane, input, *level);
        }
        for (set, value) in scales.iter_mut().zip([block.step, block.least]) {
            set[lane] = f16::from_f32(value).to_bits();
        }
    }

    /// Number of inputs.
    pub(crate) fn n_in(&self) -> usize {
        self.n_in
    }

    /// Number of outputs.
    pub(crate) fn n_out(&self) -> usize {
        self.n_out
    }

    /// Number of panels of [`LANES`] outputs, the last of which may be short.
    pub(crate) fn n_panels(&self) -> usize {
        self.n_out.div_ceil(LANES)
    }

    /// Bytes that it takes in memory.
    pub(crate) fn size_bytes(&self) -> usize {
        size_of_val(self.lines.as_slice()) + size_of_val(self.scales.as_slice())
    }

    /// The outputs of some panels.
    pub(crate) fn outputs(&self, panels: &Range<usize>) -> Range<usize> {
        panels.start * LANES..(panels.end * LANES).min(self.n_out)
    }

    /// The products of all rows with the outputs of some panels: for each row these outputs one
    /// after the other, then those of the next.
    pub(crate) fn multiply(&self, rows: &Rounded, panels: Range<usize>) -> Vec<f32> {
        let width = self.outputs(&panels).len();
        let mut out = vec![0.0; rows.n_rows() * width];
        let n_blocks = self.n_in.div_ceil(BLOCK);
        let (n_lines, n_scales) = (n_blocks * self.kind.lines(), n_blocks * self.kind.scales());
        let mut tile: Tile = [[0.0; LANES]; kernel::ROWS];
        for (idx, panel) in panels.enumerate() {
            let panel = Panel {
                kind: self.kind,
                lines: &self.lines[panel * n_lines..][..n_lines],
                scales: &self.scales[panel * n_scales..][..n_scales],
            };
            let columns = idx * LANES..((idx + 1) * LANES).min(width);
            let mut lines = out.chunks_exact_mut(width);
            for rows in rows.tiles() {
                let n_rows = rows.len();
                kernel::multiply(self.instructions, rows, panel, &mut tile);
                for (line, sums) in lines.by_ref().take(n_rows).zip(&tile) {
                    line[columns.clone()].copy_from_slice(&sums[..columns.len()]);
                }
            }
        }
        out
    }

    /// The weights of one output.
    pub(crate) fn row(&self, output: usize) -> Option<Vec<f32>> {
        if output >= self.n_out {
            return None;
        }
        let (panel, lane) = (output / LANES, output % LANES);
        let n_blocks = self.n_in.div_ceil(BLOCK);
        let mut row = Vec::with_capacity(n_blocks * BLOCK);
        for block in panel * n_blocks..(panel + 1) * n_blocks {
            let lines = &self.lines[block * self.kind.lines()..];
            let scales = &self.scales[block * self.kind.scales()..];
            let scale = |idx: usize| f16::from_bits(scales[idx][lane]).to_f32();
            let level = |input| f32::from(self.kind.level(lines, lane, input));
            let (step, least) = match self.kind {
                Kind::Nibbles => (scale(0), scale(1)),
                Kind::Bytes => (scale(0), -128.0 * scale(0)),
            };
            row.extend((0..BLOCK).map(|input| level(input).mul_add(step, least)));
        }
        row.truncate(self.n_in);
        Some(row)
    }
}

#[cfg(test)]
mod tests;
