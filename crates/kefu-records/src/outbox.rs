//! Events on their way to other programs.

use async_trait::async_trait;
use kefu_core::ports::{
    AttemptOutcome, Delivery, DeliveryFilter, DeliveryState, OutboxRecords, Page, PageRequest,
    Subscription,
};
use kefu_core::{
    ConversationId, DeliveryId, DeskEvent, EventId, EventKind, RecordsError, Role, Scope,
    TicketMark, TurnId,
};
use rusqlite::{Row, params};

use crate::access::{check_limit, require};
use crate::blob::int;
use crate::fault::{Fault, conflict, damaged, invalid, not_found};
use crate::session::Session;
use crate::tickets::ticket_id;
use crate::words::Word;
use crate::{SqliteRecords, cursor};

const TELLING: &str = "tell other programs";
const LISTING: &str = "deliveries";
const MAX_FAULT_BYTES: usize = 200;

#[async_trait]
impl OutboxRecords for SqliteRecords {
    fn subscribe(&self, subscriptions: Vec<Subscription>) {
        self.set_subscriptions(subscriptions);
    }

    async fn publish_event(&self, scope: &Scope, event: &DeskEvent) -> Result<(), RecordsError> {
        require(scope, Role::Agent, TELLING)?;
        let event = event.clone();
        self.write(scope, move |s| keep(s, &[event])).await
    }

    async fn due_deliveries(
        &self,
        scope: &Scope,
        endpoint: &str,
        limit: usize,
    ) -> Result<Vec<Delivery>, RecordsError> {
        require(scope, Role::Editor, TELLING)?;
        let endpoint = endpoint.to_owned();
        self.read(scope, move |s| {
            s.all(DUE, params![s.tenant(), endpoint, s.now_ms, int(limit)], delivery)
        })
        .await
    }

    async fn note_attempt(
        &self,
        scope: &Scope,
        id: &DeliveryId,
        outcome: &AttemptOutcome,
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, TELLING)?;
        let (id, outcome) = (id.clone(), outcome.clone());
        self.write(scope, move |s| note(s, &id, &outcome)).await
    }

    async fn deliveries(
        &self,
        scope: &Scope,
        filter: &DeliveryFilter,
        page: &PageRequest,
    ) -> Result<Page<Delivery>, RecordsError> {
        require(scope, Role::Editor, TELLING)?;
        let (filter, page) = (filter.clone(), page.clone());
        self.read(scope, move |s| list(s, &filter, &page)).await
    }

    async fn requeue_delivery(
        &self,
        scope: &Scope,
        id: &DeliveryId,
    ) -> Result<Delivery, RecordsError> {
        require(scope, Role::Editor, TELLING)?;
        let id = id.clone();
        self.write(scope, move |s| requeue(s, &id)).await
    }

    async fn prune_deliveries(
        &self,
        scope: &Scope,
        before_ms: i64,
        limit: usize,
    ) -> Result<usize, RecordsError> {
        require(scope, Role::Editor, TELLING)?;
        self.write(scope, move |s| {
            s.run(
                "DELETE FROM outbox WHERE seq IN (
                    SELECT seq FROM outbox
                    WHERE tenant = ?1 AND state = 'delivered' AND tried_at_ms < ?2 LIMIT ?3)",
                params![s.tenant(), before_ms, int(limit)],
            )
        })
        .await
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, endpoint, event_id, kind, conversation_id, ticket_id, status, queue,
                assignee, turn_id, at_ms, state, n_attempts, next_at_ms, http_status, fault,
                tried_at_ms FROM outbox AS o WHERE tenant = ?1 AND ",
            $rest
        )
    };
}

/// The earliest pending delivery of each conversation, where it is due.
const DUE: &str = select!(
    "endpoint = ?2 AND state = 'pending' AND next_at_ms <= ?3 AND NOT EXISTS (
        SELECT 1 FROM outbox AS earlier
        WHERE earlier.tenant = o.tenant AND earlier.endpoint = o.endpoint
            AND earlier.conversation_id = o.conversation_id AND earlier.state = 'pending'
            AND earlier.seq < o.seq)
    ORDER BY seq LIMIT ?4"
);

/// Keeps events for the endpoints that want them, in the transaction of what they tell of.
pub(crate) fn keep(s: &Session<'_>, events: &[DeskEvent]) -> Result<(), Fault> {
    for event in events {
        let wanting = s.subscriptions.iter().filter(|known| known.kinds.contains(&event.kind));
        for subscription in wanting {
            if concerns(s, subscription, event)? {
                insert(s, &subscription.endpoint, event)?;
            }
        }
    }
    Ok(())
}

/// Whether an event's conversation is one of those that a subscription is about.
fn concerns(
    s: &Session<'_>,
    subscription: &Subscription,
    event: &DeskEvent,
) -> Result<bool, Fault> {
    let Some(channel) = &subscription.channel else { return Ok(true) };
    let found = s.one(
        "SELECT 1 FROM conversations WHERE tenant = ?1 AND id = ?2 AND channel = ?3
        UNION ALL
        SELECT 1 FROM links WHERE tenant = ?1 AND conversation_id = ?2 AND place = ?4",
        params![s.tenant(), event.conversation_id.as_str(), channel, subscription.endpoint],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

fn insert(s: &Session<'_>, endpoint: &str, event: &DeskEvent) -> Result<(), Fault> {
    let ticket = event.ticket.as_ref();
    s.run(
        "INSERT INTO outbox
            (tenant, id, endpoint, event_id, kind, conversation_id, ticket_id, status, queue,
            assignee, turn_id, at_ms, state, n_attempts, next_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'pending', 0, ?13)
        ON CONFLICT (tenant, endpoint, event_id) DO NOTHING",
        params![
            s.tenant(),
            DeliveryId::generate().as_str(),
            endpoint,
            event.id.as_str(),
            event.kind.as_str(),
            event.conversation_id.as_str(),
            ticket.map(|ticket| ticket.id.as_str()),
            ticket.map(|ticket| ticket.status.word()),
            ticket.map(|ticket| &ticket.queue),
            ticket.and_then(|ticket| ticket.assignee.as_ref()),
            event.turn_id.as_ref().map(TurnId::as_str),
            event.at_ms,
            s.now_ms
        ],
    )?;
    Ok(())
}

fn note(s: &Session<'_>, id: &DeliveryId, outcome: &AttemptOutcome) -> Result<(), Fault> {
    if outcome.fault.as_ref().is_some_and(|fault| fault.len() > MAX_FAULT_BYTES) {
        return Err(invalid(format!("fault must be at most {MAX_FAULT_BYTES} bytes")));
    }
    let n_changed = s.run(
        "UPDATE outbox SET state = ?3, n_attempts = n_attempts + 1, next_at_ms = ?4,
            http_status = ?5, fault = ?6, tried_at_ms = ?7
        WHERE tenant = ?1 AND id = ?2",
        params![
            s.tenant(),
            id.as_str(),
            outcome.state.word(),
            outcome.next_at_ms,
            outcome.status,
            outcome.fault,
            outcome.tried_at_ms
        ],
    )?;
    if n_changed == 0 { Err(not_found("delivery", id)) } else { Ok(()) }
}

fn list(
    s: &Session<'_>,
    filter: &DeliveryFilter,
    page: &PageRequest,
) -> Result<Page<Delivery>, Fault> {
    check_limit(page)?;
    let before = match &page.cursor {
        Some(cursor) => {
            let place = cursor::read(LISTING, cursor)?;
            place.parse::<i64>().map_err(|_| cursor::not_ours(LISTING))?
        }
        None => i64::MAX,
    };
    let state = filter.state.map(Word::word);
    let mut rows = s.all(
        "SELECT id, endpoint, event_id, kind, conversation_id, ticket_id, status, queue, assignee,
            turn_id, at_ms, state, n_attempts, next_at_ms, http_status, fault, tried_at_ms, seq
        FROM outbox WHERE tenant = ?1 AND seq < ?2 AND (?3 IS NULL OR endpoint = ?3)
            AND (?4 IS NULL OR state = ?4)
        ORDER BY seq DESC LIMIT ?5",
        params![s.tenant(), before, filter.endpoint, state, int(page.limit + 1)],
        |row| Ok((row.get::<_, i64>(17)?, delivery(row)?)),
    )?;
    let more = rows.len() > page.limit;
    rows.truncate(page.limit);
    let last = rows.last().filter(|_| more).map(|(seq, _)| *seq);
    let next_cursor = last.map(|seq| cursor::write(LISTING, &seq.to_string()));
    Ok(Page { items: rows.into_iter().map(|(_, item)| item).collect(), next_cursor })
}

fn requeue(s: &Session<'_>, id: &DeliveryId) -> Result<Delivery, Fault> {
    let read = || s.one(select!("id = ?2"), params![s.tenant(), id.as_str()], delivery);
    let before = read()?.ok_or_else(|| not_found("delivery", id))?;
    if before.state != DeliveryState::Dead {
        let state = before.state.word();
        return Err(conflict(format!("delivery {id} is {state}; only dead ones are tried again")));
    }
    s.run(
        "UPDATE outbox SET state = 'pending', n_attempts = 0, next_at_ms = ?3
        WHERE tenant = ?1 AND id = ?2",
        params![s.tenant(), id.as_str(), s.now_ms],
    )?;
    read()?.ok_or_else(|| not_found("delivery", id))
}

fn delivery(row: &Row<'_>) -> Result<Delivery, Fault> {
    let conversation_id = ConversationId::parse(row.get_ref(4)?.as_str()?);
    let turn_id: Option<String> = row.get(9)?;
    let turn_id = turn_id.map(|id| TurnId::parse(&id).map_err(|_| damaged("a turn id")));
    let ticket = match row.get::<_, Option<String>>(5)? {
        Some(id) => Some(TicketMark {
            id: ticket_id(&id)?,
            status: Word::read(row.get_ref(6)?.as_str()?)?,
            queue: row.get(7)?,
            assignee: row.get(8)?,
        }),
        None => None,
    };
    Ok(Delivery {
        id: DeliveryId::parse(row.get_ref(0)?.as_str()?).map_err(|_| damaged("a delivery id"))?,
        endpoint: row.get(1)?,
        event: DeskEvent {
            id: EventId::parse(row.get_ref(2)?.as_str()?).map_err(|_| damaged("an event id"))?,
            kind: EventKind::parse(row.get_ref(3)?.as_str()?)
                .ok_or_else(|| damaged("a kind of event"))?,
            conversation_id: conversation_id.map_err(|_| damaged("a conversation id"))?,
            ticket,
            turn_id: turn_id.transpose()?,
            at_ms: row.get(10)?,
        },
        state: Word::read(row.get_ref(11)?.as_str()?)?,
        n_attempts: row.get(12)?,
        next_at_ms: row.get(13)?,
        status: row.get(14)?,
        fault: row.get(15)?,
        tried_at_ms: row.get(16)?,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_follows_an_index() {
        let dir = tempfile::TempDir::new().unwrap();
        let connection = crate::schema::open_writer(&dir.path().join("records.db")).unwrap();
        let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {DUE}")).unwrap();
        let values = rusqlite::params_from_iter((0..4).map(|_| 1));
        let plan = explain.query_map(values, |row| row.get::<_, String>(3)).unwrap();
        let plan = plan.map(Result::unwrap).collect::<Vec<_>>().join("; ");
        assert!(plan.contains("outbox_pending") && plan.contains("outbox_order"), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}
