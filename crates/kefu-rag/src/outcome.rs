use kefu_core::ports::NUMBER_HERE;
use kefu_core::{AnswerRecord, Conversation, OpenHandOver, ReleaseNo, Ticket, TicketNumber};

use crate::events::ScoredPassage;

/// What retrieval found.
#[derive(Clone, Debug, PartialEq)]
pub struct Retrieved {
    /// The release that was searched.
    pub release: ReleaseNo,
    /// What was searched for, after follow-ups were resolved.
    pub query: String,
    /// Passages, best first.
    pub passages: Vec<ScoredPassage>,
}

/// A finished answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// Its record. Without the customer's consent its texts are empty; while a person has the
    /// conversation it is not kept.
    pub record: AnswerRecord,
    /// What the customer reads, with or without consent; empty while a person has the
    /// conversation.
    pub text: String,
    /// The conversation after it.
    pub conversation: Conversation,
    /// The ticket it opened, or the open one where the caller may read it.
    pub ticket: Option<Ticket>,
    /// What the customer may know of that ticket.
    pub hand_over: Option<OpenHandOver>,
    /// By when a person will write, where nobody can at once; milliseconds since the epoch, UTC.
    pub call_back_ms: Option<i64>,
    /// Whether the customer should be offered a person.
    pub offer_human: bool,
}

impl Answered {
    /// Puts the number that a new ticket got where room was left for it.
    pub(crate) fn number(&mut self, number: TicketNumber) {
        if let Some(ticket) = &mut self.ticket {
            ticket.number = number;
            self.text = self.text.replace(NUMBER_HERE, &number.to_string());
            self.record.answer = self.record.answer.replace(NUMBER_HERE, &number.to_string());
        }
        if let Some(hand_over) = &mut self.hand_over {
            hand_over.number = number;
        }
    }
}
