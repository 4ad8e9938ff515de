use axum::Json;
use axum::extract::State;
use kefu_api::{
    ClaimRequest, Listing, ReopenRequest, ReplyRequest, ResolveRequest, TicketDetail, TicketQuery,
    TicketResponse,
};
use kefu_core::{Scope, TicketEvent, TicketId};

use crate::assistance::package;
use crate::auth::Agent;
use crate::extract::{JsonBody, Params, PathText};
use crate::problem::ApiError;
use crate::service::AppState;

/// List tickets
///
/// Most urgent first, then oldest first.
#[utoipa::path(
    get,
    path = "/v1/tickets",
    tag = "tickets",
    params(TicketQuery),
    responses((status = 200, description = "A page of tickets", body = Listing<TicketResponse>))
)]
pub(crate) async fn list_tickets(
    State(state): State<AppState>,
    Agent(scope): Agent,
    Params(query): Params<TicketQuery>,
) -> Result<Json<Listing<TicketResponse>>, ApiError> {
    let (filter, page) = query.check()?;
    let found = state.parts.desk.tickets(&scope, &filter, &page).await;
    let found = found.map_err(|error| ApiError::from(error).naming("cursor"))?;
    Ok(Json(Listing::of(found, TicketResponse::from)))
}

/// Read a ticket
///
/// The ticket with the conversation's turns and the hand-off package.
#[utoipa::path(
    get,
    path = "/v1/tickets/{id}",
    tag = "tickets",
    params(("id" = String, Path, description = "Ticket id")),
    responses((status = 200, description = "The ticket", body = TicketDetail))
)]
pub(crate) async fn read_ticket(
    State(state): State<AppState>,
    Agent(scope): Agent,
    id: PathText,
) -> Result<Json<TicketDetail>, ApiError> {
    let id = id.id("ticket", TicketId::parse)?;
    let view = state.parts.desk.ticket(&scope, &id).await;
    let view = view.map_err(|error| ApiError::from(error).naming("id"))?;
    let package = package(&state, &scope, (&view.ticket, &view.transcript)).await;
    Ok(Json(TicketDetail::new(view.ticket, view.transcript).with_handoff(package)))
}

/// Claim a ticket
///
/// Takes an open ticket; of two who try, one gets it.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/claim",
    tag = "tickets",
    params(("id" = String, Path, description = "Ticket id")),
    request_body = ClaimRequest,
    responses((status = 200, description = "The ticket", body = TicketDetail))
)]
pub(crate) async fn claim_ticket(
    State(state): State<AppState>,
    Agent(scope): Agent,
    id: PathText,
    JsonBody(request): JsonBody<ClaimRequest>,
) -> Result<Json<TicketDetail>, ApiError> {
    act(&state, &scope, &id, request.check()?).await
}

/// Reply to the customer
///
/// Adds a turn to the conversation and claims the ticket if it was open.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/reply",
    tag = "tickets",
    params(("id" = String, Path, description = "Ticket id")),
    request_body = ReplyRequest,
    responses((status = 200, description = "The ticket", body = TicketDetail))
)]
pub(crate) async fn reply_ticket(
    State(state): State<AppState>,
    Agent(scope): Agent,
    id: PathText,
    JsonBody(request): JsonBody<ReplyRequest>,
) -> Result<Json<TicketDetail>, ApiError> {
    act(&state, &scope, &id, request.check()?).await
}

/// Resolve a ticket
///
/// Ends it; the customer's next turn goes to Kefu again.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/resolve",
    tag = "tickets",
    params(("id" = String, Path, description = "Ticket id")),
    request_body = ResolveRequest,
    responses((status = 200, description = "The ticket", body = TicketDetail))
)]
pub(crate) async fn resolve_ticket(
    State(state): State<AppState>,
    Agent(scope): Agent,
    id: PathText,
    JsonBody(request): JsonBody<ResolveRequest>,
) -> Result<Json<TicketDetail>, ApiError> {
    act(&state, &scope, &id, request.check()?).await
}

/// Reopen a ticket
///
/// Puts a resolved ticket back; Kefu stays silent again.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/reopen",
    tag = "tickets",
    params(("id" = String, Path, description = "Ticket id")),
    request_body = ReopenRequest,
    responses((status = 200, description = "The ticket", body = TicketDetail))
)]
pub(crate) async fn reopen_ticket(
    State(state): State<AppState>,
    Agent(scope): Agent,
    id: PathText,
    JsonBody(request): JsonBody<ReopenRequest>,
) -> Result<Json<TicketDetail>, ApiError> {
    act(&state, &scope, &id, request.check()?).await
}

async fn act(
    state: &AppState,
    scope: &Scope,
    id: &PathText,
    event: TicketEvent,
) -> Result<Json<TicketDetail>, ApiError> {
    let id = id.id("ticket", TicketId::parse)?;
    let view = state.parts.desk.act(scope, &id, event).await?;
    Ok(Json(TicketDetail::new(view.ticket, view.transcript)))
}
