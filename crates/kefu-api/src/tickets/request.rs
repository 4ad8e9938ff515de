use kefu_core::{TicketEvent, TransferTo};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{MAX_AGENT_BYTES, MAX_REPLY_BYTES};
use crate::checks::{Faults, InvalidFields};

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
    /// The sender's own name for this reply: sent again with it, nothing is said twice. The header
    /// `idempotency-key` does the same.
    pub client_turn_id: Option<String>,
}

/// Gives a ticket away; exactly one of `to_agent` and `to_queue`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferRequest {
    /// Who gives it away.
    #[schema(example = "mei")]
    pub agent: String,
    /// The colleague who gets it.
    pub to_agent: Option<String>,
    /// The queue it goes to.
    pub to_queue: Option<String>,
    /// A note for colleagues.
    pub note: Option<String>,
}

/// Gives the conversation back to Kefu.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnRequest {
    /// Who gives it back.
    #[schema(example = "mei")]
    pub agent: String,
    /// A note for colleagues.
    pub note: Option<String>,
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
        faults.optional_text("client_turn_id", self.client_turn_id.as_deref(), MAX_AGENT_BYTES);
        faults.or(TicketEvent::Reply { agent: self.agent, text: self.text })
    }
}

impl TransferRequest {
    /// Checks all fields.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<TicketEvent, InvalidFields> {
        let mut faults = faults_of_agent(&self.agent);
        faults.optional_text("to_agent", self.to_agent.as_deref(), MAX_AGENT_BYTES);
        faults.optional_text("to_queue", self.to_queue.as_deref(), MAX_AGENT_BYTES);
        faults.optional_text("note", self.note.as_deref(), MAX_REPLY_BYTES);
        let to = match (self.to_agent, self.to_queue) {
            (Some(agent), None) => TransferTo::Agent(agent),
            (None, Some(queue)) => TransferTo::Queue(queue),
            _ => {
                faults.add("to_agent", "or to_queue must be given, and not both");
                return Err(faults.into_invalid());
            }
        };
        faults.or(TicketEvent::Transfer { agent: self.agent, to, note: self.note })
    }
}

impl ReturnRequest {
    /// Checks all fields.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<TicketEvent, InvalidFields> {
        let mut faults = faults_of_agent(&self.agent);
        faults.optional_text("note", self.note.as_deref(), MAX_REPLY_BYTES);
        faults.or(TicketEvent::Return { agent: self.agent, note: self.note })
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
