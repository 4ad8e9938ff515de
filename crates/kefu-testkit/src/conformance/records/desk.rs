use std::sync::{Arc, Mutex};

use kefu_core::ErrorKind::{Conflict, Forbidden};
use kefu_core::ports::{
    Change, Link, NUMBER_HERE, NamedStep, Raised, StepKey, TicketTransition, Watcher,
};
use kefu_core::{
    Agent, ConversationState, Customer, Language, OpenHandOver, Presence, Priority, Speaker,
    TenantId, TicketNumber, TicketStatus,
};

use super::fixtures::{conversation, escalate, exchange, refused, ticket, turn};
use super::{Fresh, Subject};
use crate::scopes::{agent, customer, operator};

/// What the desk needs beside the life of one ticket.
pub async fn desk(fresh: Fresh<'_>) {
    numbers_are_given_in_order_and_written_into_the_text(fresh()).await;
    a_customers_words_reach_the_open_ticket(fresh()).await;
    danger_moves_a_ticket_that_nobody_has(fresh()).await;
    clocks_ring_in_order(fresh()).await;
    a_keyed_turn_is_written_once_and_history_is_kept(fresh()).await;
    agents_are_kept_with_their_load(fresh()).await;
    a_customer_is_forgotten(fresh()).await;
    commits_are_told_in_order(fresh()).await;
}

async fn numbers_are_given_in_order_and_written_into_the_text(Subject { records, .. }: Subject) {
    let scope = customer("acme");
    for n in 0..3 {
        let begun = conversation(1_000);
        let mut opening = exchange(&begun);
        let text = format!("ticket {NUMBER_HERE}");
        opening.turns[0].text = format!("I say {NUMBER_HERE}");
        opening.turns[1].text.clone_from(&text);
        opening.answer.as_mut().unwrap().answer = text;
        opening.ticket = Some(ticket(&begun, Priority::Normal));
        let number = records.commit_exchange(&scope, &opening).await.unwrap().number.unwrap();
        assert_eq!(number, TicketNumber(TicketNumber::FIRST.0 + n));
        let turns = records.turns(&scope, &begun.id, 9).await.unwrap();
        assert_eq!(turns[0].text, format!("I say {NUMBER_HERE}"), "a customer's words are kept");
        assert_eq!(turns[1].text, format!("ticket {number}"));
        let answer_id = &opening.answer.as_ref().unwrap().id;
        let kept = records.answer(&scope, answer_id).await.unwrap();
        assert_eq!(kept.answer, format!("ticket {number}"));
        let id = opening.ticket.unwrap().id;
        let opened = records.ticket(&agent("acme"), &id).await.unwrap();
        assert_eq!(opened.number, number);
        let may_know = records.open_hand_over(&scope, &begun.id).await.unwrap();
        assert_eq!(may_know, Some(OpenHandOver::from(&opened)));
    }
    let elsewhere = escalate(&*records, &agent("globex"), &conversation(1), Priority::Low).await;
    assert_eq!(elsewhere.number, TicketNumber::FIRST);
    let plain = exchange(&conversation(1_000));
    assert_eq!(records.commit_exchange(&scope, &plain).await.unwrap().number, None);
    assert_eq!(records.open_hand_over(&scope, &plain.conversation.id).await.unwrap(), None);
}

async fn a_customers_words_reach_the_open_ticket(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    let begun = conversation(1_000);
    let opened = escalate(&*records, &scope, &begun, Priority::Normal).await;
    let mut answered = opened.clone();
    answered.status = TicketStatus::Claimed;
    answered.assignee = Some("mei".to_owned());
    answered.waiting_since_ms = None;
    answered.updated_at_ms += 10;
    records.transition(&scope, &step(&opened, &answered, "reply")).await.unwrap();

    let mut more = exchange(&begun);
    more.conversation.ticket_id = Some(opened.id.clone());
    more.conversation.customer.attributes.insert("plan".to_owned(), "yearly".to_owned());
    more.answer = None;
    more.turns = vec![turn(Speaker::Customer, "my card was stolen", 5_000)];
    more.urgency = Some(Raised { priority: Priority::Urgent, queue: Some("safety".to_owned()) });
    records.commit_exchange(&customer("acme"), &more).await.unwrap();
    let waits = records.ticket(&scope, &opened.id).await.unwrap();
    assert_eq!(waits.waiting_since_ms, Some(5_000));
    assert_eq!((waits.priority, waits.updated_at_ms), (Priority::Urgent, 5_000));
    assert_eq!(waits.customer, more.conversation.customer, "what is learnt later reaches it too");
    assert_eq!((waits.status, waits.assignee), (TicketStatus::Claimed, Some("mei".to_owned())));

    more.turns = vec![turn(Speaker::Customer, "hello?", 6_000)];
    more.urgency = Some(Priority::Low.into());
    records.commit_exchange(&customer("acme"), &more).await.unwrap();
    let still = records.ticket(&scope, &opened.id).await.unwrap();
    assert_eq!((still.waiting_since_ms, still.priority), (Some(5_000), Priority::Urgent));
    let state = records.conversation(&scope, &begun.id).await.unwrap().state;
    assert_eq!(state, ConversationState::Human, "the desk decides who answers");

    let mut done = still.clone();
    done.status = TicketStatus::Resolved;
    records.transition(&scope, &step(&still, &done, "resolve")).await.unwrap();
    more.turns = vec![turn(Speaker::Customer, "does anybody hear me?", 7_000)];
    refused(records.commit_exchange(&customer("acme"), &more).await, Conflict);
}

async fn danger_moves_a_ticket_that_nobody_has(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    let begun = conversation(1_000);
    let opened = escalate(&*records, &scope, &begun, Priority::Normal).await;
    let mut more = exchange(&begun);
    more.conversation.ticket_id = Some(opened.id.clone());
    more.answer = None;
    more.turns = vec![turn(Speaker::Customer, "I cannot go on", 5_000)];
    for queue in ["safety", "safety"] {
        let (priority, queue) = (Priority::Urgent, Some(queue.to_owned()));
        more.urgency = Some(Raised { priority, queue });
        more.turns[0].id = kefu_core::TurnId::generate();
        records.commit_exchange(&customer("acme"), &more).await.unwrap();
    }
    let moved = records.ticket(&scope, &opened.id).await.unwrap();
    assert_eq!((moved.queue.as_str(), moved.priority), ("safety", Priority::Urgent));
    assert_eq!(moved.status, TicketStatus::Open);
    let steps = records.steps(&scope, &opened.id).await.unwrap();
    let told: Vec<_> = steps.iter().map(|s| (s.action.as_str(), s.note.as_deref())).collect();
    assert_eq!(told, [("open", None), ("transfer", Some(kefu_core::Ticket::MOVED))]);
    let open = records.open_hand_over(&customer("acme"), &begun.id).await.unwrap().unwrap();
    assert_eq!(open.priority, Priority::Urgent);
}

fn step(
    before: &kefu_core::Ticket,
    after: &kefu_core::Ticket,
    word: &'static str,
) -> TicketTransition {
    TicketTransition {
        before: before.clone(),
        after: after.clone(),
        conversation_state: match after.status {
            TicketStatus::Open => ConversationState::Queued,
            TicketStatus::Claimed => ConversationState::Human,
            TicketStatus::Resolved => ConversationState::Closed,
        },
        turn: None,
        key: None,
        action: word,
        actor: after.assignee.clone(),
        note: None,
    }
}

async fn clocks_ring_in_order(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    let mut opened = Vec::new();
    for alarm_at_ms in [300, 100, 200] {
        let before = escalate(&*records, &scope, &conversation(1), Priority::Low).await;
        let mut after = before.clone();
        after.sla.alarm_at_ms = Some(alarm_at_ms);
        records.transition(&scope, &step(&before, &after, "tick")).await.unwrap();
        opened.push(after);
    }
    let rung = |tickets: Vec<kefu_core::Ticket>| {
        tickets.iter().map(|t| t.sla.alarm_at_ms.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(records.alarms(&scope, 99, 9).await.unwrap(), []);
    assert_eq!(rung(records.alarms(&scope, 200, 9).await.unwrap()), [100, 200]);
    assert_eq!(rung(records.alarms(&scope, 900, 2).await.unwrap()), [100, 200]);
    let mut done = opened[1].clone();
    done.status = TicketStatus::Resolved;
    records.transition(&scope, &step(&opened[1], &done, "resolve")).await.unwrap();
    assert_eq!(rung(records.alarms(&scope, 900, 9).await.unwrap()), [200, 300]);
    refused(records.alarms(&customer("acme"), 900, 9).await, Forbidden);
}

async fn a_keyed_turn_is_written_once_and_history_is_kept(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    let begun = conversation(1_000);
    let opened = escalate(&*records, &scope, &begun, Priority::Low).await;
    let mut after = opened.clone();
    after.status = TicketStatus::Claimed;
    after.assignee = Some("mei".to_owned());
    after.updated_at_ms = 2_000;
    let mut reply = step(&opened, &after, "reply");
    reply.turn = Some(turn(Speaker::Agent, "hello", 2_000));
    let (name, fingerprint) = ("r1".to_owned(), "f1".to_owned());
    reply.key = Some(StepKey { name, fingerprint: fingerprint.clone() });
    reply.note = Some("first".to_owned());
    assert_eq!(records.step_of_key(&scope, &begun.id, "r1").await.unwrap(), None);
    records.transition(&scope, &reply).await.unwrap();
    let done = records.step_of_key(&scope, &begun.id, "r1").await.unwrap();
    let expected = NamedStep { action: "reply".to_owned(), fingerprint: Some(fingerprint) };
    assert_eq!(done, Some(expected));
    refused(records.step_of_key(&customer("acme"), &begun.id, "r1").await, Forbidden);
    let again = TicketTransition { before: after.clone(), ..reply.clone() };
    let again = TicketTransition { turn: Some(turn(Speaker::Agent, "hello", 2_100)), ..again };
    refused(records.transition(&scope, &again).await, Conflict);
    assert_eq!(records.ticket(&scope, &opened.id).await.unwrap(), after);
    let steps = records.steps(&scope, &opened.id).await.unwrap();
    let told: Vec<_> =
        steps.iter().map(|s| (s.action.as_str(), s.actor.as_deref(), s.note.as_deref())).collect();
    assert_eq!(told, [("open", None, None), ("reply", Some("mei"), Some("first"))]);
    refused(records.steps(&customer("acme"), &opened.id).await, Forbidden);
}

async fn agents_are_kept_with_their_load(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    let mei = Agent {
        name: "mei".to_owned(),
        presence: Presence::Online,
        queues: vec!["support".to_owned(), "退款".to_owned()],
        languages: vec![Language::CHINESE, Language::ENGLISH],
        skills: vec!["refunds".to_owned()],
        capacity: 3,
        since_ms: 5,
        seen_at_ms: 9,
        n_open: 0,
    };
    let lin = Agent { name: "lin".to_owned(), presence: Presence::Away, ..mei.clone() };
    for one in [&mei, &lin] {
        records.put_agent(&scope, one).await.unwrap();
    }
    let opened = escalate(&*records, &scope, &conversation(1), Priority::Low).await;
    let mut claimed = opened.clone();
    claimed.status = TicketStatus::Claimed;
    claimed.assignee = Some("mei".to_owned());
    records.transition(&scope, &step(&opened, &claimed, "claim")).await.unwrap();
    let busy = Agent { n_open: 1, ..mei.clone() };
    assert_eq!(records.agents(&customer("acme")).await.unwrap(), [lin.clone(), busy]);
    let later = Agent { presence: Presence::Offline, seen_at_ms: 20, queues: Vec::new(), ..mei };
    records.put_agent(&scope, &later).await.unwrap();
    let mut done = claimed.clone();
    done.status = TicketStatus::Resolved;
    records.transition(&scope, &step(&claimed, &done, "resolve")).await.unwrap();
    assert_eq!(records.agents(&scope).await.unwrap(), [lin, later.clone()]);
    assert_eq!(records.agents(&agent("globex")).await.unwrap(), []);
    refused(records.put_agent(&customer("acme"), &later).await, Forbidden);
}

async fn a_customer_is_forgotten(Subject { records, .. }: Subject) {
    let scope = operator("acme");
    let begun = conversation(1_000);
    let opened = escalate(&*records, &scope, &begun, Priority::Low).await;
    let mut other = conversation(1_000);
    other.customer.id = Some("customer-8".to_owned());
    let kept = escalate(&*records, &scope, &other, Priority::Low).await;
    refused(records.erase_customer(&agent("acme"), "customer-7").await, Forbidden);
    let (place, key) = ("chat".to_owned(), "their name there".to_owned());
    let link = Link { place, key, conversation_id: begun.id.clone(), at_ms: 1_000 };
    records.set_link(&scope, &link).await.unwrap();
    let erased = records.erase_customer(&scope, "customer-7").await.unwrap();
    assert_eq!(records.link(&scope, &link.place, &link.key).await.unwrap(), None);
    assert_eq!((erased.n_conversations, erased.n_turns), (1, 2));
    assert_eq!((erased.n_answers, erased.n_tickets), (1, 1));
    assert_eq!(records.turns(&scope, &begun.id, 9).await.unwrap(), []);
    let closed = records.conversation(&scope, &begun.id).await.unwrap();
    assert_eq!(closed.state, ConversationState::Closed);
    assert_eq!((closed.customer, closed.ticket_id), (Customer::default(), None));
    let ended = records.ticket(&scope, &opened.id).await.unwrap();
    assert_eq!(ended.status, TicketStatus::Resolved);
    assert_eq!((ended.subject.as_str(), ended.customer), ("", Customer::default()));
    assert_eq!((ended.sla.alarm_at_ms, ended.waiting_since_ms), (None, None));
    assert_eq!(records.ticket(&scope, &kept.id).await.unwrap(), kept);
    assert_eq!(records.turns(&scope, &other.id, 9).await.unwrap().len(), 2);
    let none = records.erase_customer(&scope, "customer-7").await.unwrap();
    assert_eq!(none.n_conversations, 0);
}

#[derive(Default)]
struct Notes(Mutex<Vec<(TenantId, Change)>>);

impl Watcher for Notes {
    fn changed(&self, tenant: &TenantId, changes: &[Change]) {
        let told = changes.iter().map(|change| (tenant.clone(), change.clone()));
        self.0.lock().unwrap().extend(told);
    }
}

async fn commits_are_told_in_order(Subject { records, .. }: Subject) {
    let notes = Arc::new(Notes::default());
    records.watch(notes.clone());
    let scope = agent("acme");
    let begun = conversation(1_000);
    let opened = escalate(&*records, &scope, &begun, Priority::Low).await;
    let mut claimed = opened.clone();
    claimed.status = TicketStatus::Claimed;
    claimed.assignee = Some("mei".to_owned());
    claimed.updated_at_ms = 2_000;
    let mut reply = step(&opened, &claimed, "reply");
    reply.turn = Some(turn(Speaker::Agent, "hello", 2_000));
    records.transition(&scope, &reply).await.unwrap();
    refused(records.transition(&scope, &reply).await, Conflict);
    let told = std::mem::take(&mut *notes.0.lock().unwrap());
    assert!(told.iter().all(|(tenant, _)| tenant == scope.tenant()));
    let told: Vec<Change> = told.into_iter().map(|(_, change)| change).collect();
    let [first, ticket, second, after] = told.try_into().unwrap();
    let of_conversation = |change: Change| match change {
        Change::Conversation { id, state, hand_over, turns } => (id, state, hand_over, turns.len()),
        other => panic!("{other:?}"),
    };
    let queued = ConversationState::Queued;
    let waiting = Some(OpenHandOver::from(&opened));
    assert_eq!(of_conversation(first), (begun.id.clone(), queued, waiting, 2));
    assert_eq!(ticket, Change::Ticket(Box::new(opened)));
    let with_mei = Some(OpenHandOver::from(&claimed));
    assert_eq!(of_conversation(second), (begun.id, ConversationState::Human, with_mei, 1));
    assert_eq!(after, Change::Ticket(Box::new(claimed)));
}
