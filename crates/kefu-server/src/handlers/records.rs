use axum::Json;
use axum::extract::State;
use kefu_api::RecordResponse;
use kefu_core::AnswerId;

use crate::auth::Agent;
use crate::extract::PathText;
use crate::problem::ApiError;
use crate::service::AppState;

/// Read an answer's record
///
/// Everything that was kept of one answer: passages with scores, the decision, timings, feedback.
#[utoipa::path(
    get,
    path = "/v1/records/{answer_id}",
    tag = "records",
    params(("answer_id" = String, Path, description = "Answer id")),
    responses((status = 200, description = "The record", body = RecordResponse))
)]
pub(crate) async fn read_record(
    State(state): State<AppState>,
    Agent(scope): Agent,
    id: PathText,
) -> Result<Json<RecordResponse>, ApiError> {
    let id = id.id("answer", AnswerId::parse)?;
    let record = state.parts.records.answer(&scope, &id).await;
    let record = record.map_err(|error| ApiError::from(error).naming("answer_id"))?;
    let feedback = state.parts.records.feedback(&scope, &id).await?;
    Ok(Json(RecordResponse::new(record, feedback)))
}
