//! Fitting confidence: weights of what the answer path saw, then the probabilities that they mean.
//!
//! Each data set counts the same, however many questions it has, and has an intercept of its own
//! while the weights are fitted, so that they say what tells right from wrong within a set rather
//! than which set a question is from. A weight never goes against its feature: what would count
//! evidence as a reason to doubt is left out. Scores become probabilities by isotonic regression on
//! scores that each question got from a fit without its document.

pub(crate) mod bounds;
mod file;
mod fit;
mod isotonic;
mod logistic;
mod report;
mod samples;

pub use file::{calibration_from_json, calibration_to_json};
pub use report::{CalibrationReport, SetFigures};

use std::collections::BTreeSet;

use kefu_core::Language;
use kefu_rag::Calibration;

use crate::error::EvalError;
use crate::report::EvalReport;
use samples::{Sample, samples};

/// How a calibration is fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrateOptions {
    /// Share of the documents whose questions are fitted on; the others judge.
    pub fit_share: f64,
    /// Seed of the split.
    pub seed: u64,
    /// Share of answerable questions that the threshold may refuse.
    pub max_false_refusals: f64,
    /// Share of answers that may be wrong: the threshold is then the lowest one of which that can
    /// be said with 95 % confidence (Clopper–Pearson), and `max_false_refusals` is not looked at.
    pub error_bound: Option<f64>,
}

/// A calibration, and how good it is on questions that it was not fitted on.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibrated {
    /// For the answer path.
    pub calibration: Calibration,
    /// On the held-out questions.
    pub report: CalibrationReport,
}

/// Fits a calibration on reports of the trust suite, one for each data set, all of one subject.
///
/// # Errors
/// [`EvalError::BadOption`] when a share is not between 0 and 1, the reports are of different
/// subjects, or no language has enough questions.
pub fn calibrate(
    reports: &[EvalReport],
    binding: &str,
    options: &CalibrateOptions,
) -> Result<Calibrated, EvalError> {
    check(reports, options)?;
    let all = samples(reports, options);
    let kinds: BTreeSet<(Language, bool)> = all.iter().map(Sample::kind).collect();
    let (mut fits, mut findings) = (Vec::new(), CalibrationReport::default());
    for kind in kinds {
        let of_kind: Vec<&Sample> = all.iter().filter(|sample| sample.kind() == kind).collect();
        let (fitted, judges): (Vec<&Sample>, Vec<&Sample>) =
            of_kind.iter().partition(|sample| sample.is_fitted);
        match fit::fit(kind, &fitted, options) {
            Some(fit) => {
                findings.judge(&fit, &judges);
                fits.push(fit);
            }
            None => findings.leave_out(kind, of_kind.len()),
        }
    }
    if fits.is_empty() {
        let detail = "no language has enough right and wrong answers to fit on".to_owned();
        return Err(EvalError::BadOption { option: "dataset", detail });
    }
    let calibration = Calibration { bound_to: binding.to_owned(), fits };
    Ok(Calibrated { calibration, report: findings })
}

fn check(reports: &[EvalReport], options: &CalibrateOptions) -> Result<(), EvalError> {
    let bad =
        |option, detail: &str| Err(EvalError::BadOption { option, detail: detail.to_owned() });
    let is_share = |share: f64| share > 0.0 && share < 1.0;
    if !is_share(options.fit_share) {
        return bad("fit-share", "must lie between 0 and 1");
    }
    if !is_share(options.max_false_refusals) {
        return bad("max-false-refusals", "must lie between 0 and 1");
    }
    if options.error_bound.is_some_and(|bound| !is_share(bound)) {
        return bad("error-bound", "must lie between 0 and 1");
    }
    if reports.windows(2).any(|pair| pair[0].subject != pair[1].subject) {
        return bad("dataset", "the reports are of different models or versions");
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests;
