//! What a person gets with a conversation, and what other programs are told of it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::receiver::{Received, Receiver};
use crate::support::{Service, kefu, run, stdout};

const SECRET: &str = "only-the-two-of-us-know";
const RETURNS: &str = "# Returns\n\nYou can return an unused kettle within 30 days of delivery. \
    The return label is free.\n\n# Delivery\n\nExpress delivery takes two working days.\n";

/// A data directory with one document and, beside it, a configuration.
fn installation(dir: &Path, config: &str) -> std::path::PathBuf {
    std::fs::write(dir.join("returns.md"), RETURNS).unwrap();
    std::fs::write(dir.join("kefu.toml"), config).unwrap();
    let data = dir.join("data");
    stdout(command(dir).arg("ingest").arg(dir.join("returns.md")));
    data
}

fn command(dir: &Path) -> Command {
    let mut command = kefu(&dir.join("data"));
    command.arg("--config").arg(dir.join("kefu.toml"));
    command
}

fn serve(dir: &Path) -> Service {
    Service::start(command(dir).arg("serve"))
}

fn webhook(url: &str, rest: &str) -> String {
    format!(
        "[delivery]\nallow_networks = [\"127.0.0.1\"]\nfirst_retry_ms = 50\nmax_attempts = 4\n\n\
         [[webhooks]]\nname = \"crm\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"\n{rest}"
    )
}

fn ask(service: &Service, question: &str, conversation: Option<&Value>) -> Value {
    let mut body = json!({"question": question, "customer": {"id": "customer-9"}});
    if let Some(id) = conversation {
        body["conversation_id"] = id.clone();
        body.as_object_mut().unwrap().remove("customer");
    }
    let (status, answer) = service.post("/v1/answers", &body);
    assert_eq!(status, 200, "{answer}");
    answer
}

fn kinds(received: &[Received]) -> Vec<String> {
    received.iter().map(|r| r.json()["type"].as_str().unwrap_or_default().to_owned()).collect()
}

fn now_s() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

#[test]
fn a_ticket_shows_what_was_asked_tried_and_is_open() {
    let dir = tempfile::tempdir().unwrap();
    installation(dir.path(), "");
    let service = serve(dir.path());
    let first = ask(&service, "How long can I return an unused kettle?", None);
    assert_eq!(first["outcome"], "answered", "{first}");
    let conversation = &first["conversation_id"];
    let complaint = "My order A20931 was damaged and you promised a new one by Friday! I want to \
                     file a complaint.";
    let handed = ask(&service, complaint, Some(conversation));
    let ticket = handed["escalation"]["ticket_id"].as_str().unwrap();
    let (status, detail) = service.get(&format!("/v1/tickets/{ticket}"));
    assert_eq!(status, 200);
    let package = &detail["handoff"];
    assert_eq!(package["schema"], "kefu.handoff/1", "{detail}");
    assert_eq!(package["customer"]["id"], "customer-9", "{package}");
    let turns = detail["transcript"].as_array().unwrap();
    for line in package["summary"].as_array().unwrap() {
        let turn = turns.iter().find(|turn| turn["turn_id"] == line["turn_id"]).unwrap();
        let place = |name: &str| usize::try_from(line[name].as_u64().unwrap()).unwrap();
        let text = turn["text"].as_str().unwrap();
        assert_eq!(text.get(place("start")..place("end")), line["text"].as_str());
    }
    assert!(package["summary"].to_string().contains("A20931"), "{package}");
    let citation = &package["tried"][0]["citations"][0];
    let id = citation["document_id"].as_str().unwrap().replace('/', "%2F");
    let (_, document) = service.get(&format!("/v1/documents/{id}"));
    let text = document["text"].as_str().unwrap();
    let place = |name: &str| usize::try_from(citation[name].as_u64().unwrap()).unwrap();
    assert_eq!(text.get(place("start")..place("end")), citation["quote"].as_str());
    let (status, schema) = service.get("/v1/schemas/handoff.json");
    assert_eq!((status, &schema["title"]), (200, &json!("kefu.handoff/1")));
}

#[test]
fn webhooks_are_signed_in_order_and_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    // The second request of all fails once, whatever it is.
    let receiver =
        Receiver::start(|_, before| (if before.len() == 1 { 503 } else { 200 }, Value::Null));
    installation(dir.path(), &webhook(&receiver.url("/hook"), ""));
    let service = serve(dir.path());
    let handed = ask(&service, "I want to talk to a person", None);
    let conversation = handed["conversation_id"].as_str().unwrap();
    let ticket = handed["escalation"]["ticket_id"].as_str().unwrap();
    let act = |verb: &str, body: &Value| {
        assert_eq!(service.post(&format!("/v1/tickets/{ticket}/{verb}"), body).0, 200);
    };
    act("reply", &json!({"agent": "mei", "text": "你好，我是小梅。"}));
    act("resolve", &json!({"agent": "mei", "note": "done"}));
    act("reopen", &json!({"agent": "mei"}));
    let received = receiver.wait_for(|received| received.len() >= 9);
    let mut told = received.clone();
    let failed = told.remove(1);
    assert_eq!(
        kinds(&told),
        [
            "conversation.message",
            "conversation.message",
            "ticket.opened",
            "ticket.claimed",
            "conversation.message",
            "ticket.replied",
            "ticket.resolved",
            "ticket.reopened",
        ]
    );
    // The retry is the same event under the same key, and nothing overtook it.
    assert_eq!(failed.json()["event_id"], told[1].json()["event_id"]);
    assert_eq!(failed.header("idempotency-key"), told[1].header("idempotency-key"));
    assert_eq!((failed.header("kefu-attempt"), told[1].header("kefu-attempt")), ("1", "2"));
    for request in &received {
        let signature = request.header("kefu-signature");
        let body = request.body.as_bytes();
        assert!(kefu_server::verify(SECRET, signature, body, now_s()), "{signature}");
        assert!(!kefu_server::verify("another secret", signature, body, now_s()));
        assert!(!kefu_server::verify(SECRET, signature, body, now_s() + 3_600));
        let event = request.json();
        assert_eq!(
            (&event["schema"], &event["conversation_id"]),
            (&json!("kefu.event/1"), &json!(conversation))
        );
        assert_eq!(request.header("idempotency-key"), event["event_id"].as_str().unwrap());
        assert_eq!(request.header("kefu-event"), event["type"].as_str().unwrap());
    }
    let opened = told[2].json();
    assert_eq!(opened["ticket"]["status"], "open", "the ticket as it was then: {opened}");
    assert_eq!(opened["handoff"]["schema"], "kefu.handoff/1");
    assert_eq!(told[5].json()["message"]["text"], "你好，我是小梅。");
    let (_, listed) = service.get("/v1/webhooks/deliveries?endpoint=crm&state=delivered");
    assert_eq!(listed["items"].as_array().unwrap().len(), 8, "{listed}");
    let shown = stdout(command(dir.path()).args(["config", "show"]));
    assert!(shown.contains("crm") && !shown.contains(SECRET), "{shown}");
}

#[test]
fn what_is_never_taken_is_parked_and_can_be_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let refusing =
        Receiver::start(|_, before| (if before.len() < 4 { 500 } else { 200 }, Value::Null));
    let config = webhook(&refusing.url("/"), "events = [\"ticket.opened\"]\n");
    installation(dir.path(), &config);
    let service = serve(dir.path());
    ask(&service, "I want to talk to a person", None);
    refusing.wait_for(|received| received.len() == 4);
    let dead = (0..100).find_map(|_| {
        std::thread::sleep(Duration::from_millis(50));
        let (_, listed) = service.get("/v1/webhooks/deliveries?state=dead");
        listed["items"].as_array().unwrap().first().cloned()
    });
    let dead = dead.expect("nothing was parked");
    assert_eq!((&dead["n_attempts"], &dead["status"]), (&json!(4), &json!(500)), "{dead}");
    let retry = format!("/v1/webhooks/deliveries/{}/retry", dead["delivery_id"].as_str().unwrap());
    assert_eq!(service.post(&retry, &json!({})).0, 200);
    let received = refusing.wait_for(|received| received.len() == 5);
    assert_eq!(received[0].json()["event_id"], received[4].json()["event_id"]);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(service.post(&retry, &json!({})).0, 409, "it was taken");
    let unknown = "/v1/webhooks/deliveries/dlv_0198c0de00007000800000000000000a/retry";
    assert_eq!(service.post(unknown, &json!({})).0, 404);
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed_before_it_tells() {
    let dir = tempfile::tempdir().unwrap();
    // Nobody listens there yet.
    let place = Receiver::start(|_, _| (200, Value::Null));
    let address = place.address;
    drop(place);
    installation(dir.path(), &webhook(&format!("http://{address}/"), ""));
    let mut told = Vec::new();
    for _ in 0..3 {
        let service = serve(dir.path());
        let handed = ask(&service, "I want to talk to a person", None);
        told.push(handed["escalation"]["ticket_id"].as_str().unwrap().to_owned());
        service.kill();
    }
    let receiver = Receiver::start_at(address, |_, _| (200, Value::Null));
    let _service = serve(dir.path());
    let all = |received: &[Received]| {
        let opened = |ticket: &String| {
            received.iter().map(Received::json).any(|event| {
                event["type"] == "ticket.opened" && event["ticket"]["ticket_id"] == *ticket
            })
        };
        told.iter().all(opened)
    };
    receiver.wait_for(all);
}

#[test]
fn private_addresses_are_not_told_unless_allowed() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|_, _| (200, Value::Null));
    let config = format!(
        "[delivery]\nfirst_retry_ms = 50\nmax_attempts = 2\n\n[[webhooks]]\nname = \"crm\"\n\
         url = \"{}\"\nsecret = \"{SECRET}\"\n",
        receiver.url("/")
    );
    installation(dir.path(), &config);
    let service = serve(dir.path());
    ask(&service, "hello there", None);
    let refused = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        service.get("/v1/webhooks/deliveries?state=dead").1.to_string().contains("refused_address")
    });
    assert!(refused);
    assert!(receiver.received().is_empty());
}

/// As much of a Chatwoot installation as the adapter uses.
fn chatwoot(request: &Received, before: &[Received]) -> (u16, Value) {
    let n_made =
        |path: &str| before.iter().filter(|r| r.method == "POST" && r.path == path).count();
    if request.header("api_access_token") != SECRET {
        return (401, json!({"error": "unauthorised"}));
    }
    let base = "/api/v1/accounts/3";
    let path = request.path.strip_prefix(base).unwrap_or("");
    let contacts = format!("{base}/contacts");
    match (request.method.as_str(), path) {
        ("GET", path) if path.starts_with("/contacts/search?q=kefu%3A") => {
            let known = before.iter().find(|r| r.method == "POST" && r.path == contacts);
            let rows: Vec<Value> = known
                .map(|made| {
                    json!({"id": 11, "identifier": made.json()["identifier"], "contact_inboxes": [
                        {"source_id": "src-1", "inbox": {"id": 7}}
                    ]})
                })
                .into_iter()
                .collect();
            (200, json!({"payload": rows}))
        }
        ("POST", "/contacts") => (
            200,
            json!({"payload": {"contact": {"id": 11}, "contact_inbox": {"source_id": "src-1"}}}),
        ),
        ("GET", "/contacts/11/conversations") => (200, json!({"payload": []})),
        ("POST", "/conversations") => {
            (200, json!({"id": 100 + n_made(&format!("{base}/conversations"))}))
        }
        ("GET", path) if path.ends_with("/messages") => (200, json!({"payload": []})),
        ("POST", _) => (200, json!({})),
        _ => (404, json!({"error": "not found"})),
    }
}

#[test]
fn a_chatwoot_installation_gets_contact_conversation_and_messages() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(chatwoot);
    let rest = "kind = \"chatwoot\"\naccount_id = 3\ninbox_id = 7\n";
    installation(dir.path(), &webhook(&receiver.url(""), rest));
    let service = serve(dir.path());
    let handed = ask(&service, "My kettle is broken. I want to file a complaint!", None);
    let ticket = handed["escalation"]["ticket_id"].as_str().unwrap();
    let act = |verb: &str, body: &Value| {
        assert_eq!(service.post(&format!("/v1/tickets/{ticket}/{verb}"), body).0, 200);
    };
    act("reply", &json!({"agent": "mei", "text": "I am looking into it."}));
    act("resolve", &json!({"agent": "mei"}));
    ask(&service, "How long does express delivery take?", None);
    let is_to = |r: &Received, path: &str| r.method == "POST" && r.path.ends_with(path);
    // The two conversations are told of side by side, so either may be the first there.
    let received = receiver.wait_for(|received| {
        let n_said = |number: u32| {
            let path = format!("/conversations/{number}/messages");
            received.iter().filter(|r| is_to(r, &path)).count()
        };
        received.iter().any(|r| is_to(r, "/toggle_status")) && n_said(100) >= 2 && n_said(101) >= 2
    });
    let made: Vec<&Received> = received.iter().filter(|r| is_to(r, "/contacts")).collect();
    assert_eq!(made.len(), 1, "one customer is one contact");
    assert_eq!(made[0].json()["identifier"], "kefu:claimed:customer-9", "nobody vouched for it");
    assert_eq!(made[0].json()["inbox_id"], 7);
    let begun: Vec<Value> =
        received.iter().filter(|r| is_to(r, "/conversations")).map(Received::json).collect();
    assert_eq!(begun.len(), 2, "two conversations: {begun:?}");
    assert_eq!((&begun[0]["source_id"], &begun[0]["contact_id"]), (&json!("src-1"), &json!(11)));
    let status = received.iter().find(|r| is_to(r, "/toggle_status")).unwrap();
    let path = status.path.replace("/toggle_status", "/messages");
    let messages: Vec<Value> =
        received.iter().filter(|r| is_to(r, &path)).map(Received::json).collect();
    assert_eq!(messages[0]["message_type"], "incoming");
    assert!(messages[0]["content"].as_str().unwrap().contains("broken"));
    assert_eq!(messages[1]["message_type"], "outgoing");
    let note = messages.iter().find(|message| message["private"] == true).unwrap();
    assert!(note["content"].as_str().unwrap().contains("My kettle is broken."), "{note}");
    assert!(messages.iter().any(|m| m["content"] == "I am looking into it."), "{messages:?}");
    assert_eq!(status.json()["status"], "resolved");
}

#[test]
fn what_is_taught_answers_and_can_gate_the_next_release() {
    let dir = tempfile::tempdir().unwrap();
    installation(dir.path(), "[desk]\nteach = \"direct\"\n");
    let service = serve(dir.path());
    let handed = ask(&service, "我要找人工客服", None);
    let ticket = handed["escalation"]["ticket_id"].as_str().unwrap();
    let pair =
        json!({"agent": "mei", "question": "水壶可以煮牛奶吗？", "answer": "不可以，只能烧水。"});
    let (status, taught) = service.post(&format!("/v1/tickets/{ticket}/teach?wait=true"), &pair);
    assert_eq!((status, &taught["outcome"]), (200, &json!("taught")), "{taught}");
    let answer = ask(&service, "水壶可以煮牛奶吗", None);
    assert_eq!(answer["lane"], "curated", "{answer}");
    let (_, lines) = service.get("/v1/pairs?format=eval");
    let lines = match lines {
        Value::String(lines) => lines,
        one => one.to_string(),
    };
    let case: Value = serde_json::from_str(lines.trim()).unwrap();
    service.terminate();

    // The next release is asked the question that was taught, and is refused without its answer.
    let set = dir.path().join("taught");
    std::fs::create_dir_all(&set).unwrap();
    std::fs::write(set.join("questions.jsonl"), lines).unwrap();
    let gate = dir.path().join("gate.toml");
    let must = format!("dataset = \"taught\"\nmust_pass = [{}]\n", case["id"]);
    std::fs::write(&gate, must).unwrap();
    let extra = dir.path().join("extra.md");
    std::fs::write(&extra, "# Cleaning\n\nWipe the kettle with a damp cloth.\n").unwrap();
    let gated = |command: &mut Command| command.arg("--gate").arg(&gate).output().unwrap();
    let passed = run(command(dir.path()).arg("ingest").arg(&extra).arg("--gate").arg(&gate));
    assert!(passed.status.success());
    let service = serve(dir.path());
    let id = case["id"].as_str().unwrap().replace('/', "%2F");
    let retired = json!({"state": "retired", "reason": "wrong"});
    assert_eq!(service.post(&format!("/v1/documents/{id}/state?wait=true"), &retired).0, 200);
    service.terminate();
    std::fs::write(&extra, "# Cleaning\n\nWipe the kettle with a dry cloth.\n").unwrap();
    let refused = gated(command(dir.path()).arg("ingest").arg(&extra));
    assert!(!refused.status.success(), "a release that forgot what was taught was published");
}
