//! Tickets.

mod list;
mod row;
mod take;

use async_trait::async_trait;
use kefu_core::ports::{
    NamedStep, Page, PageRequest, TicketFilter, TicketRecords, TicketTransition,
};
use kefu_core::{ConversationId, RecordsError, Role, Scope, Ticket, TicketId, TicketStep};
use rusqlite::{Row, params};

use crate::SqliteRecords;
use crate::access::require;
use crate::blob::int;
use crate::fault::{Fault, not_found};
use crate::session::Session;
use crate::words::Word;
pub(crate) use row::{insert, next_number, of_conversation, open, read, rewrite, ticket_id};
pub(crate) use take::{Logged, log_step};

const WORKING: &str = "work tickets";
const MAX_STEPS: usize = 500;

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
        self.read(scope, move |s| list::list(s, &filter, &page)).await
    }

    async fn alarms(
        &self,
        scope: &Scope,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<Ticket>, RecordsError> {
        require(scope, Role::Agent, WORKING)?;
        self.read(scope, move |s| row::alarms(s, now_ms, limit)).await
    }

    async fn steps(&self, scope: &Scope, id: &TicketId) -> Result<Vec<TicketStep>, RecordsError> {
        require(scope, Role::Agent, WORKING)?;
        let id = id.clone();
        self.read(scope, move |s| steps(s, &id)).await
    }

    async fn step_of_key(
        &self,
        scope: &Scope,
        id: &ConversationId,
        name: &str,
    ) -> Result<Option<NamedStep>, RecordsError> {
        require(scope, Role::Agent, WORKING)?;
        let (id, name) = (id.clone(), name.to_owned());
        self.read(scope, move |s| take::step_of_key(s, &id, &name)).await
    }

    async fn transition(&self, scope: &Scope, step: &TicketTransition) -> Result<(), RecordsError> {
        require(scope, Role::Agent, WORKING)?;
        let step = step.clone();
        self.write_watched(scope, move |s| Ok(((), take::take(s, &step)?))).await
    }
}

fn steps(s: &Session<'_>, id: &TicketId) -> Result<Vec<TicketStep>, Fault> {
    let mut steps = s.all(
        "SELECT action, actor, status, assignee, note, at_ms FROM ticket_steps
        WHERE tenant = ?1 AND ticket_id = ?2 ORDER BY seq DESC LIMIT ?3",
        params![s.tenant(), id.as_str(), int(MAX_STEPS)],
        step,
    )?;
    steps.reverse();
    Ok(steps)
}

fn step(row: &Row<'_>) -> Result<TicketStep, Fault> {
    Ok(TicketStep {
        action: row.get(0)?,
        actor: row.get(1)?,
        status: Word::read(row.get_ref(2)?.as_str()?)?,
        assignee: row.get(3)?,
        note: row.get(4)?,
        at_ms: row.get(5)?,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use std::sync::Arc;

    use kefu_core::ports::{ConversationRecords as _, SystemClock};
    use kefu_core::{ConversationState, Priority, TicketStatus};
    use kefu_testkit::conformance::records as fixtures;
    use kefu_testkit::scopes::{agent, customer};

    use super::*;

    #[tokio::test]
    async fn every_step_is_kept_with_its_note() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("records.db");
        let records = SqliteRecords::open(&path, Arc::new(SystemClock)).unwrap();
        let begun = fixtures::conversation(1_000);
        let mut before = fixtures::ticket(&begun, Priority::High);
        let mut opening = fixtures::exchange(&begun);
        opening.ticket = Some(before.clone());
        let committed = records.commit_exchange(&customer("acme"), &opening).await.unwrap();
        before.number = committed.number.unwrap();
        let mut after = before.clone();
        after.status = TicketStatus::Resolved;
        let step = TicketTransition {
            before,
            after,
            conversation_state: ConversationState::Closed,
            turn: None,
            key: None,
            action: "resolve",
            actor: Some("mei".to_owned()),
            note: Some("refunded".to_owned()),
        };
        records.transition(&agent("acme"), &step).await.unwrap();
        let raw = rusqlite::Connection::open(&path).unwrap();
        let steps: String = raw
            .query_row(
                "SELECT group_concat(action || ':' || status || ':' || coalesce(note, ''), ' ') FROM ticket_steps",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(steps, "open:open: resolve:resolved:refunded");
    }
}
