use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt;
use kefu_testkit::fakes::Script;
use serde_json::{Value, json};

use crate::shop::{RETURNS_QUESTION, Reply, Shop, stream_request};

fn without_volatile(mut answer: Value) -> Value {
    for field in ["answer_id", "conversation_id", "timings_ms"] {
        answer.as_object_mut().unwrap().remove(field);
    }
    answer
}

async fn same_by_both_forms(shop: &Shop, body: Value) {
    let reply = shop.send(stream_request(&body)).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("x-accel-buffering"), "no");
    let events = reply.events();
    let of = |name: &str| -> Vec<&Value> {
        events.iter().filter(|(event, _)| event == name).map(|(_, data)| data).collect()
    };
    assert_eq!(events.last().unwrap().0, "final");
    let answer = of("final")[0].clone();
    let deltas: String = of("delta").iter().map(|d| d["text"].as_str().unwrap()).collect();
    assert_eq!(deltas, answer["answer"].as_str().unwrap());
    let citations: Vec<Value> = of("citation").into_iter().cloned().collect();
    assert_eq!(json!(citations), answer["citations"]);
    assert!(!of("status").is_empty());

    let whole = shop.post("/v1/answers", body).await.ok();
    assert_eq!(without_volatile(answer), without_volatile(whole));
}

#[tokio::test]
async fn the_stream_carries_the_answer_of_the_json_body() {
    let shop = Shop::open().await;
    for question in [RETURNS_QUESTION, "退款多久可以到账？", "Which planets have rings?"] {
        same_by_both_forms(&shop, json!({"question": question})).await;
    }
}

#[tokio::test]
async fn generated_answers_stream_too() {
    let pieces = ["You can return any unused item ", "within 30 days of delivery."];
    let script = Script::Say(pieces.map(str::to_owned).to_vec());
    let shop = Shop::fitted(|fittings| fittings.script = script).await;
    let body = json!({"question": RETURNS_QUESTION, "lane": "generated"});
    same_by_both_forms(&shop, body.clone()).await;
    assert_eq!(shop.post("/v1/answers", body).await.ok()["lane"], "generated");
}

#[tokio::test]
async fn a_turn_of_a_conversation_streams_too() {
    let shop = Shop::open().await;
    let first = shop.ask(RETURNS_QUESTION).await;
    let id = first["conversation_id"].as_str().unwrap();
    let mut request = stream_request(&json!({"role": "customer", "text": "How are refunds paid?"}));
    *request.uri_mut() = format!("/v1/conversations/{id}/messages").parse().unwrap();
    let events = shop.send(request).await.events();
    let (name, answer) = events.last().unwrap();
    assert_eq!(name, "final");
    assert_eq!(answer["conversation_id"], id);
}

#[tokio::test]
async fn a_fault_found_late_ends_the_stream_with_a_problem() {
    let shop = Shop::open().await;
    shop.records.fail_next_writes(1);
    let reply = shop.send(stream_request(&json!({"question": RETURNS_QUESTION}))).await;
    assert_eq!(reply.status, 200, "the stream had begun");
    let events = reply.events();
    let (name, problem) = events.last().unwrap();
    assert_eq!(name, "error");
    assert_eq!(problem["status"], 507);
    assert_eq!(problem["code"], "storage_full");
    assert_eq!(problem["request_id"], reply.header("x-request-id"));
}

#[tokio::test]
async fn a_request_that_is_wrong_gets_a_problem_and_no_stream() {
    let shop = Shop::open().await;
    let reply = shop.send(stream_request(&json!({"question": ""}))).await;
    assert_eq!(reply.fields(422), ["question"]);
}

#[tokio::test]
async fn generation_stops_and_the_permit_returns_when_the_reader_leaves() {
    let pieces = vec!["Items can be returned within 30 days of delivery. ".to_owned(); 400];
    let shop = Shop::fitted(|fittings| {
        fittings.script = Script::SaySlowly(pieces, Duration::from_millis(10));
        fittings.settings.max_concurrent_requests = 1;
    })
    .await;
    let body = json!({"question": RETURNS_QUESTION, "lane": "generated"});
    let response = shop.respond(stream_request(&body)).await;
    let mut events = Body::into_data_stream(response.into_body());
    while shop.generator.n_pieces_sent() == 0 {
        events.next().await.unwrap().unwrap();
    }
    let busy = shop.get("/v1/releases").await;
    assert_eq!(busy.problem(429)["code"], "overloaded");

    drop(events);
    tokio::time::sleep(Duration::from_millis(60)).await;
    let n_sent = shop.generator.n_pieces_sent();
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(shop.generator.n_pieces_sent(), n_sent, "the generation went on");
    assert!(n_sent < 100);
    assert_eq!(shop.get("/v1/releases").await.status, 200);
}

#[tokio::test]
async fn escalations_stream_their_ticket() {
    let shop = Shop::open().await;
    let reply: Reply = shop.send(stream_request(&json!({"question": "转人工"}))).await;
    let events = reply.events();
    let (name, answer) = events.last().unwrap();
    assert_eq!(name, "final");
    assert_eq!(answer["escalation"]["reason"], "human_requested");
}
