//! The arithmetic between matrix products, compiled once per instruction set.
//!
//! Loops here work on arrays of [`LANES`] numbers, which the compiler turns into vector
//! instructions, because every function is inlined into [`fastest`].

use pulp::{Simd, WithSimd};

pub(crate) use self::instructions::Instructions;

mod instructions;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "what runs only on some processors has no safe form")]
mod x86;

/// Numbers worked on at once; one register where registers are widest.
const LANES: usize = 16;

/// Runs work with the best instructions that this processor has. What it calls must be
/// `#[inline(always)]`.
#[inline]
pub(crate) fn fastest(work: impl WithSimd<Output = ()>) {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(simd) = pulp::x86::V4::try_new() {
            return Simd::vectorize(simd, work);
        }
        if let Some(simd) = pulp::x86::V3::try_new() {
            return Simd::vectorize(simd, work);
        }
    }
    pulp::Arch::new().dispatch(work);
}

/// Runs plain loops compiled for the widest registers that this processor has. What they call must
/// be `#[inline(always)]`.
#[inline]
pub(crate) fn wide(work: impl FnOnce()) {
    #[cfg(target_arch = "x86_64")]
    x86::run_wide(work);
    #[cfg(not(target_arch = "x86_64"))]
    work();
}

/// `e` to the power `x`, for `x` up to 88; exact to about two units in the last place.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Adding this rounds to a whole number, which is then in the low bits.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts, the first of which has few digits, so that products with it are exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.max(-87.0);
    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let whole = shifted - ROUND;
    let rest = whole.mul_add(-LN_2_LOW, whole.mul_add(-LN_2_HIGH, x));
    // Written out: a loop over the series may stay a call, which no vector instruction enters.
    let power = (1.0_f32 / 720.0).mul_add(rest, 1.0 / 120.0).mul_add(rest, 1.0 / 24.0);
    let power = power.mul_add(rest, 1.0 / 6.0).mul_add(rest, 0.5);
    let power = power.mul_add(rest, 1.0).mul_add(rest, 1.0);
    power * f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23))
}

/// The Gaussian error linear unit, by formula 7.1.26 of Abramowitz and Stegun, which is off by
/// less than 2e-7.
#[inline(always)]
pub(crate) fn gelu(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / z.mul_add(0.327_591_1, 1.0);
    let sum = 1.061_405_4_f32.mul_add(t, -1.453_152_1).mul_add(t, 1.421_413_8);
    let sum = sum.mul_add(t, -0.284_496_72).mul_add(t, 0.254_829_6) * t;
    // Half of erfc(z), the share of the other side.
    let tail = 0.5 * sum * exp(-z * z);
    x * if x < 0.0 { tail } else { 1.0 - tail }
}

/// Sum of `of` each value.
#[inline(always)]
pub(crate) fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += of(*value);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|value| of(*value)).sum::<f32>()
}

/// The highest value.
#[inline(always)]
pub(crate) fn highest(values: &[f32]) -> f32 {
    extreme(
        values,
        f32::NEG_INFINITY,
        #[inline(always)]
        |a, b| if b > a { b } else { a },
    )
}

/// The highest value, for those who are not themselves inlined into such a loop.
pub(crate) fn highest_of(values: &[f32]) -> f32 {
    let mut found = f32::NEG_INFINITY;
    wide(
        #[inline(always)]
        || found = highest(values),
    );
    found
}

/// The lowest value.
#[inline(always)]
pub(crate) fn lowest(values: &[f32]) -> f32 {
    extreme(
        values,
        f32::INFINITY,
        #[inline(always)]
        |a, b| if b < a { b } else { a },
    )
}

#[inline(always)]
fn extreme(values: &[f32], start: f32, pick: impl Fn(f32, f32) -> f32) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [start; LANES];
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = pick(*lane, *value);
        }
    }
    lanes.iter().chain(rest).copied().fold(start, pick)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_those_of_the_standard_library() {
        for x in (-8_600..=880).map(|n| n as f32 / 100.0) {
            let expected = x.exp();
            assert!((exp(x) / expected - 1.0).abs() < 1e-6, "e^{x}: {} or {expected}", exp(x));
        }
        assert!(exp(f32::NEG_INFINITY) < 1e-37);
    }

    #[test]
    fn the_unit_is_that_of_candle() {
        let inputs: Vec<f32> = (-1_000..=1_000).map(|n| n as f32 / 100.0).collect();
        let tensor = candle_core::Tensor::new(inputs.as_slice(), &candle_core::Device::Cpu);
        let expected = tensor.and_then(|t| t.gelu_erf()).and_then(|t| t.to_vec1::<f32>());
        for (x, expected) in inputs.iter().zip(expected.unwrap_or_default()) {
            assert!((gelu(*x) - expected).abs() < 2e-6, "{x}: {} or {expected}", gelu(*x));
        }
    }

    #[test]
    fn what_fills_no_register_counts_too() {
        let values: Vec<f32> = (1..=37).map(|n| n as f32).collect();
        assert_eq!(sum(&values, |v| v), 703.0);
        assert_eq!(highest(&values), 37.0);
        let falling: Vec<f32> = values.iter().map(|v| -v).collect();
        assert_eq!(highest(&falling), -1.0);
        assert_eq!([lowest(&values), lowest(&falling)], [1.0, -37.0]);
    }
}
