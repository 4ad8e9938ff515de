use kefu_core::ErrorKind::{Conflict, Forbidden, Invalid, NotFound};
use kefu_core::ports::{PageRequest, TicketFilter, TicketTransition};
use kefu_core::{
    ConversationState, EscalationReason, Language, Priority, Speaker, Ticket, TicketId,
    TicketStatus,
};

use super::fixtures::{conversation, escalate, exchange, refused, turn};
use super::{Fresh, Subject};
use crate::scopes::{agent, customer};

/// Tickets.
pub async fn tickets(fresh: Fresh<'_>) {
    a_ticket_lives_through_its_states(fresh()).await;
    one_of_two_claims_wins(fresh()).await;
    tickets_are_listed_by_urgency_and_age(fresh()).await;
    roles_are_enforced(fresh()).await;
}

fn claim(before: &Ticket, who: &str) -> TicketTransition {
    let mut after = before.clone();
    after.status = TicketStatus::Claimed;
    after.assignee = Some(who.to_owned());
    after.updated_at_ms += 10;
    TicketTransition {
        before: before.clone(),
        after,
        conversation_state: ConversationState::Human,
        turn: Some(turn(Speaker::Agent, "how can I help?", before.updated_at_ms + 10)),
        key: None,
        action: "claim",
        actor: Some(who.to_owned()),
        note: Some("took it".to_owned()),
    }
}

fn with_status(
    before: &Ticket,
    status: TicketStatus,
    state: ConversationState,
) -> TicketTransition {
    let after = Ticket { status, updated_at_ms: before.updated_at_ms + 10, ..before.clone() };
    TicketTransition {
        before: before.clone(),
        after,
        conversation_state: state,
        turn: None,
        key: None,
        action: "resolve",
        actor: None,
        note: None,
    }
}

async fn a_ticket_lives_through_its_states(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    let begun = conversation(1_000);
    let opened = escalate(&*records, &scope, &begun, Priority::High).await;
    assert_eq!(records.ticket(&scope, &opened.id).await.unwrap(), opened);

    let step = claim(&opened, "mei");
    records.transition(&scope, &step).await.unwrap();
    assert_eq!(records.ticket(&scope, &opened.id).await.unwrap(), step.after);
    let state = records.conversation(&scope, &begun.id).await.unwrap().state;
    assert_eq!(state, ConversationState::Human);
    let turns = records.turns(&scope, &begun.id, 1).await.unwrap();
    assert_eq!(turns.first(), step.turn.as_ref());

    let done = with_status(&step.after, TicketStatus::Resolved, ConversationState::Closed);
    records.transition(&scope, &done).await.unwrap();
    let closed = records.conversation(&scope, &begun.id).await.unwrap();
    assert_eq!((closed.state, closed.ticket_id), (ConversationState::Closed, None));

    records.commit_exchange(&scope, &exchange(&begun)).await.unwrap();
    let resumed = records.conversation(&scope, &begun.id).await.unwrap();
    assert_eq!(resumed.state, ConversationState::Bot);

    let other = escalate(&*records, &scope, &begun, Priority::Low).await;
    let reopen = with_status(&done.after, TicketStatus::Open, ConversationState::Queued);
    refused(records.transition(&scope, &reopen).await, Conflict);
    let closing = with_status(&other, TicketStatus::Resolved, ConversationState::Closed);
    records.transition(&scope, &closing).await.unwrap();
    records.transition(&scope, &reopen).await.unwrap();
    let again = records.conversation(&scope, &begun.id).await.unwrap();
    assert_eq!((again.state, again.ticket_id), (ConversationState::Queued, Some(opened.id)));
}

async fn one_of_two_claims_wins(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    for _ in 0..20 {
        let begun = conversation(1_000);
        let opened = escalate(&*records, &scope, &begun, Priority::High).await;
        let (a, b) = (claim(&opened, "mei"), claim(&opened, "tom"));
        let (first, second) =
            tokio::join!(records.transition(&scope, &a), records.transition(&scope, &b));
        assert_ne!(first.is_ok(), second.is_ok());
        let winner = if first.is_ok() { &a } else { &b };
        refused(first.and(second), Conflict);
        assert_eq!(records.ticket(&scope, &opened.id).await.unwrap(), winner.after);
        let last = records.turns(&scope, &begun.id, 1).await.unwrap();
        assert_eq!(last.first(), winner.turn.as_ref());
    }
}

async fn tickets_are_listed_by_urgency_and_age(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    let mut made = Vec::new();
    for n in 0..12_i64 {
        let priority = Priority::ALL[usize::try_from(n % 4).unwrap()];
        made.push(escalate(&*records, &scope, &conversation(5_000 - n / 2), priority).await);
    }
    let mut sorted = made.clone();
    sorted.sort_by_key(|t| (std::cmp::Reverse(t.priority), t.created_at_ms, t.id.clone()));
    let mut page = PageRequest { limit: 5, cursor: None };
    let mut listed = Vec::new();
    loop {
        let got = records.tickets(&scope, &TicketFilter::default(), &page).await.unwrap();
        assert!(got.items.len() <= 5);
        listed.extend(got.items);
        page.cursor = got.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(listed, sorted);

    records.transition(&scope, &claim(&sorted[0], "mei")).await.unwrap();
    let all = PageRequest { limit: 500, cursor: None };
    let open = TicketFilter { status: Some(TicketStatus::Open), ..TicketFilter::default() };
    assert_eq!(records.tickets(&scope, &open, &all).await.unwrap().items, sorted[1..]);
    let queue =
        |name: &str| TicketFilter { queue: Some(name.to_owned()), ..TicketFilter::default() };
    let items = records.tickets(&scope, &queue("complaints"), &all).await.unwrap().items;
    assert_eq!(items.len(), 12);
    assert_eq!(records.tickets(&scope, &queue("billing"), &all).await.unwrap().items, []);
    let listed =
        async |filter: TicketFilter| records.tickets(&scope, &filter, &all).await.unwrap().items;
    let any = TicketFilter::default();
    let mine = listed(TicketFilter { assignee: Some("mei".to_owned()), ..any.clone() }).await;
    assert_eq!(mine.iter().map(|t| &t.id).collect::<Vec<_>>(), [&sorted[0].id]);
    let high = listed(TicketFilter { priority: Some(Priority::High), ..any.clone() }).await;
    assert!(high.len() == 3 && high.iter().all(|t| t.priority == Priority::High));
    let english = TicketFilter { language: Some(Language::ENGLISH), ..any.clone() };
    assert_eq!(listed(english).await, []);
    let abuse = TicketFilter { reason: Some(EscalationReason::Abuse), ..any.clone() };
    assert_eq!(listed(abuse).await, []);
    let narrow = TicketFilter {
        status: Some(TicketStatus::Open),
        queue: Some("complaints".to_owned()),
        assignee: None,
        priority: Some(Priority::Low),
        language: Some(Language::CHINESE),
        reason: Some(EscalationReason::Complaint),
    };
    assert_eq!(listed(narrow).await.len(), 3);
    for cursor in ["", "nonsense", "tickets:x", "退货"] {
        let bad = PageRequest { limit: 5, cursor: Some(cursor.to_owned()) };
        let got = records.tickets(&scope, &TicketFilter::default(), &bad).await;
        refused(got, Invalid);
    }
}

async fn roles_are_enforced(Subject { records, .. }: Subject) {
    let scope = customer("acme");
    let opened = escalate(&*records, &scope, &conversation(1_000), Priority::High).await;
    let all = PageRequest { limit: 500, cursor: None };
    refused(records.ticket(&scope, &opened.id).await, Forbidden);
    refused(records.tickets(&scope, &TicketFilter::default(), &all).await, Forbidden);
    refused(records.transition(&scope, &claim(&opened, "mei")).await, Forbidden);
    let agent = agent("acme");
    refused(records.ticket(&agent, &TicketId::generate()).await, NotFound);
    let mut step = claim(&opened, "mei");
    step.after.id = TicketId::generate();
    refused(records.transition(&agent, &step).await, Invalid);
}
