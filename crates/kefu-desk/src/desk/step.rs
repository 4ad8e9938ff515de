//! The life of a ticket, as a pure function.

use kefu_core::ports::TicketTransition;
use kefu_core::{
    Conversation, ConversationState, SlaTargets, Speaker, Ticket, TicketEvent, TicketStatus,
    TransferTo, Turn, TurnId,
};

use crate::error::DeskError;

/// What a step takes from outside: the time, an id for the turn it may add, and the clocks a
/// ticket begins with that is opened now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Milliseconds since the epoch, UTC.
    pub at_ms: i64,
    /// Used when the step adds a turn.
    pub turn_id: TurnId,
    /// Used when the step opens the ticket again.
    pub targets: SlaTargets,
}

/// What `event` makes of a ticket and its conversation; `None` when it changes nothing.
///
/// | ticket | open | claimed | resolved |
/// | --- | --- | --- | --- |
/// | claim | claimed by the agent | the same agent: nothing; others: refused | refused |
/// | reply | claimed, turn added | turn added | refused |
/// | transfer to an agent | claimed by them | claimed by them | refused |
/// | transfer to a queue | open there | open there | refused |
/// | return | resolved, Kefu answers | resolved, Kefu answers | refused |
/// | resolve | resolved | resolved | refused |
/// | reopen | refused | refused | open, unless another ticket is |
/// | assign | claimed by the agent | nothing | nothing |
/// | release | nothing | from the agent who has it, while the customer waits: open, or claimed by the other | nothing |
/// | tick | a clock's mark was passed: the next mark is set | the same | nothing |
///
/// The conversation waits while its ticket is open and is with a person while it is claimed; Kefu
/// is silent in both. A colleague may help out with a reply or end a ticket; it stays with whoever
/// claimed it. No step but a reply says anything to the customer.
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
    use TicketStatus::{Claimed, Open, Resolved};

    let Stamp { at_ms, turn_id, targets } = stamp;
    let at_ms = at_ms.max(ticket.updated_at_ms);
    let mut after = Ticket { updated_at_ms: at_ms, ..ticket.clone() };
    let mut ends_in = ConversationState::Closed;
    let mut turn = None;
    match (ticket.status, event) {
        (Resolved, TicketEvent::Reopen { .. }) => {
            if !conversation.state.is_kefus() && conversation.ticket_id.as_ref() != Some(&ticket.id)
            {
                return Err(DeskError::OtherTicketOpen);
            }
            reopen(&mut after, targets);
        }
        (
            Resolved,
            TicketEvent::Assign { .. } | TicketEvent::Release { .. } | TicketEvent::Tick,
        )
        | (Claimed, TicketEvent::Assign { .. })
        | (Open, TicketEvent::Release { .. }) => return Ok(None),
        (Resolved, _) => return Err(DeskError::Resolved),
        (_, TicketEvent::Reopen { .. }) => return Err(DeskError::NotResolved),
        (Claimed, TicketEvent::Claim { agent }) => {
            return match &ticket.assignee {
                Some(holder) if holder != agent => Err(DeskError::Taken { holder: holder.clone() }),
                _ => Ok(None),
            };
        }
        (Open, TicketEvent::Claim { agent } | TicketEvent::Assign { agent }) => {
            give(&mut after, agent);
        }
        (_, TicketEvent::Reply { agent, text, .. }) => {
            if ticket.status == Open {
                give(&mut after, agent);
            }
            after.waiting_since_ms = None;
            after.sla.first_responded_ms = after.sla.first_responded_ms.or(Some(at_ms));
            turn = Some(Turn {
                id: turn_id,
                speaker: Speaker::Agent,
                agent: Some(agent.clone()),
                text: text.clone(),
                at_ms,
                answer_id: None,
            });
        }
        (_, TicketEvent::Transfer { to: TransferTo::Agent(to), .. }) => {
            if ticket.assignee.as_ref() == Some(to) {
                return Ok(None);
            }
            give(&mut after, to);
        }
        (_, TicketEvent::Transfer { to: TransferTo::Queue(queue), .. }) => {
            if ticket.status == Open && &ticket.queue == queue {
                return Ok(None);
            }
            after.queue.clone_from(queue);
            put_back(&mut after);
        }
        (_, TicketEvent::Return { agent, .. }) => {
            end(&mut after, agent);
            ends_in = ConversationState::Bot;
        }
        (_, TicketEvent::Resolve { agent, .. }) => end(&mut after, agent),
        (Claimed, TicketEvent::Release { from, to }) => {
            if ticket.assignee.as_ref() != Some(from) || ticket.waiting_since_ms.is_none() {
                return Ok(None);
            }
            match to {
                Some(to) if to != from => give(&mut after, to),
                _ => put_back(&mut after),
            }
        }
        (_, TicketEvent::Tick) => {
            if ticket.sla.alarm_at_ms.is_none_or(|alarm_at_ms| alarm_at_ms > at_ms) {
                return Ok(None);
            }
            after.sla.alarm_at_ms = after.sla.next_mark(at_ms);
        }
    }
    // Marks of a clock that was stopped are no longer due; those that were passed and not yet told
    // of stay.
    if let Some(alarm_at_ms) = after.sla.alarm_at_ms {
        after.sla.alarm_at_ms = after.sla.next_mark(alarm_at_ms.saturating_sub(1));
    }
    let conversation_state = match after.status {
        Open => ConversationState::Queued,
        Claimed => ConversationState::Human,
        Resolved => ends_in,
    };
    Ok(Some(TicketTransition {
        before: ticket.clone(),
        after,
        conversation_state,
        turn,
        key: None,
        action: event.word(),
        actor: event.actor().map(str::to_owned),
        note: note_of(event),
    }))
}

fn give(ticket: &mut Ticket, agent: &str) {
    ticket.status = TicketStatus::Claimed;
    ticket.assignee = Some(agent.to_owned());
}

fn put_back(ticket: &mut Ticket) {
    ticket.status = TicketStatus::Open;
    ticket.assignee = None;
}

fn end(ticket: &mut Ticket, agent: &str) {
    ticket.status = TicketStatus::Resolved;
    ticket.assignee.get_or_insert_with(|| agent.to_owned());
    ticket.waiting_since_ms = None;
    ticket.sla.resolved_ms = Some(ticket.updated_at_ms);
    ticket.sla.alarm_at_ms = None;
}

/// The customer waits anew, and the clock of the solution begins anew.
fn reopen(ticket: &mut Ticket, targets: SlaTargets) {
    put_back(ticket);
    ticket.waiting_since_ms = Some(ticket.updated_at_ms);
    ticket.sla.resolved_ms = None;
    ticket.sla.resolution = targets.resolution;
    if ticket.sla.first_responded_ms.is_none() {
        ticket.sla.first_response = targets.first_response;
    }
    ticket.sla.alarm_at_ms = ticket.sla.next_mark(ticket.updated_at_ms);
}

fn note_of(event: &TicketEvent) -> Option<String> {
    match event {
        TicketEvent::Transfer { note, .. }
        | TicketEvent::Return { note, .. }
        | TicketEvent::Resolve { note, .. } => note.clone(),
        TicketEvent::Release { from, to: Some(to) } => {
            Some(format!("{from} was not there while the customer waited; given to {to}"))
        }
        TicketEvent::Release { from, to: None } => {
            Some(format!("{from} was not there while the customer waited; back in the queue"))
        }
        _ => None,
    }
}
