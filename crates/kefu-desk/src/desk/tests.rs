#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail loudly")]

use std::sync::Arc;

use kefu_core::ports::{ConversationRecords, Exchange};
use kefu_core::{
    ConversationState, ErrorKind, EscalationReason, Language, Priority, Speaker, TicketStatus,
};
use kefu_testkit::fakes::{FakeClock, MemoryRecords};
use kefu_testkit::scopes;
use proptest::prelude::*;

use super::*;

fn conversation(ticket: Option<&TicketId>) -> Conversation {
    Conversation {
        id: ConversationId::generate(),
        customer_id: None,
        channel: "web".to_owned(),
        language: Language::CHINESE,
        state: ConversationState::Queued,
        ticket_id: ticket.cloned(),
        n_failures: 0,
        created_at_ms: 1,
    }
}

fn ticket(id: TicketId, conversation: &Conversation) -> Ticket {
    Ticket {
        id,
        conversation_id: conversation.id.clone(),
        reason: EscalationReason::HumanRequested,
        queue: "support".to_owned(),
        priority: Priority::Normal,
        status: TicketStatus::Open,
        language: Language::CHINESE,
        subject: "转人工".to_owned(),
        assignee: None,
        created_at_ms: 1,
        updated_at_ms: 1,
    }
}

struct Fixture {
    desk: Desk,
    id: TicketId,
    conversation_id: ConversationId,
    scope: Scope,
}

async fn fixture() -> Fixture {
    let clock: Arc<FakeClock> = Arc::new(FakeClock::at(1_000));
    let records = Arc::new(MemoryRecords::new(clock.clone()));
    let id = TicketId::generate();
    let conversation = conversation(Some(&id));
    let conversation_id = conversation.id.clone();
    let ticket = ticket(id.clone(), &conversation);
    let said = Turn {
        id: TurnId::generate(),
        speaker: Speaker::Customer,
        text: "转人工".to_owned(),
        at_ms: 1,
        answer_id: None,
    };
    let exchange = Exchange { conversation, turns: vec![said], answer: None, ticket: Some(ticket) };
    records.commit_exchange(&scopes::customer("shop"), &exchange).await.unwrap();
    let desk = Desk::new(DeskParts { records, clock });
    Fixture { desk, id, conversation_id, scope: scopes::agent("shop") }
}

impl Fixture {
    async fn act(&self, event: TicketEvent) -> Result<TicketView, DeskError> {
        self.desk.act(&self.scope, &self.id, event).await
    }
}

fn claim(agent: &str) -> TicketEvent {
    TicketEvent::Claim { agent: agent.to_owned() }
}

fn reply(agent: &str, text: &str) -> TicketEvent {
    TicketEvent::Reply { agent: agent.to_owned(), text: text.to_owned() }
}

fn resolve(agent: &str) -> TicketEvent {
    TicketEvent::Resolve { agent: agent.to_owned(), note: Some("done".to_owned()) }
}

fn reopen(agent: &str) -> TicketEvent {
    TicketEvent::Reopen { agent: agent.to_owned() }
}

#[tokio::test]
async fn a_ticket_is_claimed_answered_and_resolved() {
    let fixture = fixture().await;
    let state = async || {
        let view = fixture.desk.conversation(&fixture.scope, &fixture.conversation_id).await;
        view.unwrap().conversation.state
    };
    let view = fixture.act(claim("Lin")).await.unwrap();
    assert_eq!(view.ticket.status, TicketStatus::Claimed);
    assert_eq!(view.ticket.assignee.as_deref(), Some("Lin"));
    assert_eq!(state().await, ConversationState::Human);

    let view = fixture.act(reply("Lin", " 您好，我来帮您。 ")).await.unwrap();
    let last = view.transcript.last().unwrap();
    assert_eq!((last.speaker, last.text.as_str()), (Speaker::Agent, "您好，我来帮您。"));
    assert_eq!(view.transcript.len(), 2);

    let view = fixture.act(resolve("Lin")).await.unwrap();
    assert_eq!(view.ticket.status, TicketStatus::Resolved);
    assert_eq!(state().await, ConversationState::Closed);

    let late = fixture.act(reply("Lin", "one more thing")).await.unwrap_err();
    assert!(matches!(late, DeskError::Resolved) && late.kind() == ErrorKind::Conflict);

    let view = fixture.act(reopen("Mei")).await.unwrap();
    assert_eq!((view.ticket.status, view.ticket.assignee), (TicketStatus::Open, None));
    assert_eq!(state().await, ConversationState::Queued);
}

#[tokio::test]
async fn who_comes_second_is_told_who_has_it() {
    let fixture = fixture().await;
    let (first, second) = tokio::join!(fixture.act(claim("Lin")), fixture.act(claim("Mei")));
    let (winner, loser) = if first.is_ok() { (first, second) } else { (second, first) };
    let holder_in_ticket = winner.unwrap().ticket.assignee.unwrap();
    match loser.unwrap_err() {
        DeskError::Taken { holder } => assert_eq!(holder, holder_in_ticket),
        other => panic!("{other}"),
    }
    assert!(fixture.act(claim(&holder_in_ticket)).await.is_ok(), "claiming again is harmless");
}

#[tokio::test]
async fn a_reply_claims_an_open_ticket() {
    let fixture = fixture().await;
    let view = fixture.act(reply("Lin", "hello")).await.unwrap();
    assert_eq!(view.ticket.assignee.as_deref(), Some("Lin"));
    let view = fixture.act(reply("Mei", "me too")).await.unwrap();
    assert_eq!(view.ticket.assignee.as_deref(), Some("Lin"));
}

#[tokio::test]
async fn fields_have_bounds() {
    let fixture = fixture().await;
    let kind = async |event| fixture.act(event).await.unwrap_err().kind();
    assert_eq!(kind(claim(" ")).await, ErrorKind::Invalid);
    assert_eq!(kind(claim("a\u{7}")).await, ErrorKind::Invalid);
    assert_eq!(kind(claim(&"a".repeat(MAX_AGENT_BYTES + 1))).await, ErrorKind::TooLarge);
    assert_eq!(kind(reply("Lin", "\n")).await, ErrorKind::Invalid);
    assert_eq!(kind(reply("Lin", &"a".repeat(MAX_TEXT_BYTES + 1))).await, ErrorKind::TooLarge);
    assert!(fixture.act(reply("Lin", &"a".repeat(MAX_TEXT_BYTES))).await.is_ok());
}

#[tokio::test]
async fn customers_and_other_tenants_stay_out() {
    let fixture = fixture().await;
    let customer = scopes::customer("shop");
    let refused = fixture.desk.act(&customer, &fixture.id, claim("Lin")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Forbidden);
    assert!(fixture.desk.ticket(&customer, &fixture.id).await.is_err());
    let page = PageRequest { limit: 10, cursor: None };
    let listed = fixture.desk.tickets(&customer, &TicketFilter::default(), &page).await;
    assert_eq!(listed.unwrap_err().kind(), ErrorKind::Forbidden);
    let stranger = fixture.desk.ticket(&scopes::agent("other"), &fixture.id).await.unwrap_err();
    assert_eq!(stranger.kind(), ErrorKind::NotFound);
    let listed = fixture.desk.tickets(&fixture.scope, &TicketFilter::default(), &page).await;
    assert_eq!(listed.unwrap().items.len(), 1);
}

#[test]
fn a_ticket_is_not_reopened_beside_another_one() {
    let other = TicketId::generate();
    let conversation = conversation(Some(&other));
    let resolved =
        Ticket { status: TicketStatus::Resolved, ..ticket(TicketId::generate(), &conversation) };
    let stamp = Stamp { at_ms: 2, turn_id: TurnId::generate() };
    let refused = step(&resolved, &conversation, &reopen("Lin"), stamp);
    assert!(matches!(refused, Err(DeskError::OtherTicketOpen)));
}

fn any_event() -> impl Strategy<Value = TicketEvent> {
    (0_usize..4, prop::sample::select(vec!["Lin", "Mei"])).prop_map(|(kind, agent)| match kind {
        0 => claim(agent),
        1 => reply(agent, "hello"),
        2 => resolve(agent),
        _ => reopen(agent),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_order_of_events_keeps_ticket_and_conversation_in_step(
        events in prop::collection::vec(any_event(), 0..20),
    ) {
        let id = TicketId::generate();
        let mut conversation = conversation(Some(&id));
        let mut ticket = ticket(id, &conversation);
        for (at, event) in events.iter().enumerate() {
            let stamp = Stamp { at_ms: at as i64 * 10, turn_id: TurnId::generate() };
            let before = ticket.clone();
            match step(&ticket, &conversation, event, stamp) {
                Ok(Some(transition)) => {
                    let said = matches!(event, TicketEvent::Reply { .. });
                    prop_assert_eq!(transition.turn.is_some(), said);
                    prop_assert_eq!(&transition.before, &before);
                    let reopens = matches!(event, TicketEvent::Reopen { .. });
                    prop_assert!(before.status != TicketStatus::Resolved || reopens);
                    conversation.state = transition.conversation_state;
                    ticket = transition.after;
                }
                Ok(None) => prop_assert_eq!(event, &claim(ticket.assignee.as_deref().unwrap_or(""))),
                Err(error) => prop_assert_eq!(error.kind(), ErrorKind::Conflict),
            }
            let expected = match ticket.status {
                TicketStatus::Open => ConversationState::Queued,
                TicketStatus::Claimed => ConversationState::Human,
                TicketStatus::Resolved => ConversationState::Closed,
            };
            prop_assert_eq!(conversation.state, expected);
            prop_assert_eq!(ticket.assignee.is_some(), ticket.status != TicketStatus::Open);
            prop_assert!(ticket.updated_at_ms >= before.updated_at_ms);
        }
    }
}
