//! `GET /v1/records/{answer_id}`.

use kefu_core::ports::Feedback;
use kefu_core::{AnswerRecord, PassageTrace};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answers::{Citation, Clarify, Confidence, Models, Timings, clarify, decimal};
use crate::feedback::FeedbackItem;
use crate::time::rfc3339;
use crate::words::{EscalationReason, Lane, Outcome, Reason};

/// Everything kept of one answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordResponse {
    /// Its id.
    pub answer_id: String,
    /// Its conversation.
    pub conversation_id: String,
    /// When.
    pub at: String,
    /// Whether the customer allowed keeping the texts.
    pub consent: bool,
    /// The customer's words; empty without consent.
    pub question: String,
    /// What was searched for; empty without consent.
    pub rewritten: String,
    /// Language of question and answer.
    pub language: String,
    /// The content release it was answered from.
    pub release: u32,
    /// What became of it.
    pub outcome: Outcome,
    /// How the answer was made.
    pub lane: Lane,
    /// Why there is none.
    pub reason: Option<Reason>,
    /// The text shown; empty without consent.
    pub answer: String,
    /// Its sources.
    pub citations: Vec<Citation>,
    /// What the customer was asked to choose from; null unless the outcome is `clarify`.
    pub clarify: Option<Clarify>,
    /// Labels of the citations that say something else than the answer, or of all that disagree.
    pub conflicting: Vec<u32>,
    /// How sure Kefu was.
    pub confidence: Confidence,
    /// Named inputs of the decision.
    pub features: Vec<Feature>,
    /// Passages considered, best first.
    pub passages: Vec<PassageTraceResponse>,
    /// The ticket it led to.
    pub ticket_id: Option<String>,
    /// Why it led to a ticket.
    pub escalation_reason: Option<EscalationReason>,
    /// Models that took part.
    pub models: Models,
    /// Version of code path and prompts.
    pub pipeline: String,
    /// Milliseconds per stage.
    pub timings_ms: Timings,
    /// Judgements of it, oldest first.
    pub feedback: Vec<FeedbackItem>,
}

/// A named input of the decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// How a passage was ranked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PassageTraceResponse {
    /// The chunk.
    pub chunk_id: String,
    /// Its document.
    pub document_id: String,
    /// Final score.
    pub score: f64,
    /// Rank by meaning, from 1; null when not found so.
    pub dense_rank: Option<u32>,
    /// Rank by words, from 1; null when not found so.
    pub lexical_rank: Option<u32>,
    /// Cosine.
    pub dense_score: Option<f64>,
    /// BM25.
    pub lexical_score: Option<f64>,
}

impl RecordResponse {
    /// The wire form of a record and its judgements.
    #[must_use]
    pub fn new(record: AnswerRecord, feedback: Vec<Feedback>) -> Self {
        let clarify = clarify(&record);
        let features = record.features.into_iter();
        Self {
            answer_id: record.id.to_string(),
            conversation_id: record.conversation_id.to_string(),
            at: rfc3339(record.at_ms),
            consent: record.consent,
            question: record.question,
            rewritten: record.rewritten,
            language: record.language.code().to_owned(),
            release: record.release.0,
            outcome: record.outcome.into(),
            lane: record.lane.into(),
            reason: record.reason.map(Into::into),
            answer: record.answer,
            citations: record.citations.iter().map(Into::into).collect(),
            clarify,
            conflicting: record.conflicting,
            confidence: record.confidence.into(),
            features: features
                .map(|(name, value)| Feature { name, value: decimal(value) })
                .collect(),
            passages: record.passages.iter().map(Into::into).collect(),
            ticket_id: record.escalation.as_ref().map(|(id, _)| id.to_string()),
            escalation_reason: record.escalation.map(|(_, reason)| reason.into()),
            models: Models { embedder: record.embedder, generator: record.generator },
            pipeline: record.pipeline,
            timings_ms: record.timings.into(),
            feedback: feedback.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<&PassageTrace> for PassageTraceResponse {
    fn from(trace: &PassageTrace) -> Self {
        Self {
            chunk_id: trace.chunk_id.to_string(),
            document_id: trace.document_id.to_string(),
            score: decimal(trace.score),
            dense_rank: trace.dense_rank,
            lexical_rank: trace.lexical_rank,
            dense_score: trace.dense_score.map(decimal),
            lexical_score: trace.lexical_score.map(decimal),
        }
    }
}
