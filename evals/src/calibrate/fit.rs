use std::collections::BTreeMap;

use kefu_core::Language;
use kefu_rag::Fit;

use super::isotonic::{self, Point};
use super::logistic::{Logistic, Row};
use super::samples::{N_FOLDS, Sample, set_weights};
use super::{CalibrateOptions, bounds};
use crate::metrics::share;

/// What confidence is made of, and whether more of it is evidence for (1) or against (-1) an
/// answer. Where a feature says the same for every question, its weight is 0.
pub(super) const FEATURES: [(&str, f64); 27] = [
    ("passage_coverage", 1.0),
    ("sentence_coverage", 1.0),
    ("picks_coverage", 1.0),
    ("passage_cosine", 1.0),
    ("sentence_cosine", 1.0),
    ("late_mean", 1.0),
    ("late_weakest", 1.0),
    ("margin", 1.0),
    ("numbers", 1.0),
    ("proximity", 1.0),
    ("named", 1.0),
    ("figure", 1.0),
    ("names", 1.0),
    ("lexical", 1.0),
    ("lexical_margin", 1.0),
    ("dense", 1.0),
    ("dense_margin", 1.0),
    ("rank_own_coverage", 1.0),
    ("rank_document_coverage", 1.0),
    ("rank_own_cosine", 1.0),
    ("rank_document_cosine", 1.0),
    ("rank_lexical", 1.0),
    ("rank_title", 1.0),
    ("rank_said", 1.0),
    ("agreement", 1.0),
    ("unseen", -1.0),
    ("missing", -1.0),
];
const RIDGE: f64 = 0.02;
/// What answerability teaches; rightness teaches the rest.
const ANSWERABLE_SHARE: f64 = 0.6;
/// Fewer questions, or fewer wrong or right answers among them, are not fitted on.
const MIN_SAMPLES: usize = 60;
const MIN_OF_A_KIND: usize = 15;
/// Share of the questions that a step of the line stands on at least.
const MIN_STEP_SHARE: f64 = 0.04;
const CONFIDENCE: f64 = 0.95;

/// Fits one kind of questions; `None` when there are too few.
pub(super) fn fit(
    (language, with_dense): (Language, bool),
    samples: &[&Sample],
    options: &CalibrateOptions,
) -> Option<Fit> {
    let n_right = samples.iter().filter(|sample| sample.right).count();
    let n_wrong = samples.len() - n_right;
    if samples.len() < MIN_SAMPLES || n_right.min(n_wrong) < MIN_OF_A_KIND {
        return None;
    }
    let weights = weights(samples)?;
    let set_weights = set_weights(samples);
    let mut points = Vec::with_capacity(samples.len());
    for fold in 0..N_FOLDS {
        let others: Vec<&Sample> = samples.iter().filter(|s| s.fold != fold).copied().collect();
        let without = self::weights(&others).unwrap_or_else(|| weights.clone());
        let own = samples.iter().zip(&set_weights).filter(|(sample, _)| sample.fold == fold);
        points.extend(own.map(|(sample, weight)| Point {
            score: score(&without, sample),
            value: share(sample.right),
            weight: *weight,
        }));
    }
    let min_weight = MIN_STEP_SHARE * set_weights.iter().sum::<f64>();
    let steps = rising(isotonic::fit(points, min_weight));
    let mut fit = Fit {
        language,
        with_dense,
        bias: 0.0,
        weights: weights.iter().map(|(name, w)| ((*name).to_owned(), narrow(*w))).collect(),
        steps: steps.into_iter().map(|(x, y)| (narrow(x), narrow(y))).collect(),
        threshold: 0.0,
    };
    fit.threshold = threshold(&fit, samples, options);
    Some(fit)
}

/// Weights that never go against their feature: what would is left out, one after another, the
/// worst first. Whether the question can be answered at all teaches a little more than rightness,
/// since an answer that misses the words of a reference may still be right.
fn weights(samples: &[&Sample]) -> Option<Vec<(&'static str, f64)>> {
    let set_weights = set_weights(samples);
    let mut sets: BTreeMap<&str, usize> = BTreeMap::new();
    for sample in samples {
        let n = sets.len();
        sets.entry(&sample.set).or_insert(n);
    }
    let mut used: Vec<(&'static str, f64)> = FEATURES.to_vec();
    loop {
        let rows: Vec<Vec<f64>> = samples
            .iter()
            .map(|sample| {
                let own = used.iter().map(|(name, sign)| sign * sample.feature(name));
                // The first set's intercept is the bias.
                let of_set = (1..sets.len()).map(|n| share(sets[sample.set.as_str()] == n));
                own.chain(of_set).collect()
            })
            .collect();
        let mut taught = Vec::with_capacity(rows.len() * 2);
        for ((features, sample), weight) in rows.iter().zip(samples).zip(&set_weights) {
            let (right, answerable) = (sample.right, sample.answerable);
            for (right, share) in [(right, 1.0 - ANSWERABLE_SHARE), (answerable, ANSWERABLE_SHARE)]
            {
                taught.push(Row { features, right, weight: weight * share });
            }
        }
        let fit = Logistic::fit(&taught, RIDGE)?;
        let worst = (0..used.len()).min_by(|a, b| fit.weights[*a].total_cmp(&fit.weights[*b]))?;
        if fit.weights[worst] >= 0.0 || used.len() == 1 {
            let signed = used.iter().zip(&fit.weights);
            let kept = signed.filter(|(_, weight)| **weight > 0.0);
            return Some(kept.map(|((name, sign), weight)| (*name, sign * weight)).collect());
        }
        used.remove(worst);
    }
}

fn score(weights: &[(&'static str, f64)], sample: &Sample) -> f64 {
    weights.iter().map(|(name, weight)| weight * sample.feature(name)).sum()
}

/// Steps that rise in both directions, however little, so that surer is never equal.
fn rising(knots: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let mut rising: Vec<(f64, f64)> = Vec::with_capacity(knots.len());
    for knot in knots {
        if rising.last().is_none_or(|last| knot.0 > last.0 + 1e-6) {
            rising.push(knot);
        }
    }
    rising
}

/// The threshold that the options ask for, on the questions that were fitted on.
fn threshold(fit: &Fit, samples: &[&Sample], options: &CalibrateOptions) -> f32 {
    let set_weights = set_weights(samples);
    let probability = |sample: &&Sample| fit.probability(&sample.features);
    let mut scored: Vec<(f32, f64, &Sample)> = samples
        .iter()
        .zip(set_weights)
        .map(|(sample, weight)| (probability(sample), weight, *sample))
        .collect();
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    match options.error_bound {
        None => {
            let answerable = || scored.iter().filter(|(_, _, sample)| sample.answerable);
            let allowed =
                options.max_false_refusals * answerable().map(|(_, weight, _)| weight).sum::<f64>();
            let mut refused = 0.0;
            let first_kept = answerable().find(|(_, weight, _)| {
                refused += weight;
                refused > allowed
            });
            first_kept.map_or(0.0, |(probability, _, _)| *probability)
        }
        Some(bound) => {
            let holds = |(n, (probability, _, _)): &(usize, &(f32, f64, &Sample))| {
                let answered = &scored[*n..];
                let n_wrong = answered.iter().filter(|(_, _, sample)| !sample.right).count();
                let starts = *n == 0 || scored[n - 1].0 < *probability;
                starts && bounds::upper(n_wrong, answered.len(), CONFIDENCE) <= bound
            };
            let lowest = scored.iter().enumerate().find(holds);
            // Nothing can be promised: answer nothing.
            lowest.map_or(1.0, |(_, (probability, _, _))| *probability)
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the answer path calculates with f32")]
fn narrow(value: f64) -> f32 {
    value as f32
}
