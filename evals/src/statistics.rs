//! Means, percentiles and their bootstrap intervals.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::metrics::real;

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A share or score in 0..=1.
    Ratio,
    /// Milliseconds.
    Milliseconds,
    /// Words or characters.
    Count,
}

/// Which direction is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// It only describes.
    Neither,
}

/// How values become a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Statistic {
    Mean,
    /// The value below which this share of the values lies.
    Percentile(f64),
}

/// A value with the cluster it belongs to: questions about one document stand or fall together,
/// so documents are drawn, not questions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Observation<'a> {
    pub(crate) cluster: &'a str,
    pub(crate) value: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    /// Percentile bootstrap, 95%; `None` with fewer than two clusters.
    pub(crate) interval: Option<(f64, f64)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Bootstrap {
    pub(crate) seed: u64,
    pub(crate) n_resamples: usize,
}

const LOWER_TAIL: f64 = 0.025;

/// The statistic of all values with its interval; `None` over nothing. Equal observations in any
/// order and an equal seed give an equal estimate.
pub(crate) fn estimate(
    observations: &[Observation<'_>],
    statistic: Statistic,
    bootstrap: Bootstrap,
) -> Option<Estimate> {
    let mut by_cluster: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for observation in observations {
        by_cluster.entry(observation.cluster).or_default().push(observation.value);
    }
    let mut clusters: Vec<Vec<f64>> = by_cluster.into_values().collect();
    for values in &mut clusters {
        values.sort_by(f64::total_cmp);
    }
    let value = of_clusters(&clusters.iter().collect::<Vec<_>>(), statistic)?;
    let interval = (clusters.len() >= 2).then(|| resample(&clusters, statistic, bootstrap));
    Some(Estimate { value, interval: interval.flatten() })
}

fn resample(
    clusters: &[Vec<f64>],
    statistic: Statistic,
    bootstrap: Bootstrap,
) -> Option<(f64, f64)> {
    let mut rng = StdRng::seed_from_u64(bootstrap.seed);
    let mut drawn: Vec<&Vec<f64>> = Vec::with_capacity(clusters.len());
    let mut estimates = Vec::with_capacity(bootstrap.n_resamples);
    for _ in 0..bootstrap.n_resamples {
        drawn.clear();
        drawn.extend((0..clusters.len()).map(|_| &clusters[rng.random_range(0..clusters.len())]));
        estimates.push(of_clusters(&drawn, statistic)?);
    }
    estimates.sort_by(f64::total_cmp);
    Some((percentile(&estimates, LOWER_TAIL)?, percentile(&estimates, 1.0 - LOWER_TAIL)?))
}

/// Percentile bootstrap, 95%, of a figure over clusters of any observations; `None` with fewer than
/// two clusters, or where a resample has no figure.
pub(crate) fn interval<T: Copy>(
    clusters: &[Vec<T>],
    figure: impl Fn(&[T]) -> Option<f64>,
    bootstrap: Bootstrap,
) -> Option<(f64, f64)> {
    if clusters.len() < 2 {
        return None;
    }
    let mut rng = StdRng::seed_from_u64(bootstrap.seed);
    let mut estimates = Vec::with_capacity(bootstrap.n_resamples);
    let mut drawn: Vec<T> = Vec::new();
    for _ in 0..bootstrap.n_resamples {
        drawn.clear();
        for _ in 0..clusters.len() {
            drawn.extend(&clusters[rng.random_range(0..clusters.len())]);
        }
        estimates.push(figure(&drawn)?);
    }
    estimates.sort_by(f64::total_cmp);
    Some((percentile(&estimates, LOWER_TAIL)?, percentile(&estimates, 1.0 - LOWER_TAIL)?))
}

fn of_clusters(clusters: &[&Vec<f64>], statistic: Statistic) -> Option<f64> {
    match statistic {
        Statistic::Mean => {
            let n: usize = clusters.iter().map(|values| values.len()).sum();
            let sum: f64 = clusters.iter().flat_map(|values| values.iter()).sum();
            (n > 0).then(|| sum / real(n))
        }
        Statistic::Percentile(share) => {
            let mut all: Vec<f64> = clusters.iter().flat_map(|v| v.iter().copied()).collect();
            all.sort_by(f64::total_cmp);
            percentile(&all, share)
        }
    }
}

/// Linear interpolation between the two nearest of the sorted values.
fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = real(last) * share.clamp(0.0, 1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place between 0 and the last index"
    )]
    let below = place.floor() as usize;
    let (low, high) = (sorted.get(below)?, sorted.get((below + 1).min(last))?);
    Some(low + (high - low) * place.fract())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    const BOOTSTRAP: Bootstrap = Bootstrap { seed: 7, n_resamples: 2_000 };

    fn observations(values: &[f64], names: &[String]) -> Vec<(f64, String)> {
        values.iter().copied().zip(names.iter().cloned()).collect()
    }

    fn run(rows: &[(f64, String)], statistic: Statistic) -> Option<Estimate> {
        let rows: Vec<_> =
            rows.iter().map(|(value, c)| Observation { cluster: c, value: *value }).collect();
        estimate(&rows, statistic, BOOTSTRAP)
    }

    fn own_clusters(values: &[f64]) -> Vec<(f64, String)> {
        let names: Vec<String> = (0..values.len()).map(|i| i.to_string()).collect();
        observations(values, &names)
    }

    #[test]
    fn nothing_has_no_estimate_and_one_cluster_no_interval() {
        assert_eq!(run(&[], Statistic::Mean), None);
        let one = run(&own_clusters(&[1.0]), Statistic::Mean).unwrap();
        assert_eq!(one, Estimate { value: 1.0, interval: None });
    }

    #[test]
    fn the_interval_of_a_share_is_near_the_normal_one() {
        let values: Vec<f64> = (0..400).map(|i| if i % 4 == 0 { 0.0 } else { 1.0 }).collect();
        let found = run(&own_clusters(&values), Statistic::Mean).unwrap();
        let (low, high) = found.interval.unwrap();
        // 0.75 ± 1.96 * sqrt(0.75 * 0.25 / 400)
        assert!((found.value - 0.75).abs() < 1e-12);
        assert!((low - 0.7076).abs() < 0.01, "{low}");
        assert!((high - 0.7924).abs() < 0.01, "{high}");
    }

    #[test]
    fn values_of_one_cluster_widen_the_interval() {
        let values: Vec<f64> = (0..100).map(|i| if i < 50 { 0.0 } else { 1.0 }).collect();
        let grouped: Vec<String> = (0..100).map(|i| (i / 10).to_string()).collect();
        let apart = run(&own_clusters(&values), Statistic::Mean).unwrap().interval.unwrap();
        let together = observations(&values, &grouped);
        let together = run(&together, Statistic::Mean).unwrap().interval.unwrap();
        assert!(together.1 - together.0 > 2.0 * (apart.1 - apart.0));
    }

    #[test]
    fn order_does_not_matter_and_the_seed_repeats() {
        let mut rows = own_clusters(&[0.0, 1.0, 1.0, 0.0, 1.0]);
        let first = run(&rows, Statistic::Mean);
        rows.reverse();
        assert_eq!(run(&rows, Statistic::Mean), first);
    }

    #[test]
    fn percentiles_interpolate() {
        let found = run(&own_clusters(&[10.0, 20.0, 30.0, 40.0]), Statistic::Percentile(0.5));
        assert!((found.unwrap().value - 25.0).abs() < 1e-12);
        let found = run(&own_clusters(&[10.0, 20.0, 30.0]), Statistic::Percentile(0.95));
        assert!((found.unwrap().value - 29.0).abs() < 1e-12);
    }
}
