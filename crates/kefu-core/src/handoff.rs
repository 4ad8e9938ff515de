//! What a person gets with a conversation that is handed over.

use crate::answer::{Citation, Confidence, Lane, Outcome, Reason};
use crate::content::Span;
use crate::conversation::Speaker;
use crate::customer::Customer;
use crate::ids::{AnswerId, ConversationId, TicketId, TurnId};
use crate::language::Language;
use crate::triage::{EscalationReason, Trend};

/// Words of a turn: `text` equals the bytes of `span` in the turn's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnQuote {
    /// The turn.
    pub turn_id: TurnId,
    /// Who said it.
    pub speaker: Speaker,
    /// The person at the desk, for turns of theirs.
    pub agent: Option<String>,
    /// Where in the turn's text, in bytes.
    pub span: Span,
    /// The words, verbatim.
    pub text: String,
}

/// Why a line is in a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SummaryReason {
    /// What the conversation is about.
    Matter,
    /// It names an order, an amount, a date or the like.
    Detail,
    /// The customer tells what went wrong.
    Failure,
    /// The company, or somebody for it, said what will be done.
    Promise,
    /// What the customer said last.
    Latest,
}

impl SummaryReason {
    /// The word used on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Matter => "matter",
            Self::Detail => "detail",
            Self::Failure => "failure",
            Self::Promise => "promise",
            Self::Latest => "latest",
        }
    }
}

/// A line of an extractive summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryLine {
    /// Why it is there.
    pub reason: SummaryReason,
    /// The line, with its place.
    pub quote: TurnQuote,
}

/// One try of Kefu to answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// The answer record.
    pub answer_id: AnswerId,
    /// The turn that gave the answer, where it is among the turns looked at.
    pub turn_id: Option<TurnId>,
    /// What was asked; empty when the customer refused recording.
    pub question: String,
    /// What became of it.
    pub outcome: Outcome,
    /// How the answer was made.
    pub lane: Lane,
    /// Why there was none.
    pub reason: Option<Reason>,
    /// How sure Kefu was.
    pub confidence: Confidence,
    /// What it was answered from.
    pub citations: Vec<Citation>,
    /// When, milliseconds since the epoch, UTC.
    pub at_ms: i64,
}

/// The customer's mood at one of their turns.
#[derive(Clone, Debug, PartialEq)]
pub struct MoodPoint {
    /// The turn.
    pub turn_id: TurnId,
    /// -1 (furious, disappointed) to 1 (delighted).
    pub sentiment: f32,
}

/// The customer's mood over the conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mood {
    /// At the last turn.
    pub now: f32,
    /// How it moved.
    pub trend: Trend,
    /// Turn by turn, oldest first.
    pub points: Vec<MoodPoint>,
}

/// A reply that a person may send, with its sources.
#[derive(Clone, Debug, PartialEq)]
pub struct SuggestedReply {
    /// The text.
    pub text: String,
    /// The sources, by label.
    pub citations: Vec<Citation>,
    /// How sure Kefu is of it; often less than customers' answers need.
    pub confidence: Confidence,
}

/// Everything a person needs to go on with a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Handoff {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The ticket it was handed over with.
    pub ticket_id: TicketId,
    /// Why it was handed over.
    pub reason: EscalationReason,
    /// The customer's language.
    pub language: Language,
    /// Where the conversation takes place.
    pub channel: String,
    /// The customer.
    pub customer: Customer,
    /// What the problem is, in a word such as `refund`.
    pub problem: Option<String>,
    /// What the customer asked, oldest first.
    pub asked: Vec<TurnQuote>,
    /// What was tried, oldest first.
    pub tried: Vec<Attempt>,
    /// The question that waits for an answer.
    pub open_question: Option<TurnQuote>,
    /// The customer's mood.
    pub mood: Mood,
    /// The lines that matter, in the order in which they were said.
    pub summary: Vec<SummaryLine>,
    /// What a person might reply.
    pub suggested_reply: Option<SuggestedReply>,
}
