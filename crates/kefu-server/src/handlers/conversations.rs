use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use kefu_api::{
    Ask, ConversationResponse, LanePreference, Message, MessageRequest, MessageResponse, Proof,
    TicketDetail, TurnResponse, WatchQuery,
};
use kefu_core::{AnswerId, ConversationId, ErrorKind, Scope, TicketEvent};
use kefu_desk::{Act, ConversationView};

use crate::answering::{Asked, respond};
use crate::auth::{Caller, Customer};
use crate::extract::{
    Call, IDEMPOTENCY_KEY, JsonBody, LAST_EVENT_ID, Params, PathText, header_text, stream_permit,
};
use crate::handlers::tickets::detail;
use crate::live::conversation_events;
use crate::problem::{ApiError, Fault};
use crate::service::AppState;
use crate::stream;

/// Turns of Kefu whose sources are read with a conversation.
const MAX_CITED_TURNS: usize = 50;

/// Read a conversation
///
/// Its state and its last turns, oldest first, those of Kefu with their outcome and sources.
#[utoipa::path(
    get,
    path = "/v1/conversations/{id}",
    tag = "conversations",
    params(("id" = String, Path, description = "Conversation id")),
    responses((status = 200, description = "The conversation", body = ConversationResponse))
)]
pub(crate) async fn read_conversation(
    State(state): State<AppState>,
    Customer(scope): Customer,
    id: PathText,
) -> Result<Json<ConversationResponse>, ApiError> {
    let id = id.id("conversation", ConversationId::parse)?;
    let view = state.parts.desk.conversation(&scope, &id).await;
    let view = view.map_err(|error| ApiError::from(error).naming("id"))?;
    let ConversationView { conversation, hand_over, turns } = view;
    let mut conversation = ConversationResponse::new(conversation, hand_over.as_ref(), turns);
    cite(&state, &scope, &mut conversation.turns).await?;
    Ok(Json(conversation))
}

/// Adds their outcomes and sources to the last turns of Kefu.
async fn cite(state: &AppState, scope: &Scope, turns: &mut [TurnResponse]) -> Result<(), ApiError> {
    let answers = turns.iter_mut().rev().filter(|turn| turn.answer_id.is_some());
    for turn in answers.take(MAX_CITED_TURNS) {
        let id = turn.answer_id.as_deref().and_then(|id| AnswerId::parse(id).ok());
        let Some(id) = id else { continue };
        match state.parts.records.answer(scope, &id).await {
            Ok(record) => turn.cite(&record),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Watch a conversation
///
/// Events as they happen: `turn` carries what was said, by whomever, and `state` who answers next.
/// A `state` comes first. With `last-event-id` (or `after`) the turns after that one come next, or
/// `reset` when it is not known and the conversation has to be read anew.
#[utoipa::path(
    get,
    path = "/v1/conversations/{id}/events",
    tag = "conversations",
    params(
        ("id" = String, Path, description = "Conversation id"),
        ("last-event-id" = Option<String>, Header, description = "Id of the last turn seen"),
        WatchQuery,
    ),
    responses((status = 200, description = "Events", content((String = "text/event-stream"))))
)]
pub(crate) async fn watch_conversation(
    State(state): State<AppState>,
    Customer(scope): Customer,
    id: PathText,
    headers: HeaderMap,
    Params(query): Params<WatchQuery>,
) -> Result<Response, ApiError> {
    let id = id.id("conversation", ConversationId::parse)?;
    let permit = stream_permit(&state.conversation_streams)?;
    let last_turn = header_text(&headers, LAST_EVENT_ID).or(query.after);
    let events = conversation_events(state, scope, (id, last_turn), permit).await?;
    Ok(stream::respond(events))
}

/// Add a turn to a conversation
///
/// A turn of the customer is answered as by `POST /v1/answers`, as events too when accepted. A
/// turn of an agent is a reply on the conversation's open ticket, which is answered.
#[utoipa::path(
    post,
    path = "/v1/conversations/{id}/messages",
    tag = "conversations",
    params(("id" = String, Path, description = "Conversation id")),
    request_body = MessageRequest,
    responses((status = 200, description = "The answer, or the ticket after the reply", content(
        (MessageResponse = "application/json"),
        (String = "text/event-stream"),
    )))
)]
pub(crate) async fn create_message(
    State(state): State<AppState>,
    (caller, call): (Caller, Call),
    id: PathText,
    headers: HeaderMap,
    JsonBody(request): JsonBody<MessageRequest>,
) -> Result<Response, ApiError> {
    let id = id.id("conversation", ConversationId::parse)?;
    match request.check()? {
        Message::Customer { text } => {
            let scope = caller.customer()?;
            let conversation = state.parts.desk.conversation(&scope, &id).await;
            let conversation = conversation.map_err(|error| ApiError::from(error).naming("id"))?;
            let ask = next_turn(text, id, conversation.conversation.channel);
            respond(state, Asked::new(scope, ask, &headers, call)?).await
        }
        Message::Agent { agent, text } => {
            let key = header_text(&headers, IDEMPOTENCY_KEY);
            let reply = Act { event: TicketEvent::Reply { agent, text }, key };
            let ticket = reply_to(&state, &caller.agent()?, &id, reply).await?;
            Ok(Json(MessageResponse::Ticket(Box::new(ticket))).into_response())
        }
    }
}

fn next_turn(text: String, id: ConversationId, channel: String) -> Ask {
    Ask {
        text,
        conversation_id: Some(id),
        history: Vec::new(),
        customer: kefu_core::Customer::default(),
        proof: Proof::default(),
        channel,
        language: None,
        as_of: None,
        documents: None,
        consent_record: true,
        lane: LanePreference::Auto,
    }
}

async fn reply_to(
    state: &AppState,
    scope: &Scope,
    id: &ConversationId,
    reply: Act,
) -> Result<TicketDetail, ApiError> {
    let desk = &state.parts.desk;
    let view = desk.conversation(scope, id).await;
    let view = view.map_err(|error| ApiError::from(error).naming("id"))?;
    let Some(ticket_id) = view.conversation.ticket_id else {
        let detail = "the conversation has no open ticket to reply on";
        return Err(ApiError::new(Fault::Kind(ErrorKind::Conflict), detail));
    };
    let view = desk.act(scope, &ticket_id, reply).await?;
    Ok(detail(state, view))
}
