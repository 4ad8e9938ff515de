//! Errors of the ports, and the short list of kinds that every error maps to.

use thiserror::Error;

/// What an error means to a caller, free of any protocol. Each crate's error maps to one of these
/// and one table in `kefu-server` maps these to HTTP statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The input is wrong; sending it again will not help.
    Invalid,
    /// The input is larger than a stated limit.
    TooLarge,
    /// No such thing, or not visible to the caller.
    NotFound,
    /// The caller's role does not allow it.
    Forbidden,
    /// The present state does not allow it.
    Conflict,
    /// Too much work is waiting; try again later.
    Overloaded,
    /// A part that should be there is not ready or not reachable; try again later.
    Unavailable,
    /// The disk is full or not writable; nothing was changed.
    StorageFull,
    /// The deadline passed.
    DeadlineExceeded,
    /// A defect or damaged data.
    Internal,
}

impl ErrorKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Invalid,
        Self::TooLarge,
        Self::NotFound,
        Self::Forbidden,
        Self::Conflict,
        Self::Overloaded,
        Self::Unavailable,
        Self::StorageFull,
        Self::DeadlineExceeded,
        Self::Internal,
    ];
}

/// An id that does not have the required form.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("expected {expected}")]
pub struct InvalidId {
    /// The required form.
    pub expected: &'static str,
}

/// Failure of an embedder, reranker, generator or entailment model.
#[derive(Debug, Error)]
pub enum ModelError {
    /// Too many requests wait for the model.
    #[error("the {model} queue is full ({limit} waiting); try again shortly")]
    Overloaded {
        /// Which model.
        model: String,
        /// Its limit.
        limit: usize,
    },
    /// The input does not fit.
    #[error("input of {n_tokens} tokens exceeds the limit of {limit} of {model}")]
    TooLong {
        /// Which model.
        model: String,
        /// What was given.
        n_tokens: usize,
        /// What fits.
        limit: usize,
    },
    /// The deadline passed before the model finished.
    #[error("the deadline passed while {model} was working")]
    DeadlineExceeded {
        /// Which model.
        model: String,
    },
    /// The model's worker has ended.
    #[error("the worker of {model} has stopped")]
    Stopped {
        /// Which model.
        model: String,
    },
    /// The computation failed.
    #[error("{model} failed: {detail}")]
    Failed {
        /// Which model.
        model: String,
        /// The cause.
        detail: String,
    },
}

impl ModelError {
    /// What it means to a caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Overloaded { .. } => ErrorKind::Overloaded,
            Self::TooLong { .. } => ErrorKind::TooLarge,
            Self::DeadlineExceeded { .. } => ErrorKind::DeadlineExceeded,
            Self::Stopped { .. } => ErrorKind::Unavailable,
            Self::Failed { .. } => ErrorKind::Internal,
        }
    }
}

/// Failure of the vector store.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The store cannot be reached or has stopped.
    #[error("the vector store is unavailable: {detail}")]
    Unavailable {
        /// The cause.
        detail: String,
    },
    /// Too many operations wait.
    #[error("the vector store's queue is full ({limit} waiting); try again shortly")]
    Overloaded {
        /// Its limit.
        limit: usize,
    },
    /// There is too little room on the disk to write; nothing was written.
    #[error("the vector store does not write: {detail}; free some space and try again")]
    StorageFull {
        /// What is free and what must be.
        detail: String,
    },
    /// The collection does not exist.
    #[error("collection {collection} does not exist")]
    NoCollection {
        /// Its name.
        collection: String,
    },
    /// A vector has the wrong length or a value that is not finite.
    #[error("bad vector: {detail}")]
    BadVector {
        /// What is wrong.
        detail: String,
    },
    /// The engine reported an error.
    #[error("the vector store failed: {detail}")]
    Failed {
        /// The cause.
        detail: String,
    },
}

impl StoreError {
    /// What it means to a caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable { .. } | Self::NoCollection { .. } => ErrorKind::Unavailable,
            Self::Overloaded { .. } => ErrorKind::Overloaded,
            Self::StorageFull { .. } => ErrorKind::StorageFull,
            Self::BadVector { .. } => ErrorKind::Invalid,
            Self::Failed { .. } => ErrorKind::Internal,
        }
    }
}

/// Failure of the records store.
#[derive(Debug, Error)]
pub enum RecordsError {
    /// No such row, or not visible to the scope.
    #[error("no {what} {id}")]
    NotFound {
        /// Kind of thing.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// The present state does not allow it.
    #[error("{detail}")]
    Conflict {
        /// What stands in the way, and what to do.
        detail: String,
    },
    /// The scope's role does not allow it.
    #[error("role {role} may not {action}")]
    Forbidden {
        /// The role that asked.
        role: &'static str,
        /// What it asked for.
        action: &'static str,
    },
    /// The input is wrong.
    #[error("{detail}")]
    Invalid {
        /// What is wrong.
        detail: String,
    },
    /// The disk is full or not writable.
    #[error("the records store cannot write: {detail}; free some space and try again")]
    Storage {
        /// The cause.
        detail: String,
    },
    /// Damaged data or a defect.
    #[error("the records store failed: {detail}")]
    Failed {
        /// The cause.
        detail: String,
    },
}

impl RecordsError {
    /// What it means to a caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound { .. } => ErrorKind::NotFound,
            Self::Conflict { .. } => ErrorKind::Conflict,
            Self::Forbidden { .. } => ErrorKind::Forbidden,
            Self::Invalid { .. } => ErrorKind::Invalid,
            Self::Storage { .. } => ErrorKind::StorageFull,
            Self::Failed { .. } => ErrorKind::Internal,
        }
    }
}
