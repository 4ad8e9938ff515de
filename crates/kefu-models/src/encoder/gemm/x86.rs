//! Inner loops in instructions of x86-64.

use std::arch::x86_64::*;

use super::kernel::{COLUMNS, ROWS, STEP, Tile, multiply_anywhere};
use crate::simd::Instructions;

/// Bytes of weights that belong to one step.
const GROUP: usize = COLUMNS * STEP;
/// Rows whose sums fit into the registers of AVX2, with a quarter of the columns.
const AVX2_ROWS: usize = 4;
/// Columns that AVX2 works on at once.
const AVX2_COLUMNS: usize = 8;

/// See [`super::kernel::multiply`].
pub(super) fn multiply_vnni(rows: &[i8], weights: &[u8], width: usize, tile: &mut Tile) {
    if !Instructions::Vnni.are_here() {
        return multiply_anywhere(rows, weights, width, tile);
    }
    macro_rules! with_rows {
        ($($n:literal)*) => {
            match rows.len().checked_div(width).unwrap_or(0).min(ROWS) {
                // SAFETY: the processor has the instructions that the function is compiled for.
                $($n => unsafe { vnni::<$n>(rows, weights, width, tile) },)*
                _ => {}
            }
        };
    }
    with_rows!(1 2 3 4 5 6 7 8);
}

/// Products of exactly `N` rows.
#[target_feature(enable = "avx512f,avx512vnni")]
fn vnni<const N: usize>(rows: &[i8], weights: &[u8], width: usize, tile: &mut Tile) {
    let n_steps = width / STEP;
    assert!(rows.len() >= N * width && weights.len() >= n_steps * GROUP && N <= ROWS);
    let mut sums = [[_mm512_setzero_si512(); 2]; N];
    for step in 0..n_steps {
        // SAFETY: this group ends within the weights, as asserted above; it has 128 bytes, which
        // are two registers, and need not be aligned.
        let (left, right) = unsafe {
            let group = weights.as_ptr().add(step * GROUP);
            (_mm512_loadu_si512(group.cast()), _mm512_loadu_si512(group.add(GROUP / 2).cast()))
        };
        for (idx, sums) in sums.iter_mut().enumerate() {
            // SAFETY: row `idx` is one of the `N` that the slice holds, as asserted above, and four
            // bytes are left in it, because `step * 4 + 4 <= width`.
            let inputs = unsafe {
                rows.as_ptr().add(idx * width + step * STEP).cast::<i32>().read_unaligned()
            };
            let inputs = _mm512_set1_epi32(inputs);
            sums[0] = _mm512_dpbusd_epi32(sums[0], left, inputs);
            sums[1] = _mm512_dpbusd_epi32(sums[1], right, inputs);
        }
    }
    for (line, sums) in tile.iter_mut().zip(sums) {
        // SAFETY: a line holds 32 sums, which are two registers.
        unsafe {
            _mm512_storeu_si512(line.as_mut_ptr().cast(), sums[0]);
            _mm512_storeu_si512(line.as_mut_ptr().add(COLUMNS / 2).cast(), sums[1]);
        }
    }
}

/// See [`super::kernel::multiply`].
pub(super) fn multiply_avx2(rows: &[i8], weights: &[u8], width: usize, tile: &mut Tile) {
    if !Instructions::Avx2.are_here() {
        return multiply_anywhere(rows, weights, width, tile);
    }
    let blocks = rows.chunks(AVX2_ROWS * width.max(1)).zip(tile.chunks_mut(AVX2_ROWS));
    for (rows, lines) in blocks {
        match rows.len().checked_div(width).unwrap_or(0) {
            // SAFETY: the processor has the instructions that the function is compiled for, here
            // and below.
            1 => unsafe { avx2::<1>(rows, weights, width, lines) },
            // SAFETY: as above.
            2 => unsafe { avx2::<2>(rows, weights, width, lines) },
            // SAFETY: as above.
            3 => unsafe { avx2::<3>(rows, weights, width, lines) },
            // SAFETY: as above.
            4 => unsafe { avx2::<4>(rows, weights, width, lines) },
            _ => {}
        }
    }
}

/// Products of exactly `N` rows.
#[target_feature(enable = "avx2")]
fn avx2<const N: usize>(rows: &[i8], weights: &[u8], width: usize, lines: &mut [[i32; COLUMNS]]) {
    let n_steps = width / STEP;
    assert!(rows.len() >= N * width && weights.len() >= n_steps * GROUP);
    for first in (0..COLUMNS).step_by(AVX2_COLUMNS) {
        // Two sums per column.
        let mut sums = [[_mm256_setzero_si256(); 2]; N];
        for step in 0..n_steps {
            // SAFETY: this quarter of a group ends within the weights, as asserted above; it has
            // 32 bytes, which are two registers of half the width.
            let (left, right) = unsafe {
                let group = weights.as_ptr().add(step * GROUP + first * STEP);
                (_mm_loadu_si128(group.cast()), _mm_loadu_si128(group.add(16).cast()))
            };
            let (left, right) = (_mm256_cvtepu8_epi16(left), _mm256_cvtepu8_epi16(right));
            for (idx, sums) in sums.iter_mut().enumerate() {
                // SAFETY: row `idx` is one of the `N` that the slice holds, as asserted above, and
                // four bytes are left in it, because `step * 4 + 4 <= width`.
                let inputs = unsafe {
                    rows.as_ptr().add(idx * width + step * STEP).cast::<i32>().read_unaligned()
                };
                let inputs = _mm256_cvtepi8_epi16(_mm_set1_epi32(inputs));
                sums[0] = _mm256_add_epi32(sums[0], _mm256_madd_epi16(left, inputs));
                sums[1] = _mm256_add_epi32(sums[1], _mm256_madd_epi16(right, inputs));
            }
        }
        for (line, sums) in lines.iter_mut().zip(sums) {
            let line = &mut line[first..first + AVX2_COLUMNS];
            // Adds neighbours; the halves of both registers take turns.
            let mixed = _mm256_hadd_epi32(sums[0], sums[1]);
            let ordered = _mm256_permute4x64_epi64::<0b11_01_10_00>(mixed);
            // SAFETY: this part of a line holds eight sums, which are one register.
            unsafe { _mm256_storeu_si256(line.as_mut_ptr().cast(), ordered) };
        }
    }
}
