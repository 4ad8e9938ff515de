use std::path::PathBuf;

use kefu_core::ErrorKind;
use thiserror::Error;

/// Why an evaluation did not take place.
#[derive(Debug, Error)]
pub enum EvalError {
    /// A file or folder of the data set cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A line is not a row of its file.
    #[error("{}:{line}: {detail}", path.display())]
    BadRow {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong and what the form is.
        detail: String,
    },
    /// `dataset.toml` is not understood.
    #[error("{}: {detail}", path.display())]
    BadManifest {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// The folder holds neither questions nor examples.
    #[error("{} holds neither questions.jsonl nor examples.jsonl; name a data set folder", path.display())]
    NotADataset {
        /// Which folder.
        path: PathBuf,
    },
    /// No such suite.
    #[error("there is no suite {name:?}; use retrieval, answers, triage or all")]
    UnknownSuite {
        /// What was asked for.
        name: String,
    },
    /// The data set has no rows for a suite.
    #[error("data set {dataset} has no {rows} for the {suite} suite; choose another suite or set")]
    NothingToAsk {
        /// The data set.
        dataset: String,
        /// The suite.
        suite: &'static str,
        /// What it lacks.
        rows: &'static str,
    },
    /// An option has no meaning.
    #[error("{option}: {detail}")]
    BadOption {
        /// Which.
        option: &'static str,
        /// What is wrong and what is allowed.
        detail: String,
    },
}

impl EvalError {
    /// What it means to a caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unreadable { .. } | Self::NotADataset { .. } => ErrorKind::NotFound,
            Self::BadRow { .. }
            | Self::BadManifest { .. }
            | Self::UnknownSuite { .. }
            | Self::NothingToAsk { .. }
            | Self::BadOption { .. } => ErrorKind::Invalid,
        }
    }
}
