use std::fmt::Write as _;

use serde_json::{Value, json};

/// What a gate found.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// One finding per requirement, in the order of the gate.
    pub findings: Vec<Finding>,
}

/// One requirement and whether the candidate meets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What is judged: `suite.figure`, or a question.
    pub subject: String,
    /// The candidate's value; `None` over nothing.
    pub candidate: Option<f64>,
    /// The published release's value.
    pub published: Option<f64>,
    /// Mean of the paired differences, candidate less published.
    pub change: Option<f64>,
    /// 95% interval of the change.
    pub interval: Option<(f64, f64)>,
    /// Why it is not met.
    pub failure: Option<String>,
}

impl Verdict {
    /// Whether the candidate may be published.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.findings.iter().all(|finding| finding.failure.is_none())
    }

    /// The findings with stable field names.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let finding = |f: &Finding| {
            json!({
                "subject": f.subject,
                "candidate": f.candidate,
                "published": f.published,
                "change": f.change,
                "interval": f.interval.map(|(low, high)| [low, high]),
                "failure": f.failure,
            })
        };
        json!({
            "passes": self.passes(),
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
        })
    }

    /// The findings as text for a terminal.
    #[must_use]
    pub fn to_table(&self) -> String {
        let number = |value: Option<f64>| value.map_or("-".to_owned(), |v| format!("{v:.3}"));
        let mut table = String::new();
        for f in &self.findings {
            let word = if f.failure.is_some() { "FAILS" } else { "ok" };
            let interval = f
                .interval
                .map_or_else(String::new, |(low, high)| format!(" [{low:+.3}, {high:+.3}]"));
            let change =
                f.change.map_or_else(String::new, |c| format!("  change {c:+.3}{interval}"));
            let why = f.failure.as_deref().map_or_else(String::new, |why| format!("  {why}"));
            let (candidate, published) = (number(f.candidate), number(f.published));
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "{word:<6}{:<34} {candidate:>6} (published {published}){change}{why}",
                f.subject
            );
        }
        table
    }
}

impl Finding {
    pub(super) fn about(subject: String) -> Self {
        Self {
            subject,
            candidate: None,
            published: None,
            change: None,
            interval: None,
            failure: None,
        }
    }

    pub(super) fn fail(&mut self, why: impl Into<String>) {
        self.failure.get_or_insert(why.into());
    }
}
