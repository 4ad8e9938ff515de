//! The inner loops in instructions of AVX2.

use std::arch::x86_64::*;

use super::kernel::{self, Panel, ROWS, Rows, Tile};
use super::{BLOCK, Kind};
use crate::simd::Instructions;

/// Inputs that are multiplied and added up together.
const STEP: usize = 4;
const STEPS: usize = BLOCK / STEP;
/// Outputs worked on at once, half a panel.
const HALF: usize = 8;

/// See [`kernel::multiply`].
pub(super) fn multiply(rows: Rows<'_>, panel: Panel<'_>, tile: &mut Tile) {
    if !Instructions::Avx2.are_here() {
        return kernel::multiply_anywhere(rows, panel, tile);
    }
    match panel.kind {
        // SAFETY: the processor has the instructions that the function is compiled for.
        Kind::Nibbles => unsafe { products::<true>(rows, panel, tile) },
        // SAFETY: as above.
        Kind::Bytes => unsafe { products::<false>(rows, panel, tile) },
    }
}

#[target_feature(enable = "avx2,fma,f16c")]
fn products<const NIBBLES: bool>(rows: Rows<'_>, panel: Panel<'_>, tile: &mut Tile) {
    let (n_rows, n_blocks) = (rows.len().min(ROWS), rows.n_blocks);
    let kind = if NIBBLES { Kind::Nibbles } else { Kind::Bytes };
    assert!(panel.kind == kind && panel.lines.len() >= n_blocks * kind.lines());
    assert!(panel.scales.len() >= n_blocks * kind.scales());
    assert!(rows.bytes.len() >= n_rows * n_blocks * BLOCK);
    assert!(rows.scales.len() >= n_rows * n_blocks && rows.totals.len() >= n_rows * n_blocks);
    let low = _mm256_set1_epi8(15);
    for half in 0..2 {
        let mut sums = [_mm256_setzero_ps(); ROWS];
        for block in 0..n_blocks {
            // SAFETY: the panel holds the lines and scales of `n_blocks` blocks, as asserted
            // above. Half a line is 32 bytes, half a set of scales 16 bytes, and the instructions
            // need no alignment.
            let (levels, step, least) = unsafe {
                let lines = panel.lines.as_ptr().add(block * kind.lines());
                let scales = panel.scales.as_ptr().add(block * kind.scales());
                let scale = |idx: usize| {
                    let half = scales.add(idx).cast::<u16>().add(half * HALF);
                    _mm256_cvtph_ps(_mm_loadu_si128(half.cast()))
                };
                let mut levels = [_mm256_setzero_si256(); STEPS];
                for (idx, level) in levels.iter_mut().enumerate() {
                    let line = lines.add(if NIBBLES { idx / 2 } else { idx }).cast::<u8>();
                    let line = _mm256_loadu_si256(line.add(half * HALF * STEP).cast());
                    *level = match (NIBBLES, idx % 2) {
                        (true, 0) => _mm256_and_si256(line, low),
                        (true, _) => _mm256_and_si256(_mm256_srli_epi16::<4>(line), low),
                        // Back from positive to signed.
                        (false, _) => _mm256_xor_si256(line, _mm256_set1_epi8(-128)),
                    };
                }
                (levels, scale(0), scale(kind.scales() - 1))
            };
            for (idx, total) in sums.iter_mut().enumerate().take(n_rows) {
                let at = idx * n_blocks + block;
                // SAFETY: the rows hold `n_blocks` blocks each, as asserted above.
                let inputs = unsafe { rows.bytes.as_ptr().add(at * BLOCK).cast::<i32>() };
                let mut products = _mm256_setzero_si256();
                // Sums of pairs and, for levels below 16, of all pairs of a block fit into 16 bits.
                let mut pairs = _mm256_setzero_si256();
                for (four, level) in levels.iter().enumerate() {
                    // SAFETY: a block has eight times four bytes.
                    let inputs = unsafe { inputs.add(four).read_unaligned() };
                    let inputs = _mm256_set1_epi32(inputs);
                    if NIBBLES {
                        pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(*level, inputs));
                    } else {
                        let signed = _mm256_sign_epi8(*level, inputs);
                        let pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(inputs), signed);
                        let sums = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
                        products = _mm256_add_epi32(products, sums);
                    }
                }
                if NIBBLES {
                    products = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
                }
                let scale = _mm256_mul_ps(step, _mm256_set1_ps(rows.scales[at]));
                *total = _mm256_fmadd_ps(_mm256_cvtepi32_ps(products), scale, *total);
                if NIBBLES {
                    let input = _mm256_set1_ps(rows.totals[at]);
                    *total = _mm256_fmadd_ps(least, input, *total);
                }
            }
        }
        for (line, sum) in tile.iter_mut().zip(sums).take(n_rows) {
            let line = &mut line[half * HALF..][..HALF];
            // SAFETY: half a line holds eight numbers, which are one register.
            unsafe { _mm256_storeu_ps(line.as_mut_ptr(), sum) };
        }
    }
}
