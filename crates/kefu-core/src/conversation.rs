//! Conversations and their turns.

use crate::customer::Customer;
use crate::ids::{AnswerId, ConversationId, TicketId, TurnId};
use crate::language::Language;

/// Who said a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The customer.
    Customer,
    /// Kefu.
    Assistant,
    /// A person at the desk.
    Agent,
}

/// Who is expected to answer next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConversationState {
    /// Kefu answers.
    Bot,
    /// A ticket waits for a person; Kefu stays silent.
    Queued,
    /// A person has claimed it; Kefu stays silent.
    Human,
    /// The ticket was resolved; the next customer turn goes to Kefu again.
    Closed,
}

impl ConversationState {
    /// Whether Kefu answers the customer's next turn; otherwise it is silent.
    #[must_use]
    pub fn is_kefus(self) -> bool {
        match self {
            Self::Bot | Self::Closed => true,
            Self::Queued | Self::Human => false,
        }
    }
}

/// One utterance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Identity; sorts by time.
    pub id: TurnId,
    /// Who said it.
    pub speaker: Speaker,
    /// The person at the desk, for turns of [`Speaker::Agent`].
    pub agent: Option<String>,
    /// What was said.
    pub text: String,
    /// When, milliseconds since the epoch, UTC.
    pub at_ms: i64,
    /// The recorded answer, for turns of Kefu.
    pub answer_id: Option<AnswerId>,
}

/// A conversation without its turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Identity.
    pub id: ConversationId,
    /// Whose it is.
    pub customer: Customer,
    /// Where it takes place: `web`, `api` or the caller's own word.
    pub channel: String,
    /// Language of the last customer turn.
    pub language: Language,
    /// Who answers next.
    pub state: ConversationState,
    /// Open ticket, when one exists.
    pub ticket_id: Option<TicketId>,
    /// Answers in a row that were no answer.
    pub n_failures: u32,
    /// When it began, milliseconds since the epoch, UTC.
    pub created_at_ms: i64,
}
