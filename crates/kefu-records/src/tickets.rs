//! Tickets.

use async_trait::async_trait;
use kefu_core::ports::{Page, PageRequest, TicketFilter, TicketRecords, TicketTransition};
use kefu_core::{
    ConversationId, DeskEvent, RecordsError, Role, Scope, Ticket, TicketId, TicketStatus,
};
use rusqlite::{Row, params};

use crate::access::{check_limit, require};
use crate::blob::{int, language};
use crate::conversations::add_turn;
use crate::fault::{Fault, conflict, damaged, invalid, not_found};
use crate::session::Session;
use crate::words::{Word, priority, urgency};
use crate::{SqliteRecords, cursor, outbox};

const WORKING: &str = "work tickets";
const LISTING: &str = "tickets";

#[async_trait]
impl TicketRecords for SqliteRecords {
    async fn ticket(&self, scope: &Scope, id: &TicketId) -> Result<Ticket, RecordsError> {
        require(scope, Role::Agent, WORKING)?;
        let id = id.clone();
        self.read(scope, move |s| read(s, &id)?.ok_or_else(|| not_found("ticket", &id))).await
    }

    async fn tickets(
        &self,
        scope: &Scope,
        filter: &TicketFilter,
        page: &PageRequest,
    ) -> Result<Page<Ticket>, RecordsError> {
        require(scope, Role::Agent, WORKING)?;
        let (filter, page) = (filter.clone(), page.clone());
        self.read(scope, move |s| list(s, &filter, &page)).await
    }

    async fn transition(&self, scope: &Scope, step: &TicketTransition) -> Result<(), RecordsError> {
        require(scope, Role::Agent, WORKING)?;
        let step = step.clone();
        self.write(scope, move |s| take(s, &step)).await
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, conversation_id, reason, queue, urgency, status, language, subject,
                assignee, created_at_ms, updated_at_ms FROM tickets WHERE tenant = ?1 AND ",
            $rest
        )
    };
}

const AFTER_ANY: &str = select!(
    "(?2 IS NULL OR queue = ?2) AND (urgency, created_at_ms, id) > (?3, ?4, ?5)
    ORDER BY urgency, created_at_ms, id LIMIT ?6"
);
const AFTER_IN_STATUS: &str = select!(
    "status = ?7 AND (?2 IS NULL OR queue = ?2) AND (urgency, created_at_ms, id) > (?3, ?4, ?5)
    ORDER BY urgency, created_at_ms, id LIMIT ?6"
);

/// The ticket of a conversation that is not resolved; there is at most one.
pub(crate) fn open(s: &Session<'_>, id: &ConversationId) -> Result<Option<TicketId>, Fault> {
    s.one(
        "SELECT id FROM tickets
        WHERE tenant = ?1 AND conversation_id = ?2 AND status <> 'resolved'",
        params![s.tenant(), id.as_str()],
        |row| ticket_id(row.get_ref(0)?.as_str()?),
    )
}

pub(crate) fn insert(s: &Session<'_>, ticket: &Ticket) -> Result<(), Fault> {
    s.run(
        "INSERT INTO tickets
            (tenant, id, conversation_id, reason, queue, urgency, status, language, subject,
            assignee, created_at_ms, updated_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            s.tenant(),
            ticket.id.as_str(),
            ticket.conversation_id.as_str(),
            ticket.reason.word(),
            ticket.queue,
            urgency(ticket.priority),
            ticket.status.word(),
            ticket.language.code(),
            ticket.subject,
            ticket.assignee,
            ticket.created_at_ms,
            ticket.updated_at_ms
        ],
    )?;
    log_step(s, ticket, None)
}

pub(crate) fn ticket_id(text: &str) -> Result<TicketId, Fault> {
    TicketId::parse(text).map_err(|_| damaged("a ticket id"))
}

pub(crate) fn read(s: &Session<'_>, id: &TicketId) -> Result<Option<Ticket>, Fault> {
    s.one(select!("id = ?2"), params![s.tenant(), id.as_str()], ticket)
}

fn list(s: &Session<'_>, filter: &TicketFilter, page: &PageRequest) -> Result<Page<Ticket>, Fault> {
    check_limit(page)?;
    let (urgency, created_at_ms, id) = match &page.cursor {
        Some(cursor) => place(&cursor::read(LISTING, cursor)?)?,
        None => (-1, 0, String::new()),
    };
    let one_more = int(page.limit + 1);
    let (tenant, queue) = (s.tenant(), &filter.queue);
    let mut items = match filter.status.map(Word::word) {
        Some(status) => {
            let params = params![tenant, queue, urgency, created_at_ms, id, one_more, status];
            s.all(AFTER_IN_STATUS, params, ticket)?
        }
        None => {
            let params = params![tenant, queue, urgency, created_at_ms, id, one_more];
            s.all(AFTER_ANY, params, ticket)?
        }
    };
    let more = items.len() > page.limit;
    items.truncate(page.limit);
    let last = items.last().filter(|_| more);
    Ok(Page { next_cursor: last.map(cursor_after), items })
}

fn cursor_after(ticket: &Ticket) -> String {
    let place = format!("{} {} {}", urgency(ticket.priority), ticket.created_at_ms, ticket.id);
    cursor::write(LISTING, &place)
}

/// The sort key of the ticket that [`cursor_after`] was given.
fn place(text: &str) -> Result<(i64, i64, String), Fault> {
    let parts: Vec<&str> = text.split(' ').collect();
    let read = || match parts[..] {
        [urgency, created, id] => Some((urgency.parse().ok()?, created.parse().ok()?, id.into())),
        _ => None,
    };
    read().ok_or_else(|| cursor::not_ours(LISTING))
}

fn take(s: &Session<'_>, step: &TicketTransition) -> Result<(), Fault> {
    let TicketTransition { before, after, .. } = step;
    if before.id != after.id || before.conversation_id != after.conversation_id {
        return Err(invalid("a step keeps the ticket's id and conversation"));
    }
    let now = read(s, &before.id)?.ok_or_else(|| not_found("ticket", &before.id))?;
    if &now != before {
        return Err(conflict(format!("ticket {} has changed; read it again", before.id)));
    }
    let open_after = (after.status != TicketStatus::Resolved).then_some(&after.id);
    if open_after.is_some()
        && let Some(other) = open(s, &after.conversation_id)?.filter(|other| other != &after.id)
    {
        return Err(conflict(format!("the conversation has open ticket {other}")));
    }
    update(s, after)?;
    log_step(s, after, step.note.as_deref())?;
    s.run(
        "UPDATE conversations SET state = ?3, ticket_id = ?4 WHERE tenant = ?1 AND id = ?2",
        params![
            s.tenant(),
            after.conversation_id.as_str(),
            step.conversation_state.word(),
            open_after.map(TicketId::as_str)
        ],
    )?;
    step.turn.iter().try_for_each(|turn| add_turn(s, &after.conversation_id, turn))?;
    outbox::keep(s, &DeskEvent::of_transition(step))
}

fn update(s: &Session<'_>, ticket: &Ticket) -> Result<(), Fault> {
    s.run(
        "UPDATE tickets SET reason = ?3, queue = ?4, urgency = ?5, status = ?6, language = ?7,
            subject = ?8, assignee = ?9, created_at_ms = ?10, updated_at_ms = ?11
        WHERE tenant = ?1 AND id = ?2",
        params![
            s.tenant(),
            ticket.id.as_str(),
            ticket.reason.word(),
            ticket.queue,
            urgency(ticket.priority),
            ticket.status.word(),
            ticket.language.code(),
            ticket.subject,
            ticket.assignee,
            ticket.created_at_ms,
            ticket.updated_at_ms
        ],
    )?;
    Ok(())
}

fn log_step(s: &Session<'_>, ticket: &Ticket, note: Option<&str>) -> Result<(), Fault> {
    s.run(
        "INSERT INTO ticket_steps (tenant, ticket_id, status, assignee, note, at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            s.tenant(),
            ticket.id.as_str(),
            ticket.status.word(),
            ticket.assignee,
            note,
            ticket.updated_at_ms
        ],
    )?;
    Ok(())
}

fn ticket(row: &Row<'_>) -> Result<Ticket, Fault> {
    let conversation_id = ConversationId::parse(row.get_ref(1)?.as_str()?);
    Ok(Ticket {
        id: ticket_id(row.get_ref(0)?.as_str()?)?,
        conversation_id: conversation_id.map_err(|_| damaged("a conversation id"))?,
        reason: Word::read(row.get_ref(2)?.as_str()?)?,
        queue: row.get(3)?,
        priority: priority(row.get(4)?)?,
        status: Word::read(row.get_ref(5)?.as_str()?)?,
        language: language(row.get_ref(6)?.as_str()?)?,
        subject: row.get(7)?,
        assignee: row.get(8)?,
        created_at_ms: row.get(9)?,
        updated_at_ms: row.get(10)?,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use std::sync::Arc;

    use kefu_core::ports::{ConversationRecords as _, SystemClock};
    use kefu_core::{ConversationState, Priority};
    use kefu_testkit::conformance::records as fixtures;
    use kefu_testkit::scopes::{agent, customer};

    use super::*;

    #[tokio::test]
    async fn every_step_is_kept_with_its_note() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("records.db");
        let records = SqliteRecords::open(&path, Arc::new(SystemClock)).unwrap();
        let begun = fixtures::conversation(1_000);
        let before = fixtures::ticket(&begun, Priority::High);
        let mut opening = fixtures::exchange(&begun);
        opening.ticket = Some(before.clone());
        records.commit_exchange(&customer("acme"), &opening).await.unwrap();
        let mut after = before.clone();
        after.status = TicketStatus::Resolved;
        let step = TicketTransition {
            before,
            after,
            conversation_state: ConversationState::Closed,
            turn: None,
            note: Some("refunded".to_owned()),
        };
        records.transition(&agent("acme"), &step).await.unwrap();
        let raw = rusqlite::Connection::open(&path).unwrap();
        let steps: String = raw
            .query_row(
                "SELECT group_concat(status || ':' || coalesce(note, ''), ' ') FROM ticket_steps",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(steps, "open: resolved:refunded");
    }

    #[test]
    fn lists_follow_an_index_and_sort_nothing() {
        let dir = tempfile::TempDir::new().unwrap();
        let connection = crate::schema::open_writer(&dir.path().join("records.db")).unwrap();
        for (query, index, n_params) in
            [(AFTER_ANY, "tickets_listed (", 6), (AFTER_IN_STATUS, "tickets_listed_by_status (", 7)]
        {
            let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
            let values = rusqlite::params_from_iter((0..n_params).map(|_| 1));
            let plan = explain.query_map(values, |row| row.get::<_, String>(3)).unwrap();
            let plan = plan.map(Result::unwrap).collect::<Vec<_>>().join("; ");
            assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
