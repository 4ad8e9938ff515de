use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kefu_api::{FeedbackCreated, FeedbackRequest};
use kefu_core::FeedbackId;

use crate::auth::Customer;
use crate::extract::JsonBody;
use crate::metrics;
use crate::problem::ApiError;
use crate::service::AppState;

/// Judge an answer
///
/// Keeps a judgement beside the answer's record.
#[utoipa::path(
    post,
    path = "/v1/feedback",
    tag = "questions",
    request_body = FeedbackRequest,
    responses((status = 201, description = "The judgement was kept", body = FeedbackCreated))
)]
pub(crate) async fn create_feedback(
    State(state): State<AppState>,
    Customer(scope): Customer,
    JsonBody(request): JsonBody<FeedbackRequest>,
) -> Result<(StatusCode, Json<FeedbackCreated>), ApiError> {
    let feedback = request.check()?.at(FeedbackId::generate(), state.parts.clock.now_ms());
    let kept = state.parts.records.add_feedback(&scope, &feedback).await;
    kept.map_err(|error| ApiError::from(error).naming("answer_id"))?;
    metrics::count_feedback(feedback.thumbs_up);
    Ok((StatusCode::CREATED, Json(FeedbackCreated { feedback_id: feedback.id.to_string() })))
}
