use kefu_core::{AnswerRecord, Language, OpenHandOver, StageTimings, Ticket};
use serde::Serialize;
use utoipa::ToSchema;

use crate::words::{EscalationReason, Lane, Outcome, Priority, Reason};

/// An answer, or why there is none.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnswerResponse {
    /// The recorded answer, for feedback and audit.
    #[schema(example = "ans_0198c0de00007000800000000000000a")]
    pub answer_id: String,
    /// The conversation; send it with the next question.
    pub conversation_id: String,
    /// The content release it was answered from.
    pub release: u32,
    /// What became of the question.
    pub outcome: Outcome,
    /// How the answer was made.
    pub lane: Lane,
    /// The text to show; empty while a person has the conversation, because Kefu is silent then.
    /// Words that are not kept reach no person: then it says so.
    pub answer: String,
    /// Language of the answer.
    #[schema(example = "en")]
    pub language: String,
    /// Why Kefu abstained; null otherwise.
    pub reason: Option<Reason>,
    /// How sure Kefu is.
    pub confidence: Confidence,
    /// Sources, by label.
    pub citations: Vec<Citation>,
    /// What the customer is asked to choose from; null unless the outcome is `clarify`.
    pub clarify: Option<Clarify>,
    /// Labels of the citations that say something else than the answer: of older documents, where
    /// the newest is answered from, or of all that disagree, where Kefu abstained for `conflict`.
    pub conflicting: Vec<u32>,
    /// The hand-over; null unless escalated.
    pub escalation: Option<Escalation>,
    /// Whether to offer the customer a person.
    pub offer_human: bool,
    /// True: no person wrote or checked this text.
    pub ai_generated: bool,
    /// What the customer must be told about `ai_generated`, in the language of the answer.
    pub disclosure: String,
    /// Milliseconds per stage.
    pub timings_ms: Timings,
    /// Models that took part.
    pub models: Models,
}

/// How sure Kefu is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Confidence {
    /// Estimated probability that the answer is right, 0 to 1.
    pub value: f64,
    /// Whether the estimate was calibrated for these models and this pipeline.
    pub calibrated: bool,
    /// What `value` had to reach.
    pub threshold: f64,
}

/// A quotation that supports the answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Citation {
    /// Its number in the answer.
    pub label: u32,
    /// The quoted document.
    pub document_id: String,
    /// Its title.
    pub title: String,
    /// Its revision; read it with `GET /v1/documents/{id}?revision=`.
    pub revision: String,
    /// The quoted bytes, verbatim.
    pub quote: String,
    /// First byte of the quote in the document's text (UTF-8).
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Where a customer can read the document.
    pub url: Option<String>,
}

/// A question back to the customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Clarify {
    /// What may have been meant, two to four, in the order shown. A label, or its place such as
    /// `2`, is understood as the reply in the same conversation.
    pub options: Vec<ClarifyOption>,
}

/// One thing that may have been meant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClarifyOption {
    /// What to show, and what to send as the next question when it is chosen.
    #[schema(example = "Aurora desk lamp")]
    pub label: String,
    /// The document it stands for.
    pub document_id: String,
}

/// A hand-over to people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Escalation {
    /// The ticket.
    pub ticket_id: String,
    /// Its number, as people say it.
    #[schema(example = "K-1042")]
    pub ticket_number: Option<String>,
    /// The person who has it.
    pub agent: Option<String>,
    /// By when a person will write, where nobody can at once; told with the hand-over only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_at: Option<String>,
    /// Why.
    pub reason: EscalationReason,
    /// Where it was put.
    pub queue: Option<String>,
    /// How urgent.
    pub priority: Option<Priority>,
}

/// Milliseconds per stage; zero where a stage did not run.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Timings {
    /// Rules before retrieval.
    pub triage: u32,
    /// Query encoding and search.
    pub retrieve: u32,
    /// Reranking.
    pub rerank: u32,
    /// Choosing sentences.
    pub read: u32,
    /// Generation, until its last token.
    pub generate: u32,
    /// Until the first generated token.
    pub first_token: u32,
    /// Checking generated text.
    pub verify: u32,
    /// The whole answer.
    pub total: u32,
}

/// Models that took part in an answer, `id@hash`; null where none did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Models {
    /// The embedder.
    pub embedder: Option<String>,
    /// The generator.
    pub generator: Option<String>,
}

/// What an [`AnswerResponse`] is made of.
#[derive(Clone, Copy, Debug)]
pub struct AnswerParts<'a> {
    /// The record, whose text is empty when the customer refused recording.
    pub record: &'a AnswerRecord,
    /// The text shown.
    pub text: &'a str,
    /// The ticket the conversation waits for.
    pub ticket: Option<&'a Ticket>,
    /// What the customer may know of it.
    pub hand_over: Option<&'a OpenHandOver>,
    /// By when a person will write, milliseconds since the epoch, UTC.
    pub call_back_ms: Option<i64>,
    /// Whether to offer a person.
    pub offer_human: bool,
}

impl From<AnswerParts<'_>> for AnswerResponse {
    fn from(parts: AnswerParts<'_>) -> Self {
        let record = parts.record;
        let escalation = record.escalation.as_ref().map(|(ticket_id, reason)| Escalation {
            ticket_id: ticket_id.to_string(),
            callback_at: parts.call_back_ms.map(crate::time::rfc3339),
            ticket_number: parts.hand_over.map(|open| open.number.to_string()),
            agent: parts.hand_over.and_then(|open| open.assignee.clone()),
            reason: (*reason).into(),
            queue: parts.ticket.map(|ticket| ticket.queue.clone()),
            priority: parts.hand_over.map(|open| open.priority.into()),
        });
        Self {
            answer_id: record.id.to_string(),
            conversation_id: record.conversation_id.to_string(),
            release: record.release.0,
            outcome: record.outcome.into(),
            lane: record.lane.into(),
            answer: parts.text.to_owned(),
            language: record.language.code().to_owned(),
            reason: record.reason.map(Into::into),
            confidence: record.confidence.into(),
            citations: record.citations.iter().map(Into::into).collect(),
            clarify: clarify(record),
            conflicting: record.conflicting.clone(),
            escalation,
            offer_human: parts.offer_human,
            ai_generated: true,
            disclosure: disclosure(record.language).to_owned(),
            timings_ms: record.timings.into(),
            models: Models {
                embedder: record.embedder.clone(),
                generator: record.generator.clone(),
            },
        }
    }
}

impl From<kefu_core::Confidence> for Confidence {
    fn from(confidence: kefu_core::Confidence) -> Self {
        Self {
            value: decimal(confidence.value),
            calibrated: confidence.calibrated,
            threshold: decimal(confidence.threshold),
        }
    }
}

impl From<&kefu_core::Citation> for Citation {
    fn from(citation: &kefu_core::Citation) -> Self {
        Self {
            label: citation.label,
            document_id: citation.document_id.to_string(),
            title: citation.title.clone(),
            revision: citation.revision.to_string(),
            quote: citation.quote.clone(),
            start: citation.span.start,
            end: citation.span.end,
            url: citation.url.clone(),
        }
    }
}

impl From<StageTimings> for Timings {
    fn from(timings: StageTimings) -> Self {
        Self {
            triage: timings.triage_ms,
            retrieve: timings.retrieve_ms,
            rerank: timings.rerank_ms,
            read: timings.read_ms,
            generate: timings.generate_ms,
            first_token: timings.first_token_ms,
            verify: timings.verify_ms,
            total: timings.total_ms,
        }
    }
}

pub(crate) fn clarify(record: &AnswerRecord) -> Option<Clarify> {
    let options = record.options.iter().map(|option| ClarifyOption {
        label: option.label.clone(),
        document_id: option.document_id.to_string(),
    });
    (!record.options.is_empty()).then(|| Clarify { options: options.collect() })
}

/// A score as people write it: `0.3` and not `0.30000001192092896`. Scores are shown with six
/// decimals; what is not finite becomes zero, for JSON has no word for it.
pub(crate) fn decimal(value: f32) -> f64 {
    let value = f64::from(value);
    if value.is_finite() { (value * 1e6).round() / 1e6 } else { 0.0 }
}

fn disclosure(language: Language) -> &'static str {
    if language == Language::CHINESE {
        "本回答由人工智能助手根据所引用的资料自动生成，可能有误。"
    } else {
        "This reply was put together by an AI assistant from the sources it cites. It can be wrong."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_short_and_finite() {
        assert!((decimal(0.3) - 0.3).abs() < 1e-12);
        assert!(decimal(f32::NAN).abs() < 1e-12);
    }

    #[test]
    fn the_disclosure_speaks_the_language_of_the_answer() {
        assert!(disclosure(Language::CHINESE).contains("人工智能"));
        assert!(disclosure(Language::UNDETERMINED).contains("AI assistant"));
    }
}
