//! Signed JSON of our own: a message in, the whole answer back.

use kefu_core::ports::{SendMethod, SendRequest};
use serde::Deserialize;
use serde_json::json;

use super::{
    Answer, Channel, ChannelSpec, Inbound, Incoming, Outgoing, Received, Refused, TOLERANCE_S,
};
use crate::webhooks::{SIGNATURE_HEADER, SIGNATURE_TOLERANCE_S, Secret, sign, verify};

const _: () = assert!(TOLERANCE_S == SIGNATURE_TOLERANCE_S, "one rule for what is old");

pub(super) struct Generic {
    secret: Secret,
    reply_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    message_id: String,
    customer_id: String,
    conversation_key: Option<String>,
    text: String,
}

impl Generic {
    pub(super) fn new(spec: &ChannelSpec) -> Self {
        Self { secret: spec.secret.clone(), reply_url: spec.reply_url.clone() }
    }
}

impl Channel for Generic {
    fn receive(&self, request: &Incoming<'_>) -> Result<Received, Refused> {
        let signature = request.header(SIGNATURE_HEADER);
        let secret = self.secret.expose();
        if !verify(secret, signature, request.body, request.now_s) {
            // Whoever signs rightly and late has another clock, and may be told so.
            let at_s = signature.split(',').find_map(|field| field.trim().strip_prefix("t="));
            let at_s = at_s.and_then(|text| text.parse().ok());
            let is_ours = at_s.is_some_and(|at_s| verify(secret, signature, request.body, at_s));
            return Err(if is_ours { Refused::Stale } else { Refused::Forged });
        }
        let body: Body = serde_json::from_slice(request.body).map_err(|_| {
            Refused::Malformed("send JSON with message_id, customer_id, conversation_key and text")
        })?;
        Ok(Received::Message(Inbound {
            conversation_key: body.conversation_key.unwrap_or_else(|| body.customer_id.clone()),
            customer_id: body.customer_id,
            text: body.text,
            message_id: body.message_id,
            recipient: None,
            sealed_for: None,
        }))
    }

    fn answer(&self, _: &Inbound, _: Option<&str>, _: i64) -> Answer {
        Answer::Whole
    }

    fn again(&self) -> Answer {
        Answer::Whole
    }

    fn pushes_answers(&self) -> bool {
        false
    }

    fn send(&self, said: &Outgoing<'_>) -> Option<SendRequest> {
        let body = json!({
            "conversation_key": said.conversation_key,
            "customer_id": said.customer_id,
            "speaker": said.speaker,
            "agent": said.agent,
            "text": said.text,
            "event_id": said.event_id,
        });
        let body = body.to_string().into_bytes();
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![
            header("content-type", "application/json"),
            header("idempotency-key", said.event_id),
            header(SIGNATURE_HEADER, &sign(self.secret.expose(), said.now_s, &body)),
        ];
        let url = self.reply_url.clone()?;
        Some(SendRequest { method: SendMethod::Post, url, headers, body })
    }
}
