use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use kefu_api::{
    ClaimRequest, Listing, MAX_REPLY_BYTES, ReopenRequest, ReplyRequest, ResolveRequest,
    ReturnRequest, TicketDetail, TicketQuery, TicketResponse, TransferRequest,
};
use kefu_core::{Scope, TicketId};
use kefu_desk::{Act, MAX_TEXT_BYTES, TicketView};

use crate::assistance::package;
use crate::auth::Agent;
use crate::extract::{
    JsonBody, LAST_EVENT_ID, Params, PathText, StepKey, header_text, stream_permit,
};
use crate::live::desk_events;
use crate::problem::ApiError;
use crate::service::AppState;
use crate::stream;

const _: () = assert!(MAX_REPLY_BYTES == MAX_TEXT_BYTES, "one limit, told in one way");

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
    let now_ms = state.parts.clock.now_ms();
    Ok(Json(Listing::of(found, |ticket| TicketResponse::at(now_ms, ticket))))
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
    Ok(Json(detail(&state, view).with_handoff(package)))
}

/// Watch the desk
///
/// Events as they happen: `ticket` carries a changed ticket as in lists, `agents` the list of
/// agents. `ready` comes first; with `last-event-id` come what was missed instead, or `reset` when
/// that is not known any more and the lists have to be read anew. A client that reads too slowly
/// gets `reset`, too.
#[utoipa::path(
    get,
    path = "/v1/tickets/events",
    tag = "tickets",
    params(("last-event-id" = Option<String>, Header, description = "Id of the last event seen")),
    responses((status = 200, description = "Events", content((String = "text/event-stream"))))
)]
pub(crate) async fn watch_tickets(
    State(state): State<AppState>,
    Agent(scope): Agent,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let permit = stream_permit(&state.desk_streams)?;
    let last_event_id = header_text(&headers, LAST_EVENT_ID);
    let events = desk_events(state, scope.tenant().clone(), last_event_id.as_deref(), permit);
    Ok(stream::respond(events))
}

/// Claim a ticket
///
/// Takes an open ticket; of two who try, one gets it. As with all steps on tickets, one sent again
/// with the same `idempotency-key` is not taken again, and the key of another step is refused.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/claim",
    tag = "tickets",
    params(
        ("id" = String, Path, description = "Ticket id"),
        ("idempotency-key" = Option<String>, Header, description = "Names this step"),
    ),
    request_body = ClaimRequest,
    responses((status = 200, description = "The ticket", body = TicketDetail))
)]
pub(crate) async fn claim_ticket(
    State(state): State<AppState>,
    Agent(scope): Agent,
    id: PathText,
    StepKey(key): StepKey,
    JsonBody(request): JsonBody<ClaimRequest>,
) -> Result<Json<TicketDetail>, ApiError> {
    act(&state, &scope, &id, Act { event: request.check()?, key }).await
}

/// Reply to the customer
///
/// Adds a turn to the conversation and claims the ticket if it was open. A reply sent again with
/// the same `idempotency-key` (or `client_turn_id`) is not said again. Where `delivers_replies` is
/// false, the customer does not get it through their channel.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/reply",
    tag = "tickets",
    params(
        ("id" = String, Path, description = "Ticket id"),
        ("idempotency-key" = Option<String>, Header, description = "Names this step"),
    ),
    request_body = ReplyRequest,
    responses((status = 200, description = "The ticket", body = TicketDetail))
)]
pub(crate) async fn reply_ticket(
    State(state): State<AppState>,
    Agent(scope): Agent,
    id: PathText,
    StepKey(key): StepKey,
    JsonBody(request): JsonBody<ReplyRequest>,
) -> Result<Json<TicketDetail>, ApiError> {
    let key = key.or_else(|| request.client_turn_id.clone());
    act(&state, &scope, &id, Act { event: request.check()?, key }).await
}

/// Transfer a ticket
///
/// To a colleague, who then has it, or to a queue, where it waits. The customer hears nothing of
/// it.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/transfer",
    tag = "tickets",
    params(
        ("id" = String, Path, description = "Ticket id"),
        ("idempotency-key" = Option<String>, Header, description = "Names this step"),
    ),
    request_body = TransferRequest,
    responses((status = 200, description = "The ticket", body = TicketDetail))
)]
pub(crate) async fn transfer_ticket(
    State(state): State<AppState>,
    Agent(scope): Agent,
    id: PathText,
    StepKey(key): StepKey,
    JsonBody(request): JsonBody<TransferRequest>,
) -> Result<Json<TicketDetail>, ApiError> {
    act(&state, &scope, &id, Act { event: request.check()?, key }).await
}

/// Return a conversation to Kefu
///
/// Ends the ticket; Kefu answers the customer's next turn.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/return",
    tag = "tickets",
    params(
        ("id" = String, Path, description = "Ticket id"),
        ("idempotency-key" = Option<String>, Header, description = "Names this step"),
    ),
    request_body = ReturnRequest,
    responses((status = 200, description = "The ticket", body = TicketDetail))
)]
pub(crate) async fn return_ticket(
    State(state): State<AppState>,
    Agent(scope): Agent,
    id: PathText,
    StepKey(key): StepKey,
    JsonBody(request): JsonBody<ReturnRequest>,
) -> Result<Json<TicketDetail>, ApiError> {
    act(&state, &scope, &id, Act { event: request.check()?, key }).await
}

/// Resolve a ticket
///
/// Ends it; the customer's next turn goes to Kefu again.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/resolve",
    tag = "tickets",
    params(
        ("id" = String, Path, description = "Ticket id"),
        ("idempotency-key" = Option<String>, Header, description = "Names this step"),
    ),
    request_body = ResolveRequest,
    responses((status = 200, description = "The ticket", body = TicketDetail))
)]
pub(crate) async fn resolve_ticket(
    State(state): State<AppState>,
    Agent(scope): Agent,
    id: PathText,
    StepKey(key): StepKey,
    JsonBody(request): JsonBody<ResolveRequest>,
) -> Result<Json<TicketDetail>, ApiError> {
    act(&state, &scope, &id, Act { event: request.check()?, key }).await
}

/// Reopen a ticket
///
/// Puts a resolved ticket back; Kefu stays silent again.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/reopen",
    tag = "tickets",
    params(
        ("id" = String, Path, description = "Ticket id"),
        ("idempotency-key" = Option<String>, Header, description = "Names this step"),
    ),
    request_body = ReopenRequest,
    responses((status = 200, description = "The ticket", body = TicketDetail))
)]
pub(crate) async fn reopen_ticket(
    State(state): State<AppState>,
    Agent(scope): Agent,
    id: PathText,
    StepKey(key): StepKey,
    JsonBody(request): JsonBody<ReopenRequest>,
) -> Result<Json<TicketDetail>, ApiError> {
    act(&state, &scope, &id, Act { event: request.check()?, key }).await
}

async fn act(
    state: &AppState,
    scope: &Scope,
    id: &PathText,
    step: Act,
) -> Result<Json<TicketDetail>, ApiError> {
    let id = id.id("ticket", TicketId::parse)?;
    let view = state.parts.desk.act(scope, &id, step).await?;
    Ok(Json(detail(state, view)))
}

/// The wire form of a ticket as it is now.
pub(crate) fn detail(state: &AppState, view: TicketView) -> TicketDetail {
    let now_ms = state.parts.clock.now_ms();
    let channel = state.parts.outreach.channels.get(&view.ticket.channel);
    let delivers_replies = channel.is_none_or(|channel| channel.spec.reply_url.is_some());
    let ticket = TicketResponse::at(now_ms, view.ticket);
    TicketDetail { delivers_replies, ..TicketDetail::new(ticket, view.transcript, view.steps) }
}
