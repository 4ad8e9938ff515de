//! `POST /v1/feedback`.

use kefu_core::ports::Feedback;
use kefu_core::{AnswerId, FeedbackId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::checks::{Faults, InvalidFields};
use crate::time::rfc3339;
use crate::words::Thumbs;

/// A judgement of an answer: at least one of `rating`, `thumbs`, `reason` and `comment`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackRequest {
    /// The answer judged.
    pub answer_id: String,
    /// 1 (worst) to 5 (best).
    #[schema(minimum = 1, maximum = 5)]
    pub rating: Option<i64>,
    /// A quick judgement.
    pub thumbs: Option<Thumbs>,
    /// A short word why.
    #[schema(max_length = 200)]
    pub reason: Option<String>,
    /// Free text.
    #[schema(max_length = 4000)]
    pub comment: Option<String>,
}

/// A judgement that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedFeedback {
    /// The answer judged.
    pub answer_id: AnswerId,
    /// 1 to 5.
    pub rating: Option<u8>,
    /// Up or down.
    pub thumbs_up: Option<bool>,
    /// A short word why.
    pub reason: Option<String>,
    /// Free text.
    pub comment: Option<String>,
}

const MAX_REASON_BYTES: usize = 200;
const MAX_COMMENT_BYTES: usize = 4000;

impl FeedbackRequest {
    /// Checks all fields.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<CheckedFeedback, InvalidFields> {
        let mut faults = Faults::default();
        let rating = self.rating.and_then(|rating| u8::try_from(rating).ok());
        if self.rating.is_some() && !rating.is_some_and(|rating| (1..=5).contains(&rating)) {
            faults.add("rating", "must be 1 to 5");
        }
        faults.optional_text("reason", self.reason.as_deref(), MAX_REASON_BYTES);
        faults.optional_text("comment", self.comment.as_deref(), MAX_COMMENT_BYTES);
        let says_nothing = self.rating.is_none()
            && self.thumbs.is_none()
            && self.reason.is_none()
            && self.comment.is_none();
        if says_nothing {
            faults.add("rating", "give at least one of rating, thumbs, reason and comment");
        }
        match faults.id("answer_id", Some(self.answer_id.as_str()), AnswerId::parse) {
            Some(answer_id) => faults.or(CheckedFeedback {
                answer_id,
                rating,
                thumbs_up: self.thumbs.map(|thumbs| thumbs == Thumbs::Up),
                reason: self.reason,
                comment: self.comment,
            }),
            None => Err(faults.into_invalid()),
        }
    }
}

impl CheckedFeedback {
    /// The judgement as it is kept.
    #[must_use]
    pub fn at(self, id: FeedbackId, at_ms: i64) -> Feedback {
        Feedback {
            id,
            answer_id: self.answer_id,
            rating: self.rating,
            thumbs_up: self.thumbs_up,
            reason: self.reason,
            comment: self.comment,
            at_ms,
        }
    }
}

/// The judgement was kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeedbackCreated {
    /// Its id.
    pub feedback_id: String,
}

/// A kept judgement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeedbackItem {
    /// Its id.
    pub feedback_id: String,
    /// 1 (worst) to 5 (best).
    pub rating: Option<u8>,
    /// A quick judgement.
    pub thumbs: Option<Thumbs>,
    /// A short word why.
    pub reason: Option<String>,
    /// Free text.
    pub comment: Option<String>,
    /// When.
    pub at: String,
}

impl From<Feedback> for FeedbackItem {
    fn from(feedback: Feedback) -> Self {
        let thumbs = |is_up| if is_up { Thumbs::Up } else { Thumbs::Down };
        Self {
            feedback_id: feedback.id.to_string(),
            rating: feedback.rating,
            thumbs: feedback.thumbs_up.map(thumbs),
            reason: feedback.reason,
            comment: feedback.comment,
            at: rfc3339(feedback.at_ms),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields_of_faults(body: serde_json::Value) -> Vec<String> {
        let request: FeedbackRequest = serde_json::from_value(body).unwrap();
        let InvalidFields(faults) = request.check().unwrap_err();
        faults.into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_judgement_must_judge_something_known() {
        assert_eq!(fields_of_faults(json!({"answer_id": "x"})), ["rating", "answer_id"]);
        let answer_id = AnswerId::generate().to_string();
        let body = json!({"answer_id": answer_id, "rating": 6, "comment": "x".repeat(4001)});
        assert_eq!(fields_of_faults(body), ["rating", "comment"]);
    }
}
