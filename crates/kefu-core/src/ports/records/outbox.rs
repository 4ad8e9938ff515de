use async_trait::async_trait;

use super::{Page, PageRequest};
use crate::error::RecordsError;
use crate::event::{DeskEvent, EventKind};
use crate::ids::DeliveryId;
use crate::scope::Scope;

/// An endpoint and what it is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Name of the endpoint, unique.
    pub endpoint: String,
    /// The events it wants.
    pub kinds: Vec<EventKind>,
    /// Only conversations that began on this channel or have a link whose place is called as the
    /// endpoint is; all of them when `None`.
    pub channel: Option<String>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeliveryState {
    /// Waits for its next attempt.
    Pending,
    /// The endpoint has taken it.
    Delivered,
    /// Given up after too many attempts; a person may requeue it.
    Dead,
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Identity; sorts by the order in which events happened.
    pub id: DeliveryId,
    /// To whom.
    pub endpoint: String,
    /// What is told.
    pub event: DeskEvent,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts so far.
    pub n_attempts: u32,
    /// When the next one is due, milliseconds since the epoch, UTC.
    pub next_at_ms: i64,
    /// HTTP status of the last attempt, when there was an answer.
    pub status: Option<u16>,
    /// What went wrong last, in a word or two; never anybody's text.
    pub fault: Option<String>,
    /// When it was last tried.
    pub tried_at_ms: Option<i64>,
}

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptOutcome {
    /// Where the delivery stands now.
    pub state: DeliveryState,
    /// When the next attempt is due.
    pub next_at_ms: i64,
    /// HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// What went wrong, at most 200 bytes; never anybody's text.
    pub fault: Option<String>,
    /// When it was tried.
    pub tried_at_ms: i64,
}

/// Which deliveries to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only to this endpoint.
    pub endpoint: Option<String>,
    /// Only in this state.
    pub state: Option<DeliveryState>,
}

/// Events on their way to other programs. They are written with what they tell of, in the same
/// transaction: what was acknowledged is never lost, and what was not written is never told.
#[async_trait]
pub trait OutboxRecords: Send + Sync {
    /// From now on, what is written is kept for these endpoints; the last call stands. Earlier
    /// deliveries stay as they are.
    fn subscribe(&self, subscriptions: Vec<Subscription>);

    /// Keeps an event that no other write tells of. Agents and above.
    async fn publish_event(&self, scope: &Scope, event: &DeskEvent) -> Result<(), RecordsError>;

    /// What is to be delivered to an endpoint now, oldest first: of each conversation the earliest
    /// pending delivery alone, when it is due, so that none overtakes another. Editors and above,
    /// as all that follows.
    async fn due_deliveries(
        &self,
        scope: &Scope,
        endpoint: &str,
        limit: usize,
    ) -> Result<Vec<Delivery>, RecordsError>;

    /// Notes an attempt. [`RecordsError::NotFound`] when there is no such delivery.
    async fn note_attempt(
        &self,
        scope: &Scope,
        id: &DeliveryId,
        outcome: &AttemptOutcome,
    ) -> Result<(), RecordsError>;

    /// Deliveries, newest first.
    async fn deliveries(
        &self,
        scope: &Scope,
        filter: &DeliveryFilter,
        page: &PageRequest,
    ) -> Result<Page<Delivery>, RecordsError>;

    /// Makes a dead delivery pending again with no attempts counted, due at once; returns it.
    /// [`RecordsError::Conflict`] when it is not dead.
    async fn requeue_delivery(
        &self,
        scope: &Scope,
        id: &DeliveryId,
    ) -> Result<Delivery, RecordsError>;

    /// Deletes at most `limit` deliveries that were taken before `before_ms`; returns how many.
    async fn prune_deliveries(
        &self,
        scope: &Scope,
        before_ms: i64,
        limit: usize,
    ) -> Result<usize, RecordsError>;
}
