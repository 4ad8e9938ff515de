//! What other programs are told when a promised time comes near and passes.

use std::time::{Duration, Instant};

use kefu_core::EventKind;
use kefu_desk::{Policy, Queue};
use kefu_server::{Endpoint, EndpointKind, Secret, verify};
use serde_json::{Value, json};

use crate::live::run;
use crate::shop::Shop;

const SECRET: &str = "only the two of us know";
const MINUTE_MS: i64 = 60_000;

/// A shop that promises a reply within ten minutes and a solution within an hour, and tells of its
/// clocks.
async fn open() -> Shop {
    Shop::fitted(|fittings| {
        let unruled = Policy::unruled();
        fittings.policy = Policy {
            elsewhere: Queue {
                first_response_ms: Some(10 * MINUTE_MS),
                resolution_ms: Some(60 * MINUTE_MS),
                ..unruled.elsewhere.clone()
            },
            warning_share: 0.8,
            ..unruled
        };
        fittings.endpoints = vec![Endpoint {
            name: "crm".to_owned(),
            url: "https://crm.example/kefu".to_owned(),
            kind: EndpointKind::Generic,
            secret: Secret::new(SECRET),
            kinds: vec![EventKind::TicketWarned, EventKind::TicketBreached],
        }];
    })
    .await
}

/// What was told, once there is this much of it.
async fn told(shop: &Shop, n: usize) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let sent = shop.sender.sent();
        if sent.len() >= n {
            let now_s = 1_700_000_000 + 3_600;
            for request in &sent {
                let signature = request.headers.iter().find(|(name, _)| name == "kefu-signature");
                let (_, signature) = signature.unwrap();
                let fits =
                    (0..=3_600).any(|ago| verify(SECRET, signature, &request.body, now_s - ago));
                assert!(fits, "{signature}");
            }
            return sent.iter().map(|sent| serde_json::from_slice(&sent.body).unwrap()).collect();
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "told of {} of {n}", sent.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn clocks_that_warn_and_run_out_are_told_of_once_each() {
    let shop = open().await;
    let running = run(&shop, Duration::from_secs(2)).await;
    let customer = json!({"id": "c-1", "attributes": {"plan": "yearly"}});
    let body = json!({"question": "I want to talk to a human", "customer": customer});
    let answer = shop.post("/v1/answers", body).await.ok();
    let ticket_id = &answer["escalation"]["ticket_id"];

    // Nothing is told before its time.
    shop.clock.advance_ms(8 * MINUTE_MS - 1);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(shop.sender.sent().is_empty(), "{:?}", shop.sender.sent());

    shop.clock.advance_ms(1);
    let warned = told(&shop, 1).await.remove(0);
    let state = |event: &Value| event["ticket"]["sla"]["state"].clone();
    assert_eq!((&warned["type"], state(&warned)), (&json!("ticket.warned"), json!("warning")));
    assert_eq!(&warned["ticket"]["ticket_id"], ticket_id);
    assert_eq!(warned["customer"]["attributes"], json!({"plan": "yearly"}));
    assert_eq!(warned["ticket"]["sla"]["first_response_due"], "2023-11-14T22:23:20Z");

    shop.clock.advance_ms(2 * MINUTE_MS);
    let late = told(&shop, 2).await.remove(1);
    assert_eq!((&late["type"], state(&late)), (&json!("ticket.breached"), json!("breached")));
    assert_eq!(late["at"], "2023-11-14T22:23:20Z");
    assert_ne!(late["event_id"], warned["event_id"]);

    // The clock of the solution speaks for itself, and nothing is repeated.
    shop.clock.advance_ms(38 * MINUTE_MS);
    assert_eq!(told(&shop, 3).await[2]["type"], "ticket.warned");
    shop.clock.advance_ms(12 * MINUTE_MS);
    assert_eq!(told(&shop, 4).await[3]["type"], "ticket.breached");
    shop.clock.advance_ms(600 * MINUTE_MS);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(shop.sender.sent().len(), 4);
    running.shutdown.cancel();
}

#[tokio::test]
async fn a_reply_in_time_leaves_the_clock_of_the_solution_alone() {
    let shop = open().await;
    let running = run(&shop, Duration::from_secs(2)).await;
    let answer = shop.ask("I want to talk to a human").await;
    let path = format!("/v1/tickets/{}", answer["escalation"]["ticket_id"].as_str().unwrap());
    let reply = json!({"agent": "mei", "text": "I am on it."});
    shop.post(&format!("{path}/reply"), reply).await.ok();
    shop.clock.advance_ms(20 * MINUTE_MS);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(shop.sender.sent().is_empty(), "the first response was given");
    shop.clock.advance_ms(28 * MINUTE_MS);
    let warned = told(&shop, 1).await.remove(0);
    assert_eq!(warned["type"], "ticket.warned");
    assert_eq!(warned["ticket"]["assignee"], "mei");
    shop.clock.advance_ms(12 * MINUTE_MS);
    assert_eq!(told(&shop, 2).await[1]["type"], "ticket.breached");
    shop.post(&format!("{path}/resolve"), json!({"agent": "mei"})).await.ok();
    running.shutdown.cancel();
}
