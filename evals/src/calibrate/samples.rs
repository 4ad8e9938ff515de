use kefu_core::Language;
use kefu_core::content::digest;

use super::CalibrateOptions;
use crate::metrics::real;
use crate::options::Suite;
use crate::report::EvalReport;
use crate::suites::trust::judged;

/// Parts of the fitted questions that are scored by a fit without them.
pub(super) const N_FOLDS: u64 = 5;

/// A feature that only the dense leg gives.
const OF_DENSE: &str = "passage_cosine";

/// One question.
pub(super) struct Sample {
    pub(super) set: String,
    pub(super) language: Language,
    pub(super) features: Vec<(String, f32)>,
    pub(super) right: bool,
    pub(super) answerable: bool,
    /// Whether it is fitted on; the others judge.
    pub(super) is_fitted: bool,
    /// Which part of the fitted ones.
    pub(super) fold: u64,
}

impl Sample {
    pub(super) fn kind(&self) -> (Language, bool) {
        (self.language, self.features.iter().any(|(name, _)| name == OF_DENSE))
    }

    pub(super) fn feature(&self, name: &str) -> f64 {
        let found = self.features.iter().find(|(found, _)| found == name);
        found.map_or(0.0, |(_, value)| f64::from(*value))
    }
}

/// Questions that were answered, as seen by the answer path. Questions about one document are
/// fitted on or judge together.
pub(super) fn samples(reports: &[EvalReport], options: &CalibrateOptions) -> Vec<Sample> {
    let mut all = Vec::new();
    for report in reports {
        let items = report.items.iter();
        for item in items.filter(|i| i.suite == Suite::Trust && !i.features.is_empty()) {
            let seed = options.seed.to_le_bytes();
            let bytes = digest(&[&seed, report.dataset.as_bytes(), item.cluster.as_bytes()]);
            let number = |at: usize| {
                let mut word = [0; 4];
                word.copy_from_slice(&bytes[at..at + 4]);
                u32::from_le_bytes(word)
            };
            let judged = judged(item);
            all.push(Sample {
                set: report.dataset.clone(),
                language: item.language,
                features: item.features.clone(),
                right: judged.right,
                answerable: judged.answerable,
                is_fitted: f64::from(number(0)) < options.fit_share * f64::from(u32::MAX),
                fold: u64::from(number(4)) % N_FOLDS,
            });
        }
    }
    all
}

/// Weights that let each set count the same, and all together 1 each on average.
pub(super) fn set_weights(samples: &[&Sample]) -> Vec<f64> {
    let mut sets: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for sample in samples {
        *sets.entry(&sample.set).or_default() += 1;
    }
    let each = real(samples.len()) / real(sets.len().max(1));
    samples.iter().map(|sample| each / real(sets[sample.set.as_str()])).collect()
}
