//! What is said to customers who write through a channel, on its way back through it.

use kefu_core::ports::Delivery;
use kefu_core::{Scope, Speaker};

use super::Endpoint;
use super::event::Told;
use super::worker::{Failure, Sent, send};
use crate::channels::{Outgoing, plain};
use crate::service::AppState;

/// Sends a reply through the channel that the customer wrote through last; what belongs elsewhere
/// is nothing to be sent here.
pub(super) async fn deliver(
    state: &AppState,
    scope: &Scope,
    endpoint: &Endpoint,
    (delivery, told): (&Delivery, Told),
) -> Result<Sent, Failure> {
    let nothing = Ok(Sent { status: None });
    let name = endpoint.name.strip_prefix("channel:").unwrap_or_default();
    let Some(channel) = state.parts.outreach.channels.get(name) else { return nothing };
    let Some(message) = &told.message else { return nothing };
    let speaker = match message.speaker {
        Speaker::Agent => "agent",
        Speaker::Assistant if channel.adapter.pushes_answers() => "assistant",
        Speaker::Assistant | Speaker::Customer => return nothing,
    };
    let id = &told.conversation.id;
    let link = state.parts.records.link_of(scope, "channel:", id).await;
    let link = link.map_err(|_| Failure::of("records"))?;
    let Some(link) = link.filter(|link| link.place == endpoint.name) else {
        // The first answer of a conversation may be told before its link is written.
        let is_early = told.conversation.channel == name && delivery.n_attempts == 0;
        return if is_early { Err(Failure::of("no link yet")) } else { nothing };
    };
    // People write as it shall be read; answers carry the marks of documents.
    let text = match message.speaker {
        Speaker::Assistant => plain(&message.text),
        Speaker::Agent | Speaker::Customer => message.text.clone(),
    };
    let request = channel.adapter.send(&Outgoing {
        conversation_key: &link.key,
        customer_id: told.conversation.customer.id.as_deref(),
        text: &text,
        speaker,
        agent: message.agent.as_deref(),
        event_id: told.event.id.as_str(),
        now_s: state.parts.clock.now_ms().div_euclid(1_000),
    });
    let Some(request) = request else { return nothing };
    let reply = send(state, request).await?;
    if !channel.adapter.was_taken(&reply.body) {
        return Err(Failure {
            status: Some(reply.status),
            ..Failure::of("refused by the platform")
        });
    }
    Ok(Sent { status: Some(reply.status) })
}
