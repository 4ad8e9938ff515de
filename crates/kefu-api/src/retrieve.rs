//! `POST /v1/retrieve`.

use kefu_core::Passage;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answers::{AnswerRequest, Ask, Consent, Customer, Filter, HistoryTurn};
use crate::checks::{Faults, InvalidFields};
use crate::words::LanePreference;

/// A question whose passages are wanted: the fields of `/v1/answers` and `top_k`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetrieveRequest {
    /// The customer's words.
    #[schema(example = "How long do I have to return something?")]
    pub question: String,
    /// How many passages, 1 to 100; 10 when left out.
    #[schema(minimum = 1, maximum = 100)]
    pub top_k: Option<u64>,
    /// The conversation it belongs to.
    pub conversation_id: Option<String>,
    /// Earlier turns, oldest first; not together with `conversation_id`.
    pub history: Option<Vec<HistoryTurn>>,
    /// Who asks.
    pub customer: Option<Customer>,
    /// Where the conversation takes place.
    pub channel: Option<String>,
    /// Language of the question; detected when left out.
    pub language: Option<String>,
    /// The day the passages must hold for, `YYYY-MM-DD`; today (UTC) when left out.
    pub as_of: Option<String>,
    /// Restricts what may be searched.
    pub filter: Option<Filter>,
    /// What the customer agreed to.
    pub consent: Option<Consent>,
    /// Has no effect here.
    #[serde(default)]
    pub lane: LanePreference,
}

const DEFAULT_TOP_K: usize = 10;
const MAX_TOP_K: usize = 100;

impl RetrieveRequest {
    /// Checks all fields; the number is `top_k`.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<(Ask, usize), InvalidFields> {
        let asked = self.top_k.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let top_k = asked.unwrap_or(DEFAULT_TOP_K);
        let mut faults = Faults::default();
        if !(1..=MAX_TOP_K).contains(&top_k) {
            faults.add("top_k", format!("must be 1 to {MAX_TOP_K}"));
        }
        let range = faults.or(top_k);
        let ask = AnswerRequest {
            question: self.question,
            conversation_id: self.conversation_id,
            history: self.history,
            customer: self.customer,
            channel: self.channel,
            language: self.language,
            as_of: self.as_of,
            filter: self.filter,
            consent: self.consent,
            lane: self.lane,
        }
        .check();
        match (ask, range) {
            (Ok(ask), Ok(top_k)) => Ok((ask, top_k)),
            (Err(InvalidFields(mut faults)), Err(InvalidFields(more))) => {
                faults.extend(more);
                Err(InvalidFields(faults))
            }
            (Err(faults), Ok(_)) | (Ok(_), Err(faults)) => Err(faults),
        }
    }
}

/// What was found, best first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RetrieveResponse {
    /// The content release that was searched.
    pub release: u32,
    /// What was searched for, after follow-ups were resolved.
    pub query: String,
    /// The passages.
    pub passages: Vec<PassageResponse>,
}

/// A passage.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PassageResponse {
    /// Its place, from 1.
    pub rank: u32,
    /// Its score; comparable within one response.
    pub score: f64,
    /// Its document.
    pub document_id: String,
    /// The document's title.
    pub title: String,
    /// The chunk.
    pub chunk_id: String,
    /// The document's text from `start` to `end`, verbatim.
    pub text: String,
    /// First byte in the document's text (UTF-8).
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The document's revision.
    pub revision: String,
}

impl PassageResponse {
    /// The passage at `rank` (from 1) with its score.
    #[must_use]
    pub fn new(rank: u32, score: f32, passage: &Passage) -> Self {
        Self {
            rank,
            score: crate::answers::decimal(score),
            document_id: passage.document_id.to_string(),
            title: passage.title.clone(),
            chunk_id: passage.chunk_id.to_string(),
            text: passage.text.clone(),
            start: passage.span.start,
            end: passage.span.end,
            revision: passage.revision.to_string(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn top_k_has_bounds_and_joins_the_other_faults() {
        let huge = json!({"question": "", "top_k": 1_000_000});
        let request: RetrieveRequest = serde_json::from_value(huge).unwrap();
        let InvalidFields(faults) = request.check().unwrap_err();
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["question", "top_k"]);
    }

    #[test]
    fn ten_passages_are_the_default() {
        let request: RetrieveRequest = serde_json::from_value(json!({"question": "x"})).unwrap();
        assert_eq!(request.check().unwrap().1, 10);
    }
}
