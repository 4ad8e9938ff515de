use async_trait::async_trait;

use crate::answer::AnswerRecord;
use crate::conversation::{Conversation, Turn};
use crate::error::RecordsError;
use crate::ids::{AnswerId, ConversationId, FeedbackId};
use crate::scope::Scope;
use crate::ticket::{OpenHandOver, Ticket, TicketNumber};
use crate::triage::Priority;

/// Stands in a hand-over's text where the ticket's number will be.
pub const NUMBER_HERE: &str = "{ticket_number}";

/// Everything one question leaves behind, written in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// The conversation after the exchange; inserted when new.
    pub conversation: Conversation,
    /// New turns, in order: the customer's, then Kefu's if it spoke.
    pub turns: Vec<Turn>,
    /// The answer record; `None` while a person has the conversation.
    pub answer: Option<AnswerRecord>,
    /// A ticket this exchange opened. Its number is given by the records, which write it wherever
    /// Kefu's own turn and the answer hold [`NUMBER_HERE`].
    pub ticket: Option<Ticket>,
    /// What the customer's turn makes of the open ticket.
    pub urgency: Option<Raised>,
    /// The caller's name of the question, by which a retry is told.
    pub key: Option<String>,
}

/// What a turn of the customer makes of the ticket that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// How urgent it is at least.
    pub priority: Priority,
    /// Where it belongs now, unless somebody has it already.
    pub queue: Option<String>,
}

impl From<Priority> for Raised {
    fn from(priority: Priority) -> Self {
        Self { priority, queue: None }
    }
}

/// How long the names of questions are kept, in milliseconds.
pub const KEEP_KEYS_MS: i64 = 24 * 3_600_000;

/// What a question led to that was asked under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedBefore {
    /// Where it was asked.
    pub conversation_id: ConversationId,
    /// Its answer; `None` where a person had the conversation.
    pub answer_id: Option<AnswerId>,
}

/// What the records made of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The number of the ticket it opened.
    pub number: Option<TicketNumber>,
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

    /// What the customer may know of the conversation's open ticket; `None` without one.
    async fn open_hand_over(
        &self,
        scope: &Scope,
        id: &ConversationId,
    ) -> Result<Option<OpenHandOver>, RecordsError>;

    /// What was written under this [`Exchange::key`] within [`KEEP_KEYS_MS`].
    async fn asked_before(
        &self,
        scope: &Scope,
        key: &str,
    ) -> Result<Option<AskedBefore>, RecordsError>;

    /// Writes an exchange, and its key where that is new. Durable on return. A customer's turn on a conversation with an open
    /// ticket marks the ticket as waiting; where the turn moves it to another queue, that is a step
    /// of its history. [`RecordsError::Conflict`] when it opens a ticket
    /// although the conversation has an open one, when it holds neither answer nor ticket and its
    /// conversation waits for a ticket that is resolved by now, or when its answer id exists.
    async fn commit_exchange(
        &self,
        scope: &Scope,
        exchange: &Exchange,
    ) -> Result<Committed, RecordsError>;
}

/// Answer records, append-only.
#[async_trait]
pub trait AnswerRecords: Send + Sync {
    /// An answer record.
    async fn answer(&self, scope: &Scope, id: &AnswerId) -> Result<AnswerRecord, RecordsError>;
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
