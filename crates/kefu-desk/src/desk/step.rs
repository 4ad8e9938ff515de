//! The life of a ticket, as a pure function.

use kefu_core::ports::TicketTransition;
use kefu_core::{
    Conversation, ConversationState, Speaker, Ticket, TicketEvent, TicketStatus, Turn, TurnId,
};

use crate::error::DeskError;

/// What a step takes from outside: the time, and an id for the turn it may add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Milliseconds since the epoch, UTC.
    pub at_ms: i64,
    /// Used when the step adds a turn.
    pub turn_id: TurnId,
}

/// What `event` makes of a ticket and its conversation; `None` when it changes nothing.
///
/// | ticket | claim | reply | resolve | reopen |
/// | --- | --- | --- | --- | --- |
/// | open | claimed by the agent | claimed, turn added | resolved | refused |
/// | claimed | the same agent: nothing; others: refused | turn added | resolved | refused |
/// | resolved | refused | refused | refused | open, unless another ticket is |
///
/// The conversation waits while its ticket is open, is with a person while it is claimed, and goes
/// back to Kefu when it is resolved. A colleague may help out with a reply or end a ticket; it
/// stays with whoever claimed it.
///
/// # Errors
/// [`DeskError::Taken`], [`DeskError::Resolved`], [`DeskError::NotResolved`] or
/// [`DeskError::OtherTicketOpen`].
pub fn step(
    ticket: &Ticket,
    conversation: &Conversation,
    event: &TicketEvent,
    stamp: Stamp,
) -> Result<Option<TicketTransition>, DeskError> {
    let next = match (ticket.status, event) {
        (TicketStatus::Open, TicketEvent::Claim { agent }) => Next::with_person(agent),
        (TicketStatus::Claimed, TicketEvent::Claim { agent }) => {
            return match &ticket.assignee {
                Some(holder) if holder != agent => Err(DeskError::Taken { holder: holder.clone() }),
                _ => Ok(None),
            };
        }
        (TicketStatus::Open | TicketStatus::Claimed, TicketEvent::Reply { agent, text }) => Next {
            says: Some(text),
            ..Next::with_person(ticket.assignee.as_ref().unwrap_or(agent))
        },
        (TicketStatus::Open | TicketStatus::Claimed, TicketEvent::Resolve { agent, note }) => {
            Next {
                status: TicketStatus::Resolved,
                assignee: Some(ticket.assignee.as_ref().unwrap_or(agent)),
                state: ConversationState::Closed,
                says: None,
                note: note.as_ref(),
            }
        }
        (TicketStatus::Resolved, TicketEvent::Reopen { .. }) => {
            let waits =
                matches!(conversation.state, ConversationState::Queued | ConversationState::Human);
            if waits && conversation.ticket_id.as_ref() != Some(&ticket.id) {
                return Err(DeskError::OtherTicketOpen);
            }
            Next {
                status: TicketStatus::Open,
                assignee: None,
                state: ConversationState::Queued,
                says: None,
                note: None,
            }
        }
        (TicketStatus::Open | TicketStatus::Claimed, TicketEvent::Reopen { .. }) => {
            return Err(DeskError::NotResolved);
        }
        (
            TicketStatus::Resolved,
            TicketEvent::Claim { .. } | TicketEvent::Reply { .. } | TicketEvent::Resolve { .. },
        ) => return Err(DeskError::Resolved),
    };
    Ok(Some(next.transition(ticket, stamp)))
}

struct Next<'a> {
    status: TicketStatus,
    assignee: Option<&'a String>,
    state: ConversationState,
    says: Option<&'a String>,
    note: Option<&'a String>,
}

impl<'a> Next<'a> {
    fn with_person(agent: &'a String) -> Self {
        Self {
            status: TicketStatus::Claimed,
            assignee: Some(agent),
            state: ConversationState::Human,
            says: None,
            note: None,
        }
    }

    fn transition(self, ticket: &Ticket, stamp: Stamp) -> TicketTransition {
        let Stamp { at_ms, turn_id } = stamp;
        let after = Ticket {
            status: self.status,
            assignee: self.assignee.cloned(),
            updated_at_ms: at_ms.max(ticket.updated_at_ms),
            ..ticket.clone()
        };
        let turn = self.says.map(|text| Turn {
            id: turn_id,
            speaker: Speaker::Agent,
            text: text.clone(),
            at_ms,
            answer_id: None,
        });
        TicketTransition {
            before: ticket.clone(),
            after,
            conversation_state: self.state,
            turn,
            note: self.note.cloned(),
        }
    }
}
