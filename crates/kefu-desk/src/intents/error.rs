use kefu_core::ErrorKind;
use thiserror::Error;

/// Why a list of intents or a head cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum IntentError {
    /// Fewer than two labels.
    #[error("there are examples of {n} label(s) only; a head needs at least 2")]
    TooFewLabels {
        /// How many there are.
        n: usize,
    },
    /// A label with hardly any examples.
    #[error(
        "label {label:?} has {n} different example(s) and needs at least {needed}; add some or leave the label out"
    )]
    TooFewExamples {
        /// The label.
        label: String,
        /// What it has.
        n: usize,
        /// What it needs.
        needed: usize,
    },
    /// More than a head can hold.
    #[error("there are {n} {what}; at most {limit} can be fitted, so take a sample")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        n: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A name that is no name.
    #[error("intent name {name:?} is not usable: write 1 to 100 characters on one line")]
    BadName {
        /// The name.
        name: String,
    },
    /// Two intents of one name.
    #[error("two intents are called {name:?}; join them or rename one")]
    Twice {
        /// The name.
        name: String,
    },
    /// A text without words.
    #[error("example {number} of label {label:?} holds no word; remove it")]
    EmptyText {
        /// The label.
        label: String,
        /// Its place among the examples, from 1.
        number: usize,
    },
    /// A label that the list of intents does not have.
    #[error("label {label:?} is not in the list of intents{}", hint(.nearest.as_deref()))]
    UnknownLabel {
        /// The label.
        label: String,
        /// The nearest one that is.
        nearest: Option<String>,
    },
    /// Vectors of different lengths, or not as many as texts.
    #[error(
        "the embedder gave vectors that do not fit together ({detail}); fit again with one embedder"
    )]
    Vectors {
        /// What does not fit.
        detail: String,
    },
    /// The file is not what was written.
    #[error("the head cannot be read: {detail}; make it again with `kefu triage fit`")]
    Damaged {
        /// What is wrong.
        detail: &'static str,
    },
    /// The file is of another version.
    #[error(
        "the head has version {found}, and this program reads version {}; make it again with `kefu triage fit`",
        super::codec::VERSION
    )]
    Version {
        /// Its version.
        found: usize,
    },
    /// The head is for vectors of another embedder.
    #[error(
        "the head was fitted with the embedder {bound_to}, but {in_use} is in use; fit it again with `kefu triage fit` or switch models.profile back"
    )]
    OtherEmbedder {
        /// What it was fitted with.
        bound_to: String,
        /// What is in use.
        in_use: String,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "; add it there or remove its examples".to_owned(),
        |name| format!("; did you mean {name:?}?"),
    )
}

impl IntentError {
    /// What it means to a caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::TooMany { .. } => ErrorKind::TooLarge,
            Self::OtherEmbedder { .. } => ErrorKind::Conflict,
            Self::TooFewLabels { .. }
            | Self::TooFewExamples { .. }
            | Self::BadName { .. }
            | Self::Twice { .. }
            | Self::EmptyText { .. }
            | Self::UnknownLabel { .. }
            | Self::Vectors { .. }
            | Self::Damaged { .. }
            | Self::Version { .. } => ErrorKind::Invalid,
        }
    }
}
