//! Asking on behalf of a request: once for a JSON body, step by step for a stream.

mod repeats;
mod stream;

pub(crate) use repeats::Repeats;

use axum::Json;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Response};
use kefu_api::{AnswerParts, AnswerResponse, Ask};
use kefu_core::{Deadline, Scope};
use kefu_rag::{AnswerEvent, AnswerObserver, HistoryTurn, LanePreference, Question, Unobserved};

use crate::extract::Call;
use crate::metrics;
use crate::problem::ApiError;
use crate::service::AppState;

/// The form in which the client wants its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One JSON document.
    Whole,
    /// Server-sent events.
    Stream,
}

impl Form {
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        let accepts = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut media_types = accepts.flat_map(|value| value.split(','));
        let is_stream = |entry: &str| {
            let essence = entry.split(';').next().unwrap_or_default();
            essence.trim().eq_ignore_ascii_case("text/event-stream")
        };
        if media_types.any(is_stream) { Self::Stream } else { Self::Whole }
    }
}

/// A checked question and how it came.
pub(crate) struct Asked {
    pub(crate) scope: Scope,
    pub(crate) ask: Ask,
    pub(crate) form: Form,
    /// The question's own name, where the caller gave one.
    pub(crate) name: Option<String>,
    pub(crate) call: Call,
}

impl Asked {
    /// A question as a request carries it.
    ///
    /// # Errors
    /// When a header cannot be understood.
    pub(crate) fn new(
        scope: Scope,
        ask: Ask,
        headers: &HeaderMap,
        call: Call,
    ) -> Result<Self, ApiError> {
        let name = repeats::key_of(headers)?.map(|key| repeats::name(&key, &ask));
        Ok(Self { scope, ask, form: Form::wanted(headers), name, call })
    }
}

/// Answers a question in the form the client wants.
pub(crate) async fn respond(state: AppState, asked: Asked) -> Result<Response, ApiError> {
    let Asked { scope, ask, form, name, call } = asked;
    let question = Question { key: name, ..question(ask, call.deadline) };
    match form {
        Form::Whole => {
            let answer = answer(&state, &scope, &question, &Unobserved).await?;
            Ok(Json(answer).into_response())
        }
        Form::Stream => Ok(stream::answer_stream(state, scope, question, call)),
    }
}

/// The question in the words of the use case.
pub(crate) fn question(ask: Ask, deadline: Deadline) -> Question {
    let history = ask.history.into_iter();
    Question {
        text: ask.text,
        conversation_id: ask.conversation_id,
        history: history.map(|(speaker, text)| HistoryTurn { speaker, text }).collect(),
        key: None,
        customer: ask.customer,
        channel: ask.channel,
        language: ask.language,
        as_of: ask.as_of,
        documents: ask.documents,
        consent_record: ask.consent_record,
        lane: match ask.lane {
            kefu_api::LanePreference::Auto => LanePreference::Auto,
            kefu_api::LanePreference::Extractive => LanePreference::Extractive,
            kefu_api::LanePreference::Generated => LanePreference::Generated,
        },
        deadline,
        answer_anyway: false,
        rehearsal: None,
    }
}

/// Answers a question; one that was named and answered before gets the same answer again. A repeat
/// of a question that is still being answered waits for it.
async fn answer(
    state: &AppState,
    scope: &Scope,
    question: &Question,
    observer: &dyn AnswerObserver,
) -> Result<AnswerResponse, ApiError> {
    let Some(name) = &question.key else { return fresh(state, scope, question, observer).await };
    let slot = state.repeats.slot(scope, name);
    let mut kept = slot.lock().await;
    if let Some(answer) = &*kept {
        observer.observe(AnswerEvent::Delta(answer.answer.clone()));
        return Ok(answer.clone());
    }
    let answer = fresh(state, scope, question, observer).await?;
    *kept = Some(answer.clone());
    Ok(answer)
}

async fn fresh(
    state: &AppState,
    scope: &Scope,
    question: &Question,
    observer: &dyn AnswerObserver,
) -> Result<AnswerResponse, ApiError> {
    let answered = state
        .parts
        .answerer
        .ask(scope, question, observer)
        .await
        .map_err(|error| ApiError::from(error).naming("conversation_id"))?;
    metrics::count_answer(&answered.record);
    Ok(AnswerResponse::from(AnswerParts {
        record: &answered.record,
        text: &answered.text,
        ticket: answered.ticket.as_ref(),
        hand_over: answered.hand_over.as_ref(),
        call_back_ms: answered.call_back_ms,
        offer_human: answered.offer_human,
    }))
}
