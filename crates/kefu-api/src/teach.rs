//! Teaching from tickets, and what was taught.

use kefu_core::Lesson;
use kefu_core::ports::PageRequest;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::checks::{Faults, InvalidFields};
use crate::documents::{CheckedPair, PairRequest};
use crate::jobs::JobResponse;
use crate::listing::PageQuery;
use crate::tickets::MAX_AGENT_BYTES;
use crate::time::rfc3339;
use crate::words::DocumentState;

/// A question and answer worth keeping.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeachRequest {
    /// Who teaches it.
    #[schema(example = "mei")]
    pub agent: String,
    /// The question, as customers ask it.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// Language of both; detected when left out.
    pub lang: Option<String>,
    /// Whether to replace another answer to the same question; without it that is a conflict.
    #[serde(default)]
    pub replace: bool,
}

/// What is to be taught, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedLesson {
    /// Who teaches it.
    pub agent: String,
    /// The pair.
    pub pair: CheckedPair,
    /// Whether another answer may be replaced.
    pub replace: bool,
}

impl TeachRequest {
    /// Checks all fields.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<CheckedLesson, InvalidFields> {
        let mut faults = Faults::default();
        let agent = self.agent.trim().to_owned();
        faults.text("agent", &agent, MAX_AGENT_BYTES);
        let (question, answer, lang) = (self.question, self.answer, self.lang);
        let pair = PairRequest { question, answer, lang, state: None };
        match pair.check() {
            Ok(pair) => faults.or(CheckedLesson { agent, pair, replace: self.replace }),
            Err(InvalidFields(more)) => {
                let mut all = faults.or(()).err().map(|known| known.0).unwrap_or_default();
                all.extend(more);
                Err(InvalidFields(all))
            }
        }
    }
}

/// What became of a lesson.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TeachResponse {
    /// The document that holds the pair.
    pub document_id: String,
    /// `taught` when it goes live with the release that the job publishes, `waiting` when somebody
    /// must approve it first, `known` when this very pair is live already.
    pub outcome: TeachOutcome,
    /// State of the pair: `draft` until it is approved where a review is asked for.
    pub state: DocumentState,
    /// A reviewed pair that answers this question already; null when there is none.
    pub similar: Option<KnownPair>,
    /// The job that takes the pair in; null when it was known.
    pub job: Option<JobResponse>,
}

/// What became of a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TeachOutcome {
    /// It goes live with the next release.
    Taught,
    /// It waits for approval.
    Waiting,
    /// It was there already.
    Known,
}

/// A reviewed pair.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KnownPair {
    /// Its document.
    pub document_id: String,
    /// Its question.
    pub question: String,
    /// Its answer.
    pub answer: String,
}

/// A pair that was taught.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LessonResponse {
    /// Its id.
    pub lesson_id: String,
    /// The document that holds the pair.
    pub document_id: String,
    /// The ticket it was taught from.
    pub ticket_id: String,
    /// Who taught it.
    pub taught_by: String,
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// Language of both.
    pub lang: String,
    /// State of the pair now; null when its document is gone.
    pub state: Option<DocumentState>,
    /// When it was taught.
    pub at: String,
}

impl LessonResponse {
    /// The wire form of a lesson whose document is in this state.
    #[must_use]
    pub fn new(lesson: Lesson, state: Option<kefu_core::DocumentState>) -> Self {
        Self {
            lesson_id: lesson.id.to_string(),
            document_id: lesson.document_id.to_string(),
            ticket_id: lesson.ticket_id.to_string(),
            taught_by: lesson.agent,
            question: lesson.question,
            answer: lesson.answer,
            lang: lesson.language.code().to_owned(),
            state: state.map(Into::into),
            at: rfc3339(lesson.at_ms),
        }
    }
}

/// Which lessons, and in which form.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListPairsQuery {
    /// `eval` gives every approved lesson as a line of `questions.jsonl`; left out, a page as JSON.
    pub format: Option<String>,
    /// Items at most, 1 to 500; 50 when left out. Not with `format=eval`.
    #[serde(default, deserialize_with = "crate::listing::from_text")]
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before. Not with `format=eval`.
    pub cursor: Option<String>,
}

/// The form in which lessons are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PairsForm {
    /// A page.
    Page(PageRequest),
    /// Lines of an evaluation data set.
    Eval,
}

impl ListPairsQuery {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<PairsForm, InvalidFields> {
        let mut faults = Faults::default();
        match self.format.as_deref() {
            None | Some("json") => {
                PageQuery { limit: self.limit, cursor: self.cursor }.check().map(PairsForm::Page)
            }
            Some("eval") if self.limit.is_none() && self.cursor.is_none() => {
                faults.or(PairsForm::Eval)
            }
            Some("eval") => {
                faults.add("format", "eval gives all lines; leave limit and cursor out");
                Err(faults.into_invalid())
            }
            Some(_) => {
                faults.add("format", "must be json or eval");
                Err(faults.into_invalid())
            }
        }
    }
}

/// A line of `questions.jsonl`.
#[derive(Clone, Debug, Serialize)]
pub struct EvalRow {
    id: String,
    question: String,
    answers: Vec<String>,
    doc_id: String,
    answerable: bool,
    lang: String,
    taught_by: String,
    ticket_id: String,
}

impl From<Lesson> for EvalRow {
    fn from(lesson: Lesson) -> Self {
        Self {
            id: lesson.document_id.to_string(),
            ticket_id: lesson.ticket_id.to_string(),
            doc_id: lesson.document_id.to_string(),
            question: lesson.question,
            answers: vec![lesson.answer],
            answerable: true,
            lang: lesson.language.code().to_owned(),
            taught_by: lesson.agent,
        }
    }
}
