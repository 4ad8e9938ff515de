//! `/v1/conversations`.

use kefu_core::{AnswerRecord, Conversation, OpenHandOver, Turn};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answers::{AnswerResponse, Citation};
use crate::checks::{Faults, InvalidFields};
use crate::tickets::{MAX_AGENT_BYTES, MAX_REPLY_BYTES, TicketDetail};
use crate::time::rfc3339;
use crate::words::{ConversationState, MessageRole, Outcome, Speaker};

/// A conversation with its last turns.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConversationResponse {
    /// Its id.
    pub conversation_id: String,
    /// Who answers next.
    pub state: ConversationState,
    /// The caller's id of the customer.
    pub customer_id: Option<String>,
    /// Whether somebody vouched for that id.
    pub customer_verified: bool,
    /// Where it takes place.
    pub channel: String,
    /// Language of the last customer turn.
    pub language: String,
    /// The open ticket, when there is one.
    pub ticket_id: Option<String>,
    /// Its number, as people say it.
    #[schema(example = "K-1042")]
    pub ticket_number: Option<String>,
    /// The person who has it.
    pub agent: Option<String>,
    /// When it began.
    pub created_at: String,
    /// Its turns, oldest first.
    pub turns: Vec<TurnResponse>,
}

/// One utterance.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TurnResponse {
    /// Its id; ids sort by time.
    pub turn_id: String,
    /// Who said it.
    pub speaker: Speaker,
    /// The person at the desk who said it; null for all other turns.
    pub agent: Option<String>,
    /// What was said.
    pub text: String,
    /// When.
    pub at: String,
    /// The recorded answer, for turns of Kefu.
    pub answer_id: Option<String>,
    /// What the turn of Kefu was: an answer, a question back, a hand-over; where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub outcome: Option<Outcome>,
    /// Sources of a turn of Kefu, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub citations: Vec<Citation>,
    /// Labels of the citations that say something else than the turn.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub conflicting: Vec<u32>,
}

impl TurnResponse {
    /// Adds outcome and sources of the recorded answer.
    pub fn cite(&mut self, record: &AnswerRecord) {
        self.outcome = Some(record.outcome.into());
        self.citations = record.citations.iter().map(Into::into).collect();
        self.conflicting = record.conflicting.clone();
    }
}

impl ConversationResponse {
    /// The wire form of a conversation and its turns.
    #[must_use]
    pub fn new(
        conversation: Conversation,
        hand_over: Option<&OpenHandOver>,
        turns: Vec<Turn>,
    ) -> Self {
        Self {
            conversation_id: conversation.id.to_string(),
            state: conversation.state.into(),
            customer_id: conversation.customer.id,
            customer_verified: conversation.customer.is_verified,
            channel: conversation.channel,
            language: conversation.language.code().to_owned(),
            ticket_id: conversation.ticket_id.map(|id| id.to_string()),
            ticket_number: hand_over.map(|open| open.number.to_string()),
            agent: hand_over.and_then(|open| open.assignee.clone()),
            created_at: rfc3339(conversation.created_at_ms),
            turns: turns.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Turn> for TurnResponse {
    fn from(turn: Turn) -> Self {
        Self {
            turn_id: turn.id.to_string(),
            speaker: turn.speaker.into(),
            agent: turn.agent,
            text: turn.text,
            at: rfc3339(turn.at_ms),
            answer_id: turn.answer_id.map(|id| id.to_string()),
            outcome: None,
            citations: Vec::new(),
            conflicting: Vec::new(),
        }
    }
}

/// Where to begin watching.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WatchQuery {
    /// Id of the last turn seen, for clients that cannot send headers.
    pub after: Option<String>,
}

/// A turn of the customer or of a person at the desk.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageRequest {
    /// Who speaks.
    pub role: MessageRole,
    /// What is said.
    pub text: String,
    /// Name of the person at the desk; required for, and only for, the role `agent`.
    pub agent: Option<String>,
}

/// What a message leads to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum MessageResponse {
    /// For a turn of the customer: the answer.
    Answer(Box<AnswerResponse>),
    /// For a turn of an agent: the ticket after the reply.
    Ticket(Box<TicketDetail>),
}

/// A message that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The customer says `text`.
    Customer {
        /// What is said.
        text: String,
    },
    /// A person at the desk says `text`.
    Agent {
        /// Who.
        agent: String,
        /// What is said.
        text: String,
    },
}

impl MessageRequest {
    /// Checks all fields.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<Message, InvalidFields> {
        let mut faults = Faults::default();
        match self.role {
            MessageRole::Customer => {
                faults.text("text", &self.text, usize::MAX);
                if self.agent.is_some() {
                    faults.add("agent", "is only for messages with the role agent");
                }
                faults.or(Message::Customer { text: self.text })
            }
            MessageRole::Agent => {
                let agent = self.agent.unwrap_or_default();
                faults.text("text", &self.text, MAX_REPLY_BYTES);
                faults.text("agent", &agent, MAX_AGENT_BYTES);
                faults.or(Message::Agent { agent, text: self.text })
            }
        }
    }
}
