//! Multinomial logistic regression with a ridge.

use std::ops::Range;

use super::minimise::{Stop, minimise};

/// Rows looked at together, so that weights are read once for all of them.
const BLOCK: usize = 8;
/// The largest part of the gradient that counts as none.
const SMALL: f32 = 5e-5;
/// Steps after which the weights are taken as they are. Rows with many rare columns go on gaining on
/// themselves for long, and on others no more.
pub(crate) const MANY_STEPS: usize = 60;
pub(crate) const FEW_STEPS: usize = 25;

/// What is known of each text, one row each.
pub(crate) trait Rows {
    fn n_columns(&self) -> usize;

    /// Adds each row's products with `weights` (for each column the weights of all classes) to its
    /// `scores` (for each row the scores of all classes).
    fn multiply(&self, rows: &[usize], weights: &[f32], scores: &mut [f32]);

    /// Adds each row's products with its `residuals` to the `gradient`, which is as `weights`.
    fn spread(&self, rows: &[usize], residuals: &[f32], gradient: &mut [f32]);
}

/// Weights of a fitted regression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Softmax {
    pub(crate) n_classes: usize,
    /// For each column the weights of all classes.
    pub(crate) weights: Vec<f32>,
    pub(crate) biases: Vec<f32>,
}

/// Which rows to fit, of which class each is (parallel to `rows`), and how much they count against
/// the ridge: large values trust the rows more.
pub(crate) struct Problem<'a> {
    pub(crate) rows: &'a [usize],
    pub(crate) classes: &'a [usize],
    pub(crate) n_classes: usize,
    pub(crate) trust: f32,
    pub(crate) max_steps: usize,
}

impl Softmax {
    /// Fits the rows. The same rows give the same weights, bit for bit, on one kind of machine.
    pub(crate) fn fit(rows: &impl Rows, problem: &Problem<'_>) -> Self {
        Self::fit_from(None, rows, problem)
    }

    /// The same, starting from what was fitted to the first columns of the rows.
    pub(crate) fn fit_from(start: Option<&Self>, rows: &impl Rows, problem: &Problem<'_>) -> Self {
        let k = problem.n_classes;
        let n_weights = rows.n_columns() * k;
        let n = real(problem.rows.len().max(1));
        let ridge = 1.0 / (f64::from(problem.trust) * n);
        let mut point = vec![0.0; n_weights + k];
        if let Some(start) = start {
            let n_known = start.weights.len().min(n_weights);
            point[..n_known].copy_from_slice(&start.weights[..n_known]);
            point[n_weights..].copy_from_slice(&start.biases);
        }
        let mut scores = vec![0.0; BLOCK * k];
        let stop = Stop { max_steps: problem.max_steps, gradient: SMALL };
        minimise(&mut point, stop, |point, gradient| {
            gradient.fill(0.0);
            let (weights, biases) = point.split_at(n_weights);
            let (weight_gradient, bias_gradient) = gradient.split_at_mut(n_weights);
            let mut loss = 0.0;
            for block in blocks(problem.rows.len()) {
                let in_block = &problem.rows[block.clone()];
                let scores = &mut scores[..in_block.len() * k];
                for row in scores.chunks_mut(k) {
                    row.copy_from_slice(biases);
                }
                rows.multiply(in_block, weights, scores);
                for (row, class) in scores.chunks_mut(k).zip(&problem.classes[block]) {
                    loss += f64::from(residuals(row, *class));
                    bias_gradient.iter_mut().zip(row).for_each(|(sum, r)| *sum += *r);
                }
                rows.spread(in_block, scores, weight_gradient);
            }
            #[expect(clippy::cast_possible_truncation, reason = "small factors")]
            let (share, pull) = ((1.0 / n) as f32, ridge as f32);
            let mut squares = 0.0;
            for (g, w) in weight_gradient.iter_mut().zip(weights) {
                *g = *g * share + pull * w;
                squares += f64::from(w * w);
            }
            bias_gradient.iter_mut().for_each(|g| *g *= share);
            loss / n + ridge * squares / 2.0
        });
        let biases = point.split_off(n_weights);
        Self { n_classes: k, weights: point, biases }
    }
}

fn blocks(n: usize) -> impl Iterator<Item = Range<usize>> {
    (0..n).step_by(BLOCK).map(move |start| start..(start + BLOCK).min(n))
}

/// Turns scores into what the model has too much (probability less truth), and returns the loss.
fn residuals(scores: &mut [f32], class: usize) -> f32 {
    log_normalise(scores);
    let loss = -scores[class];
    scores.iter_mut().for_each(|score| *score = score.exp());
    scores[class] -= 1.0;
    loss
}

/// Scores as logarithms of probabilities that add up to one.
pub(crate) fn log_normalise(scores: &mut [f32]) {
    let shift = log_sum(scores);
    scores.iter_mut().for_each(|score| *score -= shift);
}

/// Logarithm of the sum of exponentials.
pub(crate) fn log_sum(scores: &[f32]) -> f32 {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    largest + scores.iter().map(|score| (score - largest).exp()).sum::<f32>().ln()
}

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Vectors of one length.
pub(crate) struct Dense<'a> {
    pub(crate) n_columns: usize,
    pub(crate) values: &'a [f32],
}

impl Dense<'_> {
    fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.n_columns..(row + 1) * self.n_columns]
    }
}

impl Rows for Dense<'_> {
    fn n_columns(&self) -> usize {
        self.n_columns
    }

    fn multiply(&self, rows: &[usize], weights: &[f32], scores: &mut [f32]) {
        let k = scores.len() / rows.len().max(1);
        for (column, weights) in weights.chunks_exact(k).enumerate() {
            for (scores, row) in scores.chunks_exact_mut(k).zip(rows) {
                add(scores, self.values[row * self.n_columns + column], weights);
            }
        }
    }

    fn spread(&self, rows: &[usize], residuals: &[f32], gradient: &mut [f32]) {
        let k = residuals.len() / rows.len().max(1);
        for (column, gradient) in gradient.chunks_exact_mut(k).enumerate() {
            for (residuals, row) in residuals.chunks_exact(k).zip(rows) {
                add(gradient, self.row(*row)[column], residuals);
            }
        }
    }
}

/// Vectors with rows that are zero nearly everywhere behind them.
pub(crate) struct Both<'a> {
    pub(crate) dense: Dense<'a>,
    pub(crate) sparse: Sparse<'a>,
}

impl Both<'_> {
    /// Where the weights of the vectors end.
    fn border(&self, n_classes: usize) -> usize {
        self.dense.n_columns * n_classes
    }
}

impl Rows for Both<'_> {
    fn n_columns(&self) -> usize {
        self.dense.n_columns + self.sparse.n_columns
    }

    fn multiply(&self, rows: &[usize], weights: &[f32], scores: &mut [f32]) {
        let (dense, sparse) = weights.split_at(self.border(scores.len() / rows.len().max(1)));
        self.dense.multiply(rows, dense, scores);
        self.sparse.multiply(rows, sparse, scores);
    }

    fn spread(&self, rows: &[usize], residuals: &[f32], gradient: &mut [f32]) {
        let border = self.border(residuals.len() / rows.len().max(1));
        let (dense, sparse) = gradient.split_at_mut(border);
        self.dense.spread(rows, residuals, dense);
        self.sparse.spread(rows, residuals, sparse);
    }
}

/// Rows that are zero nearly everywhere: column and value of the rest.
pub(crate) struct Sparse<'a> {
    pub(crate) n_columns: usize,
    pub(crate) rows: &'a [Vec<(u32, f32)>],
}

impl Sparse<'_> {
    fn entries(&self, row: usize) -> impl Iterator<Item = (usize, f32)> {
        self.rows[row].iter().map(|(column, value)| (*column as usize, *value))
    }
}

impl Rows for Sparse<'_> {
    fn n_columns(&self) -> usize {
        self.n_columns
    }

    fn multiply(&self, rows: &[usize], weights: &[f32], scores: &mut [f32]) {
        let k = scores.len() / rows.len().max(1);
        for (scores, row) in scores.chunks_exact_mut(k).zip(rows) {
            for (column, value) in self.entries(*row) {
                add(scores, value, &weights[column * k..(column + 1) * k]);
            }
        }
    }

    fn spread(&self, rows: &[usize], residuals: &[f32], gradient: &mut [f32]) {
        let k = residuals.len() / rows.len().max(1);
        for (residuals, row) in residuals.chunks_exact(k).zip(rows) {
            for (column, value) in self.entries(*row) {
                add(&mut gradient[column * k..(column + 1) * k], value, residuals);
            }
        }
    }
}

fn add(to: &mut [f32], factor: f32, from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 60;
    const D: usize = 5;
    const K: usize = 3;

    /// Numbers that only look random.
    fn noise(seed: usize) -> f32 {
        let mixed = seed.wrapping_mul(2_654_435_761) >> 7;
        f32::from(u16::try_from(mixed % 2_000).unwrap_or_default()) / 1_000.0 - 1.0
    }

    fn values() -> Vec<f32> {
        (0..N * D).map(noise).collect()
    }

    fn classes() -> Vec<usize> {
        (0..N).map(|row| (row * 7 + row / 5) % K).collect()
    }

    fn problem<'a>(rows: &'a [usize], classes: &'a [usize]) -> Problem<'a> {
        Problem { rows, classes, n_classes: K, trust: 10.0, max_steps: MANY_STEPS }
    }

    /// Written down as in the textbook.
    fn gradient(fitted: &Softmax, values: &[f32], classes: &[usize]) -> Vec<f32> {
        let mut gradient: Vec<f32> = fitted.weights.iter().map(|w| w / 10.0).collect();
        for (x, class) in values.chunks(D).zip(classes) {
            let score = |k: usize| {
                fitted.biases[k]
                    + x.iter().enumerate().map(|(j, x)| x * fitted.weights[j * K + k]).sum::<f32>()
            };
            let total: f32 = (0..K).map(|k| score(k).exp()).sum();
            for k in 0..K {
                let truth = if *class == k { 1.0 } else { 0.0 };
                let residual = score(k).exp() / total - truth;
                for (j, x) in x.iter().enumerate() {
                    gradient[j * K + k] += residual * x;
                }
            }
        }
        gradient
    }

    #[test]
    fn nothing_is_left_to_gain() {
        let (values, classes) = (values(), classes());
        let rows: Vec<usize> = (0..N).collect();
        let fitted =
            Softmax::fit(&Dense { n_columns: D, values: &values }, &problem(&rows, &classes));
        for part in gradient(&fitted, &values, &classes) {
            assert!(part.abs() < 0.02, "{part}");
        }
        assert!(fitted.weights.iter().any(|weight| weight.abs() > 0.05));
    }

    #[test]
    fn rows_with_gaps_and_rows_in_two_parts_give_the_same() {
        let (values, classes) = (values(), classes());
        let rows: Vec<usize> = (0..N).collect();
        let dense =
            Softmax::fit(&Dense { n_columns: D, values: &values }, &problem(&rows, &classes));
        let gaps = |from: usize| -> Vec<Vec<(u32, f32)>> {
            let row = |row: &[f32]| (0..).zip(row[from..].iter().copied()).collect();
            values.chunks(D).map(row).collect()
        };
        let all = gaps(0);
        let sparse = Softmax::fit(&Sparse { n_columns: D, rows: &all }, &problem(&rows, &classes));
        let front: Vec<f32> = values.chunks(D).flat_map(|row| row[..2].to_vec()).collect();
        let behind = gaps(2);
        let both = Both {
            dense: Dense { n_columns: 2, values: &front },
            sparse: Sparse { n_columns: D - 2, rows: &behind },
        };
        let both = Softmax::fit(&both, &problem(&rows, &classes));
        for other in [sparse, both] {
            for (a, b) in dense.weights.iter().zip(&other.weights) {
                assert!((a - b).abs() < 1e-3, "{a} is not {b}");
            }
        }
    }

    #[test]
    fn rows_that_are_not_named_do_not_count() {
        let (mut values, classes) = (values(), classes());
        let rows: Vec<usize> = (0..N / 2).collect();
        let fit = |values: &[f32]| {
            Softmax::fit(&Dense { n_columns: D, values }, &problem(&rows, &classes[..N / 2]))
        };
        let before = fit(&values);
        values[N / 2 * D..].fill(100.0);
        assert_eq!(fit(&values), before);
    }
}
