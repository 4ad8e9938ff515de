use std::collections::BTreeSet;

use kefu_core::ports::CurrentContent;
use kefu_core::{ConversationId, Customer, Deadline, DocumentId, Language, Speaker};

/// A question with all that a caller may say about it.
#[derive(Clone, Debug)]
pub struct Question {
    /// The customer's words.
    pub text: String,
    /// The conversation it continues; `None` begins one.
    pub conversation_id: Option<ConversationId>,
    /// Earlier turns, oldest first, from callers that keep their own state. Not together with
    /// `conversation_id`.
    pub history: Vec<HistoryTurn>,
    /// The caller's name of the question: asked again with it, it gets the same answer and nothing
    /// is recorded twice. Without the customer's consent no name is kept.
    pub key: Option<String>,
    /// Who asks, and whether somebody vouched for it.
    pub customer: Customer,
    /// Where the conversation takes place.
    pub channel: String,
    /// Language of the answer; decided from the text when `None`.
    pub language: Option<Language>,
    /// The day the answer must hold for, `YYYY-MM-DD`; today (UTC) when `None`.
    pub as_of: Option<String>,
    /// Only these documents, when given.
    pub documents: Option<BTreeSet<DocumentId>>,
    /// Whether the customer allows their words to be kept.
    pub consent_record: bool,
    /// How the answer should be made.
    pub lane: LanePreference,
    /// When the caller stops waiting.
    pub deadline: Deadline,
    /// Gives whatever answer there is, however unsure. For measuring confidence.
    pub answer_anyway: bool,
    /// A rehearsal: answer from this content instead of what is published, and record nothing.
    /// For measuring a release before customers see it.
    pub rehearsal: Option<CurrentContent>,
}

/// One earlier turn told by the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryTurn {
    /// Who said it.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
}

/// How a caller wants the answer made; the policy of the installation comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LanePreference {
    /// As the installation decides.
    Auto,
    /// Never generated.
    Extractive,
    /// Generated where the policy and the question's language allow it.
    Generated,
}
