//! What is told of an event, read from the records when it is told.

use kefu_api::WebhookEvent;
use kefu_core::ports::{Delivery, Records};
use kefu_core::{
    Conversation, DeskEvent, EventKind, Handoff, RecordsError, Scope, Ticket, TicketMark, Turn,
    TurnId,
};
use kefu_desk::MAX_TRANSCRIPT_TURNS;

use crate::assistance;
use crate::service::AppState;

/// Turns looked through for one that is further back.
const MAX_TURNS: usize = 100_000;

/// An event with all that is told of it.
pub(super) struct Told {
    pub(super) event: DeskEvent,
    pub(super) conversation: Conversation,
    /// The ticket as it was then.
    pub(super) ticket: Option<Ticket>,
    pub(super) package: Option<Handoff>,
    pub(super) message: Option<Turn>,
}

impl Told {
    /// Reads what is told; `None` when there is nothing left to tell: the conversation is gone, or
    /// the words of a message are.
    pub(super) async fn load(
        state: &AppState,
        scope: &Scope,
        delivery: &Delivery,
    ) -> Result<Option<Self>, RecordsError> {
        let records = state.parts.records.as_ref();
        let event = delivery.event.clone();
        let id = &event.conversation_id;
        let Some(conversation) = found(records.conversation(scope, id).await)? else {
            return Ok(None);
        };
        let ticket = match &event.ticket {
            Some(mark) => {
                let ticket = found(records.ticket(scope, &mark.id).await)?;
                ticket.map(|ticket| as_it_was(ticket, mark, event.at_ms))
            }
            None => None,
        };
        let message = match &event.turn_id {
            Some(turn_id) => turn(records, scope, (&event, turn_id)).await?,
            None => None,
        };
        if event.kind == EventKind::ConversationMessage && message.is_none() {
            return Ok(None);
        }
        let package = match &ticket {
            Some(ticket) if tells_package(event.kind) => {
                let mut turns = records.turns(scope, id, MAX_TRANSCRIPT_TURNS).await?;
                turns.retain(|turn| turn.at_ms <= event.at_ms);
                assistance::package(state, scope, (ticket, &turns)).await
            }
            _ => None,
        };
        Ok(Some(Self { event, conversation, ticket, package, message }))
    }

    /// The body of a generic webhook.
    pub(super) fn into_wire(self) -> WebhookEvent {
        let mut wire = WebhookEvent::new(&self.event, &self.conversation);
        if let Some(ticket) = self.ticket {
            wire = wire.with_ticket(self.event.at_ms, ticket);
        }
        if let Some(message) = self.message {
            wire = wire.with_message(message);
        }
        wire.handoff = self.package.map(Into::into);
        wire
    }
}

fn tells_package(kind: EventKind) -> bool {
    matches!(kind, EventKind::TicketOpened | EventKind::TicketReopened)
}

fn as_it_was(ticket: Ticket, mark: &TicketMark, at_ms: i64) -> Ticket {
    Ticket {
        status: mark.status,
        queue: mark.queue.clone(),
        assignee: mark.assignee.clone(),
        updated_at_ms: at_ms,
        ..ticket
    }
}

async fn turn(
    records: &dyn Records,
    scope: &Scope,
    (event, id): (&DeskEvent, &TurnId),
) -> Result<Option<Turn>, RecordsError> {
    for limit in [MAX_TRANSCRIPT_TURNS, MAX_TURNS] {
        let turns = records.turns(scope, &event.conversation_id, limit).await?;
        let n_turns = turns.len();
        if let Some(turn) = turns.into_iter().find(|turn| &turn.id == id) {
            return Ok(Some(turn).filter(|turn| !turn.text.is_empty()));
        }
        if n_turns < limit {
            break;
        }
    }
    Ok(None)
}

fn found<T>(read: Result<T, RecordsError>) -> Result<Option<T>, RecordsError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(RecordsError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
