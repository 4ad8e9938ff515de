use async_trait::async_trait;

use super::{Page, PageRequest};
use crate::answer::AnswerRecord;
use crate::conversation::{Conversation, ConversationState, Turn};
use crate::error::RecordsError;
use crate::ids::{AnswerId, ConversationId, FeedbackId, TicketId};
use crate::scope::Scope;
use crate::ticket::{Ticket, TicketStatus};

/// Everything one question leaves behind, written in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// The conversation after the exchange; inserted when new.
    pub conversation: Conversation,
    /// New turns, in order: the customer's, then Kefu's if it spoke.
    pub turns: Vec<Turn>,
    /// The answer record; `None` while a person has the conversation.
    pub answer: Option<AnswerRecord>,
    /// A ticket this exchange opened.
    pub ticket: Option<Ticket>,
}

/// Conversations and turns.
#[async_trait]
pub trait ConversationRecords: Send + Sync {
    /// A conversation.
    async fn conversation(
        &self,
        scope: &Scope,
        id: &ConversationId,
    ) -> Result<Conversation, RecordsError>;

    /// Its last `limit` turns, oldest first.
    async fn turns(
        &self,
        scope: &Scope,
        id: &ConversationId,
        limit: usize,
    ) -> Result<Vec<Turn>, RecordsError>;

    /// Writes an exchange. Durable on return. [`RecordsError::Conflict`] when it opens a ticket
    /// although the conversation has an open one, or when its answer id exists.
    async fn commit_exchange(&self, scope: &Scope, exchange: &Exchange)
    -> Result<(), RecordsError>;
}

/// Answer records, append-only.
#[async_trait]
pub trait AnswerRecords: Send + Sync {
    /// An answer record.
    async fn answer(&self, scope: &Scope, id: &AnswerId) -> Result<AnswerRecord, RecordsError>;
}

/// Which tickets to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketFilter {
    /// Only with this status.
    pub status: Option<TicketStatus>,
    /// Only of this queue.
    pub queue: Option<String>,
}

/// A checked step of a ticket's life, written only if the ticket is still as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketTransition {
    /// The ticket as it was read.
    pub before: Ticket,
    /// The ticket after the step.
    pub after: Ticket,
    /// The conversation's state after the step.
    pub conversation_state: ConversationState,
    /// A turn the step adds to the conversation.
    pub turn: Option<Turn>,
    /// A note for colleagues.
    pub note: Option<String>,
}

/// Tickets. Agents and above.
#[async_trait]
pub trait TicketRecords: Send + Sync {
    /// A ticket.
    async fn ticket(&self, scope: &Scope, id: &TicketId) -> Result<Ticket, RecordsError>;

    /// Tickets, most urgent first, then oldest first.
    async fn tickets(
        &self,
        scope: &Scope,
        filter: &TicketFilter,
        page: &PageRequest,
    ) -> Result<Page<Ticket>, RecordsError>;

    /// Writes a step in one transaction. [`RecordsError::Conflict`] when the ticket has changed
    /// since `before` was read: exactly one of two competing steps is written.
    async fn transition(&self, scope: &Scope, step: &TicketTransition) -> Result<(), RecordsError>;
}

/// A customer's or agent's judgement of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Feedback {
    /// Identity.
    pub id: FeedbackId,
    /// The answer judged.
    pub answer_id: AnswerId,
    /// 1 (worst) to 5 (best).
    pub rating: Option<u8>,
    /// Up (`true`) or down.
    pub thumbs_up: Option<bool>,
    /// A short word why.
    pub reason: Option<String>,
    /// Free text, at most 4,000 bytes.
    pub comment: Option<String>,
    /// When, milliseconds since the epoch, UTC.
    pub at_ms: i64,
}

/// Feedback, append-only.
#[async_trait]
pub trait FeedbackRecords: Send + Sync {
    /// Keeps a judgement. [`RecordsError::NotFound`] when the answer does not exist.
    async fn add_feedback(&self, scope: &Scope, feedback: &Feedback) -> Result<(), RecordsError>;

    /// Judgements of one answer, oldest first.
    async fn feedback(
        &self,
        scope: &Scope,
        answer_id: &AnswerId,
    ) -> Result<Vec<Feedback>, RecordsError>;
}
