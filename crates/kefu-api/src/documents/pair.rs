use kefu_core::content::digest;
use kefu_core::{DocumentId, DocumentState, Language};
use serde::Deserialize;
use utoipa::ToSchema;

use super::request::checked_state;
use crate::checks::{Faults, InvalidFields};

/// Longest question of a pair, in bytes; it is the document's title.
const MAX_QUESTION_BYTES: usize = 1_000;
/// Longest answer of a pair, in bytes.
const MAX_ANSWER_BYTES: usize = 20_000;

/// A reviewed question with its answer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PairRequest {
    /// The question, as customers ask it. The same question replaces its earlier answer.
    pub question: String,
    /// The answer, as plain text or Markdown.
    pub answer: String,
    /// Language of both; detected when left out.
    pub lang: Option<String>,
    /// Whether it may answer customers: `draft`, `approved` or `retired`. Left out, a known pair
    /// keeps its state and a new one is approved, unless configured otherwise.
    pub state: Option<String>,
}

/// A pair whose bounds were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedPair {
    /// `pairs/` and a fingerprint of the question.
    pub id: DocumentId,
    /// The question without white space around it.
    pub question: String,
    /// The answer without white space around it.
    pub answer: String,
    /// The language, when it was given.
    pub language: Option<Language>,
    /// The state, when it was given.
    pub state: Option<DocumentState>,
}

impl PairRequest {
    /// Checks the bounds and makes the id.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<CheckedPair, InvalidFields> {
        let mut faults = Faults::default();
        faults.text("question", &self.question, MAX_QUESTION_BYTES);
        faults.text("answer", &self.answer, MAX_ANSWER_BYTES);
        let language = faults.language("lang", self.lang.as_deref());
        let state = self.state.and_then(|word| checked_state(&mut faults, &word));
        let words: Vec<String> = self.question.split_whitespace().map(str::to_lowercase).collect();
        let print = digest(&[words.join(" ").as_bytes()]);
        let print: String = print[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let id =
            faults.id("question", Some(&format!("pairs/{print}")), |text| DocumentId::new(text));
        let Some(id) = id else { return Err(faults.into_invalid()) };
        faults.or(CheckedPair {
            id,
            question: self.question.trim().to_owned(),
            answer: self.answer.trim().to_owned(),
            language,
            state,
        })
    }
}
