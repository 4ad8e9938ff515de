//! The inner loops in instructions of AVX-512.

use std::arch::x86_64::*;

use super::QUERIES;
use super::kernel::{self, View};
use crate::decoder::cache::PAGE_TOKENS;
use crate::simd::Instructions;

/// Registers of values worked on at once: with more, the sums of all queries do not fit.
const WIDE: usize = 2;

macro_rules! by_number_of_queries {
    ($rows:expr, $function:ident($a:expr, $b:expr, $c:expr), $($n:literal)*) => {
        match $rows {
            // SAFETY: the processor has the instructions that the function is compiled for.
            $($n => unsafe { $function::<$n>($a, $b, $c) },)*
            _ => {}
        }
    };
}

/// See [`kernel::score`].
pub(super) fn score(view: View<'_>, queries: &[[f32; QUERIES]], scores: &mut [f32]) {
    if !Instructions::Avx512.are_here() {
        return kernel::score_anywhere(view, queries, scores);
    }
    let n_rows = scores.len() / (view.pages.len() * PAGE_TOKENS).max(1);
    by_number_of_queries!(n_rows, scores_of(view, queries, scores), 1 2 3 4 5 6 7 8);
}

/// See [`kernel::mix`].
pub(super) fn mix(view: View<'_>, shares: &[f32], seen: &mut [f32]) {
    if !Instructions::Avx512.are_here() {
        return kernel::mix_anywhere(view, shares, seen);
    }
    let n_rows = seen.len() / view.heads.padded();
    by_number_of_queries!(n_rows, mixture_of(view, shares, seen), 1 2 3 4 5 6 7 8);
}

#[target_feature(enable = "avx512f,avx2,fma")]
fn scores_of<const N: usize>(view: View<'_>, queries: &[[f32; QUERIES]], scores: &mut [f32]) {
    let n_keys = view.pages.len() * PAGE_TOKENS;
    assert!(N <= QUERIES && scores.len() >= N * n_keys);
    for (idx, page) in view.pages.iter().enumerate() {
        let mut sums = [_mm512_setzero_ps(); N];
        for (keys, query) in page.keys(view.heads, view.kv_head).iter().zip(queries) {
            // SAFETY: sixteen halves are the 32 bytes that are read.
            let keys = unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(keys.as_ptr().cast())) };
            for (sum, query) in sums.iter_mut().zip(query) {
                *sum = _mm512_fmadd_ps(_mm512_set1_ps(*query), keys, *sum);
            }
        }
        for (row, sum) in sums.into_iter().enumerate() {
            // SAFETY: row `row` of the `N` has sixteen scores for each page, as asserted above.
            unsafe {
                let at = scores.as_mut_ptr().add(row * n_keys + idx * PAGE_TOKENS);
                _mm512_storeu_ps(at, sum);
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx2,fma")]
fn mixture_of<const N: usize>(view: View<'_>, shares: &[f32], seen: &mut [f32]) {
    let (padded, n_keys) = (view.heads.padded(), view.pages.len() * PAGE_TOKENS);
    assert!(shares.len() >= N * n_keys && seen.len() >= N * padded);
    for first in (0..padded).step_by(WIDE * PAGE_TOKENS) {
        let n_wide = ((padded - first) / PAGE_TOKENS).min(WIDE);
        let mut sums = [[_mm512_setzero_ps(); WIDE]; N];
        for (idx, page) in view.pages.iter().enumerate() {
            let values = page.values(view.heads, view.kv_head);
            assert!(values.len() >= PAGE_TOKENS * padded);
            for token in 0..PAGE_TOKENS {
                let mut wide = [_mm512_setzero_ps(); WIDE];
                for (part, wide) in wide.iter_mut().enumerate().take(n_wide) {
                    // SAFETY: a page has `padded` halves for each of its tokens, as asserted
                    // above, and of those sixteen are left from each multiple of sixteen on.
                    *wide = unsafe {
                        let at = values.as_ptr().add(token * padded + first + part * PAGE_TOKENS);
                        _mm512_cvtph_ps(_mm256_loadu_si256(at.cast()))
                    };
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    // SAFETY: row `row` of the `N` has a share for each token, as asserted above.
                    let share =
                        unsafe { *shares.as_ptr().add(row * n_keys + idx * PAGE_TOKENS + token) };
                    let share = _mm512_set1_ps(share);
                    sums[0] = _mm512_fmadd_ps(share, wide[0], sums[0]);
                    sums[1] = _mm512_fmadd_ps(share, wide[1], sums[1]);
                }
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            for (part, sum) in sums.iter().enumerate().take(n_wide) {
                // SAFETY: row `row` of the `N` has `padded` numbers, as asserted above, of which
                // sixteen are left from each multiple of sixteen on.
                unsafe {
                    let at = seen.as_mut_ptr().add(row * padded + first + part * PAGE_TOKENS);
                    _mm512_storeu_ps(at, *sum);
                }
            }
        }
    }
}
