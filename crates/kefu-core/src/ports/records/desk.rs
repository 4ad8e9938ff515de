use async_trait::async_trait;

use super::{Page, PageRequest};
use crate::agent::Agent;
use crate::conversation::{ConversationState, Turn};
use crate::error::RecordsError;
use crate::ids::{ConversationId, TicketId};
use crate::language::Language;
use crate::scope::Scope;
use crate::ticket::{Ticket, TicketStatus, TicketStep};
use crate::triage::{EscalationReason, Priority};

/// Which tickets to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketFilter {
    /// Only with this status.
    pub status: Option<TicketStatus>,
    /// Only of this queue.
    pub queue: Option<String>,
    /// Only what this agent has.
    pub assignee: Option<String>,
    /// Only this urgent.
    pub priority: Option<Priority>,
    /// Only in this language.
    pub language: Option<Language>,
    /// Only for this reason.
    pub reason: Option<EscalationReason>,
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
    /// What the sender calls the step; its name is unique in the conversation.
    pub key: Option<StepKey>,
    /// What happened, for the ticket's history: [`crate::TicketEvent::word`].
    pub action: &'static str,
    /// Who did it; `None` for Kefu.
    pub actor: Option<String>,
    /// A note for colleagues.
    pub note: Option<String>,
}

/// What a sender calls a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepKey {
    /// The sender's own name for it.
    pub name: String,
    /// Of what was asked for: [`crate::TicketEvent::fingerprint`].
    pub fingerprint: String,
}

/// A step that was written under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedStep {
    /// What happened: [`crate::TicketEvent::word`].
    pub action: String,
    /// Of what was asked for; `None` where that is not known any more.
    pub fingerprint: Option<String>,
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

    /// Tickets that are not resolved and whose [`crate::TicketSla::alarm_at_ms`] is not after
    /// `now_ms`, earliest first.
    async fn alarms(
        &self,
        scope: &Scope,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<Ticket>, RecordsError>;

    /// What happened to a ticket, oldest first; at most the last 500.
    async fn steps(&self, scope: &Scope, id: &TicketId) -> Result<Vec<TicketStep>, RecordsError>;

    /// The step with this name of a ticket of the conversation, where one was written.
    async fn step_of_key(
        &self,
        scope: &Scope,
        id: &ConversationId,
        name: &str,
    ) -> Result<Option<NamedStep>, RecordsError>;

    /// Writes a step in one transaction. [`RecordsError::Conflict`] when the ticket has changed
    /// since `before` was read, or when the name of the step is taken: exactly one of two competing steps is written.
    async fn transition(&self, scope: &Scope, step: &TicketTransition) -> Result<(), RecordsError>;
}

/// People at the desk.
#[async_trait]
pub trait AgentRecords: Send + Sync {
    /// All agents that ever told of themselves, by name, with their load. Open to every role:
    /// whoever is handed over needs to know who is there.
    async fn agents(&self, scope: &Scope) -> Result<Vec<Agent>, RecordsError>;

    /// Writes what an agent told of themselves; the load is not taken from it. Agents and above.
    async fn put_agent(&self, scope: &Scope, agent: &Agent) -> Result<(), RecordsError>;
}

/// How much was forgotten of a customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Conversations that were emptied.
    pub n_conversations: usize,
    /// Turns that were deleted.
    pub n_turns: usize,
    /// Answer records that were deleted.
    pub n_answers: usize,
    /// Tickets whose words were deleted; open ones were ended.
    pub n_tickets: usize,
}

/// Customers as a whole.
#[async_trait]
pub trait CustomerRecords: Send + Sync {
    /// Forgets a customer in one transaction: turns, answers and feedback are deleted, tickets
    /// lose subject, notes and customer and are ended, conversations lose the customer and are
    /// closed. What remains are bare rows for counting. Operators.
    async fn erase_customer(
        &self,
        scope: &Scope,
        customer_id: &str,
    ) -> Result<Erased, RecordsError>;
}
