use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use kefu_api::{AnswerParts, AnswerResponse};
use kefu_core::{ErrorKind, Scope};

use crate::auth::Customer;
use crate::channels::{
    Answer, Heard, Inbound, Incoming, OpenChannel, Outgoing, Received, Refused, hear, plain,
};
use crate::extract::{Call, PathText};
use crate::problem::{ApiError, Fault};
use crate::service::AppState;

/// Platforms that are answered by a message of its own wait no longer than this.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// Receive a message of a channel
///
/// What a channel of the configuration sends: signed JSON of our own, events of Slack, messages of
/// WeCom. Requests that are forged or old are refused, and a message is worked on once. A channel
/// of the kind `generic` is answered with the answer; a message that was answered before with a conflict, and one that is being
/// worked on with 503 and the time to send it again.
#[utoipa::path(
    post,
    path = "/v1/channels/{name}/webhook",
    tag = "channels",
    params(("name" = String, Path, description = "Name of the channel")),
    request_body(content = Vec<u8>, content_type = "*/*", description = "As the platform has it"),
    responses((status = 200, description = "As the platform has it", content(
        (AnswerResponse = "application/json"),
        (String = "text/plain"),
        (String = "application/xml"),
    )))
)]
pub(crate) async fn receive_message(
    State(state): State<AppState>,
    (Customer(scope), call): (Customer, Call),
    (name, query): (PathText, Query<Vec<(String, String)>>),
    (method, headers): (Method, HeaderMap),
    body: Bytes,
) -> Result<Response, ApiError> {
    let received = open(&state, &name.0, (&method, &query.0), (&headers, &body))?;
    let inbound = match received {
        Received::Challenge(media_type, text) => {
            return Ok(([(CONTENT_TYPE, media_type)], text).into_response());
        }
        Received::Nothing => return Ok("ok".into_response()),
        Received::Message(inbound) => inbound,
    };
    let working = work(Arc::clone(&state), scope, call, (name.0.clone(), inbound.clone()));
    let pushes = state
        .parts
        .outreach
        .channels
        .get(&name.0)
        .is_some_and(|channel| channel.adapter.pushes_answers());
    // A platform that hangs up must not stop the work on what it was told was received.
    let working = state.tasks.spawn(working);
    let patience = if pushes { PATIENCE } else { Duration::from_secs(3_600) };
    match tokio::time::timeout(patience, working).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            Err(ApiError::hidden(ErrorKind::Internal, "working on a channel's message ended early"))
        }
        Err(_) => Ok("ok".into_response()),
    }
}

/// Check the address of a channel
///
/// Some platforms ask once whether an address is theirs to write to.
#[utoipa::path(
    get,
    path = "/v1/channels/{name}/webhook",
    tag = "channels",
    params(("name" = String, Path, description = "Name of the channel")),
    responses((status = 200, description = "What the platform wants back", body = String))
)]
pub(crate) async fn check_channel(
    State(state): State<AppState>,
    (name, query): (PathText, Query<Vec<(String, String)>>),
    (method, headers): (Method, HeaderMap),
) -> Result<Response, ApiError> {
    match open(&state, &name.0, (&method, &query.0), (&headers, &Bytes::new()))? {
        Received::Challenge(media_type, text) => {
            Ok(([(CONTENT_TYPE, media_type)], text).into_response())
        }
        Received::Message(_) | Received::Nothing => Err(refusal(Refused::Forged)),
    }
}

fn open(
    state: &AppState,
    name: &str,
    (method, query): (&Method, &[(String, String)]),
    (headers, body): (&HeaderMap, &Bytes),
) -> Result<Received, ApiError> {
    let channel = state.parts.outreach.channels.get(name).ok_or_else(|| unknown(name))?;
    let now_s = state.parts.clock.now_ms().div_euclid(1_000);
    let request = Incoming { is_get: *method == Method::GET, query, headers, body, now_s };
    channel.adapter.receive(&request).map_err(refusal)
}

async fn work(
    state: AppState,
    scope: Scope,
    call: Call,
    (name, inbound): (String, Inbound),
) -> Result<Response, ApiError> {
    let channel = state.parts.outreach.channels.get(&name).ok_or_else(|| unknown(&name))?;
    let now_s = state.parts.clock.now_ms().div_euclid(1_000);
    let heard = match hear(&state, (&scope, call.deadline), channel, &inbound).await {
        Err(error) if error.is_too_large() => {
            return too_long(&state, channel, (&inbound, now_s)).await.ok_or(error);
        }
        heard => heard?,
    };
    drop(call.permit);
    let (answered, answer) = match heard {
        Heard::Before => (None, channel.adapter.again()),
        Heard::Answered(answered) => {
            let said = Some(plain(&answered.text)).filter(|text| !text.is_empty());
            let answer = channel.adapter.answer(&inbound, said.as_deref(), now_s);
            (Some(answered), answer)
        }
    };
    Ok(match (answer, answered) {
        (Answer::Form(media_type, text), _) => ([(CONTENT_TYPE, media_type)], text).into_response(),
        (Answer::Received(text), _) => text.into_response(),
        (Answer::Whole, Some(answered)) => Json(AnswerResponse::from(AnswerParts {
            record: &answered.record,
            text: &answered.text,
            ticket: answered.ticket.as_ref(),
            hand_over: answered.hand_over.as_ref(),
            call_back_ms: answered.call_back_ms,
            offer_human: answered.offer_human,
        }))
        .into_response(),
        (Answer::Whole, None) => {
            let message = "this message has been received before";
            return Err(ApiError::of_field(
                Fault::Kind(ErrorKind::Conflict),
                "message_id",
                message,
            ));
        }
    })
}

/// Tells a customer that their message is longer than any that is read. `None` for channels whose
/// senders read the answer to their request.
async fn too_long(
    state: &AppState,
    channel: &OpenChannel,
    (inbound, now_s): (&Inbound, i64),
) -> Option<Response> {
    let text = kefu_rag::too_long(&inbound.text);
    match channel.adapter.answer(inbound, Some(&text), now_s) {
        Answer::Form(media_type, reply) => {
            Some(([(CONTENT_TYPE, media_type)], reply).into_response())
        }
        Answer::Received(received) => {
            let request = channel.adapter.send(&Outgoing {
                conversation_key: &inbound.conversation_key,
                customer_id: Some(&inbound.customer_id),
                text: &text,
                speaker: "assistant",
                agent: None,
                event_id: &inbound.message_id,
                now_s,
            });
            if let Some(request) = request
                && let Err(error) = state.parts.outreach.sender.send(request).await
            {
                tracing::warn!(
                    channel = channel.spec.name,
                    fault = error.code,
                    "nobody could be told that a message is too long"
                );
            }
            Some(received.into_response())
        }
        Answer::Whole => None,
    }
}

fn unknown(name: &str) -> ApiError {
    ApiError::new(Fault::Kind(ErrorKind::NotFound), format!("no channel {name:?}")).naming("name")
}

/// Whoever is refused learns no more than they must.
fn refusal(refused: Refused) -> ApiError {
    match refused {
        Refused::Forged => {
            ApiError::new(Fault::Kind(ErrorKind::Forbidden), "the signature does not fit")
        }
        Refused::Stale => ApiError::new(
            Fault::Kind(ErrorKind::Forbidden),
            "the request is too old; check the clock",
        ),
        Refused::Malformed(detail) => ApiError::new(Fault::Malformed, detail),
    }
}
