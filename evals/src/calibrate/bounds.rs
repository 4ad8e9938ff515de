//! Exact bounds of a share (Clopper and Pearson 1934).

use crate::metrics::real;

/// The largest share of errors that `n_errors` of `n` would still have been likely for, at this
/// one-sided confidence. 1 without observations.
pub(crate) fn upper(n_errors: usize, n: usize, confidence: f64) -> f64 {
    if n == 0 || n_errors >= n {
        return 1.0;
    }
    let (mut low, mut high) = (real(n_errors) / real(n), 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if at_most(n_errors, n, middle) > 1.0 - confidence {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// Probability of at most `k` successes of `n` at probability `p`, summed from logarithms.
fn at_most(k: usize, n: usize, p: f64) -> f64 {
    let (log_p, log_q) = (p.ln(), (-p).ln_1p());
    let mut log_term = real(n) * log_q;
    let mut sum = log_term.exp();
    for i in 1..=k {
        log_term += (real(n - i + 1) / real(i)).ln() + log_p - log_q;
        sum += log_term.exp();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_those_of_tables() {
        // One-sided 95 %: 0 of 10 is 1 - 0.05^(1/10); the others from tables of the F distribution.
        assert!((upper(0, 10, 0.95) - (1.0 - 0.05_f64.powf(0.1))).abs() < 1e-9);
        assert!((upper(5, 100, 0.95) - 0.102_25).abs() < 1e-4);
        assert!((upper(50, 1_000, 0.95) - 0.062_95).abs() < 1e-3);
        assert_eq!((upper(0, 0, 0.95), upper(3, 3, 0.95)), (1.0, 1.0));
    }
}
