//! `/v1/assist`.

use kefu_core::{ConversationId, TicketId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answers::decimal;
use crate::checks::{Faults, InvalidFields};
use crate::handoff::SuggestedReplyResponse;
use crate::retrieve::PassageResponse;

const MAX_ASSIST_QUESTION_BYTES: usize = 4_000;
const MAX_DRAFT_BYTES: usize = 16_000;

/// What help is wanted with. At least one of ticket, conversation, question and draft.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssistRequest {
    /// The ticket being worked on.
    pub ticket_id: Option<String>,
    /// The conversation, where there is no ticket.
    pub conversation_id: Option<String>,
    /// What to find out; left out, the open question of the conversation.
    pub question: Option<String>,
    /// What the agent means to send; it is checked for wording.
    pub draft: Option<String>,
}

/// A request for help that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedAssist {
    /// The ticket.
    pub ticket_id: Option<TicketId>,
    /// The conversation.
    pub conversation_id: Option<ConversationId>,
    /// What to find out.
    pub question: Option<String>,
    /// What the agent means to send.
    pub draft: Option<String>,
}

impl AssistRequest {
    /// Checks all fields.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<CheckedAssist, InvalidFields> {
        let mut faults = Faults::default();
        let ticket_id = self
            .ticket_id
            .as_deref()
            .and_then(|text| faults.id("ticket_id", Some(text), TicketId::parse));
        let conversation_id = self
            .conversation_id
            .as_deref()
            .and_then(|text| faults.id("conversation_id", Some(text), ConversationId::parse));
        if self.ticket_id.is_some() && self.conversation_id.is_some() {
            faults.add("conversation_id", "must be left out when ticket_id is given");
        }
        let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let (question, draft) = (text(self.question), text(self.draft));
        faults.optional_text("question", question.as_deref(), MAX_ASSIST_QUESTION_BYTES);
        faults.optional_text("draft", draft.as_deref(), MAX_DRAFT_BYTES);
        let is_empty = self.ticket_id.is_none()
            && self.conversation_id.is_none()
            && question.is_none()
            && draft.is_none();
        if is_empty {
            faults.add("question", "give ticket_id, conversation_id, question or draft");
        }
        faults.or(CheckedAssist { ticket_id, conversation_id, question, draft })
    }
}

/// Help for a person who writes to a customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssistResponse {
    /// What was looked for; null when nothing was asked.
    pub question: Option<String>,
    /// Passages that may answer it, best first.
    pub passages: Vec<PassageResponse>,
    /// Resolved tickets like this one, most alike first.
    pub similar_tickets: Vec<SimilarTicket>,
    /// What Kefu would answer; null when it knows nothing.
    pub suggested_reply: Option<SuggestedReplyResponse>,
    /// Words that calm the customer; null when they are not upset.
    pub soothing: Option<Soothing>,
    /// What the draft had better not say, in the order of places.
    pub warnings: Vec<DraftWarning>,
}

/// A resolved ticket.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimilarTicket {
    /// Its id.
    pub ticket_id: String,
    /// What people call it.
    pub number: String,
    /// What it was about.
    pub subject: String,
    /// What was noted when it was resolved.
    pub resolution: Option<String>,
    /// How alike, 0 to 1.
    pub score: f64,
}

impl SimilarTicket {
    /// The wire form of a similar ticket.
    #[must_use]
    pub fn new(ticket: &kefu_core::Ticket, resolution: Option<String>, score: f32) -> Self {
        Self {
            ticket_id: ticket.id.to_string(),
            number: ticket.number.to_string(),
            subject: ticket.subject.clone(),
            resolution,
            score: decimal(score),
        }
    }
}

/// Words that calm.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Soothing {
    /// The phrase, in the customer's language.
    pub text: String,
}

/// Something a draft had better not say.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DraftWarning {
    /// What kind of thing: `legal_outcome`, `money_promise`, `guarantee`, `blame`, `insult`,
    /// `internal_note`, `personal_data` or `house_rule`.
    pub kind: String,
    /// First byte in the draft (UTF-8).
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The draft from `start` to `end`.
    pub text: String,
    /// What to do about it.
    pub advice: String,
}
