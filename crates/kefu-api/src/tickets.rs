//! `/v1/tickets`.

use kefu_core::ports::{PageRequest, TicketFilter};
use kefu_core::{Handoff, Ticket, TicketEvent, Turn};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::checks::{Faults, InvalidFields};
use crate::conversations::TurnResponse;
use crate::handoff::HandoffResponse;
use crate::listing::PageQuery;
use crate::time::rfc3339;
use crate::words::{EscalationReason, Priority, TicketStatus};

pub(crate) const MAX_AGENT_BYTES: usize = 200;
pub(crate) const MAX_REPLY_BYTES: usize = 16_000;

/// A hand-over to people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TicketResponse {
    /// Its id.
    pub ticket_id: String,
    /// The conversation handed over.
    pub conversation_id: String,
    /// Why.
    pub reason: EscalationReason,
    /// Where it was put.
    pub queue: String,
    /// How urgent.
    pub priority: Priority,
    /// Where it stands.
    pub status: TicketStatus,
    /// The customer's language.
    pub language: String,
    /// The customer's words that caused it, shortened.
    pub subject: String,
    /// Who has it.
    pub assignee: Option<String>,
    /// When it was opened.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
}

impl From<Ticket> for TicketResponse {
    fn from(ticket: Ticket) -> Self {
        Self {
            ticket_id: ticket.id.to_string(),
            conversation_id: ticket.conversation_id.to_string(),
            reason: ticket.reason.into(),
            queue: ticket.queue,
            priority: ticket.priority.into(),
            status: ticket.status.into(),
            language: ticket.language.code().to_owned(),
            subject: ticket.subject,
            assignee: ticket.assignee,
            created_at: rfc3339(ticket.created_at_ms),
            updated_at: rfc3339(ticket.updated_at_ms),
        }
    }
}

/// A ticket with its conversation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TicketDetail {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketResponse,
    /// The conversation's turns, oldest first.
    pub transcript: Vec<TurnResponse>,
    /// What a person needs to go on; null where only the ticket itself was asked for.
    pub handoff: Option<HandoffResponse>,
}

impl TicketDetail {
    /// The wire form of a ticket and its conversation.
    #[must_use]
    pub fn new(ticket: Ticket, transcript: Vec<Turn>) -> Self {
        let transcript = transcript.into_iter().map(Into::into).collect();
        Self { ticket: ticket.into(), transcript, handoff: None }
    }

    /// Adds the hand-off package.
    #[must_use]
    pub fn with_handoff(self, package: Option<Handoff>) -> Self {
        Self { handoff: package.map(Into::into), ..self }
    }
}

/// Which tickets.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TicketQuery {
    /// Only with this status.
    #[param(inline)]
    pub status: Option<TicketStatus>,
    /// Only of this queue.
    pub queue: Option<String>,
    /// Items at most, 1 to 500; 50 when left out.
    #[serde(default, deserialize_with = "crate::listing::from_text")]
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl TicketQuery {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`InvalidFields`] naming `limit`.
    pub fn check(self) -> Result<(TicketFilter, PageRequest), InvalidFields> {
        let page = PageQuery { limit: self.limit, cursor: self.cursor }.check()?;
        Ok((TicketFilter { status: self.status.map(Into::into), queue: self.queue }, page))
    }
}

/// Takes a ticket.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {
    /// Who takes it.
    #[schema(example = "mei")]
    pub agent: String,
}

/// Writes to the customer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyRequest {
    /// Who writes.
    #[schema(example = "mei")]
    pub agent: String,
    /// What the customer reads.
    pub text: String,
}

/// Ends a ticket.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveRequest {
    /// Who ends it.
    #[schema(example = "mei")]
    pub agent: String,
    /// A note for colleagues.
    pub note: Option<String>,
}

/// Opens a resolved ticket again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReopenRequest {
    /// Who opens it.
    #[schema(example = "mei")]
    pub agent: String,
}

impl ClaimRequest {
    /// Checks all fields.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<TicketEvent, InvalidFields> {
        faults_of_agent(&self.agent).or(TicketEvent::Claim { agent: self.agent })
    }
}

impl ReplyRequest {
    /// Checks all fields.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<TicketEvent, InvalidFields> {
        let mut faults = faults_of_agent(&self.agent);
        faults.text("text", &self.text, MAX_REPLY_BYTES);
        faults.or(TicketEvent::Reply { agent: self.agent, text: self.text })
    }
}

impl ResolveRequest {
    /// Checks all fields.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<TicketEvent, InvalidFields> {
        let mut faults = faults_of_agent(&self.agent);
        faults.optional_text("note", self.note.as_deref(), MAX_REPLY_BYTES);
        faults.or(TicketEvent::Resolve { agent: self.agent, note: self.note })
    }
}

impl ReopenRequest {
    /// Checks all fields.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<TicketEvent, InvalidFields> {
        faults_of_agent(&self.agent).or(TicketEvent::Reopen { agent: self.agent })
    }
}

fn faults_of_agent(agent: &str) -> Faults {
    let mut faults = Faults::default();
    faults.text("agent", agent, MAX_AGENT_BYTES);
    faults
}
