//! Data of the server-sent events of `POST /v1/answers`. The events `citation`, `final` and
//! `error` carry a [`crate::Citation`], an [`crate::AnswerResponse`] and a [`crate::Problem`].

use kefu_core::{OpenHandOver, Turn};
use serde::Serialize;
use utoipa::ToSchema;

use crate::retrieve::PassageResponse;
use crate::time::rfc3339;
use crate::words::{ConversationState, Speaker};

/// Event `status`: what Kefu does now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatusEvent {
    /// A word such as `searching`.
    pub status: String,
}

/// Event `sources`: what the answer will be made from.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SourcesEvent {
    /// The passages, best first.
    pub passages: Vec<PassageResponse>,
}

/// Event `delta`: more of the answer. All deltas together are the answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeltaEvent {
    /// The text to append.
    pub text: String,
}

/// `turn`: somebody said something in the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TurnEvent {
    /// The turn's id; ids sort by time.
    pub id: String,
    /// Who said it.
    pub speaker: Speaker,
    /// The person at the desk who said it; null for all other turns.
    pub agent: Option<String>,
    /// What was said.
    pub text: String,
    /// When.
    pub at: String,
}

impl From<&Turn> for TurnEvent {
    fn from(turn: &Turn) -> Self {
        Self {
            id: turn.id.to_string(),
            speaker: turn.speaker.into(),
            agent: turn.agent.clone(),
            text: turn.text.clone(),
            at: rfc3339(turn.at_ms),
        }
    }
}

/// `state`: who answers next in the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StateEvent {
    /// Who answers next.
    pub state: ConversationState,
    /// The number of the open ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_number: Option<String>,
    /// The person who has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

impl StateEvent {
    /// The wire form of a state with its open ticket.
    #[must_use]
    pub fn new(state: kefu_core::ConversationState, hand_over: Option<&OpenHandOver>) -> Self {
        Self {
            state: state.into(),
            ticket_number: hand_over.map(|open| open.number.to_string()),
            agent: hand_over.and_then(|open| open.assignee.clone()),
        }
    }
}
