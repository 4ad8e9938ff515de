//! Working on a customer's message: once, in the right conversation.

use kefu_api::{Ask, LanePreference, Proof};
use kefu_core::ports::{Claim, Link};
use kefu_core::{ConversationId, Customer, Deadline, ErrorKind, Scope};
use kefu_rag::{Answered, Question, Unobserved};

use super::{Inbound, OpenChannel};
use crate::answering::question;
use crate::metrics;
use crate::problem::{ApiError, Fault};
use crate::service::AppState;

/// What came of a message.
pub(crate) enum Heard {
    /// Kefu answered or handed over; it says nothing while a person has the conversation.
    Answered(Box<Answered>),
    /// It had come before.
    Before,
}

/// Answers a message of a channel, unless it was answered before. A failure that may pass lets the
/// platform send the message again.
pub(crate) async fn hear(
    state: &AppState,
    (scope, deadline): (&Scope, Deadline),
    channel: &OpenChannel,
    inbound: &Inbound,
) -> Result<Heard, ApiError> {
    if !inbound.is_bounded() {
        let detail = "names of customers, conversations and messages have 1 to 300 bytes";
        return Err(ApiError::new(Fault::Kind(ErrorKind::Invalid), detail));
    }
    let records = &state.parts.records;
    let place = place_of(channel);
    let id = &inbound.message_id;
    match records.claim_message(scope, &place, id).await? {
        Claim::New => {}
        Claim::Done => return Ok(Heard::Before),
        // Whether it will be answered is not known yet, so the platform shall ask again.
        Claim::Busy => {
            let detail = "this message is being worked on; send it again after the stated time";
            return Err(ApiError::new(Fault::Kind(ErrorKind::Unavailable), detail));
        }
    }
    let outcome = answer(state, (scope, deadline), channel, inbound).await;
    // What is wrong with the message itself will be wrong again.
    let is_done = outcome.as_ref().map_or_else(ApiError::is_of_input, |_| true);
    records.settle_message(scope, &place, id, is_done).await?;
    outcome
}

async fn answer(
    state: &AppState,
    (scope, deadline): (&Scope, Deadline),
    channel: &OpenChannel,
    inbound: &Inbound,
) -> Result<Heard, ApiError> {
    let conversation_id = conversation(state, scope, (channel, inbound)).await?;
    let link = |conversation_id: ConversationId| Link {
        place: place_of(channel),
        key: inbound.conversation_key.clone(),
        conversation_id,
        at_ms: state.parts.clock.now_ms(),
    };
    if let Some(id) = &conversation_id {
        // What is said in answer is told to the channels that the conversation has.
        state.parts.records.set_link(scope, &link(id.clone())).await?;
    }
    let is_new = conversation_id.is_none();
    let ask = Ask {
        text: inbound.text.clone(),
        conversation_id,
        history: Vec::new(),
        customer: Customer {
            id: Some(inbound.customer_id.clone()),
            is_verified: channel.adapter.vouches(),
            ..Customer::default()
        },
        proof: Proof::default(),
        channel: channel.spec.name.clone(),
        language: None,
        as_of: None,
        documents: None,
        consent_record: true,
        lane: LanePreference::Auto,
    };
    // What was answered and not settled when a process ended is not answered anew.
    let key = format!("{} {}", place_of(channel), inbound.message_id);
    let question = Question { key: Some(key), ..question(ask, deadline) };
    let answered = state.parts.answerer.ask(scope, &question, &Unobserved).await?;
    metrics::count_answer(&answered.record);
    if is_new {
        let id = answered.conversation.id.clone();
        state.parts.records.set_link(scope, &link(id)).await?;
    }
    Ok(Heard::Answered(Box::new(answered)))
}

/// The conversation that a message goes on with; `None` begins one.
async fn conversation(
    state: &AppState,
    scope: &Scope,
    (channel, inbound): (&OpenChannel, &Inbound),
) -> Result<Option<ConversationId>, ApiError> {
    let records = &state.parts.records;
    let place = place_of(channel);
    if channel.spec.follow_customer {
        let latest = records.latest_conversation_of(scope, &inbound.customer_id).await?;
        if latest.is_some() {
            return Ok(latest);
        }
    }
    let link = records.link(scope, &place, &inbound.conversation_key).await?;
    Ok(link.map(|link| link.conversation_id))
}

/// Where links of a channel are kept.
pub(crate) fn place_of(channel: &OpenChannel) -> String {
    format!("channel:{}", channel.spec.name)
}
