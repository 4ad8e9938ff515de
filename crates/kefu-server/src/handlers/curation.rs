use axum::extract::State;
use axum::response::Response;
use kefu_api::{ChangeStateRequest, CheckedPair, JobResponse, PairRequest, WaitQuery};
use kefu_core::{DocumentId, ErrorKind};
use kefu_ingest::{PairInput, StateChange, Upload};

use super::uploads::accept;
use crate::auth::Editor;
use crate::extract::{Call, JsonBody, Params, PathText};
use crate::problem::{ApiError, Fault};
use crate::service::AppState;

/// Change the state of a document
///
/// Drafts and retired documents are kept for editors and are in no answer. The state outlives
/// later ingests of files that say nothing about it. What was retired returns as approved.
#[utoipa::path(
    post,
    path = "/v1/documents/{id}/state",
    tag = "documents",
    params(
        ("id" = String, Path, description = "Document id, percent-encoded (`/` as `%2F`)"),
        WaitQuery,
    ),
    request_body = ChangeStateRequest,
    responses(
        (status = 200, description = "The job has ended (with `wait`)", body = JobResponse),
        (status = 202, description = "The job was accepted", body = JobResponse),
    )
)]
pub(crate) async fn change_state(
    State(state): State<AppState>,
    Editor(scope): Editor,
    call: Call,
    (id, Params(wait)): (PathText, Params<WaitQuery>),
    JsonBody(request): JsonBody<ChangeStateRequest>,
) -> Result<Response, ApiError> {
    let (next, reason) = request.check()?;
    let document_id = id.id("document", |text| DocumentId::new(text))?;
    let stored = state.parts.records.document(&scope, &document_id, None).await;
    let stored = stored.map_err(|error| ApiError::from(error).naming("id"))?;
    let before = stored.document.meta.state;
    if !before.may_become(next) {
        let (before, next) = (before.as_str(), next.as_str());
        let message = format!("cannot be {next}: the document is {before}; approve it first");
        return Err(ApiError::of_field(Fault::Kind(ErrorKind::Conflict), "state", message));
    }
    let change = StateChange { state: next, reason };
    accept(&state, &scope, vec![Upload::State { document_id, change }], call.patience(wait)).await
}

/// Add a reviewed answer
///
/// A question with its reviewed answer; the same question replaces the earlier answer. It is a
/// document with an id below `pairs/`, and answers before anything else does.
#[utoipa::path(
    post,
    path = "/v1/pairs",
    tag = "documents",
    params(WaitQuery),
    request_body = PairRequest,
    responses(
        (status = 200, description = "The job has ended (with `wait`)", body = JobResponse),
        (status = 202, description = "The job was accepted", body = JobResponse),
    )
)]
pub(crate) async fn create_pair(
    State(state): State<AppState>,
    Editor(scope): Editor,
    call: Call,
    Params(wait): Params<WaitQuery>,
    JsonBody(request): JsonBody<PairRequest>,
) -> Result<Response, ApiError> {
    let CheckedPair { id, question, answer, language, state: wanted } = request.check()?;
    let pair = PairInput { id, question, answer, language, state: wanted };
    accept(&state, &scope, vec![Upload::Pair { pair }], call.patience(wait)).await
}
