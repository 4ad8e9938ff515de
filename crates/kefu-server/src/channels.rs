//! Channels: programs that customers write through, each behind one small trait.
//!
//! Whoever can reach the address can send anything there, so nothing is believed that is not signed
//! with what both sides know, nothing old is taken, and no message is worked on twice.

mod generic;
mod plain;
mod slack;
mod talk;
mod wecom;

use axum::http::HeaderMap;
use kefu_core::ports::SendRequest;
use thiserror::Error;

use crate::webhooks::Secret;

pub(crate) use plain::plain;
pub(crate) use talk::{Heard, hear};

/// How far a message's time may lie from ours, in seconds.
const TOLERANCE_S: i64 = 300;
/// Longest name that a channel gives to a customer, a conversation or a message.
const MAX_KEY_BYTES: usize = 300;

/// A channel of the configuration.
#[derive(Clone, Debug)]
pub struct ChannelSpec {
    /// Its name in addresses, links and records.
    pub name: String,
    /// Whose form it has.
    pub kind: ChannelKind,
    /// What both sides know: the key, signing secret or token that messages are signed with.
    pub secret: Secret,
    /// What replies are authorised with, where that is something else.
    pub token: Option<Secret>,
    /// The key that bodies are encrypted with, for channels that do.
    pub aes_key: Option<Secret>,
    /// Where replies that are not answers to a request go.
    pub reply_url: Option<String>,
    /// Whether a customer who wrote elsewhere goes on with their latest conversation.
    pub follow_customer: bool,
}

/// Whose form a channel has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// Signed JSON of our own.
    Generic,
    /// Events of Slack.
    Slack,
    /// Messages of WeCom and of WeChat's official accounts.
    Wecom,
}

/// A channel that cannot work as configured.
#[derive(Debug, Error)]
#[error("channels: {name}: {fault}")]
pub struct BadChannel {
    /// Which.
    pub name: String,
    /// What is wrong.
    pub fault: &'static str,
}

/// The channels of a service, ready to hear.
#[derive(Default)]
pub struct Channels(Vec<OpenChannel>);

pub(crate) struct OpenChannel {
    pub(crate) spec: ChannelSpec,
    pub(crate) adapter: Box<dyn Channel>,
}

impl Channels {
    /// Opens channels; their names differ.
    ///
    /// # Errors
    /// [`BadChannel`] for a key of the wrong form.
    pub fn open(specs: Vec<ChannelSpec>) -> Result<Self, BadChannel> {
        let open = |spec: ChannelSpec| {
            let adapter: Box<dyn Channel> = match spec.kind {
                ChannelKind::Generic => Box::new(generic::Generic::new(&spec)),
                ChannelKind::Slack => Box::new(slack::Slack::new(&spec)),
                ChannelKind::Wecom => {
                    let bad = |fault| BadChannel { name: spec.name.clone(), fault };
                    Box::new(wecom::Wecom::new(&spec).map_err(bad)?)
                }
            };
            Ok(OpenChannel { spec, adapter })
        };
        specs.into_iter().map(open).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&OpenChannel> {
        self.0.iter().find(|channel| channel.spec.name == name)
    }
}

/// A request as it came.
pub(crate) struct Incoming<'a> {
    /// Whether it is a `GET`, by which some platforms check an address.
    pub(crate) is_get: bool,
    pub(crate) query: &'a [(String, String)],
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// Seconds since the epoch.
    pub(crate) now_s: i64,
}

impl Incoming<'_> {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn query(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    fn is_fresh(&self, at_s: i64) -> bool {
        self.now_s.checked_sub(at_s).is_some_and(|age| age.abs() <= TOLERANCE_S)
    }
}

/// What a genuine request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// The platform checks the address and wants this back, as this media type.
    Challenge(&'static str, String),
    /// A customer says something.
    Message(Inbound),
    /// Something that needs no work.
    Nothing,
}

/// A customer's message, free of any channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inbound {
    /// The channel's name for the customer.
    pub(crate) customer_id: String,
    /// The channel's name for the conversation; replies go there.
    pub(crate) conversation_key: String,
    /// The customer's words.
    pub(crate) text: String,
    /// The channel's name for the message; the same when it is sent again.
    pub(crate) message_id: String,
    /// Who the message was sent to, where replies must say so.
    pub(crate) recipient: Option<String>,
    /// Whose key it was sealed with, where replies must say so.
    pub(crate) sealed_for: Option<String>,
}

impl Inbound {
    /// Whether all names can be kept.
    fn is_bounded(&self) -> bool {
        let names = [&self.customer_id, &self.conversation_key, &self.message_id];
        let fits = |name: &&String| {
            !name.is_empty() && name.len() <= MAX_KEY_BYTES && !name.chars().any(char::is_control)
        };
        names.iter().all(fits)
    }
}

/// Why a request is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is not signed with what both sides know.
    Forged,
    /// It is too old, or from the future.
    Stale,
    /// It is genuine and cannot be read.
    Malformed(&'static str),
}

/// What to answer to a message that was worked on.
pub(crate) enum Answer {
    /// What Kefu says, in the channel's form.
    Form(&'static str, String),
    /// The whole answer as JSON.
    Whole,
    /// That it was received; the reply comes by itself.
    Received(&'static str),
}

/// One way that customers write.
pub(crate) trait Channel: Send + Sync {
    /// Proves that a request is genuine and reads it.
    fn receive(&self, request: &Incoming<'_>) -> Result<Received, Refused>;

    /// Whether what proves a request covers the customer's name in it.
    fn vouches(&self) -> bool {
        true
    }

    /// How a message is answered: with `said`, what Kefu says at once, if it says anything.
    fn answer(&self, inbound: &Inbound, said: Option<&str>, now_s: i64) -> Answer;

    /// What a platform hears that sends a message again.
    fn again(&self) -> Answer;

    /// Whether what Kefu says goes by [`Channel::send`] too, and not only what people say.
    fn pushes_answers(&self) -> bool;

    /// Renders something said into a request, to the conversation with this key.
    fn send(&self, said: &Outgoing<'_>) -> Option<SendRequest>;

    /// Whether the platform took what was sent, from the body of its answer.
    fn was_taken(&self, body: &[u8]) -> bool {
        let _ = body;
        true
    }
}

/// Something said to a customer.
pub(crate) struct Outgoing<'a> {
    pub(crate) conversation_key: &'a str,
    pub(crate) customer_id: Option<&'a str>,
    pub(crate) text: &'a str,
    /// Who says it: `agent` or `assistant`.
    pub(crate) speaker: &'a str,
    /// The person at the desk who says it.
    pub(crate) agent: Option<&'a str>,
    /// The event; the same in every attempt.
    pub(crate) event_id: &'a str,
    pub(crate) now_s: i64,
}
