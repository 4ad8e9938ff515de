use kefu_core::{ErrorKind, RecordsError, StoreError};
use thiserror::Error;

/// Why a question got no answer at all, not even an abstention.
#[derive(Debug, Error)]
pub enum RagError {
    /// A field of the question is wrong.
    #[error("{field}: {detail}")]
    Invalid {
        /// The field as callers name it.
        field: &'static str,
        /// What is wrong with it and what to do.
        detail: String,
    },
    /// A field of the question exceeds its limit.
    #[error("{field} has {actual} {unit}, at most {limit} are allowed; shorten it")]
    TooLarge {
        /// The field as callers name it.
        field: &'static str,
        /// What was given.
        actual: usize,
        /// What is allowed.
        limit: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// The caller proved to be a customer, and the conversation is proven to be another's.
    #[error(
        "the conversation belongs to another customer; begin a new one without conversation_id"
    )]
    OtherCustomer,
    /// The caller's deadline passed.
    #[error("the deadline passed while {stage}; allow more time or ask again")]
    DeadlineExceeded {
        /// What was being done.
        stage: &'static str,
    },
    /// The vector store failed, and the failure could not be handed to a person.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The records store failed.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A stage broke off; a defect.
    #[error("the {stage} stage broke off; this is a defect, see the log")]
    Broken {
        /// Which stage.
        stage: &'static str,
    },
}

impl RagError {
    /// What it means to a caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid { .. } => ErrorKind::Invalid,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::OtherCustomer => ErrorKind::Forbidden,
            Self::DeadlineExceeded { .. } => ErrorKind::DeadlineExceeded,
            Self::Store(error) => error.kind(),
            Self::Records(error) => error.kind(),
            Self::Broken { .. } => ErrorKind::Internal,
        }
    }

    /// The field at fault, when the input is.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Invalid { field, .. } | Self::TooLarge { field, .. } => Some(field),
            _ => None,
        }
    }
}
