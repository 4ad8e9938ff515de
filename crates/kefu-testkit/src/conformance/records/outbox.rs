use kefu_core::ErrorKind::{Conflict, Forbidden, Invalid, NotFound};
use kefu_core::ports::{
    AttemptOutcome, Delivery, DeliveryFilter, DeliveryState, Link, PageRequest, Raised, Records,
    Subscription, TicketTransition,
};
use kefu_core::{
    ConversationState, DeliveryId, DeskEvent, EventKind, Priority, Scope, Speaker, TicketStatus,
};

use super::fixtures::{conversation, escalate, exchange, refused, turn};
use super::{Fresh, Subject};
use crate::scopes::{agent, customer, editor};

/// Events are kept with what they tell of, in order, for those who want them.
pub async fn outbox(fresh: Fresh<'_>) {
    what_is_written_is_told(fresh()).await;
    tickets_that_are_given_or_moved_at_once_are_told(fresh()).await;
    refused_writes_tell_nothing(fresh()).await;
    conversations_keep_their_order(fresh()).await;
    dead_deliveries_are_requeued(fresh()).await;
    channels_hear_of_their_own_conversations(fresh()).await;
    lists_and_pruning(fresh()).await;
    roles_and_tenants_are_kept_apart(fresh()).await;
}

fn to(endpoint: &str, kinds: &[EventKind]) -> Subscription {
    Subscription { endpoint: endpoint.to_owned(), kinds: kinds.to_vec(), channel: None }
}

async fn due(records: &dyn Records, endpoint: &str) -> Vec<Delivery> {
    records.due_deliveries(&editor("acme"), endpoint, 100).await.unwrap()
}

async fn all(records: &dyn Records, scope: &Scope, filter: &DeliveryFilter) -> Vec<Delivery> {
    let page = PageRequest { limit: 500, cursor: None };
    records.deliveries(scope, filter, &page).await.unwrap().items
}

fn outcome(state: DeliveryState, next_at_ms: i64, tried_at_ms: i64) -> AttemptOutcome {
    let fault = (state != DeliveryState::Delivered).then(|| "timeout".to_owned());
    AttemptOutcome { state, next_at_ms, status: Some(500), fault, tried_at_ms }
}

async fn what_is_written_is_told(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    // Nobody wants to know yet.
    records.commit_exchange(&scope, &exchange(&conversation(500))).await.unwrap();
    records.subscribe(vec![
        to("everything", &EventKind::ALL),
        to("openings", &[EventKind::TicketOpened, EventKind::TicketResolved]),
    ]);
    let begun = conversation(1_000);
    let opened = escalate(&*records, &scope, &begun, Priority::High).await;
    let mut after = opened.clone();
    after.status = TicketStatus::Claimed;
    after.assignee = Some("mei".to_owned());
    after.updated_at_ms += 10;
    let replied = TicketTransition {
        before: opened.clone(),
        after: after.clone(),
        conversation_state: ConversationState::Human,
        turn: Some(turn(Speaker::Agent, "您好", 2_000)),
        key: None,
        action: "reply",
        actor: None,
        note: None,
    };
    records.transition(&scope, &replied).await.unwrap();
    let mut done = after.clone();
    done.status = TicketStatus::Resolved;
    let resolved = TicketTransition {
        before: after.clone(),
        after: done,
        conversation_state: ConversationState::Closed,
        turn: None,
        key: None,
        action: "resolve",
        actor: None,
        note: Some("refunded".to_owned()),
    };
    records.transition(&scope, &resolved).await.unwrap();

    let filter = |endpoint: &str| DeliveryFilter { endpoint: Some(endpoint.into()), state: None };
    let kinds = |deliveries: &[Delivery]| {
        deliveries.iter().rev().map(|d| d.event.kind).collect::<Vec<EventKind>>()
    };
    let told = all(&*records, &editor("acme"), &filter("everything")).await;
    assert_eq!(
        kinds(&told),
        [
            EventKind::ConversationMessage,
            EventKind::ConversationMessage,
            EventKind::TicketOpened,
            EventKind::TicketClaimed,
            EventKind::ConversationMessage,
            EventKind::TicketReplied,
            EventKind::TicketResolved,
        ]
    );
    assert!(told.iter().all(|d| d.event.conversation_id == begun.id && d.n_attempts == 0));
    let claimed = told.iter().find(|d| d.event.kind == EventKind::TicketClaimed).unwrap();
    let mark = claimed.event.ticket.as_ref().unwrap();
    assert_eq!((mark.status, mark.assignee.as_deref()), (TicketStatus::Claimed, Some("mei")));
    assert_eq!(claimed.event.at_ms, after.updated_at_ms);
    let said = told.iter().find(|d| d.event.kind == EventKind::TicketReplied).unwrap();
    assert_eq!(said.event.turn_id.as_ref(), replied.turn.as_ref().map(|turn| &turn.id));
    let some = all(&*records, &editor("acme"), &filter("openings")).await;
    assert_eq!(kinds(&some), [EventKind::TicketOpened, EventKind::TicketResolved]);
    // Both endpoints are told of the same events.
    assert!(some.iter().all(|d| told.iter().any(|t| t.event == d.event)));

    let breached = DeskEvent::of_ticket(EventKind::TicketBreached, &opened, 9_000);
    records.publish_event(&scope, &breached).await.unwrap();
    records.publish_event(&scope, &breached).await.unwrap();
    let told = all(&*records, &editor("acme"), &filter("everything")).await;
    assert_eq!(told.iter().filter(|d| d.event == breached).count(), 1);
}

async fn tickets_that_are_given_or_moved_at_once_are_told(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    let kinds = [EventKind::TicketOpened, EventKind::TicketClaimed, EventKind::TicketTransferred];
    records.subscribe(vec![to("all", &kinds)]);
    let begun = conversation(1_000);
    let mut given = exchange(&begun);
    let ticket = super::fixtures::ticket(&begun, Priority::Low);
    let (status, assignee) = (TicketStatus::Claimed, Some("mei".to_owned()));
    given.ticket = Some(kefu_core::Ticket { status, assignee, ..ticket });
    records.commit_exchange(&scope, &given).await.unwrap();
    let waiting = conversation(2_000);
    escalate(&*records, &scope, &waiting, Priority::Low).await;
    let mut danger = exchange(&waiting);
    danger.answer = None;
    danger.turns.truncate(1);
    danger.turns[0].id = kefu_core::TurnId::generate();
    let (priority, queue) = (Priority::Urgent, Some("safety".to_owned()));
    danger.urgency = Some(Raised { priority, queue });
    records.commit_exchange(&scope, &danger).await.unwrap();
    let told = all(&*records, &editor("acme"), &DeliveryFilter::default()).await;
    let told: Vec<_> = told
        .iter()
        .rev()
        .map(|d| (d.event.kind.as_str(), d.event.ticket.as_ref().unwrap().queue != "safety"))
        .collect();
    assert_eq!(
        told,
        [
            ("ticket.opened", true),
            ("ticket.claimed", true),
            ("ticket.opened", true),
            ("ticket.transferred", false),
        ]
    );
}

async fn refused_writes_tell_nothing(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    records.subscribe(vec![to("all", &EventKind::ALL)]);
    let begun = conversation(1_000);
    let opened = escalate(&*records, &scope, &begun, Priority::High).await;
    let n_told = all(&*records, &editor("acme"), &DeliveryFilter::default()).await.len();
    let mut second = exchange(&begun);
    second.ticket = Some(super::fixtures::ticket(&begun, Priority::Low));
    refused(records.commit_exchange(&scope, &second).await, Conflict);
    let mut stale = opened.clone();
    stale.queue = "elsewhere".to_owned();
    let step = TicketTransition {
        before: stale.clone(),
        after: stale,
        conversation_state: ConversationState::Human,
        turn: None,
        key: None,
        action: "claim",
        actor: None,
        note: None,
    };
    refused(records.transition(&scope, &step).await, Conflict);
    let told = all(&*records, &editor("acme"), &DeliveryFilter::default()).await;
    assert_eq!(told.len(), n_told);
}

async fn conversations_keep_their_order(Subject { records, clock }: Subject) {
    let (scope, worker) = (agent("acme"), editor("acme"));
    records.subscribe(vec![to("all", &[EventKind::ConversationMessage])]);
    let (a, b) = (conversation(1_000), conversation(1_000));
    for begun in [&a, &b] {
        records.commit_exchange(&scope, &exchange(begun)).await.unwrap();
    }
    let first = due(&*records, "all").await;
    let of = |d: &Delivery| d.event.conversation_id.clone();
    assert_eq!(first.iter().map(of).collect::<Vec<_>>(), [a.id.clone(), b.id.clone()]);
    assert_eq!(records.due_deliveries(&worker, "all", 1).await.unwrap(), first[..1]);
    assert_eq!(due(&*records, "nobody").await, []);

    // The first of A fails and waits: nothing of A goes before it, and B goes on.
    let later_ms = first[0].next_at_ms + 60_000;
    let failed = outcome(DeliveryState::Pending, later_ms, first[0].next_at_ms);
    records.note_attempt(&worker, &first[0].id, &failed).await.unwrap();
    let taken = outcome(DeliveryState::Delivered, 0, first[0].next_at_ms);
    records.note_attempt(&worker, &first[1].id, &taken).await.unwrap();
    let next = due(&*records, "all").await;
    assert_eq!((next.len(), of(&next[0])), (1, b.id.clone()));
    records.note_attempt(&worker, &next[0].id, &taken).await.unwrap();
    assert_eq!(due(&*records, "all").await, []);
    clock.advance_ms(61_000);
    let again = due(&*records, "all").await;
    assert_eq!(again.len(), 1);
    assert_eq!((&again[0].id, again[0].n_attempts), (&first[0].id, 1));
    assert_eq!(again[0].fault.as_deref(), Some("timeout"));
    assert_eq!((again[0].status, &again[0].event), (Some(500), &first[0].event));
}

async fn dead_deliveries_are_requeued(Subject { records, .. }: Subject) {
    let (scope, worker) = (agent("acme"), editor("acme"));
    records.subscribe(vec![to("all", &[EventKind::ConversationMessage])]);
    records.commit_exchange(&scope, &exchange(&conversation(1_000))).await.unwrap();
    let first = due(&*records, "all").await.remove(0);
    refused(records.requeue_delivery(&worker, &first.id).await, Conflict);
    let dead = outcome(DeliveryState::Dead, 0, first.next_at_ms);
    records.note_attempt(&worker, &first.id, &dead).await.unwrap();
    // What was given up holds nothing up.
    let second = due(&*records, "all").await.remove(0);
    assert_ne!(second.id, first.id);
    let requeued = records.requeue_delivery(&worker, &first.id).await.unwrap();
    assert_eq!((requeued.state, requeued.n_attempts), (DeliveryState::Pending, 0));
    assert_eq!(due(&*records, "all").await[0].id, first.id);
    refused(records.requeue_delivery(&worker, &DeliveryId::generate()).await, NotFound);
    refused(records.note_attempt(&worker, &DeliveryId::generate(), &dead).await, NotFound);
    let long = AttemptOutcome { fault: Some("x".repeat(201)), ..dead };
    refused(records.note_attempt(&worker, &first.id, &long).await, Invalid);
}

async fn channels_hear_of_their_own_conversations(Subject { records, .. }: Subject) {
    let scope = agent("acme");
    let of = |channel: &str| Subscription {
        channel: Some(channel.to_owned()),
        ..to(&format!("channel:{channel}"), &[EventKind::ConversationMessage])
    };
    records.subscribe(vec![of("shop"), of("forum"), to("all", &[EventKind::ConversationMessage])]);
    let mut begun = conversation(1_000);
    begun.channel = "shop".to_owned();
    let followed = conversation(2_000);
    let link = Link {
        place: "channel:forum".to_owned(),
        key: "c-1".to_owned(),
        conversation_id: followed.id.clone(),
        at_ms: 2_000,
    };
    records.set_link(&scope, &link).await.unwrap();
    let elsewhere = conversation(3_000);
    for one in [&begun, &followed, &elsewhere] {
        records.commit_exchange(&scope, &exchange(one)).await.unwrap();
    }
    let told = all(&*records, &editor("acme"), &DeliveryFilter::default()).await;
    for (endpoint, expected) in [
        ("channel:shop", vec![&begun.id]),
        ("channel:forum", vec![&followed.id]),
        ("all", vec![&begun.id, &followed.id, &elsewhere.id]),
    ] {
        let mut ids: Vec<_> = told.iter().rev().filter(|d| d.endpoint == endpoint).collect();
        ids.dedup_by_key(|d| &d.event.conversation_id);
        let ids: Vec<_> = ids.iter().map(|d| &d.event.conversation_id).collect();
        assert_eq!(ids, expected, "{endpoint}");
    }
}

async fn lists_and_pruning(Subject { records, .. }: Subject) {
    let (scope, worker) = (agent("acme"), editor("acme"));
    records.subscribe(vec![to("all", &[EventKind::ConversationMessage])]);
    for at_ms in [1_000, 2_000, 3_000] {
        records.commit_exchange(&scope, &exchange(&conversation(at_ms))).await.unwrap();
    }
    let everything = all(&*records, &worker, &DeliveryFilter::default()).await;
    assert_eq!(everything.len(), 6);
    let mut page = PageRequest { limit: 4, cursor: None };
    let first = records.deliveries(&worker, &DeliveryFilter::default(), &page).await.unwrap();
    page.cursor = first.next_cursor;
    let rest = records.deliveries(&worker, &DeliveryFilter::default(), &page).await.unwrap();
    assert_eq!(rest.next_cursor, None);
    assert_eq!([first.items, rest.items].concat(), everything);
    let bad = PageRequest { limit: 4, cursor: Some("nonsense".to_owned()) };
    refused(records.deliveries(&worker, &DeliveryFilter::default(), &bad).await, Invalid);

    for (n, delivery) in everything.iter().enumerate() {
        let at_ms = 10_000 + i64::try_from(n).unwrap();
        let state = if n == 0 { DeliveryState::Dead } else { DeliveryState::Delivered };
        records.note_attempt(&worker, &delivery.id, &outcome(state, 0, at_ms)).await.unwrap();
    }
    assert_eq!(records.prune_deliveries(&worker, 10_000, 100).await.unwrap(), 0);
    assert_eq!(records.prune_deliveries(&worker, 10_003, 1).await.unwrap(), 1);
    assert_eq!(records.prune_deliveries(&worker, i64::MAX, 100).await.unwrap(), 4);
    let dead = DeliveryFilter { endpoint: None, state: Some(DeliveryState::Dead) };
    assert_eq!(all(&*records, &worker, &dead).await.len(), 1);
}

async fn roles_and_tenants_are_kept_apart(Subject { records, .. }: Subject) {
    records.subscribe(vec![to("all", &EventKind::ALL)]);
    let begun = conversation(1_000);
    let ticket = escalate(&*records, &customer("acme"), &begun, Priority::High).await;
    let page = PageRequest { limit: 5, cursor: None };
    let agent = agent("acme");
    refused(records.due_deliveries(&agent, "all", 5).await, Forbidden);
    refused(records.deliveries(&agent, &DeliveryFilter::default(), &page).await, Forbidden);
    let event = DeskEvent::of_ticket(EventKind::TicketWarned, &ticket, 1);
    refused(records.publish_event(&customer("acme"), &event).await, Forbidden);
    let others = editor("globex");
    assert_eq!(records.due_deliveries(&others, "all", 5).await.unwrap(), []);
    assert_eq!(all(&*records, &others, &DeliveryFilter::default()).await, []);
    let own = due(&*records, "all").await.remove(0);
    refused(records.requeue_delivery(&others, &own.id).await, NotFound);
}
