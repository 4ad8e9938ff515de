//! What other programs are told, and how the telling goes.

use kefu_core::ports::{Delivery, DeliveryFilter, PageRequest};
use kefu_core::{DeskEvent, Ticket, Turn};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::checks::InvalidFields;
use crate::conversations::TurnResponse;
use crate::customers::CustomerResponse;
use crate::handoff::HandoffResponse;
use crate::listing::PageQuery;
use crate::tickets::TicketResponse;
use crate::time::rfc3339;
use crate::words::DeliveryState;

/// Name and version of an event's form.
pub const EVENT_SCHEMA: &str = "kefu.event/1";

/// The body of a webhook of the kind `generic`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookEvent {
    /// Always `kefu.event/1`.
    #[schema(value_type = String, example = "kefu.event/1")]
    pub schema: &'static str,
    /// The event; the same in every attempt, and what duplicates are told by.
    pub event_id: String,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "ticket.opened")]
    pub kind: String,
    /// When.
    pub at: String,
    /// Where.
    pub conversation_id: String,
    /// The caller's own id of the customer.
    pub customer_id: Option<String>,
    /// All that is known of the customer; null when nothing is.
    pub customer: Option<CustomerResponse>,
    /// Where the conversation takes place.
    pub channel: String,
    /// The ticket as it was then; null for events without one.
    pub ticket: Option<TicketResponse>,
    /// The hand-off package; null but when a ticket was opened or opened again.
    pub handoff: Option<HandoffResponse>,
    /// What was said; null when nothing was, or when its words are gone.
    pub message: Option<TurnResponse>,
}

impl WebhookEvent {
    /// The wire form of an event of this conversation, without ticket, package and message.
    #[must_use]
    pub fn new(event: &DeskEvent, conversation: &kefu_core::Conversation) -> Self {
        Self {
            schema: EVENT_SCHEMA,
            event_id: event.id.to_string(),
            kind: event.kind.as_str().to_owned(),
            at: rfc3339(event.at_ms),
            conversation_id: event.conversation_id.to_string(),
            customer_id: conversation.customer.id.clone(),
            customer: CustomerResponse::of(conversation.customer.clone()),
            channel: conversation.channel.clone(),
            ticket: None,
            handoff: None,
            message: None,
        }
    }

    /// Adds the ticket as it stands at a point in time, milliseconds since the epoch, UTC.
    #[must_use]
    pub fn with_ticket(self, at_ms: i64, ticket: Ticket) -> Self {
        Self { ticket: Some(TicketResponse::at(at_ms, ticket)), ..self }
    }

    /// Adds what was said.
    #[must_use]
    pub fn with_message(self, turn: Turn) -> Self {
        Self { message: Some(turn.into()), ..self }
    }
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeliveryResponse {
    /// Its id.
    pub delivery_id: String,
    /// The endpoint's name.
    pub endpoint: String,
    /// The event.
    pub event_id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// The conversation.
    pub conversation_id: String,
    /// The ticket; null for events without one.
    pub ticket_id: Option<String>,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts so far.
    pub n_attempts: u32,
    /// When the next attempt is due; null unless pending.
    pub next_at: Option<String>,
    /// HTTP status of the last attempt, when there was an answer.
    pub status: Option<u16>,
    /// What went wrong last.
    pub fault: Option<String>,
    /// When it happened.
    pub at: String,
    /// When it was last tried.
    pub tried_at: Option<String>,
}

impl From<Delivery> for DeliveryResponse {
    fn from(delivery: Delivery) -> Self {
        let is_pending = delivery.state == kefu_core::ports::DeliveryState::Pending;
        Self {
            delivery_id: delivery.id.to_string(),
            endpoint: delivery.endpoint,
            event_id: delivery.event.id.to_string(),
            kind: delivery.event.kind.as_str().to_owned(),
            conversation_id: delivery.event.conversation_id.to_string(),
            ticket_id: delivery.event.ticket.map(|ticket| ticket.id.to_string()),
            state: delivery.state.into(),
            n_attempts: delivery.n_attempts,
            next_at: is_pending.then(|| rfc3339(delivery.next_at_ms)),
            status: delivery.status,
            fault: delivery.fault,
            at: rfc3339(delivery.event.at_ms),
            tried_at: delivery.tried_at_ms.map(rfc3339),
        }
    }
}

/// Which deliveries.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DeliveryQuery {
    /// Only to this endpoint.
    pub endpoint: Option<String>,
    /// Only in this state.
    #[param(inline)]
    pub state: Option<DeliveryState>,
    /// Items at most, 1 to 500; 50 when left out.
    #[serde(default, deserialize_with = "crate::listing::from_text")]
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl DeliveryQuery {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`InvalidFields`] naming `limit`.
    pub fn check(self) -> Result<(DeliveryFilter, PageRequest), InvalidFields> {
        let page = PageQuery { limit: self.limit, cursor: self.cursor }.check()?;
        Ok((DeliveryFilter { endpoint: self.endpoint, state: self.state.map(Into::into) }, page))
    }
}
