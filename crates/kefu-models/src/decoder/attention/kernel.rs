//! The inner loops, which all do the same operations in the same order on each number.

use std::sync::Arc;

#[cfg(target_arch = "x86_64")]
use super::avx512;
use super::{Heads, QUERIES};
use crate::decoder::cache::{PAGE_TOKENS, Page};
use crate::simd::{Instructions, wide};

/// The pages of one key head.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) heads: Heads,
    pub(super) kv_head: usize,
    pub(super) pages: &'a [Arc<Page>],
}

/// Products of queries with all keys, a row of scores per query; there are as many queries as rows.
pub(super) fn score(
    by: Instructions,
    view: View<'_>,
    queries: &[[f32; QUERIES]],
    scores: &mut [f32],
) {
    match by {
        #[cfg(target_arch = "x86_64")]
        Instructions::Vnni | Instructions::Avx512 => avx512::score(view, queries, scores),
        _ => wide(
            #[inline(always)]
            || score_anywhere(view, queries, scores),
        ),
    }
}

/// Adds to each row of `seen` the sum of all values, each times its share.
pub(super) fn mix(by: Instructions, view: View<'_>, shares: &[f32], seen: &mut [f32]) {
    match by {
        #[cfg(target_arch = "x86_64")]
        Instructions::Vnni | Instructions::Avx512 => avx512::mix(view, shares, seen),
        _ => wide(
            #[inline(always)]
            || mix_anywhere(view, shares, seen),
        ),
    }
}

#[inline(always)]
pub(super) fn score_anywhere(view: View<'_>, queries: &[[f32; QUERIES]], scores: &mut [f32]) {
    let n_keys = view.pages.len() * PAGE_TOKENS;
    for (idx, row) in scores.chunks_exact_mut(n_keys.max(1)).enumerate() {
        for (sums, page) in row.as_chunks_mut::<PAGE_TOKENS>().0.iter_mut().zip(view.pages) {
            *sums = [0.0; PAGE_TOKENS];
            for (keys, query) in page.keys(view.heads, view.kv_head).iter().zip(queries) {
                for (sum, key) in sums.iter_mut().zip(keys) {
                    *sum = query[idx].mul_add(number(*key), *sum);
                }
            }
        }
    }
}

#[inline(always)]
pub(super) fn mix_anywhere(view: View<'_>, shares: &[f32], seen: &mut [f32]) {
    let (padded, n_keys) = (view.heads.padded(), view.pages.len() * PAGE_TOKENS);
    for (seen, shares) in seen.chunks_exact_mut(padded).zip(shares.chunks_exact(n_keys.max(1))) {
        for (shares, page) in shares.as_chunks::<PAGE_TOKENS>().0.iter().zip(view.pages) {
            let values = page.values(view.heads, view.kv_head);
            for (share, values) in shares.iter().zip(values.chunks_exact(padded)) {
                for (sum, value) in seen.iter_mut().zip(values) {
                    *sum = share.mul_add(number(*value), *sum);
                }
            }
        }
    }
}

/// A finite float of 16 bits as one of 32: the exponent is moved up and made good by a product.
#[inline(always)]
fn number(bits: u16) -> f32 {
    const TWO_TO_112: f32 = f32::from_bits((127 + 112) << 23);
    let sign = u32::from(bits & 0x8000) << 16;
    let size = f32::from_bits(u32::from(bits & 0x7FFF) << 13) * TWO_TO_112;
    f32::from_bits(size.to_bits() | sign)
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;

    #[test]
    fn all_finite_numbers_of_16_bits_are_read() {
        for bits in 0..=u16::MAX {
            let expected = f16::from_bits(bits);
            if expected.is_finite() {
                assert_eq!(number(bits).to_bits(), expected.to_f32().to_bits(), "{bits}");
            }
        }
    }
}
