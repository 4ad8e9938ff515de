//! What happens at the desk and in conversations, as others are told of it.
//!
//! Events are read off what is written, not announced by whoever writes it, so that no change is
//! forgotten and none is told that was not written.

use crate::conversation::{Speaker, Turn};
use crate::ids::{ConversationId, EventId, TicketId, TurnId};
use crate::ports::{Exchange, TicketTransition};
use crate::sla::SlaState;
use crate::ticket::{Ticket, TicketStatus};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventKind {
    /// A conversation was handed over.
    TicketOpened,
    /// A person took it.
    TicketClaimed,
    /// It went to another person or queue.
    TicketTransferred,
    /// A person wrote to the customer.
    TicketReplied,
    /// It is done.
    TicketResolved,
    /// It was opened again.
    TicketReopened,
    /// A promised time is near.
    TicketWarned,
    /// A promised time has passed.
    TicketBreached,
    /// Somebody said something in a conversation.
    ConversationMessage,
}

impl EventKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::TicketOpened,
        Self::TicketClaimed,
        Self::TicketTransferred,
        Self::TicketReplied,
        Self::TicketResolved,
        Self::TicketReopened,
        Self::TicketWarned,
        Self::TicketBreached,
        Self::ConversationMessage,
    ];

    /// The word used on the wire, in the configuration and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TicketOpened => "ticket.opened",
            Self::TicketClaimed => "ticket.claimed",
            Self::TicketTransferred => "ticket.transferred",
            Self::TicketReplied => "ticket.replied",
            Self::TicketResolved => "ticket.resolved",
            Self::TicketReopened => "ticket.reopened",
            Self::TicketWarned => "ticket.warned",
            Self::TicketBreached => "ticket.breached",
            Self::ConversationMessage => "conversation.message",
        }
    }

    /// Reads the word of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A ticket as it was when something happened to it; what never changes is read from the ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketMark {
    /// Which ticket.
    pub id: TicketId,
    /// Where it stood then.
    pub status: TicketStatus,
    /// Where it lay then.
    pub queue: String,
    /// Who had it then.
    pub assignee: Option<String>,
}

/// One thing that happened. It holds no words of anybody: those are read when it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskEvent {
    /// Identity; the same in every attempt to tell of it.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// Where.
    pub conversation_id: ConversationId,
    /// To which ticket.
    pub ticket: Option<TicketMark>,
    /// The turn it added.
    pub turn_id: Option<TurnId>,
    /// When, milliseconds since the epoch, UTC.
    pub at_ms: i64,
}

impl DeskEvent {
    /// Something that happens to a ticket without a step of its life, such as a promised time that
    /// passes.
    #[must_use]
    pub fn of_ticket(kind: EventKind, ticket: &Ticket, at_ms: i64) -> Self {
        Self {
            id: EventId::generate(),
            kind,
            conversation_id: ticket.conversation_id.clone(),
            ticket: Some(mark(ticket)),
            turn_id: None,
            at_ms,
        }
    }

    /// What an exchange tells: its turns in order, then the ticket it opened, and that somebody has
    /// it where it was given to them at once. Turns whose words are
    /// not kept are not told of.
    #[must_use]
    pub fn of_exchange(exchange: &Exchange) -> Vec<Self> {
        let said = exchange.turns.iter().filter(|turn| !turn.text.is_empty());
        let mut events: Vec<Self> =
            said.map(|turn| message(&exchange.conversation.id, None, turn)).collect();
        if let Some(ticket) = &exchange.ticket {
            let of = |kind| Self::of_ticket(kind, ticket, ticket.created_at_ms);
            events.push(of(EventKind::TicketOpened));
            if ticket.status == TicketStatus::Claimed {
                events.push(of(EventKind::TicketClaimed));
            }
        }
        events
    }

    /// What a customer's turn did to the ticket that was open: it may lie in another queue now.
    #[must_use]
    pub fn of_hearing(before: &Ticket, after: &Ticket) -> Option<Self> {
        let is_moved = before.queue != after.queue;
        is_moved.then(|| Self::of_ticket(EventKind::TicketTransferred, after, after.updated_at_ms))
    }

    /// What a step of a ticket's life tells, in the order in which it happened.
    #[must_use]
    pub fn of_transition(step: &TicketTransition) -> Vec<Self> {
        let (before, after) = (&step.before, &step.after);
        let of = |kind| Self::of_ticket(kind, after, after.updated_at_ms);
        let mut events = Vec::new();
        match (before.status, after.status) {
            (TicketStatus::Open, TicketStatus::Claimed) => {
                events.push(of(EventKind::TicketClaimed));
            }
            (TicketStatus::Resolved, TicketStatus::Open | TicketStatus::Claimed) => {
                events.push(of(EventKind::TicketReopened));
            }
            _ => {}
        }
        if after.status != TicketStatus::Resolved {
            let is_moved = before.queue != after.queue;
            let is_passed_on = before.status == TicketStatus::Claimed
                && before.assignee.is_some()
                && before.assignee != after.assignee;
            if is_moved || is_passed_on {
                events.push(of(EventKind::TicketTransferred));
            }
        }
        // What the clocks say is told when the desk looks at them, once per mark.
        if let Some(alarm_ms) = before.sla.alarm_at_ms
            && after.sla.alarm_at_ms != before.sla.alarm_at_ms
            && alarm_ms <= after.updated_at_ms
        {
            match after.sla.passed(alarm_ms, after.updated_at_ms) {
                Some(SlaState::Breached) => events.push(of(EventKind::TicketBreached)),
                Some(SlaState::Warning) => events.push(of(EventKind::TicketWarned)),
                _ => {}
            }
        }
        if let Some(turn) = &step.turn {
            events.push(message(&after.conversation_id, Some(after), turn));
            if turn.speaker == Speaker::Agent {
                let replied = of(EventKind::TicketReplied);
                events.push(Self { turn_id: Some(turn.id.clone()), ..replied });
            }
        }
        if before.status != TicketStatus::Resolved && after.status == TicketStatus::Resolved {
            events.push(of(EventKind::TicketResolved));
        }
        events
    }
}

fn mark(ticket: &Ticket) -> TicketMark {
    TicketMark {
        id: ticket.id.clone(),
        status: ticket.status,
        queue: ticket.queue.clone(),
        assignee: ticket.assignee.clone(),
    }
}

fn message(id: &ConversationId, ticket: Option<&Ticket>, turn: &Turn) -> DeskEvent {
    DeskEvent {
        id: EventId::generate(),
        kind: EventKind::ConversationMessage,
        conversation_id: id.clone(),
        ticket: ticket.map(mark),
        turn_id: Some(turn.id.clone()),
        at_ms: turn.at_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(EventKind::parse("ticket.lost"), None);
    }
}
