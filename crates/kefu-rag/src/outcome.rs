use kefu_core::{AnswerRecord, Conversation, ReleaseNo, Ticket};

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
    /// What the customer reads, with or without consent.
    pub text: String,
    /// The conversation after it.
    pub conversation: Conversation,
    /// The ticket it opened, or the open one where the caller may read it.
    pub ticket: Option<Ticket>,
    /// Whether the customer should be offered a person.
    pub offer_human: bool,
}
