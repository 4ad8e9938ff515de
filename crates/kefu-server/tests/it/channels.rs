//! Messages of channels: each worked on once, whatever ends in between.

use axum::http::Method;
use kefu_core::ports::{Claim, LinkRecords as _};
use kefu_server::{ChannelKind, ChannelSpec, Secret, sign};
use kefu_testkit::scopes;
use serde_json::{Value, json};

use crate::shop::{RETURNS_QUESTION, Reply, Shop, TENANT, json_request};

const SECRET: &str = "the key of the channel";

async fn open() -> Shop {
    Shop::fitted(|fittings| {
        fittings.channels = vec![ChannelSpec {
            name: "app".to_owned(),
            kind: ChannelKind::Generic,
            secret: Secret::new(SECRET),
            token: None,
            aes_key: None,
            reply_url: None,
            follow_customer: false,
        }];
    })
    .await
}

async fn say(shop: &Shop, message_id: &str, text: &str) -> Reply {
    let body = json!({"message_id": message_id, "customer_id": "c-1", "text": text});
    let signature = sign(SECRET, 1_700_000_000, body.to_string().as_bytes());
    let mut request = json_request(Method::POST, "/v1/channels/app/webhook", &body);
    request.headers_mut().insert("kefu-signature", signature.parse().unwrap());
    shop.send(request).await
}

#[tokio::test]
async fn a_message_that_is_being_worked_on_may_be_sent_again() {
    let shop = open().await;
    let scope = scopes::customer(TENANT);
    let claimed = shop.records.claim_message(&scope, "channel:app", "m-1").await.unwrap();
    assert_eq!(claimed, Claim::New);
    let busy = say(&shop, "m-1", RETURNS_QUESTION).await;
    assert_eq!(busy.headers["retry-after"], "5");
    assert_eq!(busy.problem(503)["code"], "unavailable");
    shop.records.settle_message(&scope, "channel:app", "m-1", false).await.unwrap();
    let answer = say(&shop, "m-1", RETURNS_QUESTION).await.ok();
    assert_eq!(answer["outcome"], "answered");
    assert_eq!(say(&shop, "m-1", RETURNS_QUESTION).await.problem(409)["code"], "conflict");
}

#[tokio::test]
async fn whether_a_persons_words_reach_the_customer_is_told() {
    let shop = open().await;
    let there = say(&shop, "m-1", "I want to talk to a human").await.ok();
    let here = shop.ask("I want to talk to a human").await;
    for (answer, reaches) in [(there, false), (here, true)] {
        let ticket = format!("/v1/tickets/{}", answer["escalation"]["ticket_id"].as_str().unwrap());
        let reply = json!({"agent": "mei", "text": "Hello"});
        let replied = shop.post(&format!("{ticket}/reply"), reply).await.ok();
        assert_eq!(replied["delivers_replies"], reaches);
        assert_eq!(shop.get(&ticket).await.ok()["delivers_replies"], reaches);
    }
}

#[tokio::test]
async fn what_was_answered_and_not_settled_is_answered_the_same_and_kept_once() {
    let shop = open().await;
    for (message_id, text) in [("m-1", RETURNS_QUESTION), ("m-2", "I want to talk to a human")] {
        let first = say(&shop, message_id, text).await.ok();
        // As if the process had ended before it could say that the message is done.
        let n = shop.records.forget_messages(&scopes::customer(TENANT), i64::MAX).await.unwrap();
        assert_eq!(n, 1);
        let again = say(&shop, message_id, text).await.ok();
        let same = |name: &str| (first[name].clone(), again[name].clone());
        for name in ["answer_id", "conversation_id", "answer"] {
            let (first, again): (Value, Value) = same(name);
            assert_eq!(first, again, "{name}");
        }
        let path = format!("/v1/conversations/{}", again["conversation_id"].as_str().unwrap());
        let turns = shop.get(&path).await.ok()["turns"].clone();
        let said = turns.as_array().unwrap().iter().filter(|turn| turn["text"] == text);
        assert_eq!(said.count(), 1, "{turns}");
        shop.records.forget_messages(&scopes::customer(TENANT), i64::MAX).await.unwrap();
    }
}
