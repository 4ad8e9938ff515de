//! From what every stage saw to the probability that an answer is right, as it was measured.

use kefu_core::Language;
use kefu_core::content::digest;

use crate::exchange::PIPELINE_VERSION;
use crate::prompt;

/// Functions fitted on questions with known answers. It holds for the models, prompts and pipeline
/// that it was fitted with, and for no others.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// What it was fitted with, as [`binding`] says it.
    pub bound_to: String,
    /// One function for each language and way of searching.
    pub fits: Vec<Fit>,
}

/// A logistic function of features whose scores are mapped to probabilities by a rising line.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Language of the questions.
    pub language: Language,
    /// Whether dense vectors were searched.
    pub with_dense: bool,
    /// Score without any feature.
    pub bias: f32,
    /// Weight of each feature by its name; a feature that is not there counts 0.
    pub weights: Vec<(String, f32)>,
    /// Scores and their probabilities, both rising; between two of them the line is straight, and
    /// beyond the ends it is level. Not empty.
    pub steps: Vec<(f32, f32)>,
    /// Probability from which an answer is given.
    pub threshold: f32,
}

impl Calibration {
    /// The function for a question; `None` when none was fitted for its kind.
    #[must_use]
    pub fn fit(&self, language: Language, with_dense: bool) -> Option<&Fit> {
        let is_it = |fit: &&Fit| fit.language == language && fit.with_dense == with_dense;
        self.fits.iter().find(is_it)
    }
}

impl Fit {
    /// Probability that an answer with these features is right, in 0..=1.
    #[must_use]
    pub fn probability(&self, features: &[(String, f32)]) -> f32 {
        let value = |name: &str| features.iter().find(|(found, _)| found == name).map(|f| f.1);
        let weighted = |(name, weight): &(String, f32)| weight * value(name).unwrap_or(0.0);
        let score = self.bias + self.weights.iter().map(weighted).sum::<f32>();
        let after = self.steps.partition_point(|(at, _)| *at <= score);
        let below = after.checked_sub(1).and_then(|before| self.steps.get(before));
        let probability = match (below, self.steps.get(after)) {
            (Some((x, y)), Some((x2, y2))) => y + (y2 - y) * (score - x) / (x2 - x),
            (Some((_, y)), None) | (None, Some((_, y))) => *y,
            (None, None) => 0.0,
        };
        probability.clamp(0.0, 1.0)
    }
}

/// What a calibration holds for: the version of the answer path, its prompts and its models, as 16
/// hexadecimal digits.
#[must_use]
pub fn binding(embedder: Option<&str>, generator: Option<&str>, reranker: Option<&str>) -> String {
    let models = [embedder, generator, reranker].map(|id| id.unwrap_or("none").as_bytes());
    let bytes = digest(&[
        PIPELINE_VERSION.as_bytes(),
        prompt::SYSTEM_PROMPT.as_bytes(),
        prompt::USER.as_bytes(),
        models[0],
        models[1],
        models[2],
    ]);
    bytes[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit() -> Fit {
        Fit {
            language: Language::ENGLISH,
            with_dense: true,
            bias: -1.0,
            weights: vec![("a".to_owned(), 2.0), ("b".to_owned(), 1.0)],
            steps: vec![(-1.0, 0.1), (0.0, 0.5), (1.0, 0.9)],
            threshold: 0.4,
        }
    }

    #[test]
    fn probabilities_follow_the_line_and_are_level_beyond_it() {
        let of = |a: f32| fit().probability(&[("a".to_owned(), a), ("other".to_owned(), 9.0)]);
        for (a, expected) in
            [(-1.0, 0.1), (0.0, 0.1), (0.25, 0.3), (0.75, 0.7), (1.0, 0.9), (5.0, 0.9)]
        {
            assert!((of(a) - expected).abs() < 1e-6, "{a}: {}", of(a));
        }
        let empty = Fit { steps: Vec::new(), ..fit() };
        assert_eq!(empty.probability(&[]).to_bits(), 0.0_f32.to_bits());
    }

    #[test]
    fn a_fit_is_for_one_language_and_one_way_of_searching() {
        let calibration = Calibration { bound_to: binding(None, None, None), fits: vec![fit()] };
        assert!(calibration.fit(Language::ENGLISH, true).is_some());
        assert!(calibration.fit(Language::ENGLISH, false).is_none());
        assert!(calibration.fit(Language::CHINESE, true).is_none());
        assert_ne!(binding(Some("a"), None, None), binding(None, Some("a"), None));
        assert_ne!(binding(Some("a"), None, None), binding(Some("a"), None, Some("b")));
        assert_eq!(binding(None, None, None), binding(None, None, None));
    }
}
