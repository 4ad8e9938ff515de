//! The worker that delivers.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use futures_util::future::join_all;
use kefu_core::Scope;
use kefu_core::ports::{AttemptOutcome, Delivery, DeliveryState, SendReply, SendRequest};
use tokio::sync::Mutex;

use super::event::Told;
use super::{Endpoint, EndpointKind, channel, chatwoot, generic};
use crate::metrics;
use crate::service::AppState;

/// How often due deliveries are looked for: one look at an index.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// After a failure of the records.
const RETRY: Duration = Duration::from_secs(5);
/// Conversations told of at the same time, per endpoint.
const N_AT_ONCE: usize = 8;
/// How often old deliveries are deleted, and how many at a time.
const PRUNE_EVERY: Duration = Duration::from_secs(600);
const PRUNE_AT_ONCE: usize = 5_000;

/// How long messages of channels are remembered: far longer than their signatures are taken.
const KEEP_MESSAGES_MS: i64 = 7 * 24 * 3_600_000;

/// What an endpoint answered.
pub(super) struct Sent {
    pub(super) status: Option<u16>,
}

/// Why an attempt failed.
pub(super) struct Failure {
    /// A word or two for listings.
    pub(super) fault: String,
    pub(super) status: Option<u16>,
    pub(super) retry_after: Option<Duration>,
}

impl Failure {
    pub(super) fn of(fault: impl Into<String>) -> Self {
        Self { fault: fault.into(), status: None, retry_after: None }
    }
}

/// Sends a request; every answer but one of success is a failure.
pub(super) async fn send(state: &AppState, request: SendRequest) -> Result<SendReply, Failure> {
    match state.parts.outreach.sender.send(request).await {
        Ok(reply) if (200..300).contains(&reply.status) => Ok(reply),
        Ok(reply) => Err(Failure {
            fault: format!("status {}", reply.status),
            status: Some(reply.status),
            retry_after: reply.retry_after_s.map(Duration::from_secs),
        }),
        Err(error) => {
            tracing::debug!(fault = error.code, detail = error.detail, "nobody answered");
            Err(Failure::of(error.code))
        }
    }
}

/// Delivers until shutdown begins. What is cut short stays in the records and is delivered by the
/// next process.
pub(crate) async fn run_deliveries(state: AppState) {
    let outreach = &state.parts.outreach;
    let endpoints = &outreach.endpoints;
    if endpoints.is_empty() && outreach.channels.is_empty() {
        return;
    }
    let scope = state.parts.authenticator.worker();
    let tell = endpoints.iter().map(|endpoint| tell(&state, &scope, endpoint));
    tokio::join!(join_all(tell), prune(&state, &scope));
}

async fn tell(state: &AppState, scope: &Scope, endpoint: &Endpoint) {
    let contacts = Mutex::new(());
    loop {
        let due = tokio::select! {
            () = state.stopping.cancelled() => return,
            due = state.parts.records.due_deliveries(scope, &endpoint.name, N_AT_ONCE) => due,
        };
        let pause = match due {
            Ok(due) if !due.is_empty() => {
                let mut attempts = Vec::with_capacity(due.len());
                for delivery in due {
                    attempts.push(attempt(state, scope, (endpoint, &contacts), delivery));
                }
                tokio::select! {
                    () = state.ending.cancelled() => return,
                    _ = join_all(attempts) => continue,
                }
            }
            Ok(_) => LOOK_EVERY,
            Err(error) => {
                tracing::error!(endpoint = endpoint.name, %error, "deliveries cannot be read");
                RETRY
            }
        };
        tokio::select! {
            () = state.stopping.cancelled() => return,
            () = state.deliveries.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn attempt(
    state: &AppState,
    scope: &Scope,
    (endpoint, contacts): (&Endpoint, &Mutex<()>),
    delivery: Delivery,
) {
    let delivery = &delivery;
    let outcome = match Told::load(state, scope, delivery).await {
        Ok(Some(told)) => match endpoint.kind {
            EndpointKind::Channel => {
                channel::deliver(state, scope, endpoint, (delivery, told)).await
            }
            EndpointKind::Generic => generic::deliver(state, endpoint, (delivery, told)).await,
            EndpointKind::Chatwoot { account_id, inbox_id } => {
                let place = chatwoot::Place { account_id, inbox_id, contacts };
                chatwoot::deliver(state, scope, (endpoint, place), (delivery, told)).await
            }
        },
        // Erased since: there is nothing to tell, and nobody to hold up.
        Ok(None) => Ok(Sent { status: None }),
        Err(error) => {
            tracing::error!(endpoint = endpoint.name, %error, "an event cannot be read");
            Err(Failure::of("records"))
        }
    };
    let noted = note(state, endpoint, delivery, &outcome);
    if let Err(error) = state.parts.records.note_attempt(scope, &delivery.id, &noted).await {
        // It is told again: better twice than never.
        tracing::error!(endpoint = endpoint.name, %error, "an attempt could not be noted");
        tokio::time::sleep(RETRY).await;
    }
}

fn note(
    state: &AppState,
    endpoint: &Endpoint,
    delivery: &Delivery,
    outcome: &Result<Sent, Failure>,
) -> AttemptOutcome {
    let tried_at_ms = state.parts.clock.now_ms();
    let n_attempts = delivery.n_attempts.saturating_add(1);
    let policy = &state.parts.outreach.policy;
    let (kind, id) = (delivery.event.kind.as_str(), &delivery.id);
    match outcome {
        Ok(Sent { status }) => {
            metrics::count_delivery(&endpoint.name, "delivered");
            tracing::debug!(endpoint = endpoint.name, delivery.id = %id, event = kind, "delivered");
            let (state, next_at_ms) = (DeliveryState::Delivered, tried_at_ms);
            AttemptOutcome { state, next_at_ms, status: *status, fault: None, tried_at_ms }
        }
        Err(failure) => {
            let is_over = n_attempts >= policy.max_attempts;
            metrics::count_delivery(&endpoint.name, if is_over { "dead" } else { "failed" });
            tracing::warn!(
                endpoint = endpoint.name,
                delivery.id = %id,
                event = kind,
                n_attempts,
                is_over,
                fault = failure.fault,
                "an event was not taken"
            );
            let wait = policy.wait(n_attempts, chance());
            let asked = failure.retry_after.unwrap_or_default().min(policy.longest_retry);
            let wait_ms = i64::try_from(wait.max(asked).as_millis()).unwrap_or(i64::MAX);
            AttemptOutcome {
                state: if is_over { DeliveryState::Dead } else { DeliveryState::Pending },
                next_at_ms: tried_at_ms.saturating_add(wait_ms),
                status: failure.status,
                fault: Some(failure.fault.chars().take(50).collect()),
                tried_at_ms,
            }
        }
    }
}

async fn prune(state: &AppState, scope: &Scope) {
    loop {
        let keep_ms = i64::try_from(state.parts.outreach.policy.keep.as_millis());
        let before_ms = state.parts.clock.now_ms().saturating_sub(keep_ms.unwrap_or(i64::MAX));
        let records = &state.parts.records;
        let forget_ms = state.parts.clock.now_ms().saturating_sub(KEEP_MESSAGES_MS);
        if let Err(error) = records.forget_messages(scope, forget_ms).await {
            tracing::warn!(%error, "old messages of channels could not be forgotten");
        }
        if let Err(error) = records.prune_deliveries(scope, before_ms, PRUNE_AT_ONCE).await {
            tracing::warn!(%error, "old deliveries could not be deleted");
        }
        tokio::select! {
            () = state.stopping.cancelled() => return,
            () = tokio::time::sleep(PRUNE_EVERY) => {}
        }
    }
}

/// A number in 0..=1, another each time.
fn chance() -> f64 {
    let bits = RandomState::new().hash_one(0_u8);
    f64::from(u32::try_from(bits >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
