//! How well a head tells texts that it was not shown.

use std::collections::{BTreeMap, BTreeSet};

use super::{LabelledText, TextHead, TextHeadSettings, fitting, invalid};
use crate::DeskError;
use crate::intents::FitObserver;

/// Parts of the examples that are held back in turn.
const N_FOLDS: usize = 5;

/// What fitting a [`TextHead`] came to.
#[derive(Clone, Debug, PartialEq)]
pub struct TextFitReport {
    /// Examples it was fitted on.
    pub n_examples: usize,
    /// Share of texts whose label was told by a head that had not seen them.
    pub accuracy: f64,
    /// The same by fold.
    pub accuracy_by_fold: Vec<f64>,
    /// The mean of the labels' F1, each counting the same.
    pub macro_f1: f64,
    /// Label by label, sorted.
    pub labels: Vec<LabelReport>,
}

/// How well one label is told.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelReport {
    /// The label.
    pub label: String,
    /// Its examples.
    pub n_examples: usize,
    /// Of the texts that were given it, the share that has it; 0 when none was.
    pub precision: f64,
    /// Of its texts, the share that was given it.
    pub recall: f64,
}

impl TextHead {
    /// As [`Self::fit`], and measures by five folds: each text is judged by a head that was fitted
    /// without it and without the same text anywhere else.
    ///
    /// # Errors
    /// As for [`Self::fit`], and when a label has less than two different texts.
    pub fn fit_measured(
        examples: &[LabelledText<'_>],
        settings: &TextHeadSettings,
        observer: &dyn FitObserver,
    ) -> Result<(Self, TextFitReport), DeskError> {
        let folds = folds(examples)?;
        let n_planes = match n_labels(examples) {
            2 => 1,
            n => n,
        };
        let n_total = (N_FOLDS + 1) * n_planes * usize::from(settings.n_epochs);
        let mut n_done = 0;
        let mut step = || {
            n_done += 1;
            observer.observe(n_done, n_total);
        };
        let mut told = vec![String::new(); examples.len()];
        let mut accuracy_by_fold = Vec::new();
        for fold in 0..N_FOLDS {
            let held: Vec<usize> = (0..examples.len()).filter(|idx| folds[*idx] == fold).collect();
            if held.is_empty() {
                continue;
            }
            let shown = examples.iter().zip(&folds).filter(|(_, at)| **at != fold);
            let shown: Vec<LabelledText<'_>> = shown.map(|(example, _)| *example).collect();
            let head = fitting::fit(&shown, settings, &mut step)?;
            for idx in &held {
                told[*idx] = head.likeliest(examples[*idx].text).to_owned();
            }
            let right = held.iter().filter(|idx| told[**idx] == examples[**idx].label).count();
            accuracy_by_fold.push(share(right, held.len()));
        }
        let head = fitting::fit(examples, settings, &mut step)?;
        Ok((head, report(examples, &told, accuracy_by_fold)))
    }

    /// The label that is most likely; of equally likely ones the first.
    #[must_use]
    pub fn likeliest(&self, text: &str) -> &str {
        let likely = self.probabilities(text);
        let best = likely.iter().enumerate().rev().max_by(|(_, a), (_, b)| a.total_cmp(b));
        best.and_then(|(idx, _)| self.labels.get(idx)).map_or("", String::as_str)
    }
}

fn n_labels(examples: &[LabelledText<'_>]) -> usize {
    examples.iter().map(|example| example.label).collect::<BTreeSet<_>>().len()
}

/// The fold of each example. The same text lies in one fold, and the texts of a label are spread
/// evenly.
fn folds(examples: &[LabelledText<'_>]) -> Result<Vec<usize>, DeskError> {
    let mut fold_of: BTreeMap<String, usize> = BTreeMap::new();
    let mut n_texts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut folds = Vec::with_capacity(examples.len());
    for LabelledText { text, label } in examples {
        let n_before = n_texts.entry(label).or_default();
        let fold = fold_of.entry(text.trim().to_lowercase()).or_insert_with(|| {
            let fold = *n_before % N_FOLDS;
            *n_before += 1;
            fold
        });
        folds.push(*fold);
    }
    if n_texts.values().any(|n| *n < 2) {
        return Err(invalid("needs two different texts of every label at least"));
    }
    Ok(folds)
}

fn report(
    examples: &[LabelledText<'_>],
    told: &[String],
    accuracy_by_fold: Vec<f64>,
) -> TextFitReport {
    // Of each label: its texts, the texts given it, and those of both.
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for (example, told) in examples.iter().zip(told) {
        counts.entry(example.label).or_default()[0] += 1;
        counts.entry(told).or_default()[1] += 1;
        if example.label == told {
            counts.entry(told).or_default()[2] += 1;
        }
    }
    let f1 = |[n_own, n_told, n_right]: &[usize; 3]| share(2 * n_right, n_own + n_told);
    let n_right = counts.values().map(|[_, _, n_right]| n_right).sum();
    TextFitReport {
        n_examples: examples.len(),
        accuracy: share(n_right, examples.len()),
        accuracy_by_fold,
        macro_f1: counts.values().map(f1).sum::<f64>() / counts.len().max(1) as f64,
        labels: counts
            .iter()
            .map(|(label, [n_own, n_told, n_right])| LabelReport {
                label: (*label).to_owned(),
                n_examples: *n_own,
                precision: share(*n_right, *n_told),
                recall: share(*n_right, *n_own),
            })
            .collect(),
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
