//! The inner loops in instructions of AVX-512 with VNNI.

use std::arch::x86_64::*;

use super::kernel::{self, Panel, ROWS, Rows, Tile};
use super::{BLOCK, Kind};
use crate::simd::Instructions;

/// Inputs that one instruction multiplies and adds up.
const STEP: usize = 4;
const STEPS: usize = BLOCK / STEP;

/// See [`kernel::multiply`].
pub(super) fn multiply(rows: Rows<'_>, panel: Panel<'_>, tile: &mut Tile) {
    if !Instructions::Vnni.are_here() {
        return kernel::multiply_anywhere(rows, panel, tile);
    }
    macro_rules! with_rows {
        ($($n:literal)*) => {
            match (panel.kind, rows.len().min(ROWS)) {
                // SAFETY: the processor has the instructions that the function is compiled for.
                $((Kind::Nibbles, $n) => unsafe { products::<$n, true>(rows, panel, tile) },)*
                // SAFETY: as above.
                $((Kind::Bytes, $n) => unsafe { products::<$n, false>(rows, panel, tile) },)*
                _ => {}
            }
        };
    }
    with_rows!(1 2 3 4 5 6 7 8 9 10 11 12);
}

/// Products of exactly `N` rows.
#[target_feature(enable = "avx512f,avx512vnni,avx2,fma")]
fn products<const N: usize, const NIBBLES: bool>(
    rows: Rows<'_>,
    panel: Panel<'_>,
    tile: &mut Tile,
) {
    let n_blocks = rows.n_blocks;
    let kind = if NIBBLES { Kind::Nibbles } else { Kind::Bytes };
    assert!(N <= ROWS && panel.kind == kind);
    assert!(panel.lines.len() >= n_blocks * kind.lines());
    assert!(panel.scales.len() >= n_blocks * kind.scales());
    assert!(rows.bytes.len() >= N * n_blocks * BLOCK && rows.scales.len() >= N * n_blocks);
    assert!(rows.sums.len() >= N * n_blocks && rows.totals.len() >= N * n_blocks);
    let mut sums = [_mm512_setzero_ps(); N];
    for block in 0..n_blocks {
        // SAFETY: the panel holds the lines and scales of `n_blocks` blocks, and the rows hold as
        // many blocks each, all as asserted above. A line is 64 bytes, a set of scales 32 bytes,
        // and the instructions need no alignment.
        unsafe {
            let lines = panel.lines.as_ptr().add(block * kind.lines());
            let scales = panel.scales.as_ptr().add(block * kind.scales());
            let step = _mm512_cvtph_ps(_mm256_loadu_si256(scales.cast()));
            let mut levels = [_mm512_setzero_si512(); STEPS];
            let mut least = _mm512_setzero_ps();
            if NIBBLES {
                least = _mm512_cvtph_ps(_mm256_loadu_si256(scales.add(1).cast()));
                let low = _mm512_set1_epi8(15);
                for idx in 0..STEPS / 2 {
                    let line = _mm512_loadu_si512(lines.add(idx).cast());
                    levels[2 * idx] = _mm512_and_si512(line, low);
                    // The same as with 16 bits, after the mask; that instruction needs more than these.
                    levels[2 * idx + 1] = _mm512_and_si512(_mm512_srli_epi32::<4>(line), low);
                }
            } else {
                for (idx, level) in levels.iter_mut().enumerate() {
                    *level = _mm512_loadu_si512(lines.add(idx).cast());
                }
            }
            for (idx, total) in sums.iter_mut().enumerate() {
                let at = idx * n_blocks + block;
                let inputs = rows.bytes.as_ptr().add(at * BLOCK).cast::<i32>();
                let mut products = if NIBBLES {
                    _mm512_setzero_si512()
                } else {
                    _mm512_set1_epi32(kind.offset().wrapping_mul(*rows.sums.as_ptr().add(at)))
                };
                for (four, level) in levels.iter().enumerate() {
                    let inputs = _mm512_set1_epi32(inputs.add(four).read_unaligned());
                    products = _mm512_dpbusd_epi32(products, *level, inputs);
                }
                let scale = _mm512_set1_ps(*rows.scales.as_ptr().add(at));
                *total = _mm512_fmadd_ps(
                    _mm512_cvtepi32_ps(products),
                    _mm512_mul_ps(step, scale),
                    *total,
                );
                if NIBBLES {
                    let input = _mm512_set1_ps(*rows.totals.as_ptr().add(at));
                    *total = _mm512_fmadd_ps(least, input, *total);
                }
            }
        }
    }
    for (line, sum) in tile.iter_mut().zip(sums) {
        // SAFETY: a line holds sixteen numbers, which are one register.
        unsafe { _mm512_storeu_ps(line.as_mut_ptr(), sum) };
    }
}
