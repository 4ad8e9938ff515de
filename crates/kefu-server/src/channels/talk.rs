//! Working on a customer's message: once, in the right conversation.

use kefu_api::{Ask, LanePreference, Proof};
use kefu_core::ports::{Claim, Link};
use kefu_core::{ConversationId, ConversationState, Customer, Deadline, ErrorKind, Scope};
use kefu_rag::{Answered, Unobserved};

use super::{Inbound, OpenChannel};
use crate::answering::question;
use crate::metrics;
use crate::problem::{ApiError, Fault};
use crate::service::AppState;

/// What came of a message.
pub(crate) enum Heard {
    /// Kefu answered, handed over, or a person has it.
    Answered {
        answered: Box<Answered>,
        /// Whether the customer reads something: not while a person has the conversation.
        is_said: bool,
    },
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
    if records.claim_message(scope, &place, id).await? == Claim::Seen {
        return Ok(Heard::Before);
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
    let is_with_person = match &conversation_id {
        Some(id) => {
            let known = state.parts.records.conversation(scope, id).await?;
            // What is said in answer is told to the channels that the conversation has.
            state.parts.records.set_link(scope, &link(id.clone())).await?;
            matches!(known.state, ConversationState::Queued | ConversationState::Human)
        }
        None => false,
    };
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
    let question = question(ask, deadline);
    let answered = state.parts.answerer.ask(scope, &question, &Unobserved).await?;
    metrics::count_answer(&answered.record);
    if is_new {
        let id = answered.conversation.id.clone();
        state.parts.records.set_link(scope, &link(id)).await?;
    }
    Ok(Heard::Answered { answered: Box::new(answered), is_said: !is_with_person })
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
