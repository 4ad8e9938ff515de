use std::path::PathBuf;

use kefu_core::{ErrorKind, ModelError, RecordsError, StoreError};
use thiserror::Error;

/// Why a whole run failed. What is wrong with single files is in the report instead.
#[derive(Debug, Error)]
pub enum IngestError {
    /// A source does not exist or cannot be listed.
    #[error("cannot read {path}: {detail}", path = path.display())]
    Source {
        /// The path as it was given.
        path: PathBuf,
        /// The cause.
        detail: String,
    },
    /// A field of an upload has a wrong value.
    #[error("{field} {detail}")]
    Invalid {
        /// The field.
        field: String,
        /// What is wrong with it.
        detail: String,
    },
    /// An upload exceeds a limit.
    #[error("{what} exceeds the limit of {limit}; send less at a time")]
    TooLarge {
        /// What was counted.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Too many jobs wait.
    #[error("{limit} ingest jobs wait already; try again when some are done")]
    Overloaded {
        /// The limit.
        limit: usize,
    },
    /// Another process builds a release, or a staged build stands in the way.
    #[error("{detail}")]
    Conflict {
        /// What stands in the way, and what to do.
        detail: String,
    },
    /// A stored job cannot be read back.
    #[error("the stored job cannot be read: {detail}")]
    BadJob {
        /// The cause.
        detail: String,
    },
    /// A background thread of this process ended early.
    #[error("a worker thread of ingest ended early: {detail}")]
    Worker {
        /// The cause.
        detail: String,
    },
    /// The embedder broke its contract.
    #[error("embedder {model} answered {detail}")]
    BadVectors {
        /// Its id.
        model: String,
        /// What is wrong.
        detail: String,
    },
    /// The embedder failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The vector store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The records store failed.
    #[error(transparent)]
    Records(#[from] RecordsError),
}

impl IngestError {
    /// What it means to a caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Source { .. } | Self::Invalid { .. } => ErrorKind::Invalid,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::Overloaded { .. } => ErrorKind::Overloaded,
            Self::Conflict { .. } => ErrorKind::Conflict,
            Self::BadJob { .. } | Self::Worker { .. } | Self::BadVectors { .. } => {
                ErrorKind::Internal
            }
            Self::Model(error) => error.kind(),
            Self::Store(error) => error.kind(),
            Self::Records(error) => error.kind(),
        }
    }

    /// Whether the same work may succeed later without a change.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::Conflict
                | ErrorKind::Overloaded
                | ErrorKind::Unavailable
                | ErrorKind::StorageFull
                | ErrorKind::DeadlineExceeded
        )
    }
}
