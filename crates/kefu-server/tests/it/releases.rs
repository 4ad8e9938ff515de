use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::shop::{RETURNS_ID, RETURNS_PATH, RETURNS_QUESTION, Shop, json_request};

/// A shop whose returns policy was changed, so that its releases are 1, 2 and 3.
async fn shop() -> Shop {
    let shop = Shop::open().await;
    let body = json!({
        "text": "# Returns\n\nYou can return any unused item within 45 days of delivery.",
        "url": "https://shop.example/returns",
    });
    assert_eq!(shop.send(json_request(Method::PUT, RETURNS_PATH, &body)).await.status, 202);
    shop.work().await;
    shop
}

async fn answer(shop: &Shop) -> String {
    shop.ask(RETURNS_QUESTION).await["answer"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_rollback_takes_effect_with_the_next_question() {
    let shop = shop().await;
    assert!(answer(&shop).await.contains("45 days"));
    let without_body = Request::post("/v1/releases/rollback").body(Body::empty()).unwrap();
    let moved = shop.send(without_body).await.ok();
    assert_eq!((&moved["release"], &moved["current"]), (&json!(2), &json!(true)));
    assert!(answer(&shop).await.contains("30 days"));

    let moved = shop.post("/v1/releases/3/publish", json!({"reason": "it was right"})).await.ok();
    assert_eq!(moved["release"], 3);
    assert!(answer(&shop).await.contains("45 days"));
    let moved = shop.post("/v1/releases/rollback", json!({"to": 1})).await.ok();
    assert_eq!(moved["release"], 1);
    let listed = shop.get("/v1/releases").await.ok();
    let current: Vec<&Value> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["current"] == true)
        .map(|item| &item["release"])
        .collect();
    assert_eq!(current, [&json!(1)]);
}

#[tokio::test]
async fn moves_that_cannot_be_made_say_why() {
    let shop = shop().await;
    assert_eq!(shop.post("/v1/releases/9/publish", json!({})).await.fields(404), ["n"]);
    assert_eq!(shop.post("/v1/releases/first/publish", json!({})).await.fields(404), ["n"]);
    assert_eq!(shop.post("/v1/releases/rollback", json!({"to": 3})).await.fields(422), ["to"]);
    assert_eq!(shop.post("/v1/releases/rollback", json!({"to": -1})).await.fields(422), ["to"]);
    let blank = shop.post("/v1/releases/1/publish", json!({"reason": " "})).await;
    assert_eq!(blank.fields(422), ["reason"]);
    assert_eq!(shop.get("/v1/releases/1/diff/9").await.fields(404), ["n"]);

    shop.post("/v1/releases/rollback", json!({"to": 1})).await.ok();
    shop.post("/v1/releases/rollback", json!({})).await.problem(409);
    let body = json!({"text": "Another policy."});
    shop.send(json_request(Method::PUT, RETURNS_PATH, &body)).await;
    shop.work().await;
    let problem = shop.post("/v1/releases/3/publish", json!({})).await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("abandoned"), "{problem}");
    let listed = shop.get("/v1/releases").await.ok();
    let states: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|item| item["state"].clone()).collect();
    assert_eq!(states, ["published", "abandoned", "abandoned", "published"]);
}

#[tokio::test]
async fn releases_are_compared_line_by_line() {
    let shop = shop().await;
    let diff = shop.get("/v1/releases/2/diff/3").await.ok();
    assert_eq!((&diff["n_changed"], &diff["truncated"]), (&json!(1), &json!(false)));
    let document = &diff["documents"][0];
    assert_eq!(
        (&document["document_id"], &document["change"]),
        (&json!(RETURNS_ID), &json!("changed"))
    );
    let text = document["text"].as_str().unwrap();
    assert!(text.contains("\n-You can return any unused item within 30 days"), "{text}");
    assert!(text.contains("\n+You can return any unused item within 45 days"), "{text}");
    let url = json!({"field": "url", "before": "https://shop.example/help", "after": "https://shop.example/returns"});
    assert!(document["fields"].as_array().unwrap().contains(&url), "{document}");

    let diff = shop.get("/v1/releases/2/diff/1").await.ok();
    assert_eq!(
        (&diff["n_removed"], &diff["documents"][0]["change"]),
        (&json!(1), &json!("removed"))
    );
    assert_eq!(diff["documents"][0]["text"], Value::Null);
}
