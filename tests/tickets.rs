//! Hand-over to people over HTTP.

use serde_json::{Value, json};

use crate::support::Service;

fn ask(service: &Service, question: &str, conversation: Option<&Value>) -> Value {
    let mut body = json!({"question": question});
    if let Some(id) = conversation {
        body["conversation_id"] = id.clone();
    }
    let (status, answer) = service.post("/v1/answers", &body);
    assert_eq!(status, 200, "{answer}");
    answer
}

#[test]
fn requests_for_a_person_and_complaints_open_tickets() {
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    for (question, reason) in [
        ("I want to talk to a real person please", "human_requested"),
        ("请帮我转人工客服", "human_requested"),
        ("This is the third broken kettle you sent me. I want to file a complaint!", "complaint"),
        ("我要投诉你们的快递", "complaint"),
    ] {
        let answer = ask(&service, question, None);
        assert_eq!(answer["outcome"], "escalated", "{answer}");
        assert_eq!(answer["escalation"]["reason"], reason, "{question}");
        let id = answer["escalation"]["ticket_id"].as_str().unwrap();
        let (status, ticket) = service.get(&format!("/v1/tickets/{id}"));
        assert_eq!(status, 200, "{ticket}");
        assert!(ticket.to_string().contains(question), "the transcript is missing: {ticket}");
    }
    let (_, list) = service.get("/v1/tickets?status=open");
    assert_eq!(list["items"].as_array().unwrap().len(), 4, "{list}");
}

#[test]
fn a_ticket_is_worked_from_claim_to_resolve() {
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let answer = ask(&service, "转人工", None);
    let conversation = answer["conversation_id"].clone();
    let ticket = answer["escalation"]["ticket_id"].as_str().unwrap().to_owned();
    let act =
        |verb: &str, body: &Value| service.post(&format!("/v1/tickets/{ticket}/{verb}"), body);

    let silent = ask(&service, "还在吗？", Some(&conversation));
    assert_eq!(silent["outcome"], "escalated", "Kefu speaks while a person is called: {silent}");
    assert_eq!(silent["escalation"]["ticket_id"], ticket.as_str());

    assert_eq!(act("claim", &json!({"agent": "ana"})).0, 200);
    let (status, refused) = act("claim", &json!({"agent": "bo"}));
    assert_eq!(status, 409, "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("ana"), "{refused}");
    assert_eq!(act("reply", &json!({"agent": "ana", "text": "您好，我是安娜。"})).0, 200);
    assert_eq!(act("resolve", &json!({"agent": "ana"})).0, 200);
    assert_eq!(act("reply", &json!({"agent": "ana", "text": "再见"})).0, 409);

    let path = format!("/v1/conversations/{}", conversation.as_str().unwrap());
    let (status, transcript) = service.get(&path);
    assert_eq!(status, 200);
    assert!(transcript.to_string().contains("您好，我是安娜。"), "{transcript}");
    let next = ask(&service, "你们几点开门？", Some(&conversation));
    assert_ne!(next["outcome"], "escalated", "Kefu takes over again after the ticket: {next}");
}

#[test]
fn the_second_failure_in_a_row_calls_a_person() {
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let first = ask(&service, "What is the airspeed of a swallow?", None);
    assert_eq!(first["outcome"], "abstained", "{first}");
    assert_eq!(first["offer_human"], true);
    let second = ask(&service, "And the airspeed of an eagle?", Some(&first["conversation_id"]));
    assert_eq!(second["escalation"]["reason"], "low_confidence", "{second}");
}
