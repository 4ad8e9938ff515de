use async_trait::async_trait;
use kefu_core::ports::{
    AttemptOutcome, Delivery, DeliveryFilter, DeliveryState, OutboxRecords, Page, PageRequest,
    Subscription,
};
use kefu_core::{ConversationId, DeliveryId, DeskEvent, RecordsError, Role, Scope};

use super::{MemoryRecords, Tenant, conflict, invalid, not_found, place, require};

const TELLING: &str = "tell other programs";

/// One tenant's deliveries, in the order in which they were kept.
#[derive(Default)]
pub(super) struct Outbox(Vec<Delivery>);

impl Tenant {
    /// Keeps events for the endpoints that want them.
    pub(super) fn keep(&mut self, known: &[Subscription], events: Vec<DeskEvent>, now_ms: i64) {
        for event in events {
            for subscription in known.iter().filter(|known| known.kinds.contains(&event.kind)) {
                let endpoint = subscription.endpoint.clone();
                let of = &event.conversation_id;
                let concerns = subscription.channel.as_ref().is_none_or(|channel| {
                    self.desk.conversations.get(of).is_some_and(|c| &c.channel == channel)
                        || self.links.leads(&endpoint, of)
                });
                let told = &mut self.outbox.0;
                if !concerns
                    || told.iter().any(|d| d.endpoint == endpoint && d.event.id == event.id)
                {
                    continue;
                }
                told.push(Delivery {
                    id: DeliveryId::generate(),
                    endpoint,
                    event: event.clone(),
                    state: DeliveryState::Pending,
                    n_attempts: 0,
                    next_at_ms: now_ms,
                    status: None,
                    fault: None,
                    tried_at_ms: None,
                });
            }
        }
    }
}

impl Outbox {
    fn due(&self, endpoint: &str, now_ms: i64, limit: usize) -> Vec<Delivery> {
        let mut seen: Vec<&ConversationId> = Vec::new();
        let pending =
            self.0.iter().filter(|d| d.endpoint == endpoint && d.state == DeliveryState::Pending);
        let mut due = Vec::new();
        for delivery in pending {
            let conversation = &delivery.event.conversation_id;
            let is_first = !seen.contains(&conversation);
            seen.push(conversation);
            if is_first && delivery.next_at_ms <= now_ms && due.len() < limit {
                due.push(delivery.clone());
            }
        }
        due
    }

    fn find(&mut self, id: &DeliveryId) -> Result<&mut Delivery, RecordsError> {
        self.0.iter_mut().find(|d| &d.id == id).ok_or_else(|| not_found("delivery", id))
    }
}

#[async_trait]
impl OutboxRecords for MemoryRecords {
    fn subscribe(&self, subscriptions: Vec<Subscription>) {
        *self.subscriptions.lock().unwrap() = subscriptions;
    }

    async fn publish_event(&self, scope: &Scope, event: &DeskEvent) -> Result<(), RecordsError> {
        require(scope, Role::Agent, TELLING)?;
        let known = self.subscriptions.lock().unwrap().clone();
        self.write(scope, |tenant, now_ms| {
            tenant.keep(&known, vec![event.clone()], now_ms);
            Ok(())
        })
    }

    async fn due_deliveries(
        &self,
        scope: &Scope,
        endpoint: &str,
        limit: usize,
    ) -> Result<Vec<Delivery>, RecordsError> {
        require(scope, Role::Editor, TELLING)?;
        let now_ms = self.clock.now_ms();
        Ok(self.read(scope, |tenant| tenant.outbox.due(endpoint, now_ms, limit)))
    }

    async fn note_attempt(
        &self,
        scope: &Scope,
        id: &DeliveryId,
        outcome: &AttemptOutcome,
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, TELLING)?;
        if outcome.fault.as_ref().is_some_and(|fault| fault.len() > 200) {
            return Err(invalid("fault must be at most 200 bytes"));
        }
        self.write(scope, |tenant, _| {
            let delivery = tenant.outbox.find(id)?;
            delivery.state = outcome.state;
            delivery.n_attempts += 1;
            delivery.next_at_ms = outcome.next_at_ms;
            delivery.status = outcome.status;
            delivery.fault.clone_from(&outcome.fault);
            delivery.tried_at_ms = Some(outcome.tried_at_ms);
            Ok(())
        })
    }

    async fn deliveries(
        &self,
        scope: &Scope,
        filter: &DeliveryFilter,
        page: &PageRequest,
    ) -> Result<Page<Delivery>, RecordsError> {
        require(scope, Role::Editor, TELLING)?;
        let before = place(page, "deliveries")?;
        self.read(scope, |tenant| {
            let all = &tenant.outbox.0;
            let end = match before {
                Some(id) => all
                    .iter()
                    .position(|d| d.id.as_str() == id)
                    .ok_or_else(|| invalid("cursor is not of this list"))?,
                None => all.len(),
            };
            let mut items: Vec<Delivery> = all[..end]
                .iter()
                .rev()
                .filter(|d| filter.endpoint.as_ref().is_none_or(|name| &d.endpoint == name))
                .filter(|d| filter.state.is_none_or(|state| d.state == state))
                .cloned()
                .collect();
            let more = items.len() > page.limit;
            items.truncate(page.limit);
            let last = items.last().filter(|_| more);
            Ok(Page { next_cursor: last.map(|d| format!("deliveries:{}", d.id)), items })
        })
    }

    async fn requeue_delivery(
        &self,
        scope: &Scope,
        id: &DeliveryId,
    ) -> Result<Delivery, RecordsError> {
        require(scope, Role::Editor, TELLING)?;
        self.write(scope, |tenant, now_ms| {
            let delivery = tenant.outbox.find(id)?;
            if delivery.state != DeliveryState::Dead {
                return Err(conflict(format!("delivery {id} is not dead")));
            }
            delivery.state = DeliveryState::Pending;
            delivery.n_attempts = 0;
            delivery.next_at_ms = now_ms;
            Ok(delivery.clone())
        })
    }

    async fn prune_deliveries(
        &self,
        scope: &Scope,
        before_ms: i64,
        limit: usize,
    ) -> Result<usize, RecordsError> {
        require(scope, Role::Editor, TELLING)?;
        self.write(scope, |tenant, _| {
            let n_before = tenant.outbox.0.len();
            let mut n_left = limit;
            tenant.outbox.0.retain(|d| {
                let is_old = d.state == DeliveryState::Delivered
                    && d.tried_at_ms.is_some_and(|at| at < before_ms);
                let goes = is_old && n_left > 0;
                n_left -= usize::from(goes);
                !goes
            });
            Ok(n_before - tenant.outbox.0.len())
        })
    }
}
