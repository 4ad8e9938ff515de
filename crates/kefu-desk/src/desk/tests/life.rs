//! The state machine under random orders of events.

use kefu_core::{SlaState, SlaTargets};
use proptest::prelude::*;

use super::*;

/// Everything that can happen to a ticket and its conversation.
#[derive(Clone, Debug)]
enum Happens {
    Step(TicketEvent),
    /// The customer writes; what they say may raise the urgency.
    Customer(Option<Priority>),
}

fn agents() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["Lin".to_owned(), "Mei".to_owned(), "Tom".to_owned()])
}

fn happenings() -> impl Strategy<Value = Happens> {
    let note = || prop::option::of(Just("note".to_owned()));
    let to = prop_oneof![
        agents().prop_map(TransferTo::Agent),
        prop::sample::select(vec!["support", "billing"])
            .prop_map(|queue| TransferTo::Queue(queue.to_owned())),
    ];
    let step = prop_oneof![
        agents().prop_map(|agent| TicketEvent::Claim { agent }),
        agents().prop_map(|agent| reply(&agent, "hello")),
        (agents(), to, note()).prop_map(|(agent, to, note)| TicketEvent::Transfer {
            agent,
            to,
            note
        }),
        (agents(), note()).prop_map(|(agent, note)| TicketEvent::Return { agent, note }),
        (agents(), note()).prop_map(|(agent, note)| TicketEvent::Resolve { agent, note }),
        agents().prop_map(|agent| TicketEvent::Reopen { agent }),
        agents().prop_map(|agent| TicketEvent::Assign { agent }),
        (agents(), prop::option::of(agents()))
            .prop_map(|(from, to)| TicketEvent::Release { from, to }),
        Just(TicketEvent::Tick),
    ];
    let urgency = prop::option::of(prop::sample::select(Priority::ALL.to_vec()));
    prop_oneof![4 => step.prop_map(Happens::Step), 1 => urgency.prop_map(Happens::Customer)]
}

/// What one event may do, judged without the machine.
fn check(before: &Ticket, event: &TicketEvent, after: &Ticket, turn: Option<&Turn>) {
    let is_reply = matches!(event, TicketEvent::Reply { .. });
    assert_eq!(turn.is_some(), is_reply, "only a reply speaks, and as a person");
    assert!(turn.is_none_or(|turn| turn.speaker == Speaker::Agent));
    let reopens = matches!(event, TicketEvent::Reopen { .. });
    assert!(before.status != TicketStatus::Resolved || reopens, "a closed ticket rests");
    assert_eq!(before.priority, after.priority, "no step changes the urgency");
    assert_eq!((&before.id, &before.number), (&after.id, &after.number));
    assert!(after.updated_at_ms >= before.updated_at_ms);
    if is_reply {
        assert!(after.waiting_since_ms.is_none() && after.sla.first_responded_ms.is_some());
    }
    if let TicketEvent::Release { from, .. } = event {
        assert_eq!(before.assignee.as_ref(), Some(from));
        assert!(before.waiting_since_ms.is_some());
        assert_ne!(after.assignee.as_ref(), Some(from));
    }
}

fn state_of(ticket: &Ticket, last_end: ConversationState) -> ConversationState {
    match ticket.status {
        TicketStatus::Open => ConversationState::Queued,
        TicketStatus::Claimed => ConversationState::Human,
        TicketStatus::Resolved => last_end,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_order_of_events_keeps_ticket_and_conversation_in_step(
        events in prop::collection::vec((happenings(), 0_i64..30, 1_usize..3), 0..40),
    ) {
        let id = TicketId::generate();
        let mut conversation = conversation(Some(&id));
        let mut ticket = ticket(id, &conversation);
        let mut ended_in = ConversationState::Closed;
        let mut told = Vec::new();
        let mut now = 1;
        // Every event may come twice, as retries do.
        let events = events.into_iter().flat_map(|(event, later, n)| vec![(event, later); n]);
        for (event, later) in events {
            now += later;
            let before = ticket.clone();
            match event {
                Happens::Customer(urgency) => {
                    if ticket.status != TicketStatus::Resolved {
                        ticket = ticket.heard(&conversation, &[said("hello?", now)], urgency.map(Into::into).as_ref());
                        prop_assert!(ticket.waiting_since_ms.is_some());
                        prop_assert!(ticket.priority >= before.priority);
                    }
                }
                Happens::Step(event) => {
                    let targets = SlaTargets {
                        first_response: Some(SlaTarget { warn_ms: now + 50, due_ms: now + 80 }),
                        resolution: Some(SlaTarget { warn_ms: now + 120, due_ms: now + 150 }),
                    };
                    let stamp = Stamp { at_ms: now, turn_id: TurnId::generate(), targets };
                    match step(&ticket, &conversation, &event, stamp) {
                        Ok(Some(transition)) => {
                            prop_assert_eq!(&transition.before, &before);
                            check(&before, &event, &transition.after, transition.turn.as_ref());
                            if transition.after.status == TicketStatus::Resolved {
                                ended_in = transition.conversation_state;
                                let returned = matches!(event, TicketEvent::Return { .. });
                                prop_assert_eq!(ended_in == ConversationState::Bot, returned);
                            }
                            if matches!(event, TicketEvent::Tick) {
                                told.push(before.sla.alarm_at_ms.unwrap());
                            }
                            conversation.state = transition.conversation_state;
                            ticket = transition.after;
                            conversation.ticket_id = (ticket.status != TicketStatus::Resolved)
                                .then(|| ticket.id.clone());
                        }
                        Ok(None) => {}
                        Err(error) => prop_assert_eq!(error.kind(), ErrorKind::Conflict),
                    }
                }
            }
            prop_assert_eq!(conversation.state, state_of(&ticket, ended_in));
            prop_assert_eq!(conversation.state.is_kefus(), ticket.status == TicketStatus::Resolved);
            if ticket.status != TicketStatus::Resolved {
                prop_assert_eq!(ticket.assignee.is_some(), ticket.status == TicketStatus::Claimed);
            }
            let alarm = ticket.sla.alarm_at_ms;
            if ticket.status == TicketStatus::Resolved {
                prop_assert_eq!(alarm, None);
                prop_assert_ne!(ticket.sla.state(now), SlaState::Warning, "its clocks stand still");
            } else {
                // No mark ahead of a running clock is forgotten.
                let next = ticket.sla.next_mark(now.max(ticket.updated_at_ms));
                prop_assert!(next.is_none() || alarm.is_some_and(|at| Some(at) <= next));
            }
        }
        let mut once = told.clone();
        once.dedup();
        prop_assert_eq!(told, once, "no mark is told of twice");
    }
}
