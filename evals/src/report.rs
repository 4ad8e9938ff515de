//! What an evaluation found.

mod html;
mod json;
mod table;

use kefu_core::Language;

use crate::options::{RunOptions, Suite};
use crate::statistics::{Better, Unit};
use crate::subject::SubjectInfo;

/// Figures, and the items they were made of.
#[derive(Clone, Debug, PartialEq)]
pub struct EvalReport {
    /// Name of the data set.
    pub dataset: String,
    /// Its fingerprint.
    pub dataset_hash: String,
    /// Questions in the set.
    pub n_questions: usize,
    /// Examples in the set.
    pub n_examples: usize,
    /// How it was run.
    pub options: RunOptions,
    /// What was evaluated.
    pub subject: SubjectInfo,
    /// Figures by suite, variant and part of the set.
    pub groups: Vec<FigureGroup>,
    /// What a reader should know, such as what was not scored and why.
    pub notes: Vec<String>,
    /// How often each label met each outcome or was taken for each other one, for triage.
    pub confusions: Vec<Confusion>,
    /// Every question asked.
    pub items: Vec<ItemReport>,
}

impl EvalReport {
    /// The report with stable field names.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        json::render(self)
    }

    /// The report as text for a terminal.
    #[must_use]
    pub fn to_table(&self) -> String {
        table::render(self)
    }

    /// The report as one page that needs nothing else.
    #[must_use]
    pub fn to_html(&self) -> String {
        html::render(self)
    }

    /// A figure over the whole set.
    #[must_use]
    pub fn figure(&self, suite: Suite, slice: Slice, name: &str) -> Option<&Figure> {
        let whole = |g: &&FigureGroup| g.suite == suite && g.slice == slice && g.part == Part::All;
        self.groups.iter().find(whole)?.figures.iter().find(|figure| figure.name == name)
    }
}

/// Which variant of a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slice {
    /// Each question with the history it has.
    AsAsked,
    /// Each question without its history.
    Alone,
}

impl Slice {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsAsked => "as_asked",
            Self::Alone => "alone",
        }
    }
}

/// Which part of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    All,
    /// Questions in a language; only where a set has several.
    Language(Language),
    /// Examples with a label.
    Label(String),
}

/// Figures over one part of a set.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureGroup {
    /// The suite.
    pub suite: Suite,
    /// Its variant.
    pub slice: Slice,
    /// The part of the set.
    pub part: Part,
    /// Items in it.
    pub n_items: usize,
    /// Items whose asking failed; they count as the worst outcome in every figure.
    pub n_failed: usize,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// How often rows of one label were given which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    /// What was given: `outcome` of triage, or `intent`.
    pub name: &'static str,
    /// Label, what was given, how often; pairs that never occur are left out.
    pub rows: Vec<(String, String, usize)>,
}

/// One number with its uncertainty.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Stable name.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// Items it is over.
    pub n: usize,
    /// The value; `None` over nothing.
    pub value: Option<f64>,
    /// 95% bootstrap interval; `None` where fewer than two documents are involved.
    pub interval: Option<(f64, f64)>,
}

/// One question (or example) and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemReport {
    /// The suite.
    pub suite: Suite,
    /// Its variant.
    pub slice: Slice,
    /// The question's id; for an example its number, from 1.
    pub id: String,
    /// What was asked.
    pub question: String,
    /// The language the data set states.
    pub language: Language,
    /// The label, for examples.
    pub label: Option<String>,
    /// What was drawn together with it for intervals.
    pub cluster: String,
    /// Why asking failed.
    pub failure: Option<String>,
    /// What became of it, in a word.
    pub outcome: Option<&'static str>,
    /// How the answer was made.
    pub lane: Option<&'static str>,
    /// The answer, for the answers suite; for an example the intent that it was given.
    pub answer: Option<String>,
    /// How sure the subject was, for the answers suite.
    pub confidence: Option<f32>,
    /// What confidence was made of, for the trust suite.
    pub features: Vec<(String, f32)>,
    /// Documents found or cited, best first.
    pub documents: Vec<String>,
    /// Measures by name; a measure that does not apply is left out.
    pub values: Vec<(&'static str, f64)>,
}

impl ItemReport {
    /// A measure, when it applies.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<f64> {
        self.values.iter().find(|(found, _)| *found == name).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests;
