//! A desk with ten thousand open tickets.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kefu_core::ports::{
    ConversationRecords, PageRequest, SystemClock, TicketFilter, TicketRecords, TicketTransition,
};
use kefu_core::{ConversationState, EscalationReason, Language, Priority, Ticket, TicketStatus};
use kefu_records::SqliteRecords;
use kefu_testkit::conformance::records::{conversation, exchange, ticket};
use kefu_testkit::scopes::agent;

use crate::Folder;

const N_TICKETS: usize = 10_000;
const BOUND: Duration = Duration::from_millis(50);

/// The first ticket is written by the records, the others are its copies with other urgencies,
/// queues, languages and times.
const COPIES: &str = "
    CREATE TEMP TABLE n AS
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
        SELECT i, printf('0198c0de000070008%015x', i) AS id FROM n;
    INSERT INTO conversations
        (tenant, id, customer_id, channel, language, state, ticket_id, n_failures, created_at_ms)
        SELECT tenant, 'cnv_' || n.id, 'customer ' || n.i, channel, language, 'queued',
            'tkt_' || n.id, 0, 1000 + n.i
        FROM conversations, n;
    INSERT INTO tickets
        (tenant, id, number, conversation_id, customer_id, channel, reason, queue, urgency, status,
        language, subject, problem, waiting_since_ms, first_warn_ms, first_due_ms, alarm_at_ms,
        created_at_ms, updated_at_ms)
        SELECT tenant, 'tkt_' || n.id, number + n.i, 'cnv_' || n.id, 'customer ' || n.i, channel,
            iif(n.i % 7 = 0, 'abuse', reason), 'queue ' || (n.i % 5), n.i % 4, 'open',
            iif(n.i % 3 = 0, 'en', 'zh'), subject, problem, waiting_since_ms, first_warn_ms,
            first_due_ms, alarm_at_ms, 1000 + n.i % 997, updated_at_ms
        FROM tickets, n;
";

async fn desk(folder: &Folder) -> SqliteRecords {
    let path = folder.new_path();
    let records = SqliteRecords::open(&path, Arc::new(SystemClock)).unwrap();
    let begun = conversation(1_000);
    let mut opening = exchange(&begun);
    opening.ticket = Some(ticket(&begun, Priority::Normal));
    records.commit_exchange(&agent("acme"), &opening).await.unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch(COPIES).unwrap();
    records
}

#[tokio::test]
async fn ten_thousand_open_tickets_are_listed_at_once() {
    let folder = Folder::new();
    let records = desk(&folder).await;
    let scope = agent("acme");
    let open = TicketFilter { status: Some(TicketStatus::Open), ..TicketFilter::default() };
    let cases = [
        ("any", TicketFilter::default()),
        ("open", open.clone()),
        ("queue", TicketFilter { queue: Some("queue 3".to_owned()), ..open.clone() }),
        ("priority", TicketFilter { priority: Some(Priority::Low), ..open.clone() }),
        ("language", TicketFilter { language: Some(Language::ENGLISH), ..open.clone() }),
        ("reason", TicketFilter { reason: Some(EscalationReason::Abuse), ..open.clone() }),
        ("nobody", TicketFilter { assignee: Some("mei".to_owned()), ..open.clone() }),
        // Nothing fits, so everything has to be looked at.
        ("nothing", TicketFilter { language: Some(Language::UNDETERMINED), ..open.clone() }),
    ];
    for (name, filter) in &cases {
        for limit in [50, 500] {
            let mut best = Duration::MAX;
            for _ in 0..5 {
                let started = Instant::now();
                let page = PageRequest { limit, cursor: None };
                let listed = records.tickets(&scope, filter, &page).await.unwrap().items;
                best = best.min(started.elapsed());
                let is_empty = matches!(*name, "nobody" | "nothing");
                assert_eq!(listed.len(), if is_empty { 0 } else { limit }, "{name}");
            }
            assert!(best <= BOUND, "a page of {limit} by {name} took {best:?}");
            println!("page of {limit} of {N_TICKETS} open tickets by {name}: {best:?}");
        }
    }
}

fn claim(before: &Ticket) -> TicketTransition {
    let mut after = before.clone();
    after.status = TicketStatus::Claimed;
    after.assignee = Some("mei".to_owned());
    TicketTransition {
        before: before.clone(),
        after,
        conversation_state: ConversationState::Human,
        turn: None,
        key: None,
        action: "claim",
        actor: Some("mei".to_owned()),
        note: None,
    }
}

#[tokio::test]
async fn pages_stay_in_step_while_tickets_change() {
    let folder = Folder::new();
    let records = desk(&folder).await;
    let scope = agent("acme");
    let open = TicketFilter { status: Some(TicketStatus::Open), ..TicketFilter::default() };
    let mut page = PageRequest { limit: 500, cursor: None };
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut claimed = Vec::new();
    loop {
        let got = records.tickets(&scope, &open, &page).await.unwrap();
        for ticket in &got.items {
            *seen.entry(ticket.id.to_string()).or_default() += 1;
        }
        // The page's first and the last ticket of all are taken, and a new urgent one comes.
        if let Some(first) = got.items.first() {
            records.transition(&scope, &claim(first)).await.unwrap();
        }
        let rest = PageRequest { limit: 1, cursor: got.next_cursor.clone() };
        if got.next_cursor.is_some()
            && let Some(next) = records.tickets(&scope, &open, &rest).await.unwrap().items.first()
        {
            records.transition(&scope, &claim(next)).await.unwrap();
            claimed.push(next.id.to_string());
        }
        let begun = conversation(1_000);
        let mut opening = exchange(&begun);
        opening.ticket = Some(ticket(&begun, Priority::Urgent));
        records.commit_exchange(&scope, &opening).await.unwrap();
        page.cursor = got.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    assert!(seen.values().all(|n_times| *n_times == 1), "none twice");
    assert!(claimed.iter().all(|id| !seen.contains_key(id)), "what was taken before is not open");
    assert!(seen.len() >= N_TICKETS - claimed.len(), "none is missing");
}
