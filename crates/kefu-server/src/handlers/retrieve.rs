use axum::Json;
use axum::extract::State;
use kefu_api::{PassageResponse, RetrieveRequest, RetrieveResponse};

use crate::answering::question;
use crate::auth::Customer;
use crate::extract::{Call, JsonBody};
use crate::problem::ApiError;
use crate::service::AppState;

/// Find passages
///
/// The passages an answer would be made from, best first, and no answer. Nothing is recorded.
#[utoipa::path(
    post,
    path = "/v1/retrieve",
    tag = "questions",
    request_body = RetrieveRequest,
    responses((status = 200, description = "The passages", body = RetrieveResponse))
)]
pub(crate) async fn retrieve_passages(
    State(state): State<AppState>,
    Customer(scope): Customer,
    call: Call,
    JsonBody(request): JsonBody<RetrieveRequest>,
) -> Result<Json<RetrieveResponse>, ApiError> {
    let (ask, top_k) = request.check()?;
    let question = question(ask, call.deadline);
    let retrieved = state
        .parts
        .answerer
        .retrieve(&scope, &question, top_k)
        .await
        .map_err(|error| ApiError::from(error).naming("conversation_id"))?;
    let ranked = (1..).zip(&retrieved.passages);
    Ok(Json(RetrieveResponse {
        release: retrieved.release.0,
        query: retrieved.query,
        passages: ranked
            .map(|(rank, found)| PassageResponse::new(rank, found.trace.score, &found.passage))
            .collect(),
    }))
}
