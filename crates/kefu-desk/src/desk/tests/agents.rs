use kefu_core::{Agent, ConversationState, Presence, SlaState, TicketStatus};

use super::{Fixture, claim, fixture_with, reply};
use crate::desk::AgentUpdate;
use crate::policy::tests::plain;
use crate::policy::{Assign, Policy};

const MINUTE: i64 = 60_000;

impl Fixture {
    pub(super) async fn present(&self, name: &str, presence: Presence) -> Agent {
        let update = AgentUpdate {
            name: name.to_owned(),
            presence,
            queues: None,
            languages: None,
            skills: None,
            capacity: Some(1),
        };
        self.desk.put_agent(&self.scope, update).await.unwrap()
    }

    async fn presence_of(&self, name: &str) -> (Presence, i64) {
        let agents = self.desk.agents(&self.scope).await.unwrap();
        let agent = agents.iter().find(|agent| agent.name == name).unwrap();
        (agent.presence, agent.since_ms)
    }

    async fn ticks(&self) -> (usize, usize) {
        let ticked = self.desk.tick(&self.scope).await.unwrap();
        (ticked.n_released, ticked.n_assigned)
    }
}

#[tokio::test]
async fn presence_lapses_and_comes_back() {
    let fixture = fixture_with(plain()).await;
    fixture.present("Mei", Presence::Online).await;
    fixture.clock.advance_ms(MINUTE / 2);
    fixture.present("Mei", Presence::Online).await;
    assert_eq!(fixture.presence_of("Mei").await, (Presence::Online, 1_000), "since the first word");
    fixture.clock.advance_ms(MINUTE - 1);
    assert_eq!(fixture.presence_of("Mei").await.0, Presence::Online);
    fixture.clock.advance_ms(1);
    assert_eq!(fixture.presence_of("Mei").await, (Presence::Offline, 1_000 + 3 * MINUTE / 2));
    fixture.clock.advance_ms(5);
    let agent = fixture.present("Mei", Presence::Online).await;
    assert_eq!(agent.since_ms, 1_005 + 3 * MINUTE / 2);
}

#[tokio::test]
async fn a_silent_agent_loses_the_ticket_once_when_the_customer_waits() {
    let fixture = fixture_with(plain()).await;
    fixture.present("Mei", Presence::Online).await;
    fixture.act(claim("Mei")).await.unwrap();
    fixture.act(reply("Mei", "one moment")).await.unwrap();
    fixture.clock.advance_ms(20 * MINUTE);
    assert_eq!(fixture.ticks().await, (0, 0), "the customer does not wait");
    fixture.hear("are you there?").await;
    fixture.clock.advance_ms(4 * MINUTE);
    assert_eq!(fixture.ticks().await, (0, 0), "not for long");
    fixture.clock.advance_ms(MINUTE);
    assert_eq!(fixture.ticks().await, (1, 0));
    let ticket = fixture.ticket().await;
    assert_eq!((ticket.status, ticket.assignee), (TicketStatus::Open, None));
    let view = fixture.desk.ticket(&fixture.scope, &fixture.id).await.unwrap();
    let last = view.steps.last().unwrap();
    assert_eq!((last.action.as_str(), last.actor.as_deref()), ("release", None));
    assert!(last.note.as_deref().unwrap().contains("Mei"), "{last:?}");
    assert!(view.transcript.iter().all(|turn| turn.speaker != kefu_core::Speaker::Assistant));
    assert_eq!(fixture.ticks().await, (0, 0), "never twice for the same silence");

    // Whoever claims is there: the silence is over.
    fixture.act(claim("Mei")).await.unwrap();
    assert_eq!(fixture.presence_of("Mei").await.0, Presence::Online);
    assert_eq!(fixture.ticks().await, (0, 0));
}

#[tokio::test]
async fn an_agent_without_presence_keeps_their_tickets() {
    let fixture = fixture_with(plain()).await;
    fixture.act(claim("API user")).await.unwrap();
    fixture.hear("hello?").await;
    fixture.clock.advance_ms(1_000 * MINUTE);
    assert_eq!(fixture.ticks().await, (0, 0));
    assert_eq!(fixture.ticket().await.assignee.as_deref(), Some("API user"));
}

#[tokio::test]
async fn open_tickets_are_given_to_whoever_comes_and_moved_when_they_go() {
    let policy = Policy { assign: Assign::LeastBusy, ..plain() };
    let fixture = fixture_with(policy).await;
    assert_eq!(fixture.ticks().await, (0, 0), "nobody is there");
    fixture.present("Mei", Presence::Online).await;
    assert_eq!(fixture.ticks().await, (0, 1));
    assert_eq!(fixture.ticket().await.assignee.as_deref(), Some("Mei"));
    let state = fixture.desk.conversation(&fixture.scope, &fixture.conversation_id).await;
    assert_eq!(state.unwrap().conversation.state, ConversationState::Human);

    fixture.present("Mei", Presence::Away).await;
    fixture.present("Tom", Presence::Online).await;
    fixture.clock.advance_ms(5 * MINUTE);
    fixture.present("Tom", Presence::Online).await;
    assert_eq!(fixture.ticks().await, (1, 0));
    assert_eq!(fixture.ticket().await.assignee.as_deref(), Some("Tom"));
}

#[tokio::test]
async fn nobody_is_given_more_than_they_have_room_for() {
    let policy = Policy { assign: Assign::LeastBusy, ..plain() };
    let fixture = fixture_with(policy).await;
    for _ in 0..4 {
        fixture.another_ticket().await;
    }
    fixture.present("Mei", Presence::Online).await;
    fixture.present("Tom", Presence::Online).await;
    assert_eq!(fixture.ticks().await, (0, 2), "each has room for one");
    let loads: Vec<u32> =
        fixture.desk.agents(&fixture.scope).await.unwrap().iter().map(|a| a.n_open).collect();
    assert_eq!(loads, [1, 1]);
    assert_eq!(fixture.ticks().await, (0, 0));
}

#[tokio::test]
async fn clocks_ring_once_for_each_mark() {
    let fixture = fixture_with(plain()).await;
    let before = fixture.ticket().await;
    let mut after = before.clone();
    after.sla.first_response = Some(kefu_core::SlaTarget { warn_ms: 5_000, due_ms: 9_000 });
    after.sla.alarm_at_ms = Some(5_000);
    let step = kefu_core::ports::TicketTransition {
        before,
        after,
        conversation_state: ConversationState::Queued,
        turn: None,
        key: None,
        action: "tick",
        actor: None,
        note: None,
    };
    kefu_core::ports::TicketRecords::transition(&*fixture.records, &fixture.scope, &step)
        .await
        .unwrap();
    let rings = async || {
        let ticked = fixture.desk.tick(&fixture.scope).await.unwrap();
        ticked.alarms.into_iter().map(|(_, state)| state).collect::<Vec<_>>()
    };
    assert_eq!(rings().await, []);
    fixture.clock.advance_ms(4_000);
    assert_eq!(rings().await, [SlaState::Warning]);
    assert_eq!(rings().await, []);
    fixture.clock.advance_ms(50_000);
    assert_eq!(rings().await, [SlaState::Breached]);
    assert_eq!(rings().await, []);
}
