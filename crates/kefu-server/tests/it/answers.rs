use axum::http::Method;
use serde_json::{Value, json};

use crate::shop::{RETURNS_ID, RETURNS_PATH, RETURNS_QUESTION, Shop, json_request};

const ANSWER_FIELDS: [&str; 18] = [
    "ai_generated",
    "answer",
    "answer_id",
    "citations",
    "clarify",
    "confidence",
    "conflicting",
    "conversation_id",
    "disclosure",
    "escalation",
    "language",
    "lane",
    "models",
    "offer_human",
    "outcome",
    "reason",
    "release",
    "timings_ms",
];

#[tokio::test]
async fn an_answer_quotes_the_bytes_of_its_source() {
    let shop = Shop::open().await;
    let answer = shop.ask(RETURNS_QUESTION).await;
    assert_eq!(answer["outcome"], "answered");
    assert_eq!(answer["lane"], "extractive");
    assert_eq!(answer["language"], "en");
    assert_eq!(answer["reason"], Value::Null);
    assert_eq!(answer["escalation"], Value::Null);
    assert_eq!((&answer["clarify"], &answer["conflicting"]), (&Value::Null, &json!([])));
    assert_eq!(answer["ai_generated"], true);
    assert!(answer["answer"].as_str().unwrap().contains("30 days"));
    for field in ANSWER_FIELDS {
        assert!(answer.get(field).is_some(), "{field}");
    }

    let citation = &answer["citations"][0];
    assert_eq!(citation["label"], 1);
    assert_eq!(citation["document_id"], RETURNS_ID);
    let revision = citation["revision"].as_str().unwrap();
    let document = shop.get(&format!("{RETURNS_PATH}?revision={revision}")).await.ok();
    let text = document["text"].as_str().unwrap();
    let at = |name: &str| usize::try_from(citation[name].as_u64().unwrap()).unwrap();
    assert_eq!(&text[at("start")..at("end")], citation["quote"].as_str().unwrap());
}

#[tokio::test]
async fn chinese_questions_get_chinese_answers() {
    let shop = Shop::open().await;
    let answer = shop.ask("退款多久可以到账？").await;
    assert_eq!(answer["language"], "zh");
    assert!(answer["disclosure"].as_str().unwrap().contains("人工智能"));
    assert_eq!(answer["models"]["embedder"], Value::Null, "the embedder serves English alone");
}

#[tokio::test]
async fn weak_evidence_abstains_with_a_reason_and_offers_a_person() {
    let shop = Shop::open().await;
    let answer = shop.ask("Which planets have rings?").await;
    assert_eq!(answer["outcome"], "abstained");
    assert!(["no_document", "weak_evidence"].contains(&answer["reason"].as_str().unwrap()));
    assert_eq!(answer["offer_human"], true);
    assert_eq!(answer["citations"], json!([]));
}

#[tokio::test]
async fn a_conversation_keeps_its_turns() {
    let shop = Shop::open().await;
    let first = shop.ask(RETURNS_QUESTION).await;
    let id = first["conversation_id"].as_str().unwrap();
    let path = format!("/v1/conversations/{id}");
    let message = json!({"role": "customer", "text": "And when are refunds paid?"});
    let second = shop.post(&format!("{path}/messages"), message).await.ok();
    assert_eq!(second["conversation_id"], id);
    let conversation = shop.get(&path).await.ok();
    assert_eq!(conversation["state"], "bot");
    let turns = conversation["turns"].as_array().unwrap();
    let speakers: Vec<&str> = turns.iter().map(|t| t["speaker"].as_str().unwrap()).collect();
    assert_eq!(speakers, ["customer", "assistant", "customer", "assistant"]);
    assert_eq!(turns[0]["at"], "2023-11-14T22:13:20Z");
}

#[tokio::test]
async fn a_record_holds_what_was_asked_unless_the_customer_refused() {
    let shop = Shop::open().await;
    for (consent, kept) in [(true, RETURNS_QUESTION), (false, "")] {
        let body = json!({"question": RETURNS_QUESTION, "consent": {"record": consent}});
        let answer = shop.post("/v1/answers", body).await.ok();
        assert!(answer["answer"].as_str().unwrap().contains("30 days"));
        let id = answer["answer_id"].as_str().unwrap();
        let record = shop.get(&format!("/v1/records/{id}")).await.ok();
        assert_eq!(record["question"], kept);
        assert_eq!(record["consent"], consent);
    }
}

#[tokio::test]
async fn feedback_is_kept_beside_the_record() {
    let shop = Shop::open().await;
    let answer = shop.ask(RETURNS_QUESTION).await;
    let id = answer["answer_id"].as_str().unwrap();
    let body = json!({"answer_id": id, "thumbs": "down", "comment": "too short"});
    let reply = shop.post("/v1/feedback", body).await;
    assert_eq!(reply.status, 201);
    let record = shop.get(&format!("/v1/records/{id}")).await.ok();
    assert_eq!(record["feedback"][0]["thumbs"], "down");
    assert_eq!(record["feedback"][0]["comment"], "too short");
}

#[tokio::test]
async fn passages_come_best_first_and_can_be_restricted() {
    let shop = Shop::open().await;
    let body = json!({"question": RETURNS_QUESTION, "top_k": 5});
    let found = shop.post("/v1/retrieve", body).await.ok();
    let passages = found["passages"].as_array().unwrap();
    assert_eq!(passages[0]["rank"], 1);
    assert_eq!(passages[0]["document_id"], RETURNS_ID);
    assert!(passages.windows(2).all(|p| p[0]["score"].as_f64() >= p[1]["score"].as_f64()));

    let filter = json!({"documents": ["退款.md"]});
    let body = json!({"question": RETURNS_QUESTION, "filter": filter});
    let found = shop.post("/v1/retrieve", body).await.ok();
    let passages = found["passages"].as_array().unwrap();
    assert!(passages.iter().all(|passage| passage["document_id"] == "退款.md"));
}

#[tokio::test]
async fn a_named_question_is_answered_and_recorded_once() {
    let shop = Shop::open().await;
    let named = |name: &str, question: &str, conversation: Option<&str>| {
        let body = json!({"question": question, "conversation_id": conversation});
        let mut request = json_request(Method::POST, "/v1/answers", &body);
        request.headers_mut().insert("idempotency-key", name.parse().unwrap());
        request
    };
    let first = shop.send(named("one", RETURNS_QUESTION, None)).await.ok();
    let again = shop.send(named("one", RETURNS_QUESTION, None)).await.ok();
    assert_eq!(first, again);
    let id = first["conversation_id"].as_str().unwrap();
    let other = shop.send(named("two", RETURNS_QUESTION, Some(id))).await.ok();
    assert_ne!(other["answer_id"], first["answer_id"]);
    let (left, right) = tokio::join!(
        shop.send(named("three", RETURNS_QUESTION, Some(id))),
        shop.send(named("three", RETURNS_QUESTION, Some(id))),
    );
    assert_eq!(left.ok(), right.ok());
    let conversation = shop.get(&format!("/v1/conversations/{id}")).await.ok();
    let turns = conversation["turns"].as_array().unwrap();
    assert_eq!(turns.len(), 6, "{conversation}");
    assert_eq!(turns[1]["citations"], first["citations"]);
    // The same name of somebody else's question, or in another conversation, is another question.
    let elsewhere = shop.send(named("three", RETURNS_QUESTION, None)).await.ok();
    assert_ne!(elsewhere["conversation_id"], first["conversation_id"]);
    let nameless = shop.send(named("", RETURNS_QUESTION, None)).await;
    assert_eq!(nameless.status, 422);
}
