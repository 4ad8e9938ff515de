use std::collections::BTreeMap;
use std::fmt::Write as _;

use kefu_core::Language;
use kefu_rag::Fit;
use serde_json::{Value, json};

use super::fit::FEATURES;
use super::samples::Sample;
use crate::metrics::real;
use crate::metrics::trust::{self, Judged};

/// Share of answerable questions that may be refused, for `refused_unanswerable@10`.
const FALSE_REFUSALS: f64 = 0.1;

/// How good a calibration is on questions that it was not fitted on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CalibrationReport {
    /// By kind of question: all sets together, then each.
    pub figures: Vec<SetFigures>,
    /// Kinds of questions that were left out.
    pub notes: Vec<String>,
}

/// Figures over one set, or over all of a language.
#[derive(Clone, Debug, PartialEq)]
pub struct SetFigures {
    /// Language of the questions.
    pub language: Language,
    /// Whether dense vectors were searched.
    pub with_dense: bool,
    /// The set; all together when `None`.
    pub set: Option<String>,
    /// Questions.
    pub n: usize,
    /// The threshold.
    pub threshold: f32,
    /// Figures by name; see `evals/README.md`.
    pub values: Vec<(&'static str, Option<f64>)>,
    /// The signal that alone has the lowest `aurc`, with it.
    pub best_signal: Option<(&'static str, f64)>,
}

impl CalibrationReport {
    pub(super) fn judge(&mut self, fit: &Fit, judges: &[&Sample]) {
        let mut sets: BTreeMap<&str, Vec<&Sample>> = BTreeMap::new();
        for sample in judges {
            sets.entry(&sample.set).or_default().push(sample);
        }
        self.figures.push(figures(fit, None, judges));
        let of_sets = sets.iter().map(|(set, samples)| figures(fit, Some(set), samples));
        self.figures.extend(of_sets);
    }

    pub(super) fn leave_out(&mut self, (language, with_dense): (Language, bool), n: usize) {
        let how = if with_dense { "with" } else { "without" };
        self.notes.push(format!(
            "{language} {how} dense vectors: {n} questions are too few to fit on, or all of one kind"
        ));
    }

    /// The report as text for a terminal.
    #[must_use]
    pub fn to_table(&self) -> String {
        let mut out = String::new();
        for figures in &self.figures {
            let set = figures.set.as_deref().unwrap_or("all sets");
            let dense = if figures.with_dense { "dense" } else { "lexical" };
            // Writing to a string cannot fail.
            let _ = write!(
                out,
                "{} {dense:<7} {set:<22} n {:<5} threshold {:.3}",
                figures.language, figures.n, figures.threshold
            );
            for (name, value) in &figures.values {
                let value = value.map_or("-".to_owned(), |value| format!("{value:.3}"));
                let _ = write!(out, "  {name} {value}");
            }
            if let Some((name, value)) = figures.best_signal {
                let _ = write!(out, "  best signal alone {name} {value:.3}");
            }
            out.push('\n');
        }
        for note in &self.notes {
            let _ = writeln!(out, "note: {note}");
        }
        out
    }

    /// The report with stable field names.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let figures = self.figures.iter().map(|figures| {
            let values: serde_json::Map<String, Value> =
                figures.values.iter().map(|(name, v)| ((*name).to_owned(), json!(v))).collect();
            json!({
                "lang": figures.language.code(),
                "with_dense": figures.with_dense,
                "set": figures.set,
                "n": figures.n,
                "threshold": figures.threshold,
                "figures": values,
                "best_signal": figures.best_signal.map(|(name, _)| name),
                "aurc_of_best_signal": figures.best_signal.map(|(_, value)| value),
            })
        });
        json!({ "figures": figures.collect::<Vec<_>>(), "notes": self.notes })
    }
}

fn figures(fit: &Fit, set: Option<&str>, samples: &[&Sample]) -> SetFigures {
    let judged_by = |confidence: &dyn Fn(&Sample) -> f64| -> Vec<Judged> {
        let one = |sample: &&Sample| Judged {
            confidence: confidence(sample),
            right: sample.right,
            answerable: sample.answerable,
        };
        samples.iter().map(one).collect()
    };
    let all = judged_by(&|sample| f64::from(fit.probability(&sample.features)));
    let threshold = f64::from(fit.threshold);
    let share = |of: &dyn Fn(&Judged) -> bool, hits: &dyn Fn(&Judged) -> bool| {
        let n = all.iter().filter(|j| of(j)).count();
        let n_hits = all.iter().filter(|j| of(j) && hits(j)).count();
        (n > 0).then(|| real(n_hits) / real(n))
    };
    let is_refused = |j: &Judged| j.confidence < threshold;
    let best_signal = FEATURES.iter().filter_map(|(name, sign)| {
        let alone = judged_by(&|sample| sign * sample.feature(name));
        Some((*name, trust::aurc(&alone)?))
    });
    SetFigures {
        language: fit.language,
        with_dense: fit.with_dense,
        set: set.map(str::to_owned),
        n: samples.len(),
        threshold: fit.threshold,
        values: vec![
            ("ece", trust::ece(&all)),
            ("aurc", trust::aurc(&all)),
            ("auroc_right", trust::auroc(&all, |j| j.right)),
            ("auroc_answerable", trust::auroc(&all, |j| j.answerable)),
            ("refused_unanswerable@10", trust::refused_at(&all, FALSE_REFUSALS)),
            ("false_refusal", share(&|j| j.answerable, &is_refused)),
            ("refused_unanswerable", share(&|j| !j.answerable, &is_refused)),
            ("wrong_of_answered", share(&|j| !is_refused(j), &|j| !j.right)),
        ],
        best_signal: best_signal.min_by(|a, b| a.1.total_cmp(&b.1)),
    }
}
