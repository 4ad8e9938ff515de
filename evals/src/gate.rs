//! The gate in front of a release: what a candidate must reach before customers see it.

mod suite;
mod verdict;

pub use suite::{GateSuite, Requirement};
pub use verdict::{Finding, Verdict};

use crate::report::{EvalReport, ItemReport, Slice};
use crate::statistics::{Better, Bootstrap, Observation, Statistic, estimate};

/// Judges a candidate by its report, beside the report of what is published. Without a published
/// release only absolute requirements count.
///
/// A figure may fall by as much as its requirement allows. It fails when it falls further and the
/// 95% interval of the paired difference (same questions, documents drawn) lies below zero, so
/// that a gate of few questions does not refuse by chance; `min` and `must_pass` know no such
/// mercy.
#[must_use]
pub fn judge(suite: &GateSuite, candidate: &EvalReport, published: Option<&EvalReport>) -> Verdict {
    let mut findings: Vec<Finding> = suite
        .require
        .iter()
        .map(|requirement| judge_figure(requirement, candidate, published))
        .collect();
    findings.extend(suite.must_pass.iter().map(|id| judge_question(id, candidate)));
    Verdict { findings }
}

fn judge_figure(
    requirement: &Requirement,
    candidate: &EvalReport,
    published: Option<&EvalReport>,
) -> Finding {
    let figure = |report: &EvalReport| {
        report.figure(requirement.suite, Slice::AsAsked, &requirement.figure).cloned()
    };
    let mut finding =
        Finding::about(format!("{}.{}", requirement.suite.as_str(), requirement.figure));
    let Some(found) = figure(candidate) else {
        finding.fail("the questions give no such figure; look at the names `kefu eval run` prints");
        return finding;
    };
    let lower_is_better = found.better == Better::Lower;
    finding.candidate = found.value;
    finding.published = published.and_then(figure).and_then(|figure| figure.value);
    match (found.value, requirement.limit) {
        (None, Some(_)) => finding.fail("no question counts towards it"),
        (Some(value), Some(limit)) if lower_is_better && value > limit => {
            finding.fail(format!("must be at most {limit}"));
        }
        (Some(value), Some(limit)) if !lower_is_better && value < limit => {
            finding.fail(format!("must be at least {limit}"));
        }
        _ => {}
    }
    if let (Some(published), Some(allowed)) = (published, requirement.max_drop) {
        let sign = if lower_is_better { -1.0 } else { 1.0 };
        let changes = paired(requirement, candidate, published, sign);
        let observations: Vec<Observation<'_>> = changes
            .iter()
            .map(|(cluster, change)| Observation { cluster, value: *change })
            .collect();
        let options = &candidate.options;
        let bootstrap = Bootstrap { seed: options.seed, n_resamples: options.n_resamples };
        if let Some(change) = estimate(&observations, Statistic::Mean, bootstrap) {
            finding.change = Some(change.value * sign);
            finding.interval = change
                .interval
                .map(|(low, high)| if sign < 0.0 { (-high, -low) } else { (low, high) });
            let is_certain = change.interval.is_none_or(|(_, high)| high < 0.0);
            if change.value < -allowed && is_certain {
                finding.fail(format!("may get worse by {allowed} at most"));
            }
        }
    }
    finding
}

/// Change of each question that both reports asked, positive when it got better.
fn paired<'a>(
    requirement: &Requirement,
    candidate: &'a EvalReport,
    published: &EvalReport,
    sign: f64,
) -> Vec<(&'a str, f64)> {
    let of = |item: &ItemReport| item.value(&requirement.figure);
    let belongs =
        |item: &&ItemReport| item.suite == requirement.suite && item.slice == Slice::AsAsked;
    let before: std::collections::HashMap<&str, f64> = published
        .items
        .iter()
        .filter(belongs)
        .filter_map(|item| Some((item.id.as_str(), of(item)?)))
        .collect();
    candidate
        .items
        .iter()
        .filter(belongs)
        .filter_map(|item| {
            let change = of(item)? - before.get(item.id.as_str())?;
            Some((item.cluster.as_str(), change * sign))
        })
        .collect()
}

/// A question that must be answered right, or refused where it has no answer.
fn judge_question(id: &str, candidate: &EvalReport) -> Finding {
    let mut finding = Finding::about(format!("question {id}"));
    let asked = candidate
        .items
        .iter()
        .find(|item| item.id == id && item.suite == crate::options::Suite::Answers);
    let Some(item) = asked else {
        finding.fail("it was not asked; name a question of the data set, and take no sample");
        return finding;
    };
    let measure = ["contains_gold", "cites_gold_document", "refused_unanswerable"]
        .into_iter()
        .find_map(|name| item.value(name));
    finding.candidate = measure;
    if measure.is_none_or(|value| value < 1.0) {
        let outcome = item.outcome.unwrap_or("failed");
        finding.fail(format!("must be answered right; it was {outcome}"));
    }
    finding
}

#[cfg(test)]
mod tests;
