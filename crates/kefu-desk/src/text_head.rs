//! A linear classifier over hashed character n-grams, small enough to ship and quick to fit.
//!
//! It tells labels apart by how texts are written: no word list, no language. Fitting is
//! deterministic: the same examples and settings give the same bytes.

mod artefact;
mod fitting;
mod grams;
mod measured;

use crate::DeskError;
use grams::Grams;
pub use measured::{LabelReport, TextFitReport};

/// How a head is fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct TextHeadSettings {
    /// Longest n-gram, in letters, 1 to 8; a Chinese character counts as two, as it says more.
    pub max_gram_letters: u8,
    /// Features are hashed into two to this power of buckets, 8 to 20; each costs a byte a label.
    pub n_buckets_log2: u8,
    /// Passes over the examples, 1 to 200.
    pub n_epochs: u16,
    /// Pull of weights towards zero, 0 or more; larger for few or noisy examples.
    pub regularisation: f32,
}

impl TextHeadSettings {
    /// Good for some hundred to some ten thousand short texts.
    #[must_use]
    pub fn for_short_texts() -> Self {
        Self { max_gram_letters: 6, n_buckets_log2: 20, n_epochs: 10, regularisation: 1e-5 }
    }
}

/// A text with what it is an example of.
#[derive(Clone, Copy, Debug)]
pub struct LabelledText<'a> {
    /// The text; what is longer than some thousand bytes is read at both ends only.
    pub text: &'a str,
    /// Its label.
    pub label: &'a str,
}

/// A fitted classifier.
#[derive(Clone, Debug, PartialEq)]
pub struct TextHead {
    max_gram_letters: u8,
    n_buckets_log2: u8,
    /// Sorted; two at least.
    labels: Vec<String>,
    /// One for each label; for two labels one alone, which speaks for the second.
    planes: Vec<Plane>,
}

/// Weights of one label against the others, a byte each.
#[derive(Clone, Debug, PartialEq)]
struct Plane {
    bias: f32,
    scale: f32,
    weights: Vec<i8>,
}

impl TextHead {
    /// Fits a head.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] when there are fewer than two labels or settings are out of range.
    pub fn fit(
        examples: &[LabelledText<'_>],
        settings: &TextHeadSettings,
    ) -> Result<Self, DeskError> {
        fitting::fit(examples, settings, &mut || {})
    }

    /// Reads an artefact written by [`Self::to_bytes`].
    ///
    /// # Errors
    /// [`DeskError::Invalid`] when the bytes are no artefact, of another version or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DeskError> {
        artefact::read(bytes)
    }

    /// The artefact: versioned, with a checksum, the same bytes for the same head.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        artefact::write(self)
    }

    /// The labels, sorted.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// How likely each label is, in the order of [`Self::labels`]; sums to 1.
    #[must_use]
    pub fn probabilities(&self, text: &str) -> Vec<f32> {
        let grams = Grams::of(text, self.max_gram_letters, self.n_buckets_log2);
        let sure: Vec<f32> =
            self.planes.iter().map(|plane| logistic(plane.value(&grams))).collect();
        match sure.as_slice() {
            [second] => vec![1.0 - second, *second],
            all => {
                let sum = all.iter().sum::<f32>().max(f32::MIN_POSITIVE);
                all.iter().map(|one| one / sum).collect()
            }
        }
    }

    /// How likely one label is, 0 for a label never seen.
    #[must_use]
    pub fn probability(&self, text: &str, label: &str) -> f32 {
        let idx = self.labels.iter().position(|known| known == label);
        idx.and_then(|idx| self.probabilities(text).get(idx).copied()).unwrap_or(0.0)
    }
}

impl Plane {
    fn value(&self, grams: &Grams) -> f32 {
        let sum: f32 = grams
            .features
            .iter()
            .filter_map(|(bucket, value)| Some(f32::from(*self.weights.get(*bucket)?) * value))
            .sum();
        sum * self.scale + self.bias
    }
}

fn invalid(detail: &'static str) -> DeskError {
    DeskError::Invalid { field: "the text head", detail }
}

fn logistic(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

#[cfg(test)]
mod tests;
