//! People at the desk over HTTP: who gets what and when, and everybody who watches.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Service, kefu, stderr_of_failure, stdout};

const IDENTITY_SECRET: &str = "known to the two servers";

/// A service whose desk section is this.
fn serve(dir: &Path, desk: &str) -> Service {
    let file = dir.join("kefu.toml");
    std::fs::write(&file, format!("[desk]\n{desk}")).unwrap();
    let mut command = kefu(&dir.join("data"));
    command.env("KEFU__CHAT__IDENTITY_SECRET", IDENTITY_SECRET);
    Service::start(command.arg("serve").arg("--config").arg(&file))
}

/// What a site's server says of a customer.
fn signed(id: &str, tier: &str) -> Value {
    let customer = kefu_core::Customer {
        id: Some(id.to_owned()),
        tier: Some(tier.to_owned()),
        ..kefu_core::Customer::default()
    };
    let expires = 4_102_444_800;
    let signature = kefu_server::sign_customer(IDENTITY_SECRET, &customer, expires);
    json!({"id": id, "tier": tier, "expires": expires, "signature": signature})
}

fn ask(service: &Service, question: &str) -> Value {
    let (status, answer) = service.post("/v1/answers", &json!({"question": question}));
    assert_eq!(status, 200, "{answer}");
    answer
}

struct Opened {
    ticket: String,
    conversation: String,
    number: String,
    text: String,
}

fn escalate(service: &Service, question: &str) -> Opened {
    let answer = ask(service, question);
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    Opened {
        ticket: format!("/v1/tickets/{}", text(&answer["escalation"]["ticket_id"])),
        conversation: format!("/v1/conversations/{}", text(&answer["conversation_id"])),
        number: text(&answer["escalation"]["ticket_number"]),
        text: text(&answer["answer"]),
    }
}

#[test]
fn both_streams_tell_of_a_hand_over_from_call_to_end() {
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let desk = service.watch("/v1/tickets/events");
    desk.next("ready");
    let opened = escalate(&service, "I want to talk to a real person please");
    assert!(opened.text.contains(&opened.number) && opened.number.starts_with("K-"));
    let told = desk.next("ticket");
    assert_eq!((&told["number"], &told["status"]), (&json!(opened.number), &json!("open")));
    let chat = service.watch(&format!("{}/events", opened.conversation));
    assert_eq!(chat.next("state")["ticket_number"], opened.number.as_str());

    let mei = json!({"state": "online", "capacity": 3});
    assert_eq!(service.put("/v1/agents/mei", &mei).0, 200);
    let agents = desk.next("agents");
    assert_eq!(
        (&agents["items"][0]["agent"], &agents["items"][0]["n_open"]),
        (&json!("mei"), &json!(0))
    );
    let act = |verb: &str, body: &Value| {
        let (status, ticket) = service.post(&format!("{}/{verb}", opened.ticket), body);
        assert_eq!(status, 200, "{ticket}");
        ticket
    };
    act("claim", &json!({"agent": "mei"}));
    assert_eq!(chat.next("state")["agent"], "mei");
    let busy = desk.next_where("agents", |list| list["items"][0]["n_open"] == 1);
    assert_eq!(busy["items"][0]["state"], "online");
    act("reply", &json!({"agent": "mei", "text": "Hello from Mei", "client_turn_id": "a"}));
    act("reply", &json!({"agent": "mei", "text": "Hello from Mei", "client_turn_id": "a"}));
    act("reply", &json!({"agent": "mei", "text": "Anything else?", "client_turn_id": "b"}));
    assert_eq!(chat.next("turn")["text"], "Hello from Mei");
    assert_eq!(chat.next("turn")["text"], "Anything else?");
    act("transfer", &json!({"agent": "mei", "to_queue": "complaints", "note": "theirs"}));
    let waiting = json!({"state": "queued", "ticket_number": opened.number});
    assert_eq!(chat.next("state"), waiting);
    act("return", &json!({"agent": "mei"}));
    assert_eq!(chat.next("state"), json!({"state": "bot"}));
    assert_eq!(desk.next_where("ticket", |t| t["status"] == "resolved")["queue"], "complaints");

    let (code, took) = service.terminate();
    assert_eq!(code, Some(0));
    assert!(desk.ends() && chat.ends(), "streams end when the service does");
    assert!(took < Duration::from_secs(5), "streams do not hold the service up: {took:?}");
}

#[test]
fn outside_of_hours_the_customer_is_told_when_somebody_will_be_back() {
    let dir = tempfile::tempdir().unwrap();
    // Open on the weekday after tomorrow only, so it is closed now in any time zone.
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let weekdays = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];
    let day = weekdays[usize::try_from(since.as_secs() / 86_400 + 2).unwrap() % 7];
    let desk = format!("time_zone = \"Asia/Shanghai\"\nhours = [\"{day} 09:00-18:00\"]");
    let service = serve(dir.path(), &desk);
    let opened = escalate(&service, "请帮我转人工客服");
    assert!(opened.text.contains(&opened.number), "{}", opened.text);
    assert!(opened.text.contains("不是人工服务时间"), "{}", opened.text);
    assert!(opened.text.contains("09:00（Asia/Shanghai）"), "{}", opened.text);
    let (_, ticket) = service.get(&opened.ticket);
    // Nine in Shanghai and one working hour.
    let due = ticket["sla"]["first_response_due"].as_str().unwrap();
    assert!(due.contains("T02:00:00"), "{ticket}");
    let english = escalate(&service, "I want to talk to a human");
    assert!(english.text.contains("Nobody is on duty right now"), "{}", english.text);
    assert_ne!(english.number, opened.number);
}

#[test]
fn clocks_warn_and_run_out_while_the_desk_watches() {
    let dir = tempfile::tempdir().unwrap();
    let service = serve(
        dir.path(),
        "first_response_minutes = 0.05\nresolution_minutes = 0\nsla_warning_share = 0.5",
    );
    let desk = service.watch("/v1/tickets/events");
    let late = escalate(&service, "I want to talk to a human");
    let state = |wanted: &'static str| {
        desk.next_where("ticket", move |ticket| ticket["sla"]["state"] == wanted)
    };
    assert_eq!(state("ok")["number"], late.number.as_str());
    assert_eq!(state("warning")["number"], late.number.as_str());
    assert_eq!(state("breached")["number"], late.number.as_str());
    let prompt = escalate(&service, "转人工");
    let reply = json!({"agent": "mei", "text": "您好"});
    let (_, ticket) = service.post(&format!("{}/reply", prompt.ticket), &reply);
    assert_eq!(ticket["sla"]["state"], "met", "{ticket}");
    assert!(ticket["sla"]["first_responded"].as_str().is_some());
    assert_eq!(ticket["waiting_since"], Value::Null);
}

#[test]
fn clocks_run_on_while_the_service_is_down_and_ring_once() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = "first_response_minutes = 0.05\nresolution_minutes = 0\nsla_warning_share = 1.0";
    let service = serve(dir.path(), clocks);
    let late = escalate(&service, "I want to talk to a human");
    service.kill();
    std::thread::sleep(Duration::from_secs(3));
    let service = serve(dir.path(), clocks);
    std::thread::sleep(Duration::from_millis(2_500));
    let (_, ticket) = service.get(&late.ticket);
    assert_eq!(ticket["sla"]["state"], "breached", "{ticket}");
    let history = ticket["history"].as_array().unwrap();
    let rings = history.iter().filter(|step| step["action"] == "tick");
    assert_eq!(rings.count(), 1, "{ticket}");
    assert_eq!(ticket["number"], late.number.as_str());
}

#[test]
fn tickets_move_from_silent_agents_to_those_who_are_there() {
    let dir = tempfile::tempdir().unwrap();
    let service = serve(
        dir.path(),
        "assign = \"least_busy\"\npresence_timeout_s = 3.0\nreassign_after_minutes = 0.0",
    );
    let (desk, people) = (service.watch("/v1/tickets/events"), service.watch("/v1/tickets/events"));
    service.put("/v1/agents/mei", &json!({"state": "online"}));
    let opened = escalate(&service, "I want to talk to a human");
    let (_, ticket) = service.get(&opened.ticket);
    assert_eq!((&ticket["assignee"], &ticket["status"]), (&json!("mei"), &json!("claimed")));
    // Mei is not heard of any more.
    let gone = people.next_where("agents", |list| list["items"][0]["state"] == "offline");
    assert_eq!(gone["items"][0]["agent"], "mei");
    desk.next_where("ticket", |ticket| ticket["status"] == "open");
    service.put("/v1/agents/tom", &json!({"state": "online"}));
    desk.next_where("ticket", |ticket| ticket["assignee"] == "tom");
    let (_, ticket) = service.get(&opened.ticket);
    let history = ticket["history"].as_array().unwrap();
    let actions: Vec<&str> = history.iter().map(|step| step["action"].as_str().unwrap()).collect();
    assert_eq!(actions[..3], ["open", "release", "assign"], "{ticket}");
    assert!(history[1]["note"].as_str().unwrap().contains("mei"));
    let (_, list) = service.get("/v1/tickets?status=claimed&assignee=tom&language=en");
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    assert_eq!(service.get("/v1/tickets?assignee=mei").1["items"], json!([]));
}

#[test]
fn two_claims_at_once_have_one_winner_whom_the_other_learns() {
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    for _ in 0..5 {
        let opened = escalate(&service, "I want to talk to a human");
        let path = format!("{}/claim", opened.ticket);
        let claims = std::thread::scope(|scope| {
            let claim = |who: &'static str| {
                let (service, path) = (&service, &path);
                scope.spawn(move || (who, service.post(path, &json!({"agent": who}))))
            };
            [claim("ana"), claim("bo")].map(|claim| claim.join().unwrap())
        });
        let won: Vec<_> = claims.iter().filter(|(_, (status, _))| *status == 200).collect();
        let lost: Vec<_> = claims.iter().filter(|(_, (status, _))| *status == 409).collect();
        assert_eq!((won.len(), lost.len()), (1, 1), "{claims:?}");
        let told = lost[0].1.1["detail"].as_str().unwrap();
        assert!(told.contains(won[0].0), "{told}");
    }
}

#[test]
fn routes_and_queues_come_from_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let service = serve(
        dir.path(),
        "[[desk.queues]]\nname = \"vip\"\nfirst_response_minutes = 5\n\
         [[desk.routes]]\nqueue = \"vip\"\ntiers = [\"gold\"]\npriority = \"high\"",
    );
    let body = json!({"question": "I want a human", "customer": {"id": "c1", "tier": "gold"}});
    let (status, refused) = service.post("/v1/answers", &body);
    assert_eq!((status, &refused["code"]), (403, &json!("identity_not_proven")), "{refused}");
    let body = json!({"question": "I want a human", "customer": signed("c1", "gold")});
    let (_, answer) = service.post("/v1/answers", &body);
    let id = answer["escalation"]["ticket_id"].as_str().unwrap();
    let (_, ticket) = service.get(&format!("/v1/tickets/{id}"));
    assert_eq!((&ticket["queue"], &ticket["priority"]), (&json!("vip"), &json!("high")));
    assert_eq!(
        ticket["customer"],
        json!({"id": "c1", "tier": "gold", "attributes": {}, "verified": true})
    );
    let plain = escalate(&service, "I want a human");
    assert_eq!(service.get(&plain.ticket).1["queue"], "support");
    drop(service);

    let file = dir.path().join("kefu.toml");
    let list = dir.path().join("wishes.toml");
    let own = "[[intent]]\nname = \"watering\"\nexamples = [\"how much water\", \"浇水\"]\n\
        [[intent]]\nname = \"oos\"\nout_of_scope = true\nexamples = [\"hello\", \"你好\"]\n";
    std::fs::write(&list, own).unwrap();
    let own = format!("[desk]\nintents = {}\n", json!(list));
    let none = "[desk]\nintents = \"none\"\n".to_owned();
    let checked = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let mut check = kefu(dir.path());
        check.arg("--config").arg(&file).args(["config", "check"]);
        check
    };
    for (before, route, part) in [
        ("", "queue = \"vpi\"", "desk.routes[0].queue"),
        ("", "problems = [\"delivry\"]", "did you mean delivery?"),
        ("", "languages = [\"cn\"]", "did you mean zh?"),
        ("", "intents = [\"refund_statsu\"]", "desk.routes[0].intents"),
        (&own, "intents = [\"watring\"]", "did you mean watering?"),
        (&own, "intents = [\"oos\"]", "desk.intents tells no intent oos"),
        (&none, "intents = [\"refund\"]", "desk.intents is \"none\""),
    ] {
        let error =
            stderr_of_failure(&mut checked(&format!("{before}[[desk.routes]]\n{route}")), 1);
        assert!(error.contains(part), "{before}{route}: {error}");
    }
    let good = format!("{own}[[desk.routes]]\nintents = [\"watering\"]\nproblems = [\"refund\"]");
    assert!(stdout(&mut checked(&good)).contains("is valid"));
    // The service does not start with them either.
    std::fs::write(&file, format!("{own}[[desk.routes]]\nintents = [\"watring\"]")).unwrap();
    let mut serve = kefu(dir.path());
    serve.arg("--config").arg(&file).args(["serve", "--listen", "127.0.0.1:0"]);
    assert!(stderr_of_failure(&mut serve, 1).contains("did you mean watering?"));
}

#[test]
fn an_erased_customer_leaves_no_words_behind() {
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let question = "I want to talk to a human about my unusual zeppelin";
    let body = json!({"question": question, "customer": {"id": "c-9"}});
    let (_, answer) = service.post("/v1/answers", &body);
    let id = answer["escalation"]["ticket_id"].as_str().unwrap().to_owned();
    drop(service);
    let report = stdout(kefu(dir.path()).args(["erase", "--customer", "c-9", "--json"]));
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["conversations"], &report["tickets"]), (&json!(1), &json!(1)));
    let service = Service::serve(dir.path());
    let (status, ticket) = service.get(&format!("/v1/tickets/{id}"));
    assert_eq!((status, &ticket["status"]), (200, &json!("resolved")));
    assert!(!ticket.to_string().contains("zeppelin"), "{ticket}");
    let reply = json!({"agent": "mei", "text": "hello?"});
    assert_eq!(service.post(&format!("/v1/tickets/{id}/reply"), &reply).0, 409);
}

#[test]
fn a_question_sent_again_after_a_restart_is_asked_once() {
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let ask = |service: &Service, name: &str, body: &Value| {
        let (status, answer) = service.post_named("/v1/answers", name, body);
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let unknown = json!({"question": "Who won the chess olympiad?"});
    let first = ask(&service, "q-1", &unknown);
    let person = json!({
        "question": "I want to talk to a human", "conversation_id": first["conversation_id"],
    });
    let handed = ask(&service, "q-2", &person);
    let waiting =
        json!({"question": "Is anybody there?", "conversation_id": first["conversation_id"]});
    let silent = ask(&service, "q-3", &waiting);
    let kept = json!({"question": "Who won the chess olympiad?", "consent": {"record": false}});
    let unkept = ask(&service, "q-4", &kept);
    service.kill();

    let service = Service::serve(dir.path());
    let again = ask(&service, "q-1", &unknown);
    let same = |field: &str, one: &Value, other: &Value| {
        assert_eq!(one[field], other[field], "{field}");
    };
    for field in ["answer_id", "conversation_id", "answer", "outcome", "reason", "offer_human"] {
        same(field, &again, &first);
    }
    let handed_again = ask(&service, "q-2", &person);
    for field in ["answer_id", "answer", "outcome"] {
        same(field, &handed_again, &handed);
    }
    for field in ["ticket_id", "ticket_number", "reason", "priority"] {
        same(field, &handed_again["escalation"], &handed["escalation"]);
    }
    let silent_again = ask(&service, "q-3", &waiting);
    assert_eq!((&silent_again["answer"], &silent["answer"]), (&json!(""), &json!("")));
    assert_eq!(silent_again["escalation"]["ticket_id"], handed["escalation"]["ticket_id"]);
    let path = format!("/v1/conversations/{}", first["conversation_id"].as_str().unwrap());
    let (_, conversation) = service.get(&path);
    assert_eq!(conversation["turns"].as_array().unwrap().len(), 5, "{conversation}");
    // What the customer wanted nothing kept of is not known any more.
    assert_ne!(ask(&service, "q-4", &kept)["conversation_id"], unkept["conversation_id"]);
}
