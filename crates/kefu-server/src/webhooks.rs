//! Telling other programs what happens: at least once, in order within a conversation, signed.

mod channel;
mod chatwoot;
mod event;
mod generic;
mod signature;
mod worker;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kefu_core::EventKind;
use kefu_core::ports::{Sender, Subscription};

use crate::channels::Channels;

pub use signature::{SIGNATURE_HEADER, SIGNATURE_TOLERANCE_S, sign, verify};
pub(crate) use signature::{hex, unhex};
pub(crate) use worker::run_deliveries;

/// Who is told, and how.
pub struct Outreach {
    /// Sends requests.
    pub sender: Arc<dyn Sender>,
    /// Who is told of what; names differ.
    pub endpoints: Vec<Endpoint>,
    /// Through what customers write.
    pub channels: Channels,
    /// How often and how long it is tried.
    pub policy: DeliveryPolicy,
}

/// A program that is told of what happens.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its name in listings and logs.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// What it understands.
    pub kind: EndpointKind,
    /// What it and Kefu share: the key of signatures, or an access token.
    pub secret: Secret,
    /// What it is told of.
    pub kinds: Vec<EventKind>,
}

impl Endpoint {
    /// What the records keep for it.
    #[must_use]
    pub fn subscription(&self) -> Subscription {
        let channel = match self.kind {
            EndpointKind::Channel => self.name.strip_prefix("channel:").map(str::to_owned),
            EndpointKind::Generic | EndpointKind::Chatwoot { .. } => None,
        };
        Subscription { endpoint: self.name.clone(), kinds: self.kinds.clone(), channel }
    }
}

/// What an endpoint understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointKind {
    /// Signed events, `kefu.event/1`.
    Generic,
    /// The API of a Chatwoot installation, into an inbox of its API channel.
    Chatwoot {
        /// Number of the account.
        account_id: u64,
        /// Number of the inbox.
        inbox_id: u64,
    },
    /// The channel that the name after `channel:` names: what is said to its customers.
    Channel,
}

/// Text that is shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for keys and headers alone.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How often and how long deliveries are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryPolicy {
    /// Attempts before a delivery is given up; at least 1.
    pub max_attempts: u32,
    /// Time before the second attempt; it doubles with each further one, give or take a quarter.
    pub first_retry: Duration,
    /// Longest time between two attempts.
    pub longest_retry: Duration,
    /// How long deliveries that were taken are kept for listings.
    pub keep: Duration,
}

impl DeliveryPolicy {
    /// Time until the next attempt after `n_attempts` (at least 1), with `chance` in 0..=1.
    fn wait(&self, n_attempts: u32, chance: f64) -> Duration {
        let doublings = n_attempts.saturating_sub(1).min(32);
        let wait = self.first_retry.as_secs_f64() * f64::from(2_u32.saturating_pow(doublings));
        let wait = wait.min(self.longest_retry.as_secs_f64());
        Duration::from_secs_f64(wait * (0.75 + 0.5 * chance.clamp(0.0, 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound() {
        let policy = DeliveryPolicy {
            max_attempts: 5,
            first_retry: Duration::from_secs(2),
            longest_retry: Duration::from_secs(60),
            keep: Duration::ZERO,
        };
        let seconds = |n, chance| policy.wait(n, chance).as_secs_f64();
        assert!((seconds(1, 0.5) - 2.0).abs() < 1e-9);
        assert!((seconds(3, 0.5) - 8.0).abs() < 1e-9);
        assert!((seconds(3, 0.0) - 6.0).abs() < 1e-9 && (seconds(3, 1.0) - 10.0).abs() < 1e-9);
        assert!((seconds(40, 0.5) - 60.0).abs() < 1e-9);
    }

    #[test]
    fn secrets_are_not_shown() {
        assert!(!format!("{:?}", Secret::new("hunter2")).contains("hunter2"));
    }
}
