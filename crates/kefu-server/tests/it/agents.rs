use axum::http::Method;
use serde_json::json;

use crate::shop::{Shop, json_request};

impl Shop {
    async fn put_agent(&self, name: &str, body: serde_json::Value) -> crate::shop::Reply {
        self.send(json_request(Method::PUT, &format!("/v1/agents/{name}"), &body)).await
    }
}

#[tokio::test]
async fn agents_tell_of_themselves() {
    let shop = Shop::open().await;
    assert_eq!(shop.get("/v1/agents").await.ok(), json!({"items": []}));
    let told =
        json!({"state": "online", "queues": ["support"], "languages": ["zh"], "capacity": 2});
    let mei = shop.put_agent("mei", told).await.ok();
    let since = mei["since"].clone();
    let expected = json!({
        "agent": "mei", "state": "online", "queues": ["support"], "languages": ["zh"],
        "skills": [], "n_open": 0, "capacity": 2, "since": since,
    });
    assert_eq!(mei, expected);
    let answer = shop.ask("I want to talk to a human").await;
    let ticket = answer["escalation"]["ticket_id"].as_str().unwrap();
    shop.post(&format!("/v1/tickets/{ticket}/claim"), json!({"agent": "mei"})).await.ok();
    let away = shop.put_agent("mei", json!({"state": "away"})).await.ok();
    assert_eq!((&away["queues"], &away["capacity"]), (&json!(["support"]), &json!(2)));
    let listed = shop.get("/v1/agents").await.ok();
    assert_eq!(
        (&listed["items"][0]["n_open"], &listed["items"][0]["state"]),
        (&json!(1), &json!("away"))
    );

    assert_eq!(shop.put_agent("mei", json!({})).await.fields(422), ["state"]);
    assert_eq!(shop.put_agent("mei", json!({"state": "gone"})).await.fields(422), ["state"]);
    let codes = json!({"state": "online", "languages": ["en", "?"]});
    assert_eq!(shop.put_agent("mei", codes).await.fields(422), ["languages[1]"]);
    let much = json!({"state": "online", "capacity": 5000});
    assert_eq!(shop.put_agent("mei", much).await.fields(422), ["capacity"]);
    let nowhere = json!({"state": "online", "queues": ["support", "nonsense"]});
    assert_eq!(shop.put_agent("mei", nowhere).await.fields(422), ["queues"]);
    let other = json!({"state": "online"});
    assert_eq!(shop.put_agent("%20", other).await.fields(422), ["agent"]);
}

#[tokio::test]
async fn tickets_are_transferred_returned_and_answered_once() {
    let shop = Shop::open().await;
    let answer = shop.ask("我要投诉你们的快递").await;
    let ticket = format!("/v1/tickets/{}", answer["escalation"]["ticket_id"].as_str().unwrap());
    let number = answer["escalation"]["ticket_number"].as_str().unwrap();
    assert!(answer["answer"].as_str().unwrap().contains(number), "{answer}");
    let act = async |verb: &str, body| shop.post(&format!("{ticket}/{verb}"), body).await;

    let both = json!({"agent": "mei", "to_agent": "tom", "to_queue": "support"});
    assert_eq!(act("transfer", both).await.fields(422), ["to_agent"]);
    let nowhere = act("transfer", json!({"agent": "mei", "to_queue": "nonsense"})).await;
    assert_eq!(nowhere.fields(422), ["to_queue"]);
    let detail = nowhere.problem(422)["detail"].clone();
    assert!(detail.as_str().unwrap().contains("complaints, safety, support"), "{detail}");
    let to_tom = json!({"agent": "mei", "to_agent": "tom", "note": "please take over"});
    let moved = act("transfer", to_tom).await.ok();
    assert_eq!((&moved["assignee"], &moved["status"]), (&json!("tom"), &json!("claimed")));
    assert_eq!(moved["history"][1]["note"], "please take over");
    let taken = act("claim", json!({"agent": "mei"})).await;
    assert!(taken.problem(409)["detail"].as_str().unwrap().contains("tom"));

    let reply = json!({"agent": "tom", "text": "您好", "client_turn_id": "r-1"});
    let once = act("reply", reply.clone()).await.ok();
    let twice = act("reply", reply).await.ok();
    assert_eq!(once["transcript"], twice["transcript"]);
    assert_eq!(once["transcript"].as_array().unwrap().len(), 3);
    let mut keyed = json_request(
        Method::POST,
        &format!("{ticket}/reply"),
        &json!({"agent": "tom", "text": "您好"}),
    );
    keyed.headers_mut().insert("idempotency-key", "r-1".parse().unwrap());
    assert_eq!(shop.send(keyed).await.ok()["transcript"], once["transcript"]);

    let other = json!({"agent": "tom", "text": "再见", "client_turn_id": "r-1"});
    let problem = act("reply", other).await.problem(409);
    assert_eq!(problem["code"], "idempotency_key_reused", "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("nothing was done"), "{problem}");
    let read = shop.get(&ticket).await.ok();
    assert_eq!(read["transcript"], once["transcript"]);

    let back = act("return", json!({"agent": "tom"})).await.ok();
    assert_eq!(back["status"], "resolved");
    let path = format!("/v1/conversations/{}", answer["conversation_id"].as_str().unwrap());
    assert_eq!(shop.get(&path).await.ok()["state"], "bot");
    let asked = json!({"role": "customer", "text": "退款多久可以到账？"});
    let next = shop.post(&format!("{path}/messages"), asked).await.ok();
    assert_eq!(next["outcome"], "answered", "{next}");
}

#[tokio::test]
async fn danger_said_to_a_waiting_person_makes_the_ticket_urgent() {
    let shop = Shop::open().await;
    let first = shop.ask("I want to talk to a human").await;
    let path = format!("/v1/conversations/{}", first["conversation_id"].as_str().unwrap());
    let ticket = format!("/v1/tickets/{}", first["escalation"]["ticket_id"].as_str().unwrap());
    assert_eq!(shop.get(&ticket).await.ok()["priority"], "normal");
    let stolen = json!({"role": "customer", "text": "My account was hacked and money is gone!"});
    let silent = shop.post(&format!("{path}/messages"), stolen).await.ok();
    assert_eq!((&silent["outcome"], &silent["answer"]), (&json!("escalated"), &json!("")));
    assert_eq!(silent["escalation"]["priority"], "urgent", "{silent}");
    let read = shop.get(&ticket).await.ok();
    assert_eq!((&read["priority"], &read["queue"]), (&json!("urgent"), &json!("safety")));
    let last = read["history"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["action"], &last["actor"]), (&json!("transfer"), &json!(null)), "{last}");
}

#[tokio::test]
async fn danger_said_to_somebody_who_has_the_ticket_stays_with_them() {
    let shop = Shop::open().await;
    let first = shop.ask("I want to talk to a human").await;
    let path = format!("/v1/conversations/{}", first["conversation_id"].as_str().unwrap());
    let ticket = format!("/v1/tickets/{}", first["escalation"]["ticket_id"].as_str().unwrap());
    shop.post(&format!("{ticket}/claim"), json!({"agent": "mei"})).await.ok();
    let harm = json!({"role": "customer", "text": "I want to kill myself"});
    let silent = shop.post(&format!("{path}/messages"), harm).await.ok();
    assert_eq!(silent["escalation"]["priority"], "urgent", "{silent}");
    let read = shop.get(&ticket).await.ok();
    assert_eq!((&read["priority"], &read["queue"]), (&json!("urgent"), &json!("support")));
    assert_eq!(read["assignee"], "mei");
}
