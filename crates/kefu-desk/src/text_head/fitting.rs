//! Logistic regression on n-grams that are first weighed by how unevenly labels use them.
//!
//! The weighing (Wang and Manning, "Baselines and Bigrams", 2012) makes a linear model strong on
//! few and short texts. Steps follow `AdaGrad`.

use super::grams::Grams;
use super::{LabelledText, Plane, TextHead, TextHeadSettings, invalid, logistic};
use crate::DeskError;

const STEP: f32 = 0.5;
const SMOOTHING: f32 = 0.5;
/// A gram of fewer texts says more about the text than about its label.
const MIN_TEXTS: f32 = 2.0;

/// `step` is called after each pass over the examples.
pub(super) fn fit(
    examples: &[LabelledText<'_>],
    settings: &TextHeadSettings,
    step: &mut dyn FnMut(),
) -> Result<TextHead, DeskError> {
    check(settings)?;
    let mut labels: Vec<String> = examples.iter().map(|e| e.label.to_owned()).collect();
    labels.sort();
    labels.dedup();
    if labels.len() < 2 {
        return Err(invalid("needs examples of two labels at least"));
    }
    let grams: Vec<Grams> = examples
        .iter()
        .map(|e| Grams::of(e.text, settings.max_gram_letters, settings.n_buckets_log2))
        .collect();
    let spoken_for = if labels.len() == 2 { &labels[1..] } else { &labels[..] };
    let planes = spoken_for
        .iter()
        .map(|label| {
            let is_it: Vec<bool> = examples.iter().map(|e| e.label == label).collect();
            plane(&grams, &is_it, settings, step)
        })
        .collect();
    Ok(TextHead {
        max_gram_letters: settings.max_gram_letters,
        n_buckets_log2: settings.n_buckets_log2,
        labels,
        planes,
    })
}

fn check(settings: &TextHeadSettings) -> Result<(), DeskError> {
    let fits = (1..=8).contains(&settings.max_gram_letters)
        && (8..=20).contains(&settings.n_buckets_log2)
        && (1..=200).contains(&settings.n_epochs)
        && settings.regularisation >= 0.0
        && settings.regularisation.is_finite();
    let problem = "settings are out of range: see their documentation";
    if fits { Ok(()) } else { Err(invalid(problem)) }
}

fn plane(
    grams: &[Grams],
    is_it: &[bool],
    settings: &TextHeadSettings,
    step: &mut dyn FnMut(),
) -> Plane {
    let n_buckets = 1_usize << settings.n_buckets_log2;
    let lean = lean(grams, is_it, n_buckets);
    let n_it = is_it.iter().filter(|it| **it).count();
    // Rare labels weigh as much as common ones.
    let weight_of = |it: bool| {
        let n = if it { n_it } else { is_it.len() - n_it };
        as_f32(is_it.len()) / (2.0 * as_f32(n.max(1)))
    };
    let mut weights = vec![0.0_f32; n_buckets];
    let mut squares = vec![1e-8_f32; n_buckets];
    let (mut bias, mut bias_squares) = (0.0_f32, 1e-8_f32);
    let mut order: Vec<usize> = (0..grams.len()).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..settings.n_epochs {
        shuffle(&mut order, &mut random);
        for &idx in &order {
            let features = &grams[idx].features;
            let value: f32 =
                bias + features.iter().map(|(b, x)| weights[*b] * lean[*b] * x).sum::<f32>();
            let truth = if is_it[idx] { 1.0 } else { 0.0 };
            let error = (logistic(value) - truth) * weight_of(is_it[idx]);
            for (bucket, x) in features {
                let slope = error * lean[*bucket] * x + settings.regularisation * weights[*bucket];
                squares[*bucket] += slope * slope;
                weights[*bucket] -= STEP * slope / squares[*bucket].sqrt();
            }
            bias_squares += error * error;
            bias -= STEP * error / bias_squares.sqrt();
        }
        step();
    }
    for (weight, lean) in weights.iter_mut().zip(&lean) {
        *weight *= lean;
    }
    rounded(bias, &weights)
}

/// How unevenly each bucket is used: the log of the ratio of its shares in both kinds of texts; 0 for
/// one that hardly any text uses.
fn lean(grams: &[Grams], is_it: &[bool], n_buckets: usize) -> Vec<f32> {
    let mut with = vec![SMOOTHING; n_buckets];
    let mut without = vec![SMOOTHING; n_buckets];
    for (grams, is_it) in grams.iter().zip(is_it) {
        let counts = if *is_it { &mut with } else { &mut without };
        for (bucket, _) in &grams.features {
            counts[*bucket] += 1.0;
        }
    }
    let n_with: f32 = with.iter().sum();
    let n_without: f32 = without.iter().sum();
    let lean = |(a, b): (&f32, &f32)| {
        let is_rare = a + b < MIN_TEXTS + 2.0 * SMOOTHING;
        if is_rare { 0.0 } else { ((a / n_with) / (b / n_without)).ln() }
    };
    with.iter().zip(&without).map(lean).collect()
}

fn rounded(bias: f32, weights: &[f32]) -> Plane {
    let largest = weights.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
    let scale = (largest / 127.0).max(f32::MIN_POSITIVE);
    let byte = |weight: &f32| {
        #[expect(clippy::cast_possible_truncation, reason = "within -127 to 127 by the scale")]
        let byte = (weight / scale).round() as i8;
        byte
    };
    Plane { bias, scale, weights: weights.iter().map(byte).collect() }
}

fn shuffle(order: &mut [usize], random: &mut u64) {
    for idx in (1..order.len()).rev() {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        let range = u64::try_from(idx + 1).unwrap_or(1);
        order.swap(idx, usize::try_from(*random % range).unwrap_or(0));
    }
}

fn as_f32(n: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "counts of examples")]
    let n = n as f32;
    n
}
