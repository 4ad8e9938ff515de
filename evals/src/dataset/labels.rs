//! What the labels of a set's examples mean for triage.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::error::EvalError;

/// What triage may find in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TriageSignal {
    /// The customer wants a person.
    Human,
    /// The customer complains.
    Complaint,
    /// The customer is not content, complaining or not.
    Dissatisfaction,
    /// The customer abuses somebody.
    Abuse,
    /// Money or an account is in danger.
    MoneySafety,
    /// The turn attacks the assistant.
    Unsafe,
    /// The turn is not the service's business.
    OutOfScope,
}

impl TriageSignal {
    /// All signals.
    pub const ALL: [Self; 7] = [
        Self::Human,
        Self::Complaint,
        Self::Dissatisfaction,
        Self::Abuse,
        Self::MoneySafety,
        Self::Unsafe,
        Self::OutOfScope,
    ];

    /// The word in `labels.toml` and in names of figures.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Complaint => "complaint",
            Self::Dissatisfaction => "dissatisfaction",
            Self::Abuse => "abuse",
            Self::MoneySafety => "money_safety",
            Self::Unsafe => "unsafe",
            Self::OutOfScope => "out_of_scope",
        }
    }

    /// Labels that mean it where a set does not say otherwise.
    fn usual(self) -> &'static [&'static str] {
        match self {
            Self::Human => &[
                "human",
                "human_requested",
                "wants_human",
                "handoff",
                "contact_human_agent",
                "contact_customer_service",
            ],
            Self::Complaint => &["complaint"],
            Self::Dissatisfaction => &["dissatisfaction", "dissatisfied", "negative", "complaint"],
            Self::Abuse => &["abuse", "abusive", "offensive", "toxic", "insult", "hate"],
            Self::MoneySafety => &["money_safety", "fraud"],
            Self::Unsafe => &["attack", "unsafe"],
            Self::OutOfScope => &["oos", "out_of_scope", "off_topic"],
        }
    }
}

/// Which labels stand for which signals. A label of several parts, joined by `|`, stands for those
/// of all its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriageLabels {
    labels: BTreeMap<TriageSignal, BTreeSet<String>>,
    intents: Option<bool>,
}

impl Default for TriageLabels {
    fn default() -> Self {
        let usual = |signal: TriageSignal| {
            (signal, signal.usual().iter().map(|&label| label.to_owned()).collect())
        };
        Self { labels: TriageSignal::ALL.into_iter().map(usual).collect(), intents: None }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelsFile {
    intents: Option<bool>,
    #[serde(default)]
    signals: BTreeMap<String, BTreeSet<String>>,
}

impl TriageLabels {
    /// Reads a file such as
    ///
    /// ```toml
    /// intents = true                       # labels are intents; left out, it is guessed
    /// [signals]
    /// human = ["handoff"]                  # replaces the usual labels of the signal
    /// money_safety = ["compromised_card"]
    /// ```
    ///
    /// # Errors
    /// [`EvalError::Unreadable`] and [`EvalError::BadManifest`].
    pub fn read(path: &Path) -> Result<Self, EvalError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| EvalError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text)
            .map_err(|detail| EvalError::BadManifest { path: path.to_owned(), detail })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: LabelsFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut labels = Self { intents: file.intents, ..Self::default() };
        for (word, of_signal) in file.signals {
            let known = TriageSignal::ALL.into_iter().find(|signal| signal.as_str() == word);
            let Some(signal) = known else {
                let words: Vec<&str> = TriageSignal::ALL.map(TriageSignal::as_str).into();
                return Err(format!("no signal is called {word:?}; use {}", words.join(", ")));
            };
            labels.labels.insert(signal, of_signal);
        }
        Ok(labels)
    }

    /// Whether a label stands for a signal.
    #[must_use]
    pub fn means(&self, label: &str, signal: TriageSignal) -> bool {
        let known = self.labels.get(&signal);
        label.split('|').any(|part| known.is_some_and(|known| known.contains(part)))
    }

    /// Whether labels are said to be intents.
    pub(crate) fn are_intents(&self) -> Option<bool> {
        self.intents
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn a_file_replaces_what_is_usual() {
        let usual = TriageLabels::default();
        assert!(usual.means("oos", TriageSignal::OutOfScope));
        assert!(usual.means("request_info|handoff", TriageSignal::Human));
        assert!(!usual.means("greeting", TriageSignal::Human));
        let own = TriageLabels::parse("[signals]\nhuman = [\"boss\"]\n").unwrap();
        assert!(
            own.means("boss", TriageSignal::Human) && !own.means("handoff", TriageSignal::Human)
        );
        assert!(own.means("offensive", TriageSignal::Abuse));
        assert_eq!(own.are_intents(), None);
    }

    #[test]
    fn mistakes_are_named() {
        let error = TriageLabels::parse("[signals]\nangry = []\n").unwrap_err();
        assert!(error.contains("\"angry\"") && error.contains("complaint"), "{error}");
        assert!(TriageLabels::parse("intent = true").is_err());
    }
}
