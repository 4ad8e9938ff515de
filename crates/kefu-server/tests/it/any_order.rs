//! The whole service under random orders of what customers, agents, time and faults can do.

use kefu_core::ports::{
    ConversationRecords, CustomerRecords, PageRequest, TicketFilter, TicketRecords,
};
use kefu_core::{ConversationId, Speaker, Ticket, TicketStatus, Turn};
use kefu_desk::{Assign, Policy};
use kefu_testkit::scopes;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::shop::{RETURNS_QUESTION, Shop, TENANT};

#[derive(Clone, Debug)]
enum Happens {
    Says(&'static str),
    EngineBreaks,
    EngineMends,
    Agent(&'static str, &'static str),
    Replies(&'static str, usize),
    Present(&'static str, &'static str),
    Minutes(i64),
    Erased,
}

const SAYINGS: [&str; 7] = [
    RETURNS_QUESTION,
    "Which planets have rings?",
    "Who won the chess olympiad?",
    "I want to talk to a human",
    "My account was hacked and money is gone!",
    "我要投诉",
    "退款多久可以到账？",
];

fn happenings() -> impl Strategy<Value = Happens> {
    let name = || prop::sample::select(vec!["mei", "tom"]);
    let verbs = vec!["claim", "transfer", "return", "resolve", "reopen"];
    prop_oneof![
        8 => prop::sample::select(SAYINGS.to_vec()).prop_map(Happens::Says),
        1 => Just(Happens::EngineBreaks),
        1 => Just(Happens::EngineMends),
        4 => (prop::sample::select(verbs), name()).prop_map(|(verb, who)| Happens::Agent(verb, who)),
        3 => (name(), 0_usize..3).prop_map(|(who, key)| Happens::Replies(who, key)),
        2 => (name(), prop::sample::select(vec!["online", "away", "offline"]))
            .prop_map(|(who, state)| Happens::Present(who, state)),
        2 => (1_i64..20).prop_map(Happens::Minutes),
        1 => prop::bool::weighted(0.1)
            .prop_map(|erased| if erased { Happens::Erased } else { Happens::Minutes(1) }),
    ]
}

struct World {
    shop: Shop,
    conversation_id: Option<String>,
    /// What was acknowledged: customers' words and replies with their keys.
    said: Vec<String>,
    keys: Vec<(usize, String)>,
    erased: bool,
}

impl World {
    async fn turns(&self) -> Vec<Turn> {
        let Some(id) = &self.conversation_id else { return Vec::new() };
        let id = ConversationId::parse(id).unwrap();
        self.shop.records.turns(&scopes::agent(TENANT), &id, 500).await.unwrap()
    }

    async fn is_of(&self, customer: &str) -> bool {
        let Some(id) = &self.conversation_id else { return false };
        let id = ConversationId::parse(id).unwrap();
        let known = self.shop.records.conversation(&scopes::agent(TENANT), &id).await;
        known.is_ok_and(|known| known.customer.id.as_deref() == Some(customer))
    }

    async fn tickets(&self) -> Vec<Ticket> {
        let all = PageRequest { limit: 500, cursor: None };
        let agent = scopes::agent(TENANT);
        let listed = self.shop.records.tickets(&agent, &TicketFilter::default(), &all).await;
        listed.unwrap().items
    }

    async fn open_ticket(&self) -> Option<Ticket> {
        self.tickets().await.into_iter().find(|ticket| ticket.status != TicketStatus::Resolved)
    }

    async fn customer(&mut self, text: &str) {
        let open_before = self.open_ticket().await;
        let n_before = self.turns().await.len();
        let mut body = json!({"question": text, "customer": {"id": "c-1"}});
        if let Some(id) = &self.conversation_id {
            body["conversation_id"] = json!(id);
        }
        let answer = self.shop.post("/v1/answers", body).await.ok();
        self.conversation_id = answer["conversation_id"].as_str().map(str::to_owned);
        self.said.push(text.to_owned());
        let turns = self.turns().await;
        let added = &turns[n_before..];
        assert_eq!((added[0].speaker, added[0].text.as_str()), (Speaker::Customer, text));
        let open_after = self.open_ticket().await;
        if let Some(before) = open_before {
            assert_eq!(added.len(), 1, "Kefu is silent while a person has it");
            assert_eq!((&answer["outcome"], &answer["answer"]), (&json!("escalated"), &json!("")));
            let after = open_after.unwrap();
            assert_eq!(after.id, before.id, "no second ticket");
            assert!(after.waiting_since_ms.is_some() && after.priority >= before.priority);
        } else {
            assert_eq!(added.len(), 2, "Kefu answers");
            assert_eq!(added[1].text, answer["answer"].as_str().unwrap());
            let escalated = answer["outcome"] == "escalated";
            assert_eq!(open_after.is_some(), escalated);
            if let Some(ticket) = open_after {
                assert!(added[1].text.contains(&ticket.number.to_string()));
                assert_eq!(answer["escalation"]["ticket_id"], ticket.id.as_str());
            }
        }
    }

    async fn agent(&self, verb: &str, who: &str) {
        let Some(ticket) = self.tickets().await.into_iter().max_by_key(|ticket| ticket.number)
        else {
            return;
        };
        let body = match verb {
            "transfer" => json!({"agent": who, "to_queue": "support"}),
            _ => json!({"agent": who}),
        };
        let reply = self.shop.post(&format!("/v1/tickets/{}/{verb}", ticket.id), body).await;
        if verb == "claim" && ticket.status == TicketStatus::Claimed {
            let holder = ticket.assignee.unwrap();
            if holder != who {
                let told = reply.problem(409)["detail"].as_str().unwrap().to_owned();
                assert!(told.contains(&holder), "{told}");
            }
        } else if verb != "reopen" && ticket.status == TicketStatus::Resolved {
            reply.problem(409);
        } else {
            assert!(matches!(reply.status, 200 | 409), "{}", reply.text());
        }
    }

    async fn replies(&mut self, who: &str, key: usize) {
        let Some(ticket) = self.tickets().await.into_iter().max_by_key(|ticket| ticket.number)
        else {
            return;
        };
        let text = format!("reply {key}");
        let body = json!({"agent": who, "text": text, "client_turn_id": format!("key-{key}")});
        let reply = self.shop.post(&format!("/v1/tickets/{}/reply", ticket.id), body).await;
        let known = self.keys.iter().find(|(known, _)| *known == key);
        if let Some((_, sender)) = known {
            // Whose key it was is forgotten with the customer.
            let expected = if sender == who { 200..201 } else { 409..410 };
            let fits = expected.contains(&reply.status) || (self.erased && reply.status == 200);
            assert!(fits, "{}", reply.text());
        } else if ticket.status == TicketStatus::Resolved {
            reply.problem(409);
        } else {
            reply.ok();
            self.keys.push((key, who.to_owned()));
            self.said.push(text);
        }
    }

    async fn check(&self) {
        let turns = self.turns().await;
        let tickets = self.tickets().await;
        let open = tickets.iter().filter(|ticket| ticket.status != TicketStatus::Resolved).count();
        assert!(open <= 1);
        let spoken: Vec<&str> = turns
            .iter()
            .filter(|turn| turn.speaker != Speaker::Assistant)
            .map(|turn| turn.text.as_str())
            .collect();
        assert_eq!(spoken, self.said, "nothing that was acknowledged is lost, nothing is doubled");
        if !self.erased {
            for ticket in &tickets {
                let number = ticket.number.to_string();
                let told = turns.iter().filter(|turn| {
                    turn.speaker == Speaker::Assistant && turn.text.contains(&number)
                });
                assert_eq!(told.count(), 1, "one message for each hand-over");
            }
        }
    }
}

async fn live(assign: Assign, events: Vec<(Happens, bool)>) {
    let policy = Policy { assign, ..Policy::unruled() };
    let mut world = World {
        shop: Shop::fitted(|fittings| fittings.policy = policy).await,
        conversation_id: None,
        said: Vec::new(),
        keys: Vec::new(),
        erased: false,
    };
    let events = events.into_iter().flat_map(|(event, twice)| vec![event; 1 + usize::from(twice)]);
    for event in events {
        match event {
            Happens::Says(text) => world.customer(text).await,
            Happens::EngineBreaks => world.shop.store.fail_next(10_000),
            Happens::EngineMends => world.shop.store.fail_next(0),
            Happens::Agent(verb, who) => world.agent(verb, who).await,
            Happens::Replies(who, key) => world.replies(who, key).await,
            Happens::Present(who, state) => {
                let body = json!({"state": state});
                let request = crate::shop::json_request(
                    axum::http::Method::PUT,
                    &format!("/v1/agents/{who}"),
                    &body,
                );
                world.shop.send(request).await.ok();
            }
            Happens::Minutes(minutes) => {
                world.shop.clock.advance_ms(minutes * 60_000);
                let agent = scopes::agent(TENANT);
                world.shop.desk.tick(&agent).await.unwrap();
                let again = world.shop.desk.tick(&agent).await.unwrap();
                assert_eq!(again.n_released, 0, "never twice for the same silence");
            }
            Happens::Erased => {
                let operator = scopes::operator(TENANT);
                // A conversation that was erased is nobody's until its customer speaks again.
                let is_theirs = world.is_of("c-1").await;
                world.shop.records.erase_customer(&operator, "c-1").await.unwrap();
                if is_theirs {
                    world.said.clear();
                }
                world.erased = true;
            }
        }
        world.check().await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_order_of_events_loses_nothing_and_never_speaks_twice(
        assigned in prop::bool::ANY,
        events in prop::collection::vec((happenings(), prop::bool::weighted(0.2)), 0..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let assign = if assigned { Assign::LeastBusy } else { Assign::Manual };
        runtime.block_on(live(assign, events));
    }
}

/// Every question fails in every part, and hand-over still works.
#[tokio::test]
async fn people_are_reached_without_any_working_part() {
    let shop = Shop::open().await;
    shop.store.fail_next(10_000);
    for (text, reason) in
        [("I want to talk to a human", "human_requested"), (RETURNS_QUESTION, "engine_failure")]
    {
        let answer: Value = shop.ask(text).await;
        assert_eq!(answer["escalation"]["reason"], reason, "{answer}");
    }
}
