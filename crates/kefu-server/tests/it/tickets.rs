use serde_json::{Value, json};

use crate::shop::Shop;

async fn escalated(shop: &Shop) -> (String, String) {
    let answer = shop.ask("I want to talk to a human").await;
    assert_eq!(answer["outcome"], "escalated");
    assert_eq!(answer["lane"], "none");
    assert_eq!(answer["escalation"]["reason"], "human_requested");
    assert!(answer["escalation"]["queue"].as_str().is_some());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&answer["escalation"]["ticket_id"]), text(&answer["conversation_id"]))
}

#[tokio::test]
async fn a_ticket_lives_from_escalation_to_resolution() {
    let shop = Shop::open().await;
    let (ticket_id, conversation_id) = escalated(&shop).await;
    let ticket = format!("/v1/tickets/{ticket_id}");
    let conversation = format!("/v1/conversations/{conversation_id}");

    let open = shop.get("/v1/tickets?status=open").await.ok();
    assert_eq!(open["items"][0]["ticket_id"], ticket_id);
    assert_eq!(shop.get(&conversation).await.ok()["state"], "queued");

    let claimed = shop.post(&format!("{ticket}/claim"), json!({"agent": "mei"})).await.ok();
    assert_eq!(claimed["status"], "claimed");
    assert_eq!(claimed["assignee"], "mei");
    let late = shop.post(&format!("{ticket}/claim"), json!({"agent": "tom"})).await;
    assert_eq!(late.problem(409)["code"], "conflict");

    let message = json!({"role": "customer", "text": "My order is late"});
    let silent = shop.post(&format!("{conversation}/messages"), message).await.ok();
    assert_eq!(silent["outcome"], "escalated");
    assert_eq!(silent["escalation"]["ticket_id"], ticket_id);

    let reply = json!({"agent": "mei", "text": "It arrives tomorrow."});
    shop.post(&format!("{ticket}/reply"), reply).await.ok();
    let message = json!({"role": "agent", "agent": "mei", "text": "Anything else?"});
    let detail = shop.post(&format!("{conversation}/messages"), message).await.ok();
    assert_eq!(detail["ticket_id"], ticket_id);
    let transcript = detail["transcript"].as_array().unwrap();
    let said = |text: &str| transcript.iter().any(|turn| turn["text"] == text);
    assert!(said("My order is late") && said("It arrives tomorrow.") && said("Anything else?"));

    let resolved = json!({"agent": "mei", "note": "late parcel"});
    let resolved = shop.post(&format!("{ticket}/resolve"), resolved).await.ok();
    assert_eq!(resolved["status"], "resolved");
    assert_eq!(shop.get(&conversation).await.ok()["state"], "closed");
    let message = json!({"role": "agent", "agent": "mei", "text": "One more thing"});
    let reply = shop.post(&format!("{conversation}/messages"), message).await;
    assert_eq!(reply.problem(409)["code"], "conflict");

    let reopened = shop.post(&format!("{ticket}/reopen"), json!({"agent": "mei"})).await.ok();
    assert_ne!(reopened["status"], "resolved");
}

#[tokio::test]
async fn an_erased_ticket_stays_ended() {
    let shop = Shop::open().await;
    let question = json!({"question": "I want to talk to a human", "customer": {"id": "c-9"}});
    let answer = shop.post("/v1/answers", question).await.ok();
    let ticket = format!("/v1/tickets/{}", answer["escalation"]["ticket_id"].as_str().unwrap());
    assert_eq!(shop.delete("/v1/customers/c-9").await.status, 200);
    for (verb, body) in [
        ("reopen", json!({"agent": "mei"})),
        ("claim", json!({"agent": "mei"})),
        ("reply", json!({"agent": "mei", "text": "hello"})),
        ("transfer", json!({"agent": "mei", "to_queue": "support"})),
    ] {
        let problem = shop.post(&format!("{ticket}/{verb}"), body).await.problem(409);
        assert!(problem["detail"].as_str().unwrap().contains("erased"), "{problem}");
    }
    let read = shop.get(&ticket).await.ok();
    assert_eq!((&read["status"], &read["transcript"]), (&json!("resolved"), &json!([])));
}

#[tokio::test]
async fn faults_of_tickets_name_their_fields() {
    let shop = Shop::open().await;
    let (ticket_id, conversation_id) = escalated(&shop).await;
    let claim = format!("/v1/tickets/{ticket_id}/claim");
    assert_eq!(shop.post(&claim, json!({})).await.fields(422), ["agent"]);
    assert_eq!(shop.post(&claim, json!({"agent": ""})).await.fields(422), ["agent"]);
    let reply = format!("/v1/tickets/{ticket_id}/reply");
    assert_eq!(shop.post(&reply, json!({"agent": "mei", "text": ""})).await.fields(422), ["text"]);
    let long = json!({"agent": "mei", "text": "a".repeat(8_001)});
    assert_eq!(shop.post(&reply, long).await.fields(422), ["text"]);
    let unseen = json!({"agent": "mei", "text": "\u{0}\u{1b}[31mHello\r\nthere\u{7}"});
    let said = shop.post(&reply, unseen).await.ok();
    let last = said["transcript"].as_array().unwrap().last().unwrap();
    assert_eq!(last["text"], "[31mHello\nthere");
    let nothing = json!({"agent": "mei", "text": "\u{0}\u{1b}"});
    assert_eq!(shop.post(&reply, nothing).await.fields(422), ["text"]);
    assert_eq!(shop.get("/v1/tickets/tkt_x").await.fields(404), ["id"]);
    let unknown = kefu_core::TicketId::generate();
    assert_eq!(shop.get(&format!("/v1/tickets/{unknown}")).await.fields(404), ["id"]);
    assert_eq!(shop.get("/v1/tickets?status=lost").await.fields(422), ["status"]);
    let messages = format!("/v1/conversations/{conversation_id}/messages");
    let nameless = json!({"role": "agent", "text": "hello"});
    assert_eq!(shop.post(&messages, nameless).await.fields(422), ["agent"]);
}
