//! Tickets: hand-overs to people.

use crate::ids::{ConversationId, TicketId};
use crate::language::Language;
use crate::triage::{EscalationReason, Priority};

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketStatus {
    /// Waits for a person.
    Open,
    /// A person has it.
    Claimed,
    /// Done.
    Resolved,
}

/// A hand-over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Identity.
    pub id: TicketId,
    /// The conversation handed over; its turns are the transcript.
    pub conversation_id: ConversationId,
    /// Why.
    pub reason: EscalationReason,
    /// Where it was put.
    pub queue: String,
    /// How urgent.
    pub priority: Priority,
    /// Where it stands.
    pub status: TicketStatus,
    /// The customer's language.
    pub language: Language,
    /// The customer's words that caused it, at most 500 characters.
    pub subject: String,
    /// Who has it.
    pub assignee: Option<String>,
    /// When it was opened, milliseconds since the epoch, UTC.
    pub created_at_ms: i64,
    /// When it last changed, milliseconds since the epoch, UTC.
    pub updated_at_ms: i64,
}

/// What a person does with a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketEvent {
    /// Takes it. Allowed on open tickets, and again by the same person.
    Claim {
        /// Who.
        agent: String,
    },
    /// Writes to the customer. Allowed on tickets that are not resolved; claims an open one.
    Reply {
        /// Who.
        agent: String,
        /// What the customer reads.
        text: String,
    },
    /// Ends it; the conversation goes back to Kefu. Allowed on tickets that are not resolved.
    Resolve {
        /// Who.
        agent: String,
        /// A note for colleagues.
        note: Option<String>,
    },
    /// Opens a resolved ticket again.
    Reopen {
        /// Who.
        agent: String,
    },
}
