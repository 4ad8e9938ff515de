use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use kefu_api::{
    Ask, ConversationResponse, LanePreference, Message, MessageRequest, MessageResponse,
    TicketDetail, TurnResponse,
};
use kefu_core::{AnswerId, ConversationId, ErrorKind, Scope, TicketEvent};

use crate::answering::{Asked, respond};
use crate::auth::{Caller, Customer};
use crate::extract::{Call, JsonBody, PathText};
use crate::problem::{ApiError, Fault};
use crate::service::AppState;

/// Turns of Kefu whose sources are read with a conversation.
const MAX_CITED_TURNS: usize = 50;

/// Read a conversation
///
/// Its state and its last turns, oldest first, those of Kefu with their sources.
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
    let mut conversation = ConversationResponse::new(view.conversation, view.turns);
    cite(&state, &scope, &mut conversation.turns).await?;
    Ok(Json(conversation))
}

/// Adds their sources to the last turns of Kefu.
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
            let reply = TicketEvent::Reply { agent, text };
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
        customer_id: None,
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
    reply: TicketEvent,
) -> Result<TicketDetail, ApiError> {
    let desk = &state.parts.desk;
    let view = desk.conversation(scope, id).await;
    let view = view.map_err(|error| ApiError::from(error).naming("id"))?;
    let Some(ticket_id) = view.conversation.ticket_id else {
        let detail = "the conversation has no open ticket to reply on";
        return Err(ApiError::new(Fault::Kind(ErrorKind::Conflict), detail));
    };
    let view = desk.act(scope, &ticket_id, reply).await?;
    Ok(TicketDetail::new(view.ticket, view.transcript))
}
