//! Who the customer is: proven by the site's server, or a claim that moves nobody up.

use std::collections::BTreeMap;

use axum::http::Method;
use kefu_core::Customer;
use kefu_desk::{Conditions, Policy, Route};
use kefu_server::{ChannelKind, ChannelSpec, Secret, sign, sign_customer};
use serde_json::{Value, json};

use crate::shop::{Shop, json_request};

const SECRET: &str = "known to the shop's two servers";
const CHANNEL_SECRET: &str = "the key of the channel";
const LATER_S: i64 = 1_700_000_600;
const PERSON: &str = "I want to talk to a human";

/// A shop that sends gold customers to a queue of their own, urgently.
async fn open(secret: Option<&str>) -> Shop {
    Shop::fitted(|fittings| {
        fittings.settings.identity_secret = secret.map(Secret::new);
        let gold = Route {
            when: Conditions { tiers: vec!["gold".to_owned()], ..Conditions::default() },
            queue: Some("vip".to_owned()),
            priority: Some(kefu_core::Priority::Urgent),
        };
        fittings.policy = Policy { routes: vec![gold], ..Policy::unruled() };
        fittings.channels = vec![ChannelSpec {
            name: "app".to_owned(),
            kind: ChannelKind::Generic,
            secret: Secret::new(CHANNEL_SECRET),
            token: None,
            aes_key: None,
            reply_url: None,
            follow_customer: true,
        }];
    })
    .await
}

/// The conversation in which a customer's message on the signed channel is answered.
async fn say_in_app(shop: &Shop, id: &str) -> Value {
    let body = json!({"message_id": "m-1", "customer_id": id, "text": "How do I return an item?"});
    let signature = sign(CHANNEL_SECRET, 1_700_000_000, body.to_string().as_bytes());
    let mut request = json_request(Method::POST, "/v1/channels/app/webhook", &body);
    request.headers_mut().insert("kefu-signature", signature.parse().unwrap());
    shop.send(request).await.ok()["conversation_id"].clone()
}

fn signed(id: &str, tier: Option<&str>, attributes: &[(&str, &str)], expires_s: i64) -> Value {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let attributes: BTreeMap<String, String> = attributes.iter().map(owned).collect();
    let customer = Customer {
        id: Some(id.to_owned()),
        tier: tier.map(str::to_owned),
        attributes: attributes.clone(),
        is_verified: false,
    };
    json!({
        "id": id, "tier": tier, "attributes": attributes, "expires": expires_s,
        "signature": sign_customer(SECRET, &customer, expires_s),
    })
}

async fn ticket_of(shop: &Shop, answer: &Value) -> Value {
    let id = answer["escalation"]["ticket_id"].as_str().unwrap();
    shop.get(&format!("/v1/tickets/{id}")).await.ok()
}

#[tokio::test]
async fn with_a_secret_only_signed_customers_are_taken() {
    let shop = open(Some(SECRET)).await;
    let ask = async |customer: Value| {
        shop.post("/v1/answers", json!({"question": PERSON, "customer": customer})).await
    };
    let gold = || signed("c-1", Some("gold"), &[("plan", "yearly")], LATER_S);
    let ticket = ticket_of(&shop, &ask(gold()).await.ok()).await;
    assert_eq!((&ticket["queue"], &ticket["priority"]), (&json!("vip"), &json!("urgent")));
    let known =
        json!({"id": "c-1", "tier": "gold", "attributes": {"plan": "yearly"}, "verified": true});
    assert_eq!((&ticket["customer"], &ticket["handoff"]["customer"]), (&known, &known));

    let changed = |field: &str, value: Value| {
        let mut customer = gold();
        customer[field] = value;
        customer
    };
    for (customer, field) in [
        (json!({"id": "c-1"}), "customer.signature"),
        (json!({"tier": "gold"}), "customer.id"),
        (json!({"attributes": {"plan": "yearly"}}), "customer.id"),
        (changed("id", json!("c-2")), "customer.signature"),
        (changed("tier", json!("platinum")), "customer.signature"),
        (changed("tier", Value::Null), "customer.signature"),
        (changed("attributes", json!({"plan": "free"})), "customer.signature"),
        (changed("expires", json!(LATER_S + 1)), "customer.signature"),
        (changed("signature", json!("00")), "customer.signature"),
        (changed("signature", json!("退货")), "customer.signature"),
        (changed("expires", Value::Null), "customer.expires"),
        (signed("c-1", None, &[], 1_699_999_999), "customer.expires"),
    ] {
        let reply = ask(customer.clone()).await;
        assert_eq!(reply.fields(403), [field], "{customer}");
        assert_eq!(reply.problem(403)["code"], "identity_not_proven");
    }
    assert_eq!(ask(changed("id", json!("c\n1"))).await.fields(422), ["customer.id"]);
    let nobody = ask(json!({})).await.ok();
    assert_eq!(ticket_of(&shop, &nobody).await["customer"], Value::Null);
}

#[tokio::test]
async fn without_a_secret_a_customer_is_a_claim_and_moves_nobody_up() {
    let shop = open(None).await;
    let customer = signed("c-1", Some("gold"), &[("plan", "yearly")], LATER_S);
    let body = json!({"question": PERSON, "customer": customer});
    let answer = shop.post("/v1/answers", body).await.ok();
    let ticket = ticket_of(&shop, &answer).await;
    assert_eq!((&ticket["queue"], &ticket["priority"]), (&json!("support"), &json!("normal")));
    assert_eq!(ticket["customer"]["verified"], false);
    assert_eq!(ticket["customer"]["tier"], "gold", "people see what was claimed");
    let path = format!("/v1/conversations/{}", answer["conversation_id"].as_str().unwrap());
    let conversation = shop.get(&path).await.ok();
    assert_eq!(
        (&conversation["customer_id"], &conversation["customer_verified"]),
        (&json!("c-1"), &json!(false))
    );
}

/// Whoever claims to be a customer begins a conversation that the real one is never led into, and is
/// never led into theirs.
#[tokio::test]
async fn a_claimed_id_opens_no_other_conversation() {
    let shop = open(None).await;
    let said = |text: &str, id: &str| json!({"question": text, "customer": {"id": id}});
    let trap = shop.post("/v1/answers", said("How do I return an item?", "c-1")).await.ok();
    assert_ne!(say_in_app(&shop, "c-1").await, trap["conversation_id"]);

    let proving = open(Some(SECRET)).await;
    let customer = signed("c-1", None, &[], LATER_S);
    let own = json!({"question": "How do I return an item?", "customer": customer});
    let own = proving.post("/v1/answers", own).await.ok();
    assert_eq!(say_in_app(&proving, "c-1").await, own["conversation_id"], "history follows");

    // Another customer does not go on with it, even under its id.
    let id = &own["conversation_id"];
    let other = signed("c-2", None, &[], LATER_S);
    let body = json!({"question": "And now?", "conversation_id": id, "customer": other});
    assert_eq!(proving.post("/v1/answers", body).await.problem(403)["code"], "forbidden");
}

#[tokio::test]
async fn what_is_told_again_is_merged_and_reaches_the_open_ticket() {
    let shop = open(Some(SECRET)).await;
    let first = json!({"question": PERSON});
    let answer = shop.post("/v1/answers", first).await.ok();
    assert_eq!(ticket_of(&shop, &answer).await["customer"], Value::Null);
    let tell = async |attributes: &[(&str, &str)]| {
        let customer = signed("c-1", Some("gold"), attributes, LATER_S);
        let id = &answer["conversation_id"];
        let body = json!({"question": "Hello?", "conversation_id": id, "customer": customer});
        shop.post("/v1/answers", body).await.ok();
        ticket_of(&shop, &answer).await["customer"].clone()
    };
    let told = tell(&[("plan", "free"), ("城市", "杭州")]).await;
    assert_eq!(
        told,
        json!({"id": "c-1", "tier": "gold", "verified": true,
            "attributes": {"plan": "free", "城市": "杭州"}})
    );
    let told = tell(&[("plan", "yearly"), ("城市", "")]).await;
    assert_eq!(told["attributes"], json!({"plan": "yearly"}));

    shop.delete("/v1/customers/c-1").await.ok();
    let ticket = ticket_of(&shop, &answer).await;
    assert_eq!(ticket["customer"], Value::Null);
    assert!(!ticket.to_string().contains("yearly"), "{ticket}");
}
