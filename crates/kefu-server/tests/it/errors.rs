use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use kefu_core::{AnswerId, ConversationId, Escalation, Triage, TriageInput, TriageOutcome};
use serde_json::json;

use crate::shop::{RETURNS_QUESTION, Shop, json_request, stream_request};

fn raw(body: &'static [u8]) -> Request<Body> {
    Request::post("/v1/retrieve")
        .header("content-type", "application/json; charset=utf-8")
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test]
async fn bad_questions_are_refused_with_the_field_named() {
    let shop = Shop::open().await;
    let cases: [(&[u8], u16, &str); 13] = [
        (br#"{"question": ""}"#, 422, "question"),
        (br#"{"question": "  \n "}"#, 422, "question"),
        (br#"{"question": ["x"]}"#, 422, "question"),
        (br#"{}"#, 422, "question"),
        (br#"{"question": "x", "temperature": 1}"#, 422, "temperature"),
        (br#"{"question": "x", "filter": {"tags": []}}"#, 422, "filter.tags"),
        (br#"{"question": "x", "as_of": "2024-02-31"}"#, 422, "as_of"),
        (br#"{"question": "x", "top_k": 0}"#, 422, "top_k"),
        (br#"{"question": "x", "top_k": 4000000000}"#, 422, "top_k"),
        (br#"{"question": "x", "top_k": 1e400}"#, 400, "top_k"),
        (br#"{"question": "x", "top_k": NaN}"#, 400, "top_k"),
        (b"{\"question\": \"\xc3\x28\"}", 400, "question"),
        (br#"{"question": "x""#, 400, "body"),
    ];
    for (body, status, field) in cases {
        let reply = shop.send(raw(body)).await;
        let shown = String::from_utf8_lossy(body);
        assert_eq!(reply.fields(status), [field], "{shown}");
    }
}

#[tokio::test]
async fn over_long_questions_are_refused_before_any_work() {
    let shop = Shop::open().await;
    let question = "why ".repeat(200);
    let reply = shop.post("/v1/answers", json!({"question": question})).await;
    assert_eq!(reply.fields(413), ["question"]);
    let huge = json!({"question": "x".repeat(20_000)});
    assert_eq!(shop.post("/v1/answers", huge).await.fields(413), ["body"]);
}

#[tokio::test]
async fn unknown_ids_are_not_found() {
    let shop = Shop::open().await;
    let conversation_id = ConversationId::generate().to_string();
    let body = json!({"question": "price?", "conversation_id": conversation_id});
    assert_eq!(shop.post("/v1/answers", body).await.fields(404), ["conversation_id"]);
    let answer_id = AnswerId::generate().to_string();
    let body = json!({"answer_id": answer_id, "rating": 5});
    assert_eq!(shop.post("/v1/feedback", body).await.fields(404), ["answer_id"]);
    let record = shop.get(&format!("/v1/records/{answer_id}")).await;
    assert_eq!(record.fields(404), ["answer_id"]);
    let conversation = shop.get(&format!("/v1/conversations/{conversation_id}")).await;
    assert_eq!(conversation.fields(404), ["id"]);
}

#[tokio::test]
async fn faults_of_the_protocol_are_problems_too() {
    let shop = Shop::open().await;
    assert_eq!(shop.get("/v1/nothing").await.problem(404)["code"], "not_found");
    let reply = shop.get("/v1/answers").await;
    assert_eq!(reply.problem(405)["code"], "method_not_allowed");
    assert_eq!(reply.header("allow"), "POST");
    let form = Request::post("/v1/answers")
        .header("content-type", "text/plain")
        .body(Body::from(r#"{"question": "x"}"#))
        .unwrap();
    assert_eq!(shop.send(form).await.problem(415)["code"], "unsupported_media_type");
}

#[tokio::test]
async fn without_a_permit_nothing_is_begun() {
    let shop = Shop::open().await;
    let full = Shop::fitted(|fittings| fittings.settings.max_concurrent_requests = 1).await;
    full.store.delay(Duration::from_millis(100));
    let question = json!({"question": RETURNS_QUESTION});
    let (first, second) = tokio::join!(
        full.post("/v1/answers", question.clone()),
        full.post("/v1/answers", question.clone()),
    );
    assert_eq!(first.status, 200);
    assert_eq!(second.problem(429)["code"], "overloaded");
    assert_eq!(second.header("retry-after"), "1");
    assert_eq!(full.get("/livez").await.status, 200, "health needs no permit");
    assert_eq!(shop.post("/v1/answers", question).await.status, 200);
}

#[tokio::test]
async fn a_full_disk_is_an_outage_and_its_cause_stays_inside() {
    let shop = Shop::open().await;
    shop.records.fail_next_writes(1);
    let reply = shop.post("/v1/answers", json!({"question": RETURNS_QUESTION})).await;
    let problem = reply.problem(507);
    assert_eq!(problem["code"], "storage_full");
    assert_eq!(reply.header("retry-after"), "30");
    assert!(!reply.text().contains("scripted"));
}

#[tokio::test]
async fn a_deadline_ends_what_takes_too_long() {
    let shop = Shop::fitted(|fittings| {
        fittings.settings.request_timeout = Duration::from_millis(50);
    })
    .await;
    shop.store.delay(Duration::from_secs(5));
    let reply = shop.post("/v1/retrieve", json!({"question": RETURNS_QUESTION})).await;
    assert_eq!(reply.problem(504)["code"], "deadline_exceeded");
}

struct Panics;

impl Triage for Panics {
    fn assess(&self, input: &TriageInput<'_>) -> TriageOutcome {
        panic!("on purpose: {}", input.text)
    }

    fn after_failures(&self, _: u32) -> Option<Escalation> {
        None
    }

    fn engine_failure(&self) -> Escalation {
        panic!("on purpose")
    }
}

#[tokio::test]
async fn a_panic_is_a_problem_that_gives_nothing_away() {
    let shop = Shop::fitted(|fittings| fittings.triage = Arc::new(Panics)).await;
    let reply = shop.post("/v1/answers", json!({"question": "secret words"})).await;
    assert_eq!(reply.problem(500)["code"], "internal");
    assert!(!reply.text().contains("secret"));

    let stream = shop.send(stream_request(&json!({"question": "secret words"}))).await;
    let events = stream.events();
    let (name, problem) = events.last().unwrap();
    assert_eq!((name.as_str(), &problem["code"]), ("error", &json!("internal")));
    assert!(!stream.text().contains("secret"));
    let body = json!({"question": RETURNS_QUESTION});
    let after = shop.send(json_request(Method::POST, "/v1/retrieve", &body)).await;
    assert_eq!(after.status, 200, "the permit came back");
}
