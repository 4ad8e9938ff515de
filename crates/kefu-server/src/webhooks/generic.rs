//! Signed events.

use kefu_core::ports::{Delivery, SendMethod, SendRequest};

use super::event::Told;
use super::worker::{Failure, Sent, send};
use super::{Endpoint, SIGNATURE_HEADER, sign};
use crate::service::AppState;

/// Longest body; larger ones go without the package, which can be read from the ticket.
const MAX_BODY_BYTES: usize = 256 * 1024;

pub(super) async fn deliver(
    state: &AppState,
    endpoint: &Endpoint,
    (delivery, told): (&Delivery, Told),
) -> Result<Sent, Failure> {
    let event_id = told.event.id.to_string();
    let kind = told.event.kind.as_str();
    let mut event = told.into_wire();
    let mut body = to_bytes(&event)?;
    if body.len() > MAX_BODY_BYTES {
        event.handoff = None;
        body = to_bytes(&event)?;
    }
    let at_s = state.parts.clock.now_ms().div_euclid(1_000);
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = vec![
        header("content-type", "application/json"),
        header("kefu-event", kind),
        header("idempotency-key", &event_id),
        header("kefu-attempt", &(delivery.n_attempts + 1).to_string()),
        header(SIGNATURE_HEADER, &sign(endpoint.secret.expose(), at_s, &body)),
    ];
    let request =
        SendRequest { method: SendMethod::Post, url: endpoint.url.clone(), headers, body };
    send(state, request).await.map(|reply| Sent { status: Some(reply.status) })
}

fn to_bytes(event: &kefu_api::WebhookEvent) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(event).map_err(|_| Failure::of("unwritable"))
}
