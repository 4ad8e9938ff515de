use kefu_core::{ErrorKind, RecordsError};
use thiserror::Error;

/// Why the desk refuses.
#[derive(Debug, Error)]
pub enum DeskError {
    /// The caller is not at the desk.
    #[error("only agents and above may {action}")]
    Forbidden {
        /// What was asked for.
        action: &'static str,
    },
    /// A field is empty or malformed.
    #[error("{field} {detail}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A field is too long.
    #[error("{field} is longer than {limit_bytes} bytes; shorten it")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// Its limit.
        limit_bytes: usize,
    },
    /// A name that nobody knows.
    #[error("no {what} is called {name}; known are {known}")]
    Unknown {
        /// What should have it.
        what: &'static str,
        /// The field it came in.
        field: &'static str,
        /// The name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// There is no room for another agent.
    #[error("there are {limit} agents already; use one of their names")]
    TooManyAgents {
        /// How many there may be.
        limit: usize,
    },
    /// Somebody else has the ticket.
    #[error("{holder} has claimed this ticket")]
    Taken {
        /// Who.
        holder: String,
    },
    /// The ticket is resolved.
    #[error("this ticket is resolved; reopen it first")]
    Resolved,
    /// The customer was forgotten, and the ticket's words with them.
    #[error(
        "the customer of this ticket was erased, and its words with them; nothing more can be done with it"
    )]
    Erased,
    /// The ticket is not resolved.
    #[error("this ticket is not resolved, so it cannot be reopened")]
    NotResolved,
    /// Another ticket of the same conversation is being worked on.
    #[error("the conversation has another open ticket; work on that one")]
    OtherTicketOpen,
    /// The key of a step named another one before.
    #[error(
        "this idempotency-key named another step before (a {done}), so nothing was done; give every \
         step a key of its own"
    )]
    KeyTaken {
        /// What that step did.
        done: String,
    },
    /// The ticket kept changing while the step was tried.
    #[error("the ticket is being changed by others; read it again and retry")]
    Busy,
    /// The records store refused or failed.
    #[error(transparent)]
    Records(#[from] RecordsError),
}

impl DeskError {
    /// What it means to a caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Forbidden { .. } => ErrorKind::Forbidden,
            Self::Invalid { .. } | Self::Unknown { .. } | Self::TooManyAgents { .. } => {
                ErrorKind::Invalid
            }
            Self::TooLong { .. } => ErrorKind::TooLarge,
            Self::Taken { .. }
            | Self::Resolved
            | Self::Erased
            | Self::NotResolved
            | Self::OtherTicketOpen
            | Self::KeyTaken { .. }
            | Self::Busy => ErrorKind::Conflict,
            Self::Records(error) => error.kind(),
        }
    }
}
