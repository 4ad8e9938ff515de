//! The suites: what is asked, and what is measured.

pub(crate) mod answers;
pub(crate) mod curated;
mod figures;
pub(crate) mod injection;
mod progress;
pub(crate) mod retrieval;
pub(crate) mod triage;
pub(crate) mod trust;

pub(crate) use figures::groups;
pub(crate) use progress::Progress;

use crate::dataset::GoldQuestion;
use crate::options::Suite;
use crate::report::{ItemReport, Slice};
use crate::statistics::{Better, Statistic, Unit};

/// How a measure of items becomes a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FigureSpec {
    /// Name of the figure.
    pub(crate) name: &'static str,
    /// Name of the measure it is made of.
    pub(crate) measure: &'static str,
    pub(crate) unit: Unit,
    pub(crate) better: Better,
    pub(crate) statistic: Statistic,
}

impl FigureSpec {
    const fn mean(name: &'static str, unit: Unit, better: Better) -> Self {
        Self { name, measure: name, unit, better, statistic: Statistic::Mean }
    }

    const fn score(name: &'static str) -> Self {
        Self::mean(name, Unit::Ratio, Better::Higher)
    }

    const fn latency(name: &'static str, share: f64) -> Self {
        Self {
            name,
            measure: LATENCY,
            unit: Unit::Milliseconds,
            better: Better::Lower,
            statistic: Statistic::Percentile(share),
        }
    }
}

/// Milliseconds until the subject came back, also when it failed.
const LATENCY: &str = "latency_ms";

/// What a suite gives back.
pub(crate) struct SuiteRun {
    pub(crate) suite: Suite,
    pub(crate) slice: Slice,
    pub(crate) specs: &'static [FigureSpec],
    pub(crate) items: Vec<ItemReport>,
    pub(crate) notes: Vec<String>,
}

/// What a question is drawn together with: the document it is about, else itself.
fn cluster(question: &GoldQuestion) -> String {
    match &question.document_id {
        Some(id) => format!("document:{id}"),
        None => format!("question:{}", question.id),
    }
}
