use axum::Json;
use axum::extract::State;
use kefu_api::{DeliveryQuery, DeliveryResponse, Listing};
use kefu_core::DeliveryId;

use crate::auth::Editor;
use crate::extract::{Params, PathText};
use crate::problem::ApiError;
use crate::service::AppState;

/// List deliveries
///
/// Events on their way to other programs, newest first: what waits, what was taken, and what was
/// given up.
#[utoipa::path(
    get,
    path = "/v1/webhooks/deliveries",
    tag = "webhooks",
    params(DeliveryQuery),
    responses((status = 200, description = "A page of deliveries", body = Listing<DeliveryResponse>))
)]
pub(crate) async fn list_deliveries(
    State(state): State<AppState>,
    Editor(scope): Editor,
    Params(query): Params<DeliveryQuery>,
) -> Result<Json<Listing<DeliveryResponse>>, ApiError> {
    let (filter, page) = query.check()?;
    let found = state.parts.records.deliveries(&scope, &filter, &page).await;
    let found = found.map_err(|error| ApiError::from(error).naming("cursor"))?;
    Ok(Json(Listing::of(found, DeliveryResponse::from)))
}

/// Retry a delivery
///
/// Puts a dead delivery back in line, at once and with all its attempts.
#[utoipa::path(
    post,
    path = "/v1/webhooks/deliveries/{id}/retry",
    tag = "webhooks",
    params(("id" = String, Path, description = "Delivery id")),
    responses((status = 200, description = "The delivery", body = DeliveryResponse))
)]
pub(crate) async fn retry_delivery(
    State(state): State<AppState>,
    Editor(scope): Editor,
    id: PathText,
) -> Result<Json<DeliveryResponse>, ApiError> {
    let id = id.id("delivery", DeliveryId::parse)?;
    let requeued = state.parts.records.requeue_delivery(&scope, &id).await;
    let requeued = requeued.map_err(|error| ApiError::from(error).naming("id"))?;
    state.deliveries.notify_waiters();
    Ok(Json(requeued.into()))
}
