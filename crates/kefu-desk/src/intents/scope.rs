//! Whether a turn is the service's business at all: a logistic function of a few measures.

use super::codec::{Reader, Writer, damaged};
use super::error::IntentError;
use super::softmax::{Dense, MANY_STEPS, Problem, Softmax};

/// How much the rows count against the ridge.
const TRUST: f32 = 0.1;

/// A fitted function of `n` measures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scope {
    weights: Vec<f32>,
    bias: f32,
}

impl Scope {
    /// Fits measures of turns that are the service's business and of others, taking as many to be
    /// so as not. Without either kind everything counts as business.
    pub(crate) fn fit(inside: &[Vec<f32>], outside: &[Vec<f32>]) -> Self {
        let all: Vec<&Vec<f32>> = inside.iter().chain(outside).collect();
        let n = all.first().map_or(0, |row| row.len());
        if inside.is_empty() || outside.is_empty() {
            return Self { weights: vec![0.0; n], bias: 10.0 };
        }
        let count = real(all.len());
        let mean: Vec<f32> =
            (0..n).map(|i| all.iter().map(|row| row[i]).sum::<f32>() / count).collect();
        let deviation = |i: usize| {
            let squares = all.iter().map(|row| (row[i] - mean[i]).powi(2)).sum::<f32>();
            (squares / count).sqrt().max(1e-6)
        };
        let deviations: Vec<f32> = (0..n).map(deviation).collect();
        let values: Vec<f32> =
            all.iter().flat_map(|row| (0..n).map(|i| (row[i] - mean[i]) / deviations[i])).collect();
        let rows: Vec<usize> = (0..all.len()).collect();
        let classes: Vec<usize> = rows.iter().map(|row| usize::from(*row < inside.len())).collect();
        let problem = Problem {
            rows: &rows,
            classes: &classes,
            n_classes: 2,
            trust: TRUST,
            max_steps: MANY_STEPS,
        };
        let fitted = Softmax::fit(&Dense { n_columns: n, values: &values }, &problem);
        let weights: Vec<f32> = fitted
            .weights
            .chunks(2)
            .zip(&deviations)
            .map(|(pair, deviation)| (pair[1] - pair[0]) / deviation)
            .collect();
        let shift: f32 = weights.iter().zip(&mean).map(|(w, mean)| w * mean).sum();
        let prior = (real(inside.len()) / real(outside.len())).ln();
        Self { bias: fitted.biases[1] - fitted.biases[0] - shift - prior, weights }
    }

    /// Probability of being the service's business, 0 to 1.
    pub(crate) fn probability(&self, measures: &[f32]) -> f32 {
        let sum: f32 = self.weights.iter().zip(measures).map(|(w, value)| w * value).sum();
        1.0 / (1.0 + (-(self.bias + sum)).exp())
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.real(self.bias);
        writer.reals(&self.weights);
    }

    pub(crate) fn read(reader: &mut Reader<'_>, n: usize) -> Result<Self, IntentError> {
        let (bias, weights) = (reader.real()?, reader.reals()?);
        if weights.len() == n {
            Ok(Self { weights, bias })
        } else {
            Err(damaged("its measures are not those of this version"))
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of rows")]
fn real(count: usize) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_rows_of_one_kind_do_not_make_it_likelier() {
        let row = |value: f32| vec![value, 1.0];
        let inside: Vec<Vec<f32>> = (0..100_u8).map(|i| row(2.0 + f32::from(i % 10))).collect();
        let outside: Vec<Vec<f32>> = (0..10_u8).map(|i| row(f32::from(i) - 9.0)).collect();
        let scope = Scope::fit(&inside, &outside);
        assert!(scope.probability(&row(6.0)) > 0.7);
        assert!(scope.probability(&row(-6.0)) < 0.3);
        let middle = scope.probability(&row(1.0));
        assert!((0.2..0.8).contains(&middle), "{middle}");
    }

    #[test]
    fn without_examples_of_both_kinds_everything_is_business() {
        assert!(Scope::fit(&[vec![1.0]], &[]).probability(&[-5.0]) > 0.99);
    }
}
