//! Messages of WeCom and of WeChat's official accounts, in plain and in encrypted form.
//!
//! In plain form the platform signs token, time and nonce and not the body; only the encrypted form
//! proves what was said. Use it wherever the address can be reached from outside.

mod crypto;
mod xml;

use kefu_core::ports::{SendMethod, SendRequest};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::json;

use self::crypto::Cipher;
use super::{Answer, Channel, ChannelSpec, Inbound, Incoming, Outgoing, Received, Refused};
use crate::webhooks::{Secret, hex};

const TEXT: &str = "text/plain; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";
/// What the platform takes for received.
const SUCCESS: &str = "success";

pub(super) struct Wecom {
    token: Secret,
    cipher: Option<Cipher>,
    reply_url: Option<String>,
}

impl Wecom {
    pub(super) fn new(spec: &ChannelSpec) -> Result<Self, &'static str> {
        let cipher = spec.aes_key.as_ref().map(|key| Cipher::new(key.expose())).transpose()?;
        Ok(Self { token: spec.secret.clone(), cipher, reply_url: spec.reply_url.clone() })
    }

    /// Whether the request is signed over these further parts, and new.
    fn check(&self, request: &Incoming<'_>, name: &str, more: &[&str]) -> Result<(), Refused> {
        let (at, nonce) = (request.query("timestamp"), request.query("nonce"));
        let mut parts = vec![self.token.expose(), at, nonce];
        parts.extend(more);
        if !is_same(&signature(parts), request.query(name)) {
            return Err(Refused::Forged);
        }
        let is_fresh = at.parse().is_ok_and(|at_s| request.is_fresh(at_s));
        if is_fresh { Ok(()) } else { Err(Refused::Stale) }
    }

    /// The genuine XML of a message and, in the encrypted form, whom it was sealed for.
    fn open(&self, request: &Incoming<'_>) -> Result<(String, Option<String>), Refused> {
        let body = std::str::from_utf8(request.body)
            .map_err(|_| Refused::Malformed("the body is not UTF-8"))?;
        let Some(cipher) = &self.cipher else {
            self.check(request, "signature", &[])?;
            return Ok((body.to_owned(), None));
        };
        let fields = xml::fields(body).ok_or(Refused::Malformed("the body is no message"))?;
        let sealed = fields.get("Encrypt").ok_or(Refused::Forged)?;
        self.check(request, "msg_signature", &[sealed])?;
        let opened = cipher.open(sealed).ok_or(Refused::Forged)?;
        Ok((opened.text, Some(opened.recipient)))
    }

    fn challenge(&self, request: &Incoming<'_>) -> Result<Received, Refused> {
        let echo = request.query("echostr");
        let Some(cipher) = &self.cipher else {
            self.check(request, "signature", &[])?;
            return Ok(Received::Challenge(TEXT, echo.to_owned()));
        };
        self.check(request, "msg_signature", &[echo])?;
        let opened = cipher.open(echo).ok_or(Refused::Forged)?;
        Ok(Received::Challenge(TEXT, opened.text))
    }
}

impl Channel for Wecom {
    fn receive(&self, request: &Incoming<'_>) -> Result<Received, Refused> {
        if request.is_get {
            return self.challenge(request);
        }
        let (text, sealed_for) = self.open(request)?;
        let mut fields = xml::fields(&text).ok_or(Refused::Malformed("the body is no message"))?;
        if fields.get("MsgType").map(String::as_str) != Some("text") {
            return Ok(Received::Nothing);
        }
        let mut take = |name: &str| fields.remove(name).unwrap_or_default();
        let (customer_id, text, message_id) =
            (take("FromUserName"), take("Content"), take("MsgId"));
        Ok(Received::Message(Inbound {
            conversation_key: customer_id.clone(),
            customer_id,
            text,
            message_id,
            recipient: Some(take("ToUserName")),
            sealed_for,
        }))
    }

    fn answer(&self, inbound: &Inbound, said: Option<&str>, now_s: i64) -> Answer {
        let Some(said) = said.filter(|_| !self.pushes_answers()) else {
            return Answer::Received(SUCCESS);
        };
        let sender = inbound.recipient.as_deref().unwrap_or_default();
        let reply = xml::write(&[
            ("ToUserName", &inbound.customer_id),
            ("FromUserName", sender),
            ("CreateTime", &now_s.to_string()),
            ("MsgType", "text"),
            ("Content", said),
        ]);
        match &self.cipher {
            None => Answer::Form(XML, reply),
            Some(cipher) => {
                let owner = inbound.sealed_for.as_deref().unwrap_or(sender);
                let sealed = cipher.seal(&reply, owner);
                let (at, nonce) = (now_s.to_string(), crypto::nonce());
                let parts = vec![self.token.expose(), &at, &nonce, &sealed];
                let signature = signature(parts);
                let reply = xml::write(&[
                    ("Encrypt", &sealed),
                    ("MsgSignature", &signature),
                    ("TimeStamp", &at),
                    ("Nonce", &nonce),
                ]);
                Answer::Form(XML, reply)
            }
        }
    }

    fn again(&self) -> Answer {
        Answer::Received(SUCCESS)
    }

    /// The signature of the plain form leaves the body out.
    fn vouches(&self) -> bool {
        self.cipher.is_some()
    }

    fn pushes_answers(&self) -> bool {
        self.reply_url.is_some()
    }

    fn send(&self, said: &Outgoing<'_>) -> Option<SendRequest> {
        let body = json!({
            "touser": said.conversation_key,
            "msgtype": "text",
            "text": {"content": said.text},
        });
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let (url, body) = (self.reply_url.clone()?, body.to_string().into_bytes());
        Some(SendRequest { method: SendMethod::Post, url, headers, body })
    }

    fn was_taken(&self, body: &[u8]) -> bool {
        // Refusals come with status 200.
        let answer: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        answer.get("errcode").is_none_or(|code| code == 0)
    }
}

/// The hexadecimal SHA-1 of the parts in order, one after the other.
fn signature(mut parts: Vec<&str>) -> String {
    parts.sort_unstable();
    // The platform knows no other.
    hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes()).as_ref())
}

/// Compares in a time that does not depend on where they differ.
fn is_same(a: &str, b: &str) -> bool {
    let differences = a.bytes().zip(b.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    a.len() == b.len() && differences == 0
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests fail loudly")]
mod tests;
