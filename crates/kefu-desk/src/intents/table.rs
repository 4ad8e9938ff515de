//! Weights in 8 bits, as they are used and stored.

use super::codec::{Reader, Writer, damaged};
use super::error::IntentError;
use super::softmax::Softmax;

/// Weights of all classes for each column, and what each class starts from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    biases: Vec<f32>,
    /// One for each column.
    scales: Vec<f32>,
    /// For each column the weights of all classes.
    values: Vec<i8>,
}

impl Table {
    /// Rounds fitted weights.
    pub(crate) fn of(fitted: &Softmax) -> Self {
        Self::rounded(&fitted.weights, fitted.biases.clone())
    }

    /// Rounds weights, given for each column.
    pub(crate) fn rounded(weights: &[f32], biases: Vec<f32>) -> Self {
        let k = biases.len().max(1);
        let scale = |column: &[f32]| {
            column.iter().fold(0.0_f32, |largest, w| largest.max(w.abs())).max(1e-9) / 127.0
        };
        let scales: Vec<f32> = weights.chunks(k).map(scale).collect();
        #[expect(clippy::cast_possible_truncation, reason = "rounded to -127..=127")]
        let values = weights
            .chunks(k)
            .zip(&scales)
            .flat_map(|(column, scale)| column.iter().map(move |w| (w / scale).round() as i8))
            .collect();
        Self { biases, scales, values }
    }

    pub(crate) fn n_classes(&self) -> usize {
        self.biases.len()
    }

    pub(crate) fn n_columns(&self) -> usize {
        self.scales.len()
    }

    /// Scores of all classes for entries of a row: column and value. Columns beyond the table say
    /// nothing.
    pub(crate) fn scores(&self, row: impl Iterator<Item = (usize, f32)>) -> Vec<f32> {
        let k = self.biases.len();
        let mut scores = self.biases.clone();
        for (column, value) in row {
            let Some(scale) = self.scales.get(column) else { continue };
            let factor = value * scale;
            let weights = &self.values[column * k..(column + 1) * k];
            for (score, weight) in scores.iter_mut().zip(weights) {
                *score += factor * f32::from(*weight);
            }
        }
        scores
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.reals(&self.biases);
        writer.reals(&self.scales);
        writer.small(&self.values);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, IntentError> {
        let (biases, scales, values) = (reader.reals()?, reader.reals()?, reader.small()?);
        if biases.len().checked_mul(scales.len()) != Some(values.len()) {
            return Err(damaged("its weights do not fit its classes"));
        }
        Ok(Self { biases, scales, values })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn rounding_keeps_scores_and_bytes_keep_all() {
        let weights = [0.5, -1.0, 0.25, 3.0, -2.0, 0.1];
        let table = Table::rounded(&weights, vec![0.5, 0.0]);
        let row = [(0, 1.0), (2, 0.5), (9, 100.0)];
        let scores = table.scores(row.into_iter());
        let expected = [0.5 + 0.5 - 1.0, -1.0 + 0.05];
        for (found, expected) in scores.iter().zip(expected) {
            assert!((found - expected).abs() < 0.02, "{found} is not {expected}");
        }
        let mut writer = Writer::new();
        table.write(&mut writer);
        let bytes = writer.finish();
        assert_eq!(Table::read(&mut Reader::open(&bytes).unwrap()).unwrap(), table);
    }
}
