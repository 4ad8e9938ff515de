#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use proptest::prelude::*;

use super::*;
use crate::tiny::Numbers;

fn numbers(numbers: &mut Numbers, n: usize, scale: f32) -> Vec<f32> {
    numbers.tensor(&[n], scale).to_vec1().unwrap()
}

/// Products of the rounded numbers, exactly; and how far they may be from those of the plain ones.
fn oracle(rows: &[f32], weights: &[f32], bias: &[f32], n_in: usize) -> Vec<(f64, f64)> {
    let mut all = Vec::new();
    for row in rows.chunks_exact(n_in) {
        let (low, high) = row.iter().fold((0.0_f32, 0.0_f32), |(l, h), x| (l.min(*x), h.max(*x)));
        // Half a step, and a little, because the zero is rounded too.
        let input_error = f64::from(high - low) / 255.0 * 1.01;
        for (weights, bias) in weights.chunks_exact(n_in).zip(bias) {
            let largest = f64::from(weights.iter().fold(0.0_f32, |most, w| most.max(w.abs())));
            let weight_error = largest / 127.0 * 0.501;
            let (mut sum, mut error) = (f64::from(*bias), 1e-5 * f64::from(bias.abs()) + 1e-9);
            for (x, w) in row.iter().zip(weights) {
                let (x, w) = (f64::from(*x), f64::from(*w));
                sum += x * w;
                error += input_error * w.abs() + weight_error * (x.abs() + input_error);
                error += 1e-6 * (x * w).abs();
            }
            all.push((sum, error));
        }
    }
    all
}

fn products(
    by: Instructions,
    rows: &[f32],
    weights: &[f32],
    bias: &[f32],
    n_in: usize,
) -> Vec<f32> {
    let packed = Packed::with(weights, bias, by).unwrap();
    let mut out = vec![f32::NAN; rows.len() / n_in * bias.len()];
    packed.multiply(&Rounded::new(rows, n_in, None), Then::Keep, &mut out);
    out
}

fn check(n_rows: usize, n_out: usize, n_in: usize, seed: u64) {
    let mut source = Numbers::new(seed);
    let rows = numbers(&mut source, n_rows * n_in, 3.0);
    let weights = numbers(&mut source, n_out * n_in, 0.5);
    let bias = numbers(&mut source, n_out, 1.0);
    let expected = oracle(&rows, &weights, &bias, n_in);
    let portable = products(Instructions::Portable, &rows, &weights, &bias, n_in);
    for (found, (expected, error)) in portable.iter().zip(&expected) {
        let off = (f64::from(*found) - expected).abs();
        assert!(off <= *error, "{n_rows} {n_out} {n_in}: {found} or {expected} +- {error}");
    }
    for by in Instructions::available() {
        let found = products(by, &rows, &weights, &bias, n_in);
        assert_eq!(found, portable, "{by:?} {n_rows} {n_out} {n_in}");
    }
}

#[test]
fn every_number_of_rows_is_multiplied() {
    for n_rows in 1..=30 {
        check(n_rows, 33, 13, 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_kernel_gives_the_products(
        n_rows in 1..=17_usize,
        n_out in 1..=130_usize,
        n_in in 1..=600_usize,
        seed in 1..1_000_u64,
    ) {
        check(n_rows, n_out, n_in, seed);
    }
}

#[test]
fn the_largest_bytes_do_not_saturate() {
    let n_in = 4_096;
    for (row, weight) in [(1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)] {
        for by in Instructions::available() {
            let found = products(by, &vec![row; n_in], &vec![weight; n_in * 3], &[0.0; 3], n_in);
            for found in found {
                let expected = row * weight * n_in as f32;
                assert!((found / expected - 1.0).abs() < 1e-5, "{by:?}: {found}");
            }
        }
    }
}

#[test]
fn zeros_give_the_bias_and_what_is_not_finite_stays_so() {
    for by in Instructions::available() {
        assert_eq!(products(by, &[0.0; 8], &[1.0; 16], &[2.0, 3.0], 8), [2.0, 3.0]);
        assert_eq!(products(by, &[1.0; 8], &[0.0; 16], &[2.0, 3.0], 8), [2.0, 3.0]);
        for wrong in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
            let mut row = [1.0; 8];
            row[3] = wrong;
            let found = products(by, &row, &[1.0; 8], &[0.0], 8);
            assert!(!found[0].is_finite(), "{found:?}");
        }
    }
}

#[test]
fn factors_and_the_unit_are_applied() {
    let packed = Packed::new(&[1.0, 1.0], &[0.5]).unwrap();
    let mut out = [0.0];
    packed.multiply(&Rounded::new(&[2.0, 4.0], 2, Some(&[0.5, 0.25])), Then::Gelu, &mut out);
    assert!((out[0] - gelu(2.5)).abs() < 0.01, "{out:?}");
}

#[test]
fn too_many_inputs_are_refused() {
    assert!(Packed::new(&vec![0.0; MAX_INPUTS + 1], &[0.0]).is_none());
    assert!(Packed::new(&[], &[]).is_none());
    assert!(Packed::new(&[], &[0.0]).is_none());
}
