use axum::Json;
use axum::extract::State;
use kefu_api::ErasedResponse;

use crate::auth::Operator;
use crate::extract::PathText;
use crate::problem::ApiError;
use crate::service::AppState;

/// Forget a customer
///
/// Deletes what was said in their conversations, the answers and the feedback; their tickets lose
/// every word and are ended. A customer nobody knows has nothing to forget.
#[utoipa::path(
    delete,
    path = "/v1/customers/{id}",
    tag = "conversations",
    params(("id" = String, Path, description = "The caller's own id of the customer")),
    responses((status = 200, description = "What was forgotten", body = ErasedResponse))
)]
pub(crate) async fn erase_customer(
    State(state): State<AppState>,
    Operator(scope): Operator,
    PathText(id): PathText,
) -> Result<Json<ErasedResponse>, ApiError> {
    let erased = state.parts.records.erase_customer(&scope, &id).await?;
    Ok(Json(erased.into()))
}
