use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use kefu_api::{
    CheckedLesson, CheckedPair, EvalRow, KnownPair, LessonResponse, ListPairsQuery, Listing,
    PairsForm, TeachOutcome, TeachRequest, TeachResponse, WaitQuery,
};
use kefu_core::ports::{PageRequest, StoredDocument};
use kefu_core::{
    DocumentId, DocumentKind, DocumentState, ErrorKind, Lane, Language, Lesson, LessonId,
    RecordsError, Scope, TicketId,
};
use kefu_ingest::{PairInput, Upload};

use super::uploads::accept_job;
use crate::assistance::{self, TeachMode};
use crate::auth::{Agent, Reader};
use crate::extract::{Call, JsonBody, Params, PathText};
use crate::jobs::is_over;
use crate::problem::{ApiError, Fault};
use crate::service::AppState;

/// Lessons in one evaluation data set at most.
const MAX_EVAL_ROWS: usize = 10_000;

/// Teach from a ticket
///
/// Makes a question and answer of the ticket a reviewed pair. It goes live with the next release,
/// or waits as a draft for an editor where `desk.teach` asks for a review. Either way it is a line
/// of `GET /v1/pairs?format=eval` once it is approved.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/teach",
    tag = "tickets",
    params(("id" = String, Path, description = "Ticket id"), WaitQuery),
    request_body = TeachRequest,
    responses(
        (status = 200, description = "Known, or the job has ended", body = TeachResponse),
        (status = 202, description = "The job was accepted", body = TeachResponse),
    )
)]
pub(crate) async fn teach(
    State(state): State<AppState>,
    (Agent(scope), call): (Agent, Call),
    (id, Params(wait)): (PathText, Params<WaitQuery>),
    JsonBody(request): JsonBody<TeachRequest>,
) -> Result<Response, ApiError> {
    let id = id.id("ticket", TicketId::parse)?;
    let lesson = request.check()?;
    let ticket = state.parts.desk.ticket(&scope, &id).await;
    let ticket = ticket.map_err(|error| ApiError::from(error).naming("id"))?.ticket;
    // Agents may teach and nothing else of what editors may.
    let worker = state.parts.authenticator.worker();
    let mode = state.parts.assistance.teach;
    let known = known_pair(&state, &worker, &lesson.pair.id).await?;
    let similar = similar_pair(&state, &worker, &lesson.pair).await;
    let pair_state = match mode {
        TeachMode::Review => DocumentState::Draft,
        TeachMode::Direct => DocumentState::Approved,
    };
    if let Some(known) = &known {
        let is_live = known.document.meta.state == DocumentState::Approved;
        if is_live && same_words(answer_of(known), &lesson.pair.answer) {
            note(&state, &scope, (&ticket.id, &lesson)).await?;
            let response = TeachResponse {
                document_id: lesson.pair.id.to_string(),
                outcome: TeachOutcome::Known,
                state: known.document.meta.state.into(),
                similar,
                job: None,
            };
            return Ok(Json(response).into_response());
        }
        refuse_replacing(known, &lesson, mode)?;
    }
    note(&state, &scope, (&ticket.id, &lesson)).await?;
    let CheckedPair { id, question, answer, language, .. } = lesson.pair;
    let document_id = id.to_string();
    let pair = PairInput { id, question, answer, language, state: Some(pair_state) };
    let uploads = vec![Upload::Pair { pair }];
    let job = accept_job(&state, &worker, uploads, call.patience(wait)).await?;
    let status = if is_over(&job) { StatusCode::OK } else { StatusCode::ACCEPTED };
    let response = TeachResponse {
        document_id,
        outcome: match mode {
            TeachMode::Review => TeachOutcome::Waiting,
            TeachMode::Direct => TeachOutcome::Taught,
        },
        state: pair_state.into(),
        similar,
        job: Some(job.into()),
    };
    Ok((status, Json(response)).into_response())
}

/// List what was taught
///
/// Pairs taught from tickets, newest first, with who taught them and from which ticket. With
/// `format=eval` all that are approved, as lines of `questions.jsonl` of an evaluation data set.
#[utoipa::path(
    get,
    path = "/v1/pairs",
    tag = "documents",
    params(ListPairsQuery),
    responses((status = 200, description = "A page, or lines of a data set", content(
        (Listing<LessonResponse> = "application/json"),
        (String = "application/jsonl"),
    )))
)]
pub(crate) async fn list_pairs(
    State(state): State<AppState>,
    Reader(scope): Reader,
    Params(query): Params<ListPairsQuery>,
) -> Result<Response, ApiError> {
    match query.check()? {
        PairsForm::Page(page) => {
            let found = state.parts.records.lessons(&scope, &page).await;
            let found = found.map_err(|error| ApiError::from(error).naming("cursor"))?;
            let mut items = Vec::with_capacity(found.items.len());
            for lesson in found.items {
                let known = known_pair(&state, &scope, &lesson.document_id).await?;
                let pair_state = known.map(|stored| stored.document.meta.state);
                items.push(LessonResponse::new(lesson, pair_state));
            }
            Ok(Json(Listing { items, next_cursor: found.next_cursor }).into_response())
        }
        PairsForm::Eval => {
            let lines = eval_lines(&state, &scope).await?;
            Ok(([(CONTENT_TYPE, "application/jsonl")], lines).into_response())
        }
    }
}

/// One line per approved pair that was taught, by its latest lesson.
async fn eval_lines(state: &AppState, scope: &Scope) -> Result<String, ApiError> {
    let mut lines = String::new();
    let mut seen: std::collections::HashSet<DocumentId> = std::collections::HashSet::new();
    let mut page = PageRequest { limit: 500, cursor: None };
    loop {
        let found = state.parts.records.lessons(scope, &page).await?;
        for mut lesson in found.items {
            if seen.len() >= MAX_EVAL_ROWS || !seen.insert(lesson.document_id.clone()) {
                continue;
            }
            let Some(known) = known_pair(state, scope, &lesson.document_id).await? else {
                continue;
            };
            if known.document.meta.state != DocumentState::Approved {
                continue;
            }
            // What is live counts, whoever wrote it last.
            lesson.answer = answer_of(&known).to_owned();
            let row = serde_json::to_string(&EvalRow::from(lesson));
            let hidden =
                |error: serde_json::Error| ApiError::hidden(ErrorKind::Internal, error.to_string());
            lines.push_str(&row.map_err(hidden)?);
            lines.push('\n');
        }
        page.cursor = found.next_cursor;
        if page.cursor.is_none() {
            return Ok(lines);
        }
    }
}

async fn note(
    state: &AppState,
    scope: &Scope,
    (ticket_id, lesson): (&TicketId, &CheckedLesson),
) -> Result<(), ApiError> {
    let CheckedLesson { agent, pair, .. } = lesson;
    let language = pair.language.unwrap_or_else(|| kefu_desk::language_of(&pair.question));
    let lesson = Lesson {
        id: LessonId::generate(),
        ticket_id: ticket_id.clone(),
        agent: agent.clone(),
        question: pair.question.clone(),
        answer: pair.answer.clone(),
        language: if language == Language::UNDETERMINED { Language::ENGLISH } else { language },
        document_id: pair.id.clone(),
        at_ms: state.parts.clock.now_ms(),
    };
    Ok(state.parts.records.add_lesson(scope, &lesson).await?)
}

async fn known_pair(
    state: &AppState,
    scope: &Scope,
    id: &DocumentId,
) -> Result<Option<StoredDocument>, ApiError> {
    match state.parts.records.document(scope, id, None).await {
        Ok(stored) => Ok(Some(stored)),
        Err(RecordsError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A reviewed pair with another question that answers this one already.
async fn similar_pair(state: &AppState, scope: &Scope, pair: &CheckedPair) -> Option<KnownPair> {
    let question = assistance::question(&pair.question, &[]);
    let answered = state.parts.answerer.suggest(scope, &question).await.ok()?;
    let citation = answered.record.citations.into_iter().next()?;
    let is_other = answered.record.lane == Lane::Curated && citation.document_id != pair.id;
    is_other.then(|| KnownPair {
        document_id: citation.document_id.to_string(),
        question: citation.title,
        answer: citation.quote,
    })
}

/// Another answer to the same question is replaced only on purpose, and never by a draft that would
/// take the live one away.
fn refuse_replacing(
    known: &StoredDocument,
    lesson: &CheckedLesson,
    mode: TeachMode,
) -> Result<(), ApiError> {
    let is_live = known.document.meta.state == DocumentState::Approved;
    let conflict = Fault::Kind(ErrorKind::Conflict);
    if is_live && mode == TeachMode::Review {
        let message = "has a reviewed answer already, which stays until an editor changes it with \
                       POST /v1/pairs";
        return Err(ApiError::of_field(conflict, "question", message));
    }
    if !lesson.replace && !same_words(answer_of(known), &lesson.pair.answer) {
        let message = "has another answer already; send replace to put this one in its place";
        return Err(ApiError::of_field(conflict, "question", message));
    }
    Ok(())
}

/// The answer of a pair; of any other document under its id, the whole text.
fn answer_of(known: &StoredDocument) -> &str {
    let text = known.document.text.as_str();
    match known.document.kind {
        DocumentKind::Pair { answer } => answer.of(text).unwrap_or(text),
        DocumentKind::Article => text,
    }
}

fn same_words(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}
