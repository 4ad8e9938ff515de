//! Events as contacts, conversations and messages of a Chatwoot installation, in an inbox of its
//! API channel.
//!
//! Its API has no keys against duplicates, so what may be there already is looked for first: the
//! contact by its identifier, the conversation by an attribute, and on a second attempt the message
//! by the event's id.

mod note;
mod service;

use kefu_core::ports::{Delivery, Link};
use kefu_core::{EventKind, Scope, Speaker};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::Endpoint;
use super::event::Told;
use super::worker::{Failure, Sent};
use crate::service::AppState;
use service::Chatwoot;

/// Where in the installation.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) account_id: u64,
    pub(super) inbox_id: u64,
    /// Held while a contact is looked for and made, so that conversations of one customer that are
    /// told of at the same time do not both make it.
    pub(super) contacts: &'a Mutex<()>,
}

pub(super) async fn deliver(
    state: &AppState,
    scope: &Scope,
    (endpoint, place): (&Endpoint, Place<'_>),
    (delivery, told): (&Delivery, Told),
) -> Result<Sent, Failure> {
    let chatwoot = Chatwoot { state, endpoint, place };
    let id = conversation(&chatwoot, scope, &told).await?;
    let path = format!("/conversations/{id}");
    let is_retry = delivery.n_attempts > 0;
    match told.event.kind {
        EventKind::ConversationMessage => {
            let Some(turn) = &told.message else { return Ok(Sent { status: None }) };
            let kind = if turn.speaker == Speaker::Customer { "incoming" } else { "outgoing" };
            let message = Message { kind, text: &turn.text, is_private: false };
            message.send(&chatwoot, &path, (&told, is_retry)).await?;
        }
        EventKind::TicketOpened | EventKind::TicketReopened => {
            if told.event.kind == EventKind::TicketReopened {
                let status = json!({"status": "open"});
                chatwoot.post(&format!("{path}/toggle_status"), &status).await?;
            }
            attributes(&chatwoot, &path, &told).await?;
            if let Some(package) = &told.package {
                let text = note::note(package);
                let message = Message { kind: "outgoing", text: &text, is_private: true };
                message.send(&chatwoot, &path, (&told, is_retry)).await?;
            }
        }
        EventKind::TicketResolved => {
            attributes(&chatwoot, &path, &told).await?;
            let status = json!({"status": "resolved"});
            chatwoot.post(&format!("{path}/toggle_status"), &status).await?;
        }
        EventKind::TicketClaimed
        | EventKind::TicketTransferred
        | EventKind::TicketReplied
        | EventKind::TicketWarned
        | EventKind::TicketBreached => attributes(&chatwoot, &path, &told).await?,
    }
    Ok(Sent { status: Some(200) })
}

/// The number of the conversation there, made when it is not there yet.
async fn conversation(chatwoot: &Chatwoot<'_>, scope: &Scope, told: &Told) -> Result<u64, Failure> {
    let records = &chatwoot.state.parts.records;
    let place = format!("webhook:{}", chatwoot.endpoint.name);
    let id = &told.conversation.id;
    let known = records.link_of(scope, &place, id).await;
    let known = known.map_err(|_| Failure::of("records"))?;
    if let Some(number) = known.and_then(|link| link.key.parse().ok()) {
        return Ok(number);
    }
    let contact = contact(chatwoot, told).await?;
    let number = match there_already(chatwoot, contact.id, id.as_str()).await? {
        Some(number) => number,
        None => {
            let wanted = json!({
                "source_id": contact.source_id,
                "inbox_id": chatwoot.place.inbox_id,
                "contact_id": contact.id,
                "status": "open",
                "custom_attributes": {
                    "kefu_conversation_id": id.as_str(),
                    "kefu_channel": told.conversation.channel,
                    "kefu_language": told.conversation.language.code(),
                },
            });
            let made = chatwoot.post("/conversations", &wanted).await?;
            number_at(&made, "/id")?
        }
    };
    let at_ms = chatwoot.state.parts.clock.now_ms();
    let link = Link { place, key: number.to_string(), conversation_id: id.clone(), at_ms };
    records.set_link(scope, &link).await.map_err(|_| Failure::of("records"))?;
    Ok(number)
}

struct Contact {
    id: u64,
    source_id: Option<String>,
}

/// The customer there, made when they are not there yet. Customers without an id are one contact
/// per conversation.
async fn contact(chatwoot: &Chatwoot<'_>, told: &Told) -> Result<Contact, Failure> {
    let conversation = &told.conversation;
    let customer = &conversation.customer;
    // Who only claims to be somebody is not shown as the one who is.
    let identifier = match &customer.id {
        Some(id) if customer.is_verified => format!("kefu:{id}"),
        Some(id) => format!("kefu:claimed:{id}"),
        None => format!("kefu:{}", conversation.id),
    };
    let _alone = chatwoot.place.contacts.lock().await;
    let found = chatwoot.get("/contacts/search", &[("q", &identifier)]).await?;
    let rows = found.get("payload").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_ours = |row: &&Value| row.get("identifier").and_then(Value::as_str) == Some(&identifier);
    if let Some(row) = rows.iter().find(is_ours) {
        let inboxes = row.get("contact_inboxes").and_then(Value::as_array);
        let inbox_id = Some(chatwoot.place.inbox_id);
        let ours = inboxes
            .into_iter()
            .flatten()
            .find(|known| known.pointer("/inbox/id").and_then(Value::as_u64) == inbox_id);
        let source_id = ours.and_then(|known| known.get("source_id")).and_then(Value::as_str);
        let source_id = source_id.map(str::to_owned);
        return Ok(Contact { id: number_at(row, "/id")?, source_id });
    }
    let name = customer.id.as_deref().unwrap_or("Customer");
    let wanted = json!({
        "inbox_id": chatwoot.place.inbox_id,
        "name": name,
        "identifier": identifier,
        "custom_attributes": {
            "kefu_customer_id": customer.id,
            "kefu_customer_verified": customer.is_verified,
        },
    });
    let made = chatwoot.post("/contacts", &wanted).await?;
    let source_id = made.pointer("/payload/contact_inbox/source_id").and_then(Value::as_str);
    Ok(Contact {
        id: number_at(&made, "/payload/contact/id")?,
        source_id: source_id.map(str::to_owned),
    })
}

/// The contact's conversation that stands for ours, when an attempt before made it.
async fn there_already(
    chatwoot: &Chatwoot<'_>,
    contact_id: u64,
    id: &str,
) -> Result<Option<u64>, Failure> {
    let found = chatwoot.get(&format!("/contacts/{contact_id}/conversations"), &[]).await?;
    let rows = found.get("payload").and_then(Value::as_array);
    let ours = rows.into_iter().flatten().find(|row| {
        row.pointer("/custom_attributes/kefu_conversation_id").and_then(Value::as_str) == Some(id)
    });
    Ok(ours.and_then(|row| row.get("id")).and_then(Value::as_u64))
}

/// Writes the ticket's state to the conversation there.
async fn attributes(chatwoot: &Chatwoot<'_>, path: &str, told: &Told) -> Result<(), Failure> {
    let Some(ticket) = &told.ticket else { return Ok(()) };
    let wanted = json!({"custom_attributes": {
        "kefu_conversation_id": told.conversation.id.as_str(),
        "kefu_ticket_id": ticket.id.as_str(),
        "kefu_status": kefu_api::TicketStatus::from(ticket.status),
        "kefu_queue": ticket.queue,
        "kefu_priority": ticket.priority.as_str(),
        "kefu_reason": ticket.reason.as_str(),
        "kefu_assignee": ticket.assignee,
        "kefu_event": told.event.kind.as_str(),
    }});
    chatwoot.post(&format!("{path}/custom_attributes"), &wanted).await.map(|_| ())
}

struct Message<'a> {
    kind: &'static str,
    text: &'a str,
    is_private: bool,
}

impl Message<'_> {
    async fn send(
        &self,
        chatwoot: &Chatwoot<'_>,
        path: &str,
        (told, is_retry): (&Told, bool),
    ) -> Result<(), Failure> {
        let event_id = told.event.id.as_str();
        let path = format!("{path}/messages");
        if is_retry {
            let known = chatwoot.get(&path, &[]).await?;
            let rows = known.get("payload").and_then(Value::as_array);
            let mut rows = rows.into_iter().flatten();
            let is_ours = |row: &Value| {
                let source = row.get("source_id");
                let mark = row.pointer("/content_attributes/kefu_event_id");
                [source, mark].into_iter().flatten().any(|value| value.as_str() == Some(event_id))
            };
            if rows.any(is_ours) {
                return Ok(());
            }
        }
        let wanted = json!({
            "content": self.text,
            "message_type": self.kind,
            "private": self.is_private,
            "content_type": "text",
            "source_id": event_id,
            "echo_id": event_id,
            "content_attributes": {"kefu_event_id": event_id},
        });
        chatwoot.post(&path, &wanted).await.map(|_| ())
    }
}

fn number_at(value: &Value, pointer: &str) -> Result<u64, Failure> {
    let number = value.pointer(pointer).and_then(Value::as_u64);
    number.ok_or_else(|| Failure::of("unexpected answer"))
}
