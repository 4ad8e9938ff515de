//! The hand-off package, `kefu.handoff/1`.

use kefu_core::{Attempt, Handoff, SuggestedReply, TurnQuote};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answers::{Citation, Confidence, decimal};
use crate::customers::CustomerResponse;
use crate::time::rfc3339;
use crate::words::{EscalationReason, Lane, Outcome, Reason, Speaker, SummaryReason, Trend};

/// Name and version of the package's form. A later version only adds fields, or has another number.
pub const HANDOFF_SCHEMA: &str = "kefu.handoff/1";

/// Everything a person needs to go on with a conversation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HandoffResponse {
    /// Always `kefu.handoff/1`.
    #[schema(value_type = String, example = "kefu.handoff/1")]
    pub schema: &'static str,
    /// The ticket.
    pub ticket_id: String,
    /// The conversation handed over.
    pub conversation_id: String,
    /// Why it was handed over.
    pub reason: EscalationReason,
    /// The customer's language.
    pub language: String,
    /// Where the conversation takes place.
    pub channel: String,
    /// The customer, as the caller named them.
    pub customer: CustomerResponse,
    /// What the problem is, in a word such as `refund`; null when it is none of those known.
    pub problem: Option<String>,
    /// What the customer asked, oldest first.
    pub asked: Vec<Quoted>,
    /// What Kefu tried, oldest first.
    pub tried: Vec<AttemptResponse>,
    /// The question that waits for an answer.
    pub open_question: Option<Quoted>,
    /// The customer's mood.
    pub sentiment: MoodResponse,
    /// The lines that matter, in the order in which they were said; each is a quotation.
    pub summary: Vec<SummaryLine>,
    /// What a person might reply; null when nothing was found.
    pub suggested_reply: Option<SuggestedReplyResponse>,
}

/// Words of a turn.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Quoted {
    /// The turn.
    pub turn_id: String,
    /// Who said it.
    pub speaker: Speaker,
    /// The person at the desk who said it; null for all other turns.
    pub agent: Option<String>,
    /// First byte in the turn's text (UTF-8).
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The turn's text from `start` to `end`, verbatim.
    pub text: String,
}

/// A line of the summary.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SummaryLine {
    /// Why it is there.
    pub reason: SummaryReason,
    /// The line and its place.
    #[serde(flatten)]
    pub quote: Quoted,
}

/// One try of Kefu to answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttemptResponse {
    /// The recorded answer.
    pub answer_id: String,
    /// The turn that gave it; null when it is further back than the turns looked at.
    pub turn_id: Option<String>,
    /// What was asked; empty when the customer refused recording.
    pub question: String,
    /// What became of it.
    pub outcome: Outcome,
    /// How the answer was made.
    pub lane: Lane,
    /// Why there was none; null otherwise.
    pub reason: Option<Reason>,
    /// How sure Kefu was.
    pub confidence: Confidence,
    /// What it was answered from.
    pub citations: Vec<Citation>,
    /// When.
    pub at: String,
}

/// The customer's mood over the conversation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MoodResponse {
    /// At the last turn: -1 (furious) to 1 (delighted).
    pub now: f64,
    /// How it moved.
    pub trend: Trend,
    /// Turn by turn, oldest first.
    pub points: Vec<MoodPoint>,
}

/// The customer's mood at one turn.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MoodPoint {
    /// The turn.
    pub turn_id: String,
    /// -1 (furious) to 1 (delighted).
    pub sentiment: f64,
}

/// A reply that a person may send.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestedReplyResponse {
    /// The text.
    pub text: String,
    /// Its sources.
    pub citations: Vec<Citation>,
    /// How sure Kefu is of it; often less than customers' answers need.
    pub confidence: Confidence,
}

impl From<Handoff> for HandoffResponse {
    fn from(package: Handoff) -> Self {
        let points = package.mood.points.into_iter().map(|point| MoodPoint {
            turn_id: point.turn_id.to_string(),
            sentiment: decimal(point.sentiment),
        });
        Self {
            schema: HANDOFF_SCHEMA,
            ticket_id: package.ticket_id.to_string(),
            conversation_id: package.conversation_id.to_string(),
            reason: package.reason.into(),
            language: package.language.code().to_owned(),
            channel: package.channel,
            customer: package.customer.into(),
            problem: package.problem,
            asked: package.asked.into_iter().map(Into::into).collect(),
            tried: package.tried.into_iter().map(Into::into).collect(),
            open_question: package.open_question.map(Into::into),
            sentiment: MoodResponse {
                now: decimal(package.mood.now),
                trend: package.mood.trend.into(),
                points: points.collect(),
            },
            summary: package
                .summary
                .into_iter()
                .map(|line| SummaryLine { reason: line.reason.into(), quote: line.quote.into() })
                .collect(),
            suggested_reply: package.suggested_reply.map(Into::into),
        }
    }
}

impl From<TurnQuote> for Quoted {
    fn from(quote: TurnQuote) -> Self {
        Self {
            turn_id: quote.turn_id.to_string(),
            speaker: quote.speaker.into(),
            agent: quote.agent,
            start: quote.span.start,
            end: quote.span.end,
            text: quote.text,
        }
    }
}

impl From<Attempt> for AttemptResponse {
    fn from(attempt: Attempt) -> Self {
        Self {
            answer_id: attempt.answer_id.to_string(),
            turn_id: attempt.turn_id.map(|id| id.to_string()),
            question: attempt.question,
            outcome: attempt.outcome.into(),
            lane: attempt.lane.into(),
            reason: attempt.reason.map(Into::into),
            confidence: attempt.confidence.into(),
            citations: attempt.citations.iter().map(Into::into).collect(),
            at: rfc3339(attempt.at_ms),
        }
    }
}

impl From<SuggestedReply> for SuggestedReplyResponse {
    fn from(reply: SuggestedReply) -> Self {
        Self {
            text: reply.text,
            citations: reply.citations.iter().map(Into::into).collect(),
            confidence: reply.confidence.into(),
        }
    }
}
