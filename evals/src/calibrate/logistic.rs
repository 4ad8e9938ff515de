//! Logistic regression with a small ridge, by Newton's method. Features are standardised inside;
//! the weights that come out are for the features as they are.

/// Steps after which the fit is taken as it is; it converges in about ten.
const MAX_STEPS: usize = 50;
const ENOUGH: f64 = 1e-8;

/// One row: features, whether the answer was right, and how much the row counts.
pub(crate) struct Row<'a> {
    pub(crate) features: &'a [f64],
    pub(crate) right: bool,
    pub(crate) weight: f64,
}

/// Bias and weights of a logistic function.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Logistic {
    pub(crate) bias: f64,
    pub(crate) weights: Vec<f64>,
}

impl Logistic {
    /// Fits the rows; `ridge` is the penalty on squared weights of standardised features, relative
    /// to the rows' total weight. `None` without both kinds of rows.
    pub(crate) fn fit(rows: &[Row<'_>], ridge: f64) -> Option<Self> {
        let n_features = rows.first()?.features.len();
        let total: f64 = rows.iter().map(|row| row.weight).sum();
        if total <= 0.0 || rows.iter().all(|row| row.right) || rows.iter().all(|row| !row.right) {
            return None;
        }
        let scale = Scale::of(rows, n_features, total);
        let standard: Vec<Vec<f64>> = rows.iter().map(|row| scale.apply(row.features)).collect();
        // The last place is the bias.
        let mut solution = vec![0.0; n_features + 1];
        for _ in 0..MAX_STEPS {
            let mut gradient = vec![0.0; n_features + 1];
            let mut hessian = vec![vec![0.0; n_features + 1]; n_features + 1];
            for (row, x) in rows.iter().zip(&standard) {
                let p = sigmoid(dot(&solution, x));
                let residual = (if row.right { 1.0 } else { 0.0 } - p) * row.weight / total;
                let curvature = (p * (1.0 - p)).max(1e-9) * row.weight / total;
                for (i, a) in x.iter().enumerate() {
                    gradient[i] += residual * a;
                    for (cell, b) in hessian[i].iter_mut().zip(x) {
                        *cell += curvature * a * b;
                    }
                }
            }
            for i in 0..n_features {
                gradient[i] -= ridge * solution[i];
                hessian[i][i] += ridge.max(1e-9);
            }
            let step = solve(hessian, gradient)?;
            let longest = step.iter().fold(0.0_f64, |longest, s| longest.max(s.abs()));
            for (value, step) in solution.iter_mut().zip(&step) {
                *value += step.clamp(-5.0, 5.0);
            }
            if longest < ENOUGH {
                break;
            }
        }
        Some(scale.undo(&solution))
    }
}

struct Scale {
    means: Vec<f64>,
    deviations: Vec<f64>,
}

impl Scale {
    fn of(rows: &[Row<'_>], n_features: usize, total: f64) -> Self {
        let mean = |of: &dyn Fn(&[f64]) -> f64| {
            rows.iter().map(|row| row.weight * of(row.features)).sum::<f64>() / total
        };
        let means: Vec<f64> = (0..n_features).map(|i| mean(&|x| x[i])).collect();
        let deviation = |i: usize| {
            let variance = mean(&|x| (x[i] - means[i]).powi(2));
            // A feature that never changes says nothing.
            if variance > 1e-12 { variance.sqrt() } else { f64::INFINITY }
        };
        let deviations = (0..n_features).map(deviation).collect();
        Self { means, deviations }
    }

    fn apply(&self, features: &[f64]) -> Vec<f64> {
        let scaled = features.iter().zip(&self.means).zip(&self.deviations);
        scaled.map(|((x, mean), deviation)| (x - mean) / deviation).chain([1.0]).collect()
    }

    fn undo(&self, solution: &[f64]) -> Logistic {
        let n_features = self.means.len();
        let weights: Vec<f64> = solution
            .iter()
            .zip(&self.deviations)
            .map(|(value, deviation)| value / deviation)
            .collect();
        let shift: f64 = weights.iter().zip(&self.means).map(|(w, mean)| w * mean).sum();
        Logistic { bias: solution[n_features] - shift, weights }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// Gaussian elimination with pivoting; `None` for a singular system.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let n = right.len();
    for column in 0..n {
        let largest =
            |a: &usize, b: &usize| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs());
        let pivot = (column..n).max_by(largest)?;
        if matrix[pivot][column].abs() < 1e-14 {
            return None;
        }
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        let (above, below) = matrix.split_at_mut(column + 1);
        let first = &above[column];
        for (offset, row) in below.iter_mut().enumerate() {
            let factor = row[column] / first[column];
            for (cell, value) in row.iter_mut().zip(first) {
                *cell -= factor * value;
            }
            right[column + 1 + offset] -= factor * right[column];
        }
    }
    let mut solution = vec![0.0; n];
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|i| matrix[row][i] * solution[i]).sum();
        solution[row] = (right[row] - known) / matrix[row][row];
    }
    Some(solution)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    fn score(logistic: &Logistic, features: &[f64]) -> f64 {
        logistic.bias + dot(&logistic.weights, features)
    }

    #[test]
    fn the_weights_of_a_known_function_are_found_again() {
        // A grid of features with outcomes in the proportions that the function says.
        let truth = Logistic { bias: -1.0, weights: vec![2.0, -0.5, 0.0] };
        let mut features = Vec::new();
        for a in 0..8_u8 {
            for b in 0..8_u8 {
                features.push(vec![f64::from(a) / 4.0, f64::from(b) - 3.0, 7.0]);
            }
        }
        let mut rows = Vec::new();
        for x in &features {
            let p = sigmoid(score(&truth, x));
            rows.push(Row { features: x, right: true, weight: p });
            rows.push(Row { features: x, right: false, weight: 1.0 - p });
        }
        let fit = Logistic::fit(&rows, 0.0).unwrap();
        for x in &features {
            assert!((score(&fit, x) - score(&truth, x)).abs() < 1e-4, "{fit:?}");
        }
        assert_eq!(fit.weights[2], 0.0);
        let heavy = Logistic::fit(&rows, 10.0).unwrap();
        assert!(heavy.weights[0].abs() < 0.2, "{heavy:?}");
    }

    #[test]
    fn one_kind_of_rows_cannot_be_fitted() {
        let x = [1.0];
        let row = |right| Row { features: &x, right, weight: 1.0 };
        assert_eq!(Logistic::fit(&[row(true), row(true)], 0.1), None);
        assert_eq!(Logistic::fit(&[], 0.1), None);
    }
}
