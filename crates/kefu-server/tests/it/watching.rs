//! Streams of the desk and of conversations.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::shop::Shop;

/// An open stream of events.
struct Watch {
    body: BodyDataStream,
    text: String,
}

#[derive(Debug, Default, PartialEq)]
struct Told {
    name: String,
    id: String,
    data: Value,
}

impl Watch {
    async fn open(shop: &Shop, path: &str, last_event_id: Option<&str>) -> Self {
        let mut request = Request::get(path);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = shop.respond(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event; comments are passed over.
    async fn next(&mut self) -> Told {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let line = |name: &str| {
                    let found = block.lines().find_map(|line| line.strip_prefix(name));
                    found.unwrap_or_default().trim().to_owned()
                };
                if !line("event:").is_empty() {
                    let data = serde_json::from_str(&line("data:")).unwrap();
                    return Told { name: line("event:"), id: line("id:"), data };
                }
                continue;
            }
            let more = tokio::time::timeout(Duration::from_secs(5), self.body.next()).await;
            let more = more.expect("an event in time").expect("the stream ended").unwrap();
            self.text.push_str(std::str::from_utf8(&more).unwrap());
        }
    }

    async fn expect(&mut self, name: &str) -> Told {
        let told = self.next().await;
        assert_eq!(told.name, name, "{told:?}");
        told
    }
}

async fn escalated(shop: &Shop) -> (String, String, String) {
    let answer = shop.ask("I want to talk to a human").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (
        text(&answer["escalation"]["ticket_id"]),
        text(&answer["conversation_id"]),
        text(&answer["escalation"]["ticket_number"]),
    )
}

#[tokio::test]
async fn the_desk_sees_tickets_as_they_change() {
    let shop = Shop::open().await;
    let mut desk = Watch::open(&shop, "/v1/tickets/events", None).await;
    let ready = desk.expect("ready").await;
    let (ticket_id, conversation_id, number) = escalated(&shop).await;
    let opened = desk.expect("ticket").await;
    assert_eq!(opened.data["ticket_id"], ticket_id);
    assert_eq!((&opened.data["number"], &opened.data["status"]), (&json!(number), &json!("open")));
    let listed = shop.get("/v1/tickets").await.ok();
    assert_eq!(listed["items"][0], opened.data, "as in lists");

    shop.post(&format!("/v1/tickets/{ticket_id}/claim"), json!({"agent": "mei"})).await.ok();
    assert_eq!(desk.expect("ticket").await.data["assignee"], "mei");
    let said = json!({"role": "customer", "text": "hello?"});
    shop.post(&format!("/v1/conversations/{conversation_id}/messages"), said).await.ok();
    let waits = desk.expect("ticket").await;
    assert!(waits.data["waiting_since"].as_str().is_some());

    let mut back = Watch::open(&shop, "/v1/tickets/events", Some(&opened.id)).await;
    assert_eq!(back.expect("ticket").await.data["status"], "claimed");
    assert_eq!(back.expect("ticket").await, waits);
    let mut lost = Watch::open(&shop, "/v1/tickets/events", Some("elsewhere-7")).await;
    assert_eq!(lost.expect("reset").await.id, waits.id);
    let mut all = Watch::open(&shop, "/v1/tickets/events", Some(&ready.id)).await;
    assert_eq!(all.expect("ticket").await, opened);
}

#[tokio::test]
async fn a_chat_sees_turns_and_who_answers() {
    let shop = Shop::open().await;
    let (ticket_id, conversation_id, number) = escalated(&shop).await;
    let (_, other, _) = escalated(&shop).await;
    let path = format!("/v1/conversations/{conversation_id}/events");
    let mut chat = Watch::open(&shop, &path, None).await;
    let state = chat.expect("state").await.data;
    assert_eq!(state, json!({"state": "queued", "ticket_number": number}));
    let ticket = format!("/v1/tickets/{ticket_id}");
    shop.post(&format!("{ticket}/claim"), json!({"agent": "mei"})).await.ok();
    let with_mei = json!({"state": "human", "ticket_number": number, "agent": "mei"});
    assert_eq!(chat.expect("state").await.data, with_mei);

    let said = json!({"role": "customer", "text": "elsewhere"});
    shop.post(&format!("/v1/conversations/{other}/messages"), said).await.ok();
    let hello = json!({"agent": "mei", "text": "Hello, Mei here."});
    shop.post(&format!("{ticket}/reply"), hello).await.ok();
    let turn = chat.expect("turn").await;
    assert_eq!((&turn.data["speaker"], &turn.data["agent"]), (&json!("agent"), &json!("mei")));
    assert_eq!(turn.data["text"], "Hello, Mei here.");
    assert_eq!(turn.data["id"], turn.id);
    assert!(turn.data["at"].as_str().is_some());
    shop.post(&format!("{ticket}/resolve"), json!({"agent": "mei"})).await.ok();
    assert_eq!(chat.expect("state").await.data, json!({"state": "closed"}));
    drop(chat);

    let question = json!({"role": "customer", "text": crate::shop::RETURNS_QUESTION});
    shop.post(&format!("/v1/conversations/{conversation_id}/messages"), question).await.ok();
    let mut back = Watch::open(&shop, &path, Some(&turn.id)).await;
    assert_eq!(back.expect("state").await.data, json!({"state": "bot"}));
    assert_eq!(back.expect("turn").await.data["speaker"], "customer");
    assert_eq!(back.expect("turn").await.data["speaker"], "assistant");
    let after = format!("{path}?after={}", turn.id);
    let mut by_query = Watch::open(&shop, &after, None).await;
    by_query.expect("state").await;
    by_query.expect("turn").await;
    let mut lost = Watch::open(&shop, &path, Some("trn_unknown")).await;
    lost.expect("state").await;
    lost.expect("reset").await;

    let unknown = kefu_core::ConversationId::generate();
    let missing = shop.get(&format!("/v1/conversations/{unknown}/events")).await;
    assert_eq!(missing.fields(404), ["id"]);
}

#[tokio::test]
async fn a_customer_erased_while_waiting_is_gone_for_all_who_watch() {
    let shop = Shop::open().await;
    let body = json!({"question": "I want to talk to a human", "customer": {"id": "c 1"}});
    let answer = shop.post("/v1/answers", body).await.ok();
    let id = answer["conversation_id"].as_str().unwrap();
    let mut desk = Watch::open(&shop, "/v1/tickets/events", None).await;
    desk.expect("ready").await;
    let mut chat = Watch::open(&shop, &format!("/v1/conversations/{id}/events"), None).await;
    chat.expect("state").await;
    let erased = shop.delete("/v1/customers/c%201").await.ok();
    assert_eq!(erased, json!({"conversations": 1, "turns": 2, "answers": 1, "tickets": 1}));
    let ticket = desk.expect("ticket").await.data;
    assert_eq!((&ticket["status"], &ticket["subject"]), (&json!("resolved"), &json!("")));
    assert_eq!(ticket["customer"], json!(null));
    assert_eq!(chat.expect("state").await.data, json!({"state": "closed"}));
    let late = format!("/v1/tickets/{}/reply", ticket["ticket_id"].as_str().unwrap());
    let reply = json!({"agent": "mei", "text": "hello?"});
    assert_eq!(shop.post(&late, reply).await.problem(409)["code"], "conflict");
}

#[tokio::test]
async fn streams_have_permits_of_their_own() {
    let shop = Shop::open().await;
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(Watch::open(&shop, "/v1/tickets/events", None).await);
    }
    assert_eq!(shop.get("/v1/tickets/events").await.problem(429)["code"], "overloaded");
    let metrics = shop.get("/metrics").await;
    assert!(metrics.text().contains("kefu_streams_open{kind=\"desk\"}"), "{}", metrics.text());
    // They take nothing from those who ask, and the desk takes nothing from chats.
    let (_, conversation_id, _) = escalated(&shop).await;
    let path = format!("/v1/conversations/{conversation_id}/events");
    Watch::open(&shop, &path, None).await.expect("state").await;
    open.pop();
    Watch::open(&shop, "/v1/tickets/events", None).await.expect("ready").await;
}

#[tokio::test]
async fn a_slow_reader_is_told_to_read_anew() {
    let shop = Shop::open().await;
    let (ticket_id, ..) = escalated(&shop).await;
    let mut desk = Watch::open(&shop, "/v1/tickets/events", None).await;
    desk.expect("ready").await;
    for n in 0..600 {
        let verb = if n % 2 == 0 { "resolve" } else { "reopen" };
        shop.post(&format!("/v1/tickets/{ticket_id}/{verb}"), json!({"agent": "mei"})).await.ok();
    }
    let reset = desk.expect("reset").await;
    let verb = format!("/v1/tickets/{ticket_id}/resolve");
    shop.post(&verb, json!({"agent": "mei"})).await.ok();
    let next = desk.expect("ticket").await;
    assert_ne!(next.id, reset.id);
    assert_eq!(next.data["status"], "resolved");
}
