//! What people at the desk do.

mod agents;
mod step;
mod tick;
mod validation;

use std::sync::Arc;

use kefu_core::ports::{
    Clock, Page, PageRequest, Records, StepKey, TicketFilter, TicketTransition,
};
use kefu_core::{
    Conversation, ConversationId, OpenHandOver, RecordsError, Role, Scope, Ticket, TicketEvent,
    TicketId, TicketStatus, TicketStep, TransferTo, Turn, TurnId,
};

use crate::error::DeskError;
use crate::policy::Policy;
pub use agents::AgentUpdate;
pub use step::{Stamp, step};
pub use tick::Ticked;
use validation::validated;
pub use validation::{MAX_AGENT_BYTES, MAX_TEXT_BYTES};

/// Turns of a transcript at most; older ones are left out.
pub const MAX_TRANSCRIPT_TURNS: usize = 200;

/// How often a step is tried again when others changed the ticket meanwhile.
const MAX_ATTEMPTS: usize = 5;

/// The desk: reads tickets with their transcripts and takes steps on them.
pub struct Desk {
    parts: DeskParts,
}

/// What a desk works with.
pub struct DeskParts {
    /// Tickets and conversations.
    pub records: Arc<dyn Records>,
    /// Tells the time of steps.
    pub clock: Arc<dyn Clock>,
    /// Where tickets go and by when.
    pub policy: Arc<Policy>,
}

/// A step somebody wants to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What is to happen.
    pub event: TicketEvent,
    /// The sender's own name for the step: sent again with it, nothing happens twice.
    pub key: Option<String>,
}

impl From<TicketEvent> for Act {
    fn from(event: TicketEvent) -> Self {
        Self { event, key: None }
    }
}

/// A ticket with what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketView {
    /// The ticket.
    pub ticket: Ticket,
    /// The last turns of its conversation, oldest first.
    pub transcript: Vec<Turn>,
    /// What happened to it, oldest first.
    pub steps: Vec<TicketStep>,
}

/// A conversation with what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationView {
    /// The conversation.
    pub conversation: Conversation,
    /// What the customer may know of its open ticket.
    pub hand_over: Option<OpenHandOver>,
    /// Its last turns, oldest first.
    pub turns: Vec<Turn>,
}

impl Desk {
    /// Opens the desk.
    #[must_use]
    pub fn new(parts: DeskParts) -> Self {
        Self { parts }
    }

    /// A ticket with its transcript. Agents and above.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`], or what the records report.
    pub async fn ticket(&self, scope: &Scope, id: &TicketId) -> Result<TicketView, DeskError> {
        admitted(scope, "read tickets")?;
        let ticket = self.parts.records.ticket(scope, id).await?;
        self.view(scope, ticket).await
    }

    /// Tickets, most urgent first, then oldest first. Agents and above.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`], or what the records report.
    pub async fn tickets(
        &self,
        scope: &Scope,
        filter: &TicketFilter,
        page: &PageRequest,
    ) -> Result<Page<Ticket>, DeskError> {
        admitted(scope, "list tickets")?;
        Ok(self.parts.records.tickets(scope, filter, page).await?)
    }

    /// Takes a step on a ticket and returns it as it then is. Agents and above.
    ///
    /// Of two competing steps one is written; the other is judged anew on the changed ticket, so
    /// that whoever comes second is told who has it. A step whose key was used is not taken again,
    /// whatever happened to the ticket since.
    ///
    /// # Errors
    /// What [`step`] refuses, a key that named another step, fields that are empty or too long, a transfer to somebody or to a
    /// queue that does not exist, or what the records report.
    pub async fn act(
        &self,
        scope: &Scope,
        id: &TicketId,
        act: impl Into<Act>,
    ) -> Result<TicketView, DeskError> {
        admitted(scope, "work tickets")?;
        let Act { event, key } = act.into();
        let act =
            Act { event: validated(event)?, key: key.as_deref().map(validation::key).transpose()? };
        let event = &act.event;
        if let TicketEvent::Transfer { to, .. } = event {
            self.check_target(scope, to).await?;
        }
        let ticket = self.take(scope, id, &act).await?;
        if let Some(agent) = event.actor() {
            self.noticed(scope, agent).await;
        }
        self.view(scope, ticket).await
    }

    /// The ticket after a step.
    async fn take(
        &self,
        scope: &Scope,
        id: &TicketId,
        Act { event, key }: &Act,
    ) -> Result<Ticket, DeskError> {
        let records = &self.parts.records;
        for _ in 0..MAX_ATTEMPTS {
            let ticket = records.ticket(scope, id).await?;
            if let Some(name) = key
                && let Some(done) =
                    records.step_of_key(scope, &ticket.conversation_id, name).await?
            {
                let is_same = done.action == event.word()
                    && done.fingerprint.is_none_or(|known| known == event.fingerprint());
                let done = done.action;
                return if is_same { Ok(ticket) } else { Err(DeskError::KeyTaken { done }) };
            }
            if event.actor().is_some() && self.is_erased(scope, &ticket).await? {
                return Err(DeskError::Erased);
            }
            let conversation = records.conversation(scope, &ticket.conversation_id).await?;
            let at_ms = self.parts.clock.now_ms();
            let targets = self.parts.policy.targets(&ticket.queue, at_ms);
            let stamp = Stamp { at_ms, turn_id: TurnId::generate(), targets };
            let Some(transition) = step(&ticket, &conversation, event, stamp)? else {
                return Ok(ticket);
            };
            let key = key.clone();
            let key = key.map(|name| StepKey { name, fingerprint: event.fingerprint() });
            let transition = TicketTransition { key, ..transition };
            match records.transition(scope, &transition).await {
                Ok(()) => return Ok(transition.after),
                Err(RecordsError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(DeskError::Busy)
    }

    async fn is_erased(&self, scope: &Scope, ticket: &Ticket) -> Result<bool, DeskError> {
        if ticket.status != TicketStatus::Resolved {
            return Ok(false);
        }
        let steps = self.parts.records.steps(scope, &ticket.id).await?;
        Ok(steps.iter().any(|step| step.action == Ticket::ERASED))
    }

    /// Whether there is such a queue, or such an agent where any are known at all.
    async fn check_target(&self, scope: &Scope, to: &TransferTo) -> Result<(), DeskError> {
        let name = match to {
            TransferTo::Queue(name) => return self.check_queue("to_queue", name),
            TransferTo::Agent(name) => name.clone(),
        };
        let agents = self.parts.records.agents(scope).await?;
        let known: Vec<String> = agents.into_iter().map(|agent| agent.name).collect();
        if known.is_empty() || known.contains(&name) {
            return Ok(());
        }
        let (what, field, known) = ("agent", "to_agent", known.join(", "));
        Err(DeskError::Unknown { what, field, name, known })
    }

    fn check_queue(&self, field: &'static str, name: &str) -> Result<(), DeskError> {
        let known = self.parts.policy.queue_names();
        if known.iter().any(|queue| queue == name) {
            return Ok(());
        }
        let (what, name, known) = ("queue", name.to_owned(), known.join(", "));
        Err(DeskError::Unknown { what, field, name, known })
    }

    /// A conversation with its turns, for anybody who may know its id.
    ///
    /// # Errors
    /// What the records report.
    pub async fn conversation(
        &self,
        scope: &Scope,
        id: &ConversationId,
    ) -> Result<ConversationView, DeskError> {
        let conversation = self.parts.records.conversation(scope, id).await?;
        let hand_over = self.parts.records.open_hand_over(scope, id).await?;
        let turns = self.parts.records.turns(scope, id, MAX_TRANSCRIPT_TURNS).await?;
        Ok(ConversationView { conversation, hand_over, turns })
    }

    async fn view(&self, scope: &Scope, ticket: Ticket) -> Result<TicketView, DeskError> {
        let id = &ticket.conversation_id;
        let transcript = self.parts.records.turns(scope, id, MAX_TRANSCRIPT_TURNS).await?;
        let steps = self.parts.records.steps(scope, &ticket.id).await?;
        Ok(TicketView { ticket, transcript, steps })
    }
}

fn admitted(scope: &Scope, action: &'static str) -> Result<(), DeskError> {
    if scope.role() >= Role::Agent { Ok(()) } else { Err(DeskError::Forbidden { action }) }
}

#[cfg(test)]
mod tests;
