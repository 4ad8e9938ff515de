use kefu_server::TeachMode;
use serde_json::{Value, json};

use crate::shop::{RETURNS_QUESTION, Shop};

async fn shop_where_taught_is(mode: TeachMode) -> Shop {
    Shop::fitted(|fittings| fittings.teach = mode).await
}

/// Asks, complains and is handed over; the ticket and the conversation.
async fn upset_customer(shop: &Shop) -> (String, String) {
    let first = shop.ask(RETURNS_QUESTION).await;
    assert_eq!(first["outcome"], "answered", "{first}");
    let conversation = first["conversation_id"].as_str().unwrap().to_owned();
    let body = json!({
        "question": "Order #48213 arrived broken on March 3 and I paid $129.50. This is a \
                     disgrace, I want to file a complaint! How many days do I have to return it?",
        "conversation_id": conversation,
    });
    let answer = shop.post("/v1/answers", body).await.ok();
    assert_eq!(answer["outcome"], "escalated", "{answer}");
    (answer["escalation"]["ticket_id"].as_str().unwrap().to_owned(), conversation)
}

/// Where `value` is not as `schema` says; the keywords that our schema uses.
fn faults(value: &Value, schema: &Value, root: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(target) = schema["$ref"].as_str() {
        let target = root.pointer(target.trim_start_matches('#')).expect(target);
        return faults(value, target, root, path, found);
    }
    let fits = |schema: &Value| {
        let mut inner = Vec::new();
        faults(value, schema, root, path, &mut inner);
        inner.is_empty()
    };
    for keyword in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[keyword].as_array()
            && !choices.iter().any(fits)
        {
            found.push(format!("{path} is none of the forms allowed: {value}"));
        }
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        faults(value, part, root, path, found);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(some) => some.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is_kind = |known: &str| known == kind || (known == "number" && kind == "integer");
    if !kinds.is_empty() && !kinds.iter().any(|known| is_kind(known)) {
        found.push(format!("{path} is {kind}, not {kinds:?}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        found.push(format!("{path}: {value} is not one of {words:?}"));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        found.push(format!("{path}: {value} is not {}", schema["const"]));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if kind == "object" && value.get(name).is_none() {
            found.push(format!("{path}.{name} is missing"));
        }
    }
    for (name, field) in value.as_object().into_iter().flatten() {
        let known = &schema["properties"][name];
        let known = if known.is_null() { &schema["additionalProperties"] } else { known };
        if known.is_object() {
            faults(field, known, root, &format!("{path}.{name}"), found);
        }
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        faults(item, &schema["items"], root, &format!("{path}[{at}]"), found);
    }
}

#[tokio::test]
async fn a_ticket_comes_with_its_package_in_the_form_of_the_schema() {
    let shop = Shop::open().await;
    let (ticket, _) = upset_customer(&shop).await;
    let detail = shop.get(&format!("/v1/tickets/{ticket}")).await.ok();
    let package = &detail["handoff"];
    let schema = shop.get("/v1/schemas/handoff.json").await;
    let schema: Value = serde_json::from_str(&schema.text()).unwrap();
    let mut found = Vec::new();
    faults(package, &schema, &schema, "handoff", &mut found);
    assert_eq!(found, [""; 0], "{package}");
    let mut broken = package.clone();
    broken["schema"] = json!("kefu.handoff/2");
    broken["summary"][0].as_object_mut().unwrap().remove("turn_id");
    broken["sentiment"]["trend"] = json!("sideways");
    faults(&broken, &schema, &schema, "handoff", &mut found);
    assert_eq!(found.len(), 3, "{found:?}");

    assert_eq!(package["schema"], "kefu.handoff/1");
    assert_eq!(package["reason"], "complaint");
    let transcript = detail["transcript"].as_array().unwrap();
    let lines = package["summary"].as_array().unwrap();
    let asked = package["asked"].as_array().unwrap();
    assert!(!lines.is_empty() && !asked.is_empty(), "{package}");
    for quote in lines.iter().chain(asked).chain([&package["open_question"]]) {
        let turn = transcript.iter().find(|turn| turn["turn_id"] == quote["turn_id"]).unwrap();
        let text = turn["text"].as_str().unwrap();
        let place = |name: &str| usize::try_from(quote[name].as_u64().unwrap()).unwrap();
        assert_eq!(text.get(place("start")..place("end")), quote["text"].as_str(), "{quote}");
    }
    let summary = package["summary"].to_string();
    assert!(summary.contains("#48213") && summary.contains("$129.50"), "{summary}");
    let tried = &package["tried"][0];
    assert_eq!(tried["outcome"], "answered", "{package}");
    assert!(tried["citations"][0]["quote"].as_str().unwrap().contains("30 days"), "{tried}");
    assert!(package["suggested_reply"]["text"].as_str().unwrap().contains("30 days"), "{package}");
}

#[tokio::test]
async fn assistance_brings_passages_similar_tickets_a_reply_and_warnings() {
    let shop = Shop::open().await;
    let (earlier, _) = upset_customer(&shop).await;
    let note = json!({"agent": "mei", "note": "sent a return label"});
    shop.post(&format!("/v1/tickets/{earlier}/resolve"), note).await.ok();
    let (ticket, _) = upset_customer(&shop).await;

    let draft = "Calm down. We will refund you today. Bob's number is +44 20 7946 0958.";
    let request = json!({"ticket_id": ticket, "draft": draft});
    let help = shop.post("/v1/assist", request).await.ok();
    assert!(help["question"].as_str().unwrap().contains("return it"), "{help}");
    assert!(help["passages"][0]["text"].as_str().unwrap().contains("30 days"), "{help}");
    assert_eq!(help["similar_tickets"][0]["ticket_id"], earlier, "{help}");
    assert_eq!(help["similar_tickets"][0]["resolution"], "sent a return label");
    assert!(help["suggested_reply"]["citations"][0]["document_id"].is_string(), "{help}");
    assert!(help["soothing"]["text"].is_string(), "{help}");
    let warnings = help["warnings"].as_array().unwrap();
    let kinds: Vec<&str> = warnings.iter().filter_map(|w| w["kind"].as_str()).collect();
    assert_eq!(kinds, ["insult", "money_promise", "personal_data"], "{help}");
    for warning in warnings {
        let place = |name: &str| usize::try_from(warning[name].as_u64().unwrap()).unwrap();
        let text = draft.get(place("start")..place("end"));
        assert_eq!(text, warning["text"].as_str());
        assert!(!warning["advice"].as_str().unwrap().is_empty());
    }

    let only = shop.post("/v1/assist", json!({"question": RETURNS_QUESTION})).await.ok();
    assert!(only["suggested_reply"]["text"].as_str().unwrap().contains("30 days"), "{only}");
    assert_eq!(only["soothing"], Value::Null);
    let nothing = shop.post("/v1/assist", json!({"draft": "Thank you."})).await.ok();
    assert_eq!((&nothing["warnings"], &nothing["question"]), (&json!([]), &Value::Null));
    assert_eq!(shop.post("/v1/assist", json!({})).await.fields(422), ["question"]);
    let unknown = json!({"ticket_id": kefu_core::TicketId::generate().as_str()});
    assert_eq!(shop.post("/v1/assist", unknown).await.fields(404), ["ticket_id"]);
}

#[tokio::test]
async fn assistance_leaves_no_trace() {
    let shop = Shop::open().await;
    let (ticket, conversation) = upset_customer(&shop).await;
    let path = format!("/v1/conversations/{conversation}");
    let before = shop.get(&path).await.ok();
    shop.post("/v1/assist", json!({"ticket_id": ticket})).await.ok();
    shop.get(&format!("/v1/tickets/{ticket}")).await.ok();
    assert_eq!(shop.get(&path).await.ok(), before);
    let open = shop.get("/v1/tickets").await.ok();
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_taught_pair_answers_the_next_customer_and_becomes_a_case() {
    let shop = shop_where_taught_is(TeachMode::Direct).await;
    let (ticket, _) = upset_customer(&shop).await;
    let path = format!("/v1/tickets/{ticket}/teach");
    let question = "Do you sell gift boxes for kettles?";
    let pair = |answer: &str| json!({"agent": "mei", "question": question, "answer": answer});
    let taught = shop.post(&path, pair("Yes, for 4 euros each.")).await;
    assert_eq!(taught.status, 202, "{}", taught.text());
    shop.work().await;
    let answer = shop.ask("do you sell gift boxes for kettles").await;
    assert_eq!((&answer["lane"], &answer["outcome"]), (&json!("curated"), &json!("answered")));
    assert!(answer["answer"].as_str().unwrap().contains("4 euros"), "{answer}");

    let again = shop.post(&path, pair("Yes, for 4  euros each.")).await.ok();
    assert_eq!((&again["outcome"], &again["job"]), (&json!("known"), &Value::Null));
    assert_eq!(shop.post(&path, pair("No.")).await.fields(409), ["question"]);
    let mut better = pair("Yes, for 5 euros each.");
    better["replace"] = json!(true);
    assert_eq!(shop.post(&path, better).await.status, 202);
    shop.work().await;
    let near = json!({"agent": "tom", "question": "Are gift boxes for kettles sold by you?", "answer": "Yes."});
    shop.post(&path, near).await;

    let listed = shop.get("/v1/pairs").await.ok();
    let first = &listed["items"].as_array().unwrap()[1];
    assert_eq!((&first["taught_by"], &first["ticket_id"]), (&json!("mei"), &json!(ticket)));
    assert_eq!(first["state"], "approved");
    let lines = shop.get("/v1/pairs?format=eval").await;
    let rows: Vec<Value> =
        lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let row = rows.iter().find(|row| row["question"] == question).unwrap();
    assert_eq!(row["answers"], json!(["Yes, for 5 euros each."]));
    assert_eq!((&row["answerable"], &row["doc_id"]), (&json!(true), &row["id"]));
    assert_eq!(shop.get("/v1/pairs?format=xml").await.fields(422), ["format"]);
    assert_eq!(
        shop.post(&path, json!({"agent": "", "question": "", "answer": "x"})).await.fields(422),
        ["agent", "question"]
    );
}

#[tokio::test]
async fn a_pair_waits_for_review_where_one_is_asked_for() {
    let shop = shop_where_taught_is(TeachMode::Review).await;
    let (ticket, _) = upset_customer(&shop).await;
    let path = format!("/v1/tickets/{ticket}/teach");
    let pair = json!({"agent": "mei", "question": "Is the kettle blue?", "answer": "It is red."});
    let waiting: Value = serde_json::from_str(&shop.post(&path, pair).await.text()).unwrap();
    assert_eq!((&waiting["outcome"], &waiting["state"]), (&json!("waiting"), &json!("draft")));
    shop.work().await;
    assert_ne!(shop.ask("Is the kettle blue?").await["lane"], "curated");
    assert_eq!(shop.get("/v1/pairs?format=eval").await.text(), "");
    let id = waiting["document_id"].as_str().unwrap().replace('/', "%2F");
    let approved = json!({"state": "approved", "reason": "checked"});
    shop.post(&format!("/v1/documents/{id}/state"), approved).await;
    shop.work().await;
    assert_eq!(shop.ask("Is the kettle blue?").await["lane"], "curated");
    assert!(shop.get("/v1/pairs?format=eval").await.text().contains("It is red."));
    // A draft must not take away what is live.
    let other = json!({"agent": "mei", "question": "Is the kettle blue?", "answer": "Green.", "replace": true});
    assert_eq!(shop.post(&path, other).await.fields(409), ["question"]);
}
