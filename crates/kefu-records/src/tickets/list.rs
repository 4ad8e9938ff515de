//! Listing tickets: every filter that is set becomes a condition, so that SQLite sees which index
//! serves it and never sorts.

use std::fmt::Write as _;

use kefu_core::Ticket;
use kefu_core::ports::{Page, PageRequest, TicketFilter};
use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::row::{COLUMNS, ticket};
use crate::access::check_limit;
use crate::blob::int;
use crate::cursor;
use crate::fault::Fault;
use crate::session::Session;
use crate::words::{Word, urgency};

const LISTING: &str = "tickets";

pub(super) fn list(
    s: &Session<'_>,
    filter: &TicketFilter,
    page: &PageRequest,
) -> Result<Page<Ticket>, Fault> {
    check_limit(page)?;
    let after = match &page.cursor {
        Some(cursor) => place(&cursor::read(LISTING, cursor)?)?,
        None => (-1, 0, String::new()),
    };
    let (query, values) = query(s.tenant(), filter, after, int(page.limit + 1));
    let mut items = s.all(&query, params_from_iter(values), ticket)?;
    let more = items.len() > page.limit;
    items.truncate(page.limit);
    let last = items.last().filter(|_| more);
    Ok(Page { next_cursor: last.map(cursor_after), items })
}

/// Finds the place of a ticket in the order of a list.
type Place = (i64, i64, String);

fn query(
    tenant: &str,
    filter: &TicketFilter,
    (urgency_after, created_at_ms, id): Place,
    limit: i64,
) -> (String, Vec<Value>) {
    let mut values = vec![tenant.to_owned().into()];
    let mut query = format!("SELECT {COLUMNS} FROM tickets WHERE tenant = ?1");
    let text = |value: &Option<String>| value.clone().map(Value::from);
    let conditions: [(&str, Option<Value>); 6] = [
        ("status", filter.status.map(|status| status.word().to_owned().into())),
        ("queue", text(&filter.queue)),
        ("assignee", text(&filter.assignee)),
        ("urgency", filter.priority.map(|priority| urgency(priority).into())),
        ("language", filter.language.map(|language| language.code().to_owned().into())),
        ("reason", filter.reason.map(|reason| reason.word().to_owned().into())),
    ];
    for (column, value) in conditions {
        if let Some(value) = value {
            values.push(value);
            let _ = write!(query, " AND {column} = ?{}", values.len());
        }
    }
    let n = values.len();
    values.extend([urgency_after.into(), created_at_ms.into(), id.into(), limit.into()]);
    let _ = write!(
        query,
        " AND (urgency, created_at_ms, id) > (?{}, ?{}, ?{})
        ORDER BY urgency, created_at_ms, id LIMIT ?{}",
        n + 1,
        n + 2,
        n + 3,
        n + 4
    );
    (query, values)
}

fn cursor_after(ticket: &Ticket) -> String {
    let place = format!("{} {} {}", urgency(ticket.priority), ticket.created_at_ms, ticket.id);
    cursor::write(LISTING, &place)
}

/// The sort key of the ticket that [`cursor_after`] was given.
fn place(text: &str) -> Result<Place, Fault> {
    let parts: Vec<&str> = text.split(' ').collect();
    let read = || match parts[..] {
        [urgency, created, id] => Some((urgency.parse().ok()?, created.parse().ok()?, id.into())),
        _ => None,
    };
    read().ok_or_else(|| cursor::not_ours(LISTING))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use kefu_core::{EscalationReason, Language, Priority, TicketStatus};

    use super::*;

    #[test]
    fn lists_follow_an_index_and_sort_nothing() {
        let dir = tempfile::TempDir::new().unwrap();
        let connection = crate::schema::open_writer(&dir.path().join("records.db")).unwrap();
        let any = TicketFilter::default();
        let open = TicketFilter { status: Some(TicketStatus::Open), ..any.clone() };
        let queue = TicketFilter { queue: Some("support".to_owned()), ..open.clone() };
        let mine = TicketFilter { assignee: Some("mei".to_owned()), ..any.clone() };
        let narrow = TicketFilter {
            priority: Some(Priority::High),
            language: Some(Language::CHINESE),
            reason: Some(EscalationReason::Complaint),
            ..queue.clone()
        };
        for (filter, index) in [
            (any, "tickets_listed ("),
            (open, "tickets_listed_by_status ("),
            (queue, "tickets_listed_by_queue ("),
            (mine, "tickets_listed_by_assignee ("),
            (narrow, "tickets_listed_by_queue ("),
        ] {
            let (query, values) = query("acme", &filter, (-1, 0, String::new()), 50);
            let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
            let plan = explain.query_map(params_from_iter(values), |row| row.get::<_, String>(3));
            let plan = plan.unwrap().map(Result::unwrap).collect::<Vec<_>>().join("; ");
            assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
