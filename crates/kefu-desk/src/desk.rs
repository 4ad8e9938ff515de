//! What people at the desk do.

mod step;
mod validation;

use std::sync::Arc;

use kefu_core::ports::{Clock, Page, PageRequest, Records, TicketFilter};
use kefu_core::{
    Conversation, ConversationId, RecordsError, Role, Scope, Ticket, TicketEvent, TicketId, Turn,
    TurnId,
};

use crate::error::DeskError;
pub use step::{Stamp, step};
use validation::validated;
pub use validation::{MAX_AGENT_BYTES, MAX_TEXT_BYTES};

/// Turns of a transcript at most; older ones are left out.
pub const MAX_TRANSCRIPT_TURNS: usize = 200;

/// How often a step is tried again when others changed the ticket meanwhile.
const MAX_ATTEMPTS: usize = 3;

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
}

/// A ticket with what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketView {
    /// The ticket.
    pub ticket: Ticket,
    /// The last turns of its conversation, oldest first.
    pub transcript: Vec<Turn>,
}

/// A conversation with what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationView {
    /// The conversation.
    pub conversation: Conversation,
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
    /// that whoever comes second is told who has it.
    ///
    /// # Errors
    /// What [`step`] refuses, fields that are empty or too long, or what the records report.
    pub async fn act(
        &self,
        scope: &Scope,
        id: &TicketId,
        event: TicketEvent,
    ) -> Result<TicketView, DeskError> {
        admitted(scope, "work tickets")?;
        let event = validated(event)?;
        let records = &self.parts.records;
        for _ in 0..MAX_ATTEMPTS {
            let ticket = records.ticket(scope, id).await?;
            let conversation = records.conversation(scope, &ticket.conversation_id).await?;
            let stamp = Stamp { at_ms: self.parts.clock.now_ms(), turn_id: TurnId::generate() };
            let Some(transition) = step(&ticket, &conversation, &event, stamp)? else {
                return self.view(scope, ticket).await;
            };
            match records.transition(scope, &transition).await {
                Ok(()) => return self.view(scope, transition.after).await,
                Err(RecordsError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(DeskError::Busy)
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
        let turns = self.parts.records.turns(scope, id, MAX_TRANSCRIPT_TURNS).await?;
        Ok(ConversationView { conversation, turns })
    }

    async fn view(&self, scope: &Scope, ticket: Ticket) -> Result<TicketView, DeskError> {
        let id = &ticket.conversation_id;
        let transcript = self.parts.records.turns(scope, id, MAX_TRANSCRIPT_TURNS).await?;
        Ok(TicketView { ticket, transcript })
    }
}

fn admitted(scope: &Scope, action: &'static str) -> Result<(), DeskError> {
    if scope.role() >= Role::Agent { Ok(()) } else { Err(DeskError::Forbidden { action }) }
}

#[cfg(test)]
mod tests;
