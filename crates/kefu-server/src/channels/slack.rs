//! Events of Slack: messages to the app and mentions of it, answered in their thread.

use kefu_core::ports::{SendMethod, SendRequest};
use ring::hmac::{self, HMAC_SHA256, Key};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Channel, ChannelSpec, Inbound, Incoming, Outgoing, Received, Refused};
use crate::webhooks::{Secret, unhex};

const TEXT: &str = "text/plain; charset=utf-8";
/// What the platform is told of every event; it looks at the status alone.
const RECEIVED: &str = "ok";

pub(super) struct Slack {
    signing_secret: Secret,
    token: Option<Secret>,
    reply_url: Option<String>,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    challenge: Option<String>,
    event_id: Option<String>,
    event: Option<Event>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    subtype: Option<String>,
    bot_id: Option<String>,
    user: Option<String>,
    text: Option<String>,
    channel: Option<String>,
    channel_type: Option<String>,
    ts: Option<String>,
    thread_ts: Option<String>,
}

impl Slack {
    pub(super) fn new(spec: &ChannelSpec) -> Self {
        Self {
            signing_secret: spec.secret.clone(),
            token: spec.token.clone(),
            reply_url: spec.reply_url.clone(),
        }
    }

    fn is_genuine(&self, request: &Incoming<'_>, at: &str) -> bool {
        let given = request.header("x-slack-signature").strip_prefix("v0=").and_then(unhex);
        let key = Key::new(HMAC_SHA256, self.signing_secret.expose().as_bytes());
        let signed = [b"v0:", at.as_bytes(), b":", request.body].concat();
        given.is_some_and(|given| hmac::verify(&key, &signed, &given).is_ok())
    }
}

impl Channel for Slack {
    fn receive(&self, request: &Incoming<'_>) -> Result<Received, Refused> {
        let at = request.header("x-slack-request-timestamp");
        if !self.is_genuine(request, at) {
            return Err(Refused::Forged);
        }
        if !at.parse().is_ok_and(|at_s| request.is_fresh(at_s)) {
            return Err(Refused::Stale);
        }
        let envelope: Envelope = serde_json::from_slice(request.body)
            .map_err(|_| Refused::Malformed("the body is no event"))?;
        if envelope.kind == "url_verification" {
            let challenge = envelope.challenge.unwrap_or_default();
            return Ok(Received::Challenge(TEXT, challenge));
        }
        let (Some(message_id), Some(event)) = (envelope.event_id, envelope.event) else {
            return Ok(Received::Nothing);
        };
        Ok(message(event, message_id).map_or(Received::Nothing, Received::Message))
    }

    fn answer(&self, _: &Inbound, _: Option<&str>, _: i64) -> Answer {
        Answer::Received(RECEIVED)
    }

    fn again(&self) -> Answer {
        Answer::Received(RECEIVED)
    }

    fn pushes_answers(&self) -> bool {
        true
    }

    fn send(&self, said: &Outgoing<'_>) -> Option<SendRequest> {
        let (channel, thread) = said.conversation_key.split_once(':')?;
        let mut body = json!({"channel": channel, "text": escaped(said.text)});
        if !thread.is_empty() {
            body["thread_ts"] = json!(thread);
        }
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let token = self.token.as_ref()?.expose();
        let headers = vec![
            header("content-type", "application/json; charset=utf-8"),
            header("authorization", &format!("Bearer {token}")),
        ];
        let (url, body) = (self.reply_url.clone()?, body.to_string().into_bytes());
        Some(SendRequest { method: SendMethod::Post, url, headers, body })
    }

    fn was_taken(&self, body: &[u8]) -> bool {
        // Refusals come with status 200.
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        answer.get("ok") == Some(&Value::Bool(true))
    }
}

/// A person's message; what apps and the platform itself say is none.
fn message(event: Event, message_id: String) -> Option<Inbound> {
    let is_message = matches!(event.kind.as_str(), "message" | "app_mention");
    if !is_message || event.subtype.is_some() || event.bot_id.is_some() {
        return None;
    }
    let channel = event.channel?;
    let is_direct = event.channel_type.as_deref() == Some("im");
    let thread = match event.thread_ts {
        Some(thread) => thread,
        None if is_direct => String::new(),
        None => event.ts?,
    };
    let text = without_mentions(&event.text?);
    (!text.is_empty()).then_some(Inbound {
        customer_id: event.user?,
        conversation_key: format!("{channel}:{thread}"),
        text,
        message_id,
        recipient: None,
        sealed_for: None,
    })
}

/// The text without `<@U123>`, and with its three escapes undone.
fn without_mentions(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("<@") {
        plain.push_str(&rest[..at]);
        rest = rest[at..].find('>').map_or("", |end| &rest[at + end + 1..]);
    }
    plain.push_str(rest);
    plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").trim().to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_and_escapes_are_read() {
        assert_eq!(without_mentions("<@U1> is 2 &lt; 3 &amp;amp; ok?"), "is 2 < 3 &amp; ok?");
        assert_eq!(without_mentions("hi <@U1"), "hi");
        assert_eq!(escaped("a<b>&c"), "a&lt;b&gt;&amp;c");
    }
}
