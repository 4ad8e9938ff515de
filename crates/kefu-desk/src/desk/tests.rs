#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail loudly")]

use std::sync::Arc;

use kefu_core::ports::{ConversationRecords, Exchange, TicketRecords};
use kefu_core::{
    ConversationState, ErrorKind, EscalationReason, Language, Priority, SlaTarget, SlaTargets,
    Speaker, TicketNumber, TicketSignals, TicketSla, TicketStatus,
};
use kefu_testkit::fakes::{FakeClock, MemoryRecords};
use kefu_testkit::scopes;

use super::*;

fn conversation(ticket: Option<&TicketId>) -> Conversation {
    Conversation {
        id: ConversationId::generate(),
        customer: kefu_core::Customer::default(),
        channel: "web".to_owned(),
        language: Language::CHINESE,
        state: ConversationState::Queued,
        ticket_id: ticket.cloned(),
        n_failures: 0,
        created_at_ms: 1,
    }
}

fn ticket(id: TicketId, conversation: &Conversation) -> Ticket {
    let mut sla = TicketSla {
        first_response: Some(SlaTarget { warn_ms: 50, due_ms: 80 }),
        resolution: Some(SlaTarget { warn_ms: 120, due_ms: 150 }),
        ..TicketSla::default()
    };
    sla.alarm_at_ms = sla.next_mark(1);
    Ticket {
        id,
        number: TicketNumber::FIRST,
        conversation_id: conversation.id.clone(),
        customer: kefu_core::Customer::default(),
        channel: "web".to_owned(),
        reason: EscalationReason::HumanRequested,
        queue: "support".to_owned(),
        priority: Priority::Normal,
        status: TicketStatus::Open,
        language: Language::CHINESE,
        subject: "转人工".to_owned(),
        assignee: None,
        signals: TicketSignals::default(),
        waiting_since_ms: Some(1),
        sla,
        created_at_ms: 1,
        updated_at_ms: 1,
    }
}

pub(super) struct Fixture {
    pub(super) desk: Desk,
    pub(super) id: TicketId,
    pub(super) conversation_id: ConversationId,
    pub(super) scope: Scope,
    pub(super) records: Arc<MemoryRecords>,
    pub(super) clock: Arc<FakeClock>,
}

async fn fixture() -> Fixture {
    fixture_with(crate::policy::tests::plain()).await
}

/// A desk with one open ticket without clocks, opened at the first second.
pub(super) async fn fixture_with(policy: Policy) -> Fixture {
    let clock: Arc<FakeClock> = Arc::new(FakeClock::at(1_000));
    let records = Arc::new(MemoryRecords::new(clock.clone()));
    let id = TicketId::generate();
    let conversation = conversation(Some(&id));
    let conversation_id = conversation.id.clone();
    let ticket = Ticket { sla: TicketSla::default(), ..ticket(id.clone(), &conversation) };
    let ticket = Ticket { waiting_since_ms: Some(1_000), ..ticket };
    let said = said("转人工", 1);
    let ticket = Some(ticket);
    let exchange = Exchange {
        conversation,
        turns: vec![said],
        answer: None,
        ticket,
        urgency: None,
        key: None,
    };
    records.commit_exchange(&scopes::customer("shop"), &exchange).await.unwrap();
    let parts =
        DeskParts { records: records.clone(), clock: clock.clone(), policy: Arc::new(policy) };
    let (desk, scope) = (Desk::new(parts), scopes::agent("shop"));
    Fixture { desk, id, conversation_id, scope, records, clock }
}

fn said(text: &str, at_ms: i64) -> Turn {
    Turn {
        id: TurnId::generate(),
        speaker: Speaker::Customer,
        agent: None,
        text: text.to_owned(),
        at_ms,
        answer_id: None,
    }
}

impl Fixture {
    /// The customer writes while Kefu is silent.
    pub(super) async fn hear(&self, text: &str) {
        let conversation =
            self.records.conversation(&self.scope, &self.conversation_id).await.unwrap();
        let turns = vec![said(text, self.clock.now_ms())];
        let exchange =
            Exchange { conversation, turns, answer: None, ticket: None, urgency: None, key: None };
        self.records.commit_exchange(&scopes::customer("shop"), &exchange).await.unwrap();
    }

    pub(super) async fn another_ticket(&self) {
        let id = TicketId::generate();
        let conversation = conversation(Some(&id));
        let ticket = Some(Ticket { sla: TicketSla::default(), ..ticket(id, &conversation) });
        let turns = vec![said("转人工", 1)];
        let exchange =
            Exchange { conversation, turns, answer: None, ticket, urgency: None, key: None };
        self.records.commit_exchange(&scopes::customer("shop"), &exchange).await.unwrap();
    }

    pub(super) async fn ticket(&self) -> Ticket {
        self.records.ticket(&self.scope, &self.id).await.unwrap()
    }

    pub(super) async fn act(&self, act: impl Into<Act>) -> Result<TicketView, DeskError> {
        self.desk.act(&self.scope, &self.id, act).await
    }
}

pub(super) fn claim(agent: &str) -> TicketEvent {
    TicketEvent::Claim { agent: agent.to_owned() }
}

pub(super) fn reply(agent: &str, text: &str) -> TicketEvent {
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

#[tokio::test]
async fn a_reply_sent_again_is_not_said_again() {
    let fixture = fixture().await;
    let keyed = |key: &str| Act { event: reply("Lin", "hello"), key: Some(key.to_owned()) };
    let (first, second) = tokio::join!(fixture.act(keyed("r1")), fixture.act(keyed("r1")));
    assert_eq!(first.unwrap().transcript.len().max(second.unwrap().transcript.len()), 2);
    assert_eq!(fixture.act(keyed("r1")).await.unwrap().transcript.len(), 2);
    assert_eq!(fixture.act(keyed("r2")).await.unwrap().transcript.len(), 3);
    fixture.act(resolve("Lin")).await.unwrap();
    let view = fixture.act(keyed("r2")).await.unwrap();
    assert_eq!((view.ticket.status, view.transcript.len()), (TicketStatus::Resolved, 3));
    assert!(fixture.act(keyed("r3")).await.is_err());
}

#[tokio::test]
async fn no_step_sent_again_is_taken_again() {
    let fixture = fixture().await;
    let keyed = |event: TicketEvent, key: &str| Act { event, key: Some(key.to_owned()) };
    let transfer = |to: &str| TicketEvent::Transfer {
        agent: "Lin".to_owned(),
        to: TransferTo::Agent(to.to_owned()),
        note: None,
    };
    fixture.act(keyed(claim("Lin"), "c")).await.unwrap();
    fixture.act(keyed(transfer("Mei"), "t")).await.unwrap();
    fixture.act(transfer("Ana")).await.unwrap();
    // Each comes once more after others went on.
    for (event, key) in [(claim("Lin"), "c"), (transfer("Mei"), "t")] {
        let view = fixture.act(keyed(event, key)).await.unwrap();
        assert_eq!(view.ticket.assignee.as_deref(), Some("Ana"));
    }
    fixture.act(keyed(resolve("Ana"), "r")).await.unwrap();
    let view = fixture.act(keyed(resolve("Ana"), "r")).await.unwrap();
    assert_eq!(view.steps.len(), 5, "open, claim, transfer, transfer, resolve");
    fixture.act(keyed(reopen("Ana"), "o")).await.unwrap();
    let view = fixture.act(keyed(resolve("Ana"), "r")).await.unwrap();
    assert_eq!(view.ticket.status, TicketStatus::Open, "it was reopened since");
    let mixed = fixture.act(keyed(claim("Ana"), "r")).await.unwrap_err();
    assert!(matches!(mixed, DeskError::KeyTaken { done } if done == "resolve"));
    let elsewhere = fixture.act(keyed(transfer("Ana"), "t")).await.unwrap_err();
    assert!(matches!(elsewhere, DeskError::KeyTaken { done } if done == "transfer"));
    let long = fixture.act(keyed(claim("Ana"), &"k".repeat(201))).await.unwrap_err();
    assert_eq!(long.kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn a_ticket_is_transferred_and_given_back_to_kefu() {
    let fixture = fixture_with(crate::policy::tests::with_queue("billing")).await;
    let transfer = |to: TransferTo| TicketEvent::Transfer {
        agent: "Lin".to_owned(),
        to,
        note: Some("your field".to_owned()),
    };
    fixture.act(claim("Lin")).await.unwrap();
    let view = fixture.act(transfer(TransferTo::Agent("Mei".to_owned()))).await.unwrap();
    assert_eq!(view.ticket.assignee.as_deref(), Some("Mei"));
    let last = view.steps.last().unwrap();
    assert_eq!((last.action.as_str(), last.note.as_deref()), ("transfer", Some("your field")));
    let view = fixture.act(transfer(TransferTo::Queue("billing".to_owned()))).await.unwrap();
    assert_eq!((view.ticket.status, view.ticket.queue.as_str()), (TicketStatus::Open, "billing"));
    assert_eq!(view.transcript.len(), 1, "the customer hears nothing of it");

    let back = TicketEvent::Return { agent: "Lin".to_owned(), note: None };
    let view = fixture.act(back.clone()).await.unwrap();
    assert_eq!(view.ticket.status, TicketStatus::Resolved);
    let view = fixture.desk.conversation(&fixture.scope, &fixture.conversation_id).await.unwrap();
    assert_eq!((view.conversation.state, view.hand_over), (ConversationState::Bot, None));
    assert!(matches!(fixture.act(back).await, Err(DeskError::Resolved)));
}

#[tokio::test]
async fn a_ticket_goes_only_to_who_and_what_exists() {
    let known = crate::policy::tests::with_queue("billing");
    let fixture = fixture_with(known).await;
    let to = |to: TransferTo| TicketEvent::Transfer { agent: "Lin".to_owned(), to, note: None };
    let refused = fixture.act(to(TransferTo::Queue("biling".to_owned()))).await.unwrap_err();
    assert!(refused.to_string().contains("billing"), "{refused}");
    fixture.act(to(TransferTo::Queue("billing".to_owned()))).await.unwrap();
    fixture.act(to(TransferTo::Agent("anybody".to_owned()))).await.unwrap();
    fixture.present("Mei", kefu_core::Presence::Away).await;
    let refused = fixture.act(to(TransferTo::Agent("anybody".to_owned()))).await.unwrap_err();
    assert!(matches!(refused, DeskError::Unknown { field: "to_agent", .. }), "{refused}");
    fixture.act(to(TransferTo::Agent("Mei".to_owned()))).await.unwrap();
}

#[test]
fn a_ticket_is_not_reopened_beside_another_one() {
    let other = TicketId::generate();
    let conversation = conversation(Some(&other));
    let resolved =
        Ticket { status: TicketStatus::Resolved, ..ticket(TicketId::generate(), &conversation) };
    let stamp = Stamp { at_ms: 2, turn_id: TurnId::generate(), targets: SlaTargets::default() };
    let refused = step(&resolved, &conversation, &reopen("Lin"), stamp);
    assert!(matches!(refused, Err(DeskError::OtherTicketOpen)));
}

mod agents;
mod life;
