//! Tickets: hand-overs to people.

use std::fmt;

use crate::content::digest;
use crate::conversation::{Conversation, Speaker, Turn};
use crate::customer::Customer;
use crate::ids::{ConversationId, TicketId};
use crate::language::Language;
use crate::ports::Raised;
use crate::sla::{SlaTarget, TicketSla};
use crate::triage::{EscalationReason, Priority, Trend};

/// The number of a ticket that people say to each other; unique per tenant, shown as `K-1042`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TicketNumber(pub u64);

impl TicketNumber {
    /// Of a ticket that is not in the records yet.
    pub const NONE: Self = Self(0);
    /// A tenant's first.
    pub const FIRST: Self = Self(1001);
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "K-{}", self.0)
    }
}

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketStatus {
    /// Waits for a person.
    Open,
    /// A person has it.
    Claimed,
    /// Done.
    Resolved,
}

/// A hand-over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Identity.
    pub id: TicketId,
    /// What people call it; given by the records when the ticket is opened.
    pub number: TicketNumber,
    /// The conversation handed over; its turns are the transcript.
    pub conversation_id: ConversationId,
    /// Whose it is, as the conversation has it.
    pub customer: Customer,
    /// Where the conversation takes place.
    pub channel: String,
    /// Why.
    pub reason: EscalationReason,
    /// Where it was put.
    pub queue: String,
    /// How urgent.
    pub priority: Priority,
    /// Where it stands.
    pub status: TicketStatus,
    /// The customer's language.
    pub language: Language,
    /// The customer's words that caused it, at most 500 characters.
    pub subject: String,
    /// Who has it.
    pub assignee: Option<String>,
    /// What triage saw beside the reason.
    pub signals: TicketSignals,
    /// Since when the customer waits for a person's words, milliseconds since the epoch, UTC;
    /// `None` after a reply.
    pub waiting_since_ms: Option<i64>,
    /// By when somebody should have answered and solved it.
    pub sla: TicketSla,
    /// When it was opened, milliseconds since the epoch, UTC.
    pub created_at_ms: i64,
    /// When it last changed, milliseconds since the epoch, UTC.
    pub updated_at_ms: i64,
}

impl Ticket {
    /// The last step of a ticket whose customer was forgotten.
    pub const ERASED: &str = "erase";

    /// Stands in the history of tickets that the customer's words moved to another queue.
    pub const MOVED: &str = "moved because of what the customer wrote";

    /// The ticket after these turns were added to its conversation: the customer's make it wait
    /// and raise it; into another queue only while nobody has it. What is known of the customer is taken over. A person's
    /// reply is a step of the ticket instead.
    #[must_use]
    pub fn heard(
        mut self,
        conversation: &Conversation,
        turns: &[Turn],
        raised: Option<&Raised>,
    ) -> Self {
        self.customer.clone_from(&conversation.customer);
        let said = turns.iter().rfind(|turn| turn.speaker == Speaker::Customer);
        let Some(said) = said else { return self };
        self.waiting_since_ms = self.waiting_since_ms.or(Some(said.at_ms));
        if let Some(raised) = raised {
            self.priority = self.priority.max(raised.priority);
            if self.status == TicketStatus::Open
                && let Some(queue) = &raised.queue
            {
                self.queue.clone_from(queue);
            }
        }
        self.updated_at_ms = self.updated_at_ms.max(said.at_ms);
        self
    }
}

/// What triage saw in the customer's words beside the reason to hand over; all of it optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketSignals {
    /// The class of the problem, such as `refund`.
    pub problem: Option<String>,
    /// The class of the wish, for routing.
    pub intent: Option<String>,
    /// The mood.
    pub sentiment: Option<Sentiment>,
}

/// A customer's mood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentiment {
    /// The last turn, from -100 (furious) to 100 (delighted).
    pub now_percent: i8,
    /// Over the last turns.
    pub trend: Trend,
}

/// What happens to a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketEvent {
    /// A person takes it. Allowed on open tickets, and again by the same person.
    Claim {
        /// Who.
        agent: String,
    },
    /// A person writes to the customer. Allowed on tickets that are not resolved; claims an open
    /// one.
    Reply {
        /// Who.
        agent: String,
        /// What the customer reads.
        text: String,
    },
    /// A person gives it to a colleague or another queue. Allowed on tickets that are not
    /// resolved.
    Transfer {
        /// Who gives it away.
        agent: String,
        /// To whom.
        to: TransferTo,
        /// A note for colleagues.
        note: Option<String>,
    },
    /// A person gives the conversation back to Kefu. Allowed on tickets that are not resolved.
    Return {
        /// Who.
        agent: String,
        /// A note for colleagues.
        note: Option<String>,
    },
    /// A person ends it; the conversation is closed until the customer writes again. Allowed on
    /// tickets that are not resolved.
    Resolve {
        /// Who.
        agent: String,
        /// A note for colleagues.
        note: Option<String>,
    },
    /// A person opens a resolved ticket again.
    Reopen {
        /// Who.
        agent: String,
    },
    /// The desk gives it to somebody. Nothing on tickets that are not open.
    Assign {
        /// To whom.
        agent: String,
    },
    /// The desk takes it from an agent who went silent. Nothing unless that agent has it and the
    /// customer waits.
    Release {
        /// Who went silent.
        from: String,
        /// Who gets it; `None` puts it back into its queue.
        to: Option<String>,
    },
    /// Time passed. Nothing unless a clock of the ticket has run to its next mark.
    Tick,
}

/// Where a ticket is transferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferTo {
    /// To a colleague, who then has it.
    Agent(String),
    /// Into a queue, where it waits.
    Queue(String),
}

impl TicketEvent {
    /// The word used on the wire and in records.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Claim { .. } => "claim",
            Self::Reply { .. } => "reply",
            Self::Transfer { .. } => "transfer",
            Self::Return { .. } => "return",
            Self::Resolve { .. } => "resolve",
            Self::Reopen { .. } => "reopen",
            Self::Assign { .. } => "assign",
            Self::Release { .. } => "release",
            Self::Tick => "tick",
        }
    }

    /// Sixty-four letters that are the same for the same event alone, in every version of Kefu, and
    /// tell nothing of it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let parts: Vec<&[u8]> = self.parts().into_iter().map(str::as_bytes).collect();
        digest(&parts).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What tells it from other events, in a fixed order; a note left out is no part.
    fn parts(&self) -> Vec<&str> {
        let mut parts = vec![self.word()];
        match self {
            Self::Claim { agent } | Self::Reopen { agent } | Self::Assign { agent } => {
                parts.push(agent);
            }
            Self::Reply { agent, text } => parts.extend([agent.as_str(), text]),
            Self::Transfer { agent, to, note } => {
                let (kind, name) = match to {
                    TransferTo::Agent(name) => ("agent", name),
                    TransferTo::Queue(name) => ("queue", name),
                };
                parts.extend([agent.as_str(), kind, name]);
                parts.extend(note.as_deref());
            }
            Self::Return { agent, note } | Self::Resolve { agent, note } => {
                parts.push(agent);
                parts.extend(note.as_deref());
            }
            Self::Release { from, to } => {
                parts.push(from);
                parts.extend(to.as_deref());
            }
            Self::Tick => {}
        }
        parts
    }

    /// Who did it; `None` for what the desk does by itself.
    #[must_use]
    pub fn actor(&self) -> Option<&str> {
        match self {
            Self::Claim { agent }
            | Self::Reply { agent, .. }
            | Self::Transfer { agent, .. }
            | Self::Return { agent, .. }
            | Self::Resolve { agent, .. }
            | Self::Reopen { agent } => Some(agent),
            Self::Assign { .. } | Self::Release { .. } | Self::Tick => None,
        }
    }
}

/// One step of a ticket's life, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketStep {
    /// What happened: `open` for the first, else [`TicketEvent::word`] or `erase`.
    pub action: String,
    /// Who did it; `None` for Kefu.
    pub actor: Option<String>,
    /// The ticket's status after it.
    pub status: TicketStatus,
    /// Who had the ticket after it.
    pub assignee: Option<String>,
    /// A note for colleagues.
    pub note: Option<String>,
    /// When, milliseconds since the epoch, UTC.
    pub at_ms: i64,
}

/// What a customer may know of the open ticket of their conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenHandOver {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its number.
    pub number: TicketNumber,
    /// Why a person was called.
    pub reason: EscalationReason,
    /// How urgent.
    pub priority: Priority,
    /// Who has it.
    pub assignee: Option<String>,
}

impl From<&Ticket> for OpenHandOver {
    fn from(ticket: &Ticket) -> Self {
        Self {
            ticket_id: ticket.id.clone(),
            number: ticket.number,
            reason: ticket.reason,
            priority: ticket.priority,
            assignee: ticket.assignee.clone(),
        }
    }
}

/// What a ticket's clocks begin with when it is opened or reopened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlaTargets {
    /// For the first words of a person.
    pub first_response: Option<SlaTarget>,
    /// For the end.
    pub resolution: Option<SlaTarget>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(note: Option<&str>) -> TicketEvent {
        TicketEvent::Resolve { agent: "mei".to_owned(), note: note.map(str::to_owned) }
    }

    #[test]
    fn only_the_same_event_has_the_same_fingerprint() {
        let reply = |agent: &str, text: &str| TicketEvent::Reply {
            agent: agent.to_owned(),
            text: text.to_owned(),
        };
        let to = |to: TransferTo| TicketEvent::Transfer { agent: "mei".to_owned(), to, note: None };
        let all = [
            reply("mei", "hello"),
            reply("me", "ihello"),
            reply("tom", "hello"),
            resolve(None),
            resolve(Some("")),
            TicketEvent::Return { agent: "mei".to_owned(), note: None },
            to(TransferTo::Agent("tom".to_owned())),
            to(TransferTo::Queue("tom".to_owned())),
            TicketEvent::Tick,
        ];
        let prints: std::collections::BTreeSet<String> =
            all.iter().map(TicketEvent::fingerprint).collect();
        assert_eq!(prints.len(), all.len());
        assert_eq!(reply("mei", "hello").fingerprint(), all[0].fingerprint());
    }

    #[test]
    fn fingerprints_stay_what_they_are_in_the_records() {
        // printf '\4\0\0\0\0\0\0\0tick' | sha256sum
        let known = "afa2708efd03434a84ebaf3c63f4a65241895b6e2f9e840e18ede7e3c29dca5e";
        assert_eq!(TicketEvent::Tick.fingerprint(), known);
    }
}
