//! What happens to rows between matrices.

use crate::simd::{exp, sum, wide};

/// Scales of a row whose numbers are divided by the root of their mean square.
pub(super) struct Norm {
    weight: Vec<f32>,
    epsilon: f32,
}

/// Turns queries and keys by their positions.
pub(super) struct Rotary {
    half: usize,
    cos: Vec<f32>,
    sin: Vec<f32>,
}

impl Norm {
    pub(super) fn new(weight: Vec<f32>, epsilon: f32) -> Self {
        Self { weight, epsilon }
    }

    /// Copies of rows, scaled.
    pub(super) fn of(&self, rows: &[f32]) -> Vec<f32> {
        let mut scaled = rows.to_vec();
        self.apply(&mut scaled);
        scaled
    }

    /// Scales rows as wide as there are scales.
    pub(super) fn apply(&self, rows: &mut [f32]) {
        wide(
            #[inline(always)]
            || {
                for row in rows.chunks_exact_mut(self.weight.len()) {
                    let squares = sum(
                        row,
                        #[inline(always)]
                        |value| value * value,
                    );
                    let scale = 1.0 / (squares / row.len() as f32 + self.epsilon).sqrt();
                    for (value, weight) in row.iter_mut().zip(&self.weight) {
                        *value = *value * scale * weight;
                    }
                }
            },
        );
    }
}

impl Rotary {
    /// For heads of `dim` numbers at the first `n_positions`.
    pub(super) fn new(dim: usize, n_positions: usize, base: f64) -> Self {
        let half = dim / 2;
        let turn = |idx: usize| {
            let (position, pair) = (idx / half, idx % half);
            position as f64 / base.powf(2.0 * pair as f64 / dim as f64)
        };
        let table = |of: fn(f64) -> f64| -> Vec<f32> {
            (0..n_positions * half).map(|idx| of(turn(idx)) as f32).collect()
        };
        Self { half, cos: table(f64::cos), sin: table(f64::sin) }
    }

    /// Cosines and sines of half a head, position by position.
    pub(super) fn tables(self) -> (Vec<f32>, Vec<f32>) {
        (self.cos, self.sin)
    }

    /// Turns some heads of one row.
    #[inline(always)]
    pub(super) fn apply(&self, heads: &mut [f32], position: usize) {
        let part = position * self.half..(position + 1) * self.half;
        let (cos, sin) = (&self.cos[part.clone()], &self.sin[part]);
        for head in heads.chunks_exact_mut(2 * self.half) {
            let (first, second) = head.split_at_mut(self.half);
            let pairs = first.iter_mut().zip(second).zip(cos).zip(sin);
            for (((first, second), cos), sin) in pairs {
                let (x, y) = (*first, *second);
                *first = x * cos - y * sin;
                *second = y * cos + x * sin;
            }
        }
    }
}

/// Adds what a part of a layer gives to what went in.
pub(super) fn add(rows: &mut [f32], added: &[f32]) {
    for (value, added) in rows.iter_mut().zip(added) {
        *value += added;
    }
}

/// Each gate's sigmoid unit times the number beside it, in place of the gates.
pub(super) fn gated(gates: &mut [f32], numbers: &[f32]) {
    wide(
        #[inline(always)]
        || {
            for (gate, number) in gates.iter_mut().zip(numbers) {
                // Powers are exact up to 88 only; beyond, the unit is 0 anyway.
                let power = exp((-*gate).min(87.0));
                *gate = *gate / (1.0 + power) * number;
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_is_that_of_the_definition() {
        let mut gates = vec![-200.0, -90.0, -5.0, -0.5, 0.0, 1.0, 20.0, 300.0];
        let expected: Vec<f64> =
            gates.iter().map(|x| f64::from(*x)).map(|x| 2.0 * x / (1.0 + (-x).exp())).collect();
        gated(&mut gates, &[2.0; 8]);
        for (found, expected) in gates.iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() < 1e-5, "{found} or {expected}");
        }
    }

    #[test]
    fn turning_keeps_lengths_and_depends_on_the_distance_only() {
        let rotary = Rotary::new(4, 10, 100.0);
        let turned = |position: usize| {
            let mut head = [1.0, 2.0, -0.5, 0.25];
            rotary.apply(&mut head, position);
            head
        };
        let dot = |a: [f32; 4], b: [f32; 4]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        assert_eq!(turned(0), [1.0, 2.0, -0.5, 0.25]);
        assert!((dot(turned(7), turned(7)) - dot(turned(0), turned(0))).abs() < 1e-5);
        assert!((dot(turned(2), turned(5)) - dot(turned(6), turned(9))).abs() < 1e-5);
        assert!((dot(turned(2), turned(5)) - dot(turned(2), turned(6))).abs() > 1e-2);
    }
}
