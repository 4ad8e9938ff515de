#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use proptest::prelude::*;

use super::*;
use crate::tiny::Numbers;

fn numbers(n: usize, scale: f32, seed: u64) -> Vec<f32> {
    Numbers::new(seed).tensor(&[n], scale).to_vec1().unwrap()
}

/// Weights of a quantised tensor, and the same as plain numbers.
fn stored(n_out: usize, n_in: usize, format: GgmlDType, seed: u64) -> (Stored, Vec<f32>) {
    let plain = Tensor::from_vec(numbers(n_out * n_in, 0.5, seed), (n_out, n_in), &Device::Cpu);
    let quantised = QTensor::quantize(&plain.unwrap(), format).unwrap();
    let plain = quantised.dequantize(&Device::Cpu).unwrap().flatten_all().unwrap();
    (Stored::from_quantised(&quantised).unwrap(), plain.to_vec1().unwrap())
}

fn products(by: Instructions, stored: &Stored, rows: &[f32], panels: Range<usize>) -> Vec<f32> {
    let matrix = Matrix::with(stored, |n| n, by);
    matrix.multiply(&Rounded::new(rows, stored.n_in()), panels)
}

/// Compares every kernel with sums in 64 bits of the plain numbers, and with one another.
fn check(n_rows: usize, stored: &Stored, weights: &[f32], weight_error: f64, seed: u64) {
    let (n_in, n_out) = (stored.n_in(), stored.n_out());
    let rows = numbers(n_rows * n_in, 3.0, seed + 1);
    let all = 0..n_out.div_ceil(LANES);
    let portable = products(Instructions::Portable, stored, &rows, all.clone());
    for (row, found) in rows.chunks_exact(n_in).zip(portable.chunks_exact(n_out)) {
        for (weights, found) in weights.chunks_exact(n_in).zip(found) {
            let (mut sum, mut error) = (0.0, 1e-6);
            for (inputs, weights) in row.chunks(BLOCK).zip(weights.chunks(BLOCK)) {
                let largest = inputs.iter().fold(0.0_f64, |most, x| most.max(f64::from(x.abs())));
                for (x, w) in inputs.iter().zip(weights) {
                    let (x, w) = (f64::from(*x), f64::from(*w));
                    sum += x * w;
                    // Half a step of the input, and of the weight where it was rounded.
                    error += largest / 127.0 * 0.501 * (w.abs() + 0.01) + largest * weight_error;
                }
            }
            let off = (f64::from(*found) - sum).abs();
            assert!(off <= error, "{n_rows} {n_out} {n_in}: {found} or {sum} +- {error}");
        }
    }
    for by in Instructions::available() {
        let found = products(by, stored, &rows, all.clone());
        assert_eq!(found, portable, "{by:?} {n_rows} {n_out} {n_in}");
    }
}

#[test]
fn formats_with_blocks_are_taken_over_as_they_are() {
    for (format, n_in, error) in [
        (GgmlDType::Q4_0, 96, 1e-7),
        (GgmlDType::Q4_1, 96, 1e-7),
        (GgmlDType::Q8_0, 96, 1e-7),
        (GgmlDType::Q4K, 512, 1e-3),
    ] {
        let (stored, plain) = stored(37, n_in, format, 3);
        let matrix = Matrix::new(&stored, |n| n);
        for (output, weights) in plain.chunks_exact(n_in).enumerate() {
            for (found, expected) in matrix.row(output).unwrap().iter().zip(weights) {
                assert!((found - expected).abs() <= error, "{format:?}: {found} or {expected}");
            }
        }
        assert!(matrix.row(37).is_none());
        check(13, &stored, &plain, 1e-3, 4);
    }
}

#[test]
fn every_number_of_rows_is_multiplied() {
    for n_rows in 1..=40 {
        let (stored, plain) = stored(33, 64, GgmlDType::Q4_1, 1);
        check(n_rows, &stored, &plain, 1e-6, 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_kernel_gives_the_products(
        n_rows in 1..=29_usize,
        n_out in 1..=70_usize,
        n_in in 1..=300_usize,
        seed in 1..1_000_u64,
    ) {
        let weights = numbers(n_out * n_in, 0.5, seed);
        let tensor = Tensor::from_vec(weights.clone(), (n_out, n_in), &Device::Cpu).unwrap();
        let plain = Stored::from_plain(&tensor).unwrap();
        check(n_rows, &plain, &weights, 0.5 / 127.0 * 0.51, seed);
        let (blocks, plain) = stored(n_out, n_in.next_multiple_of(32), GgmlDType::Q4_1, seed);
        check(n_rows, &blocks, &plain, 1e-6, seed);
    }
}

#[test]
fn the_largest_bytes_do_not_saturate() {
    let n_in = 4096;
    for (input, weight) in [(1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)] {
        let tensor = Tensor::full(weight, (3, n_in), &Device::Cpu).unwrap();
        for format in [GgmlDType::Q4_0, GgmlDType::Q4_1, GgmlDType::Q8_0] {
            let stored =
                Stored::from_quantised(&QTensor::quantize(&tensor, format).unwrap()).unwrap();
            for by in Instructions::available() {
                for found in products(by, &stored, &vec![input; n_in], 0..1) {
                    let expected = input * weight * n_in as f32;
                    assert!((found / expected - 1.0).abs() < 1e-3, "{by:?}: {found}");
                }
            }
        }
    }
}

#[test]
fn parts_and_single_rows_are_those_of_the_whole() {
    let (stored, _) = stored(70, 64, GgmlDType::Q4_1, 5);
    let rows = numbers(20 * 64, 1.0, 6);
    let matrix = Matrix::new(&stored, |n| n);
    let whole = matrix.multiply(&Rounded::new(&rows, 64), 0..5);
    let part = matrix.multiply(&Rounded::new(&rows, 64), 3..5);
    assert_eq!(matrix.outputs(&(3..5)), 48..70);
    for (idx, (row, input)) in whole.chunks_exact(70).zip(rows.chunks_exact(64)).enumerate() {
        assert_eq!(part[idx * 22..][..22], row[48..]);
        assert_eq!(matrix.multiply(&Rounded::new(input, 64), 0..5), row);
    }
}

#[test]
fn what_is_not_finite_stays_so_and_zeros_give_zero() {
    let (stored, _) = stored(3, 64, GgmlDType::Q4_1, 5);
    for by in Instructions::available() {
        assert_eq!(products(by, &stored, &[0.0; 64], 0..1), [0.0; 3]);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut row = [1.0; 64];
            row[40] = bad;
            let found = products(by, &stored, &row, 0..1);
            assert!(found.iter().all(|x| !x.is_finite()), "{by:?}: {found:?}");
        }
    }
}
