//! Messages that come through other programs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::receiver::{Received, Receiver};
use crate::support::{Service, kefu, run, stdout};

const SECRET: &str = "only-the-two-of-us-know";
const RETURNS: &str = "# Returns\n\nYou can return an unused kettle within 30 days of delivery. \
    The return label is free.\n\n# 退货\n\n水壶签收后 **30 天**内可以退货，运费由我们承担。\n";

fn serve(dir: &Path, config: &str) -> Service {
    std::fs::write(dir.join("returns.md"), RETURNS).unwrap();
    std::fs::write(dir.join("kefu.toml"), config).unwrap();
    let command = || {
        let mut command = kefu(&dir.join("data"));
        command.arg("--config").arg(dir.join("kefu.toml"));
        command
    };
    stdout(command().arg("ingest").arg(dir.join("returns.md")));
    Service::start(command().arg("serve"))
}

fn generic(reply_url: &str, rest: &str) -> String {
    format!(
        "[delivery]\nallow_networks = [\"127.0.0.1\"]\nfirst_retry_ms = 50\n\n[[channels]]\n\
         name = \"shop\"\nsecret = \"{SECRET}\"\nreply_url = \"{reply_url}\"\n{rest}"
    )
}

fn now_s() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// Posts a body with headers; the status and the answer as JSON, or as text where it is none.
fn post(service: &Service, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = agent.post(format!("{}{path}", service.address));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut response = request.send(body).unwrap();
    let text = response.body_mut().read_to_string().unwrap();
    (response.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn say_signed(service: &Service, at_s: i64, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let signature = kefu_server::sign(SECRET, at_s, body.as_bytes());
    let headers = [("content-type", "application/json"), ("kefu-signature", &signature)];
    post(service, "/v1/channels/shop/webhook", &headers, &body)
}

fn message(id: &str, text: &str) -> Value {
    json!({"message_id": id, "customer_id": "customer-9", "conversation_key": "c-1", "text": text})
}

fn say(service: &Service, id: &str, text: &str) -> Value {
    let (status, answer) = say_signed(service, now_s(), &message(id, text));
    assert_eq!(status, 200, "{answer}");
    answer
}

#[test]
fn every_door_gives_the_same_facts_and_citations() {
    let dir = tempfile::tempdir().unwrap();
    let service = serve(dir.path(), &generic("http://127.0.0.1:9/", ""));
    let questions =
        ["How long can I return an unused kettle?", "水壶几天内可以退货？", "Is the label free?"];
    for (n, question) in questions.into_iter().enumerate() {
        let mut answers = Vec::new();
        for door in ["web", "api"] {
            let body = json!({"question": question, "channel": door});
            answers.push(service.post("/v1/answers", &body).1);
        }
        let mut body = message(&format!("m-{n}"), question);
        body["conversation_key"] = json!(format!("c-{n}"));
        answers.push(say_signed(&service, now_s(), &body).1);
        assert!(!answers[0]["answer"].as_str().unwrap().is_empty());
        for answer in &answers[1..] {
            for field in
                ["outcome", "lane", "answer", "citations", "confidence", "language", "release"]
            {
                assert_eq!(answer[field], answers[0][field], "{question}: {field}");
            }
        }
    }
}

#[test]
fn forged_old_and_repeated_messages_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = generic("http://127.0.0.1:9/", "");
    let service = serve(dir.path(), &config);
    let body = message("m-1", "How long can I return a kettle?");
    let (status, problem) = say_signed(&service, now_s() - 600, &body);
    assert_eq!((status, &problem["code"]), (403, &json!("forbidden")));
    assert!(problem["detail"].as_str().unwrap().contains("clock"), "{problem}");
    let text = body.to_string();
    let foreign = kefu_server::sign("another secret of theirs", now_s(), text.as_bytes());
    let own = kefu_server::sign(SECRET, now_s(), text.as_bytes());
    let path = "/v1/channels/shop/webhook";
    assert_eq!(post(&service, path, &[("kefu-signature", &foreign)], &text).0, 403);
    assert_eq!(post(&service, path, &[], &text).0, 403);
    let changed = text.replace("kettle", "lamp");
    assert_eq!(post(&service, path, &[("kefu-signature", &own)], &changed).0, 403);
    assert_eq!(post(&service, "/v1/channels/other/webhook", &[], "{}").0, 404);
    let nonsense = kefu_server::sign(SECRET, now_s(), b"{}");
    assert_eq!(post(&service, path, &[("kefu-signature", &nonsense)], "{}").0, 400);

    let first = say(&service, "m-1", "How long can I return a kettle?");
    assert_eq!(first["outcome"], "answered", "{first}");
    assert_eq!(say_signed(&service, now_s(), &body).0, 409, "the same message again");
    assert_eq!(post(&service, path, &[("kefu-signature", &own)], &text).0, 409, "replayed");
    service.terminate();
    // What was seen is seen after a restart too.
    let service = serve(dir.path(), &config);
    assert_eq!(say_signed(&service, now_s(), &body).0, 409);
    let conversation = first["conversation_id"].as_str().unwrap();
    let (_, history) = service.get(&format!("/v1/conversations/{conversation}"));
    assert_eq!(history["turns"].as_array().unwrap().len(), 2, "worked on once: {history}");
    assert_eq!(history["channel"], "shop");
}

#[test]
fn a_message_caught_by_a_crash_is_answered_once_when_it_is_sent_again() {
    const WISH: &str = "I want to talk to a human";
    let dir = tempfile::tempdir().unwrap();
    let open = || serve(dir.path(), &generic("http://127.0.0.1:9/", ""));
    for (n, pause_ms) in [2, 10, 40].into_iter().enumerate() {
        let body = json!({
            "message_id": format!("m-{n}"), "customer_id": format!("customer-{n}"), "text": WISH,
        });
        let service = open();
        let url = format!("{}/v1/channels/shop/webhook", service.address);
        let text = body.to_string();
        let signature = kefu_server::sign(SECRET, now_s(), text.as_bytes());
        let sending = std::thread::spawn(move || {
            let request = ureq::post(url).header("content-type", "application/json");
            request.header("kefu-signature", signature).send(text).is_ok()
        });
        std::thread::sleep(std::time::Duration::from_millis(pause_ms));
        service.kill();
        sending.join().unwrap();

        let service = open();
        let (status, answer) = say_signed(&service, now_s(), &body);
        assert!(matches!(status, 200 | 409), "{status} {answer}");
        let (_, tickets) = service.get("/v1/tickets");
        let tickets = tickets["items"].as_array().unwrap().clone();
        assert_eq!(tickets.len(), n + 1, "after {pause_ms} ms: {status} {answer}");
        for ticket in tickets {
            let id = ticket["ticket_id"].as_str().unwrap();
            let (_, ticket) = service.get(&format!("/v1/tickets/{id}"));
            let turns = ticket["transcript"].as_array().unwrap();
            assert_eq!(turns.iter().filter(|turn| turn["text"] == WISH).count(), 1, "{ticket}");
        }
    }
}

#[test]
fn history_follows_the_customer_and_people_reply_through_the_channel() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|_, _| (200, Value::Null));
    let vouched = format!("follow_customer = true\n\n[chat]\nidentity_secret = \"{SECRET}\"\n");
    let service = serve(dir.path(), &generic(&receiver.url("/replies"), &vouched));
    let id = Some("customer-9".to_owned());
    let customer = kefu_core::Customer { id, ..kefu_core::Customer::default() };
    let expires = now_s() + 60;
    let signature = kefu_server::sign_customer(SECRET, &customer, expires);
    let body = json!({
        "question": "How long can I return an unused kettle?",
        "channel": "web",
        "customer": {"id": "customer-9", "expires": expires, "signature": signature},
    });
    let (_, first) = service.post("/v1/answers", &body);
    let handed = say(&service, "m-1", "I want to talk to a person");
    assert_eq!(handed["conversation_id"], first["conversation_id"], "one conversation goes on");
    let ticket = handed["escalation"]["ticket_id"].as_str().unwrap();
    let reply = json!({"agent": "mei", "text": "Hello, this is Mei."});
    assert_eq!(service.post(&format!("/v1/tickets/{ticket}/reply"), &reply).0, 200);
    let received = receiver.wait_for(|received| !received.is_empty());
    let signature = received[0].header("kefu-signature");
    assert!(kefu_server::verify(SECRET, signature, received[0].body.as_bytes(), now_s()));
    let told = received[0].json();
    assert_eq!((&told["text"], &told["speaker"]), (&reply["text"], &json!("agent")));
    assert_eq!(told["agent"], "mei");
    assert_eq!(
        (&told["conversation_key"], &told["customer_id"]),
        (&json!("c-1"), &json!("customer-9"))
    );
    std::thread::sleep(std::time::Duration::from_millis(600));
    // Conversations that never were on the channel are none of its business.
    let (_, before) = service.get("/v1/webhooks/deliveries");
    service.post("/v1/answers", &json!({"question": "Is the label free?", "channel": "web"}));
    assert_eq!(service.get("/v1/webhooks/deliveries").1, before);
    assert!(before.to_string().contains("channel:shop"), "{before}");
    assert_eq!(receiver.received().len(), 1, "answers went back with the request already");
}

#[test]
fn signs_and_pictures_reach_the_person_who_has_the_conversation() {
    let dir = tempfile::tempdir().unwrap();
    let service = serve(dir.path(), &generic("http://127.0.0.1:9/", ""));
    let first = say(&service, "m-1", "👍");
    assert_eq!(first["outcome"], "clarify", "{first}");
    let handed = say(&service, "m-2", "I want to talk to a person");
    let ticket = handed["escalation"]["ticket_id"].as_str().unwrap();
    let signs = ["👍", "❤️", "？", "!!!", "…"];
    for (n, sign) in signs.into_iter().enumerate() {
        let told = say(&service, &format!("s-{n}"), sign);
        assert_eq!((&told["outcome"], &told["answer"]), (&json!("escalated"), &json!("")));
    }
    let (_, ticket) = service.get(&format!("/v1/tickets/{ticket}"));
    let turns = ticket["transcript"].as_array().unwrap();
    let told: Vec<&Value> = turns.iter().rev().take(5).rev().map(|turn| &turn["text"]).collect();
    assert_eq!(told, signs.each_ref(), "{ticket}");
    // What nobody can see is no message, and what is too long is refused with its reason.
    let (status, problem) = say_signed(&service, now_s(), &message("e-1", " \u{200b}\n"));
    assert_eq!((status, &problem["code"]), (422, &json!("invalid")), "{problem}");
    let long = message("e-2", &"long ".repeat(4_000));
    let (status, problem) = say_signed(&service, now_s(), &long);
    assert_eq!((status, &problem["code"]), (413, &json!("too_large")), "{problem}");
}

/// The HMAC of a text in hexadecimal, by another implementation than ours.
fn hmac(secret: &str, text: &str) -> String {
    let code = "import hmac, sys; print(hmac.new(sys.argv[1].encode(), sys.stdin.buffer.read(), 'sha256').hexdigest())";
    let mut child = Command::new("python3")
        .args(["-c", code, secret])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn slack_is_verified_and_answered_in_its_thread() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|_: &Received, before| {
        // The first attempt is refused as Slack refuses: with status 200.
        (200, json!({"ok": !before.is_empty()}))
    });
    let config = format!(
        "[delivery]\nallow_networks = [\"127.0.0.1\"]\nfirst_retry_ms = 50\n\n[[channels]]\n\
         name = \"slack\"\nkind = \"slack\"\nsecret = \"{SECRET}\"\ntoken = \"xoxb-token\"\n\
         reply_url = \"{}\"\n",
        receiver.url("/api/chat.postMessage")
    );
    let service = serve(dir.path(), &config);
    let path = "/v1/channels/slack/webhook";
    let send = |at_s: i64, body: &Value, secret: &str| {
        let (at, body) = (at_s.to_string(), body.to_string());
        let signature = format!("v0={}", hmac(secret, &format!("v0:{at}:{body}")));
        let headers = [
            ("content-type", "application/json"),
            ("x-slack-request-timestamp", at.as_str()),
            ("x-slack-signature", signature.as_str()),
            ("x-slack-retry-num", "1"),
        ];
        post(&service, path, &headers, &body)
    };
    let challenge = json!({"type": "url_verification", "challenge": "3eZbrw1aB"});
    assert_eq!(send(now_s(), &challenge, SECRET), (200, json!("3eZbrw1aB")));
    assert_eq!(send(now_s(), &challenge, "another secret of theirs").0, 403);
    assert_eq!(send(now_s() - 600, &challenge, SECRET).0, 403);
    let event = |id: &str, more: Value| {
        let mut event = json!({"type": "app_mention", "user": "U7", "channel": "C1", "ts": "17.1",
            "text": "<@UBOT> How long can I return an unused kettle?"});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"type": "event_callback", "event_id": id, "event": event})
    };
    let asked = event("Ev1", json!({}));
    assert_eq!(send(now_s(), &asked, SECRET).0, 200);
    let received = receiver.wait_for(|received| received.len() >= 2);
    assert_eq!(received[0].body, received[1].body, "a refusal with status 200 is tried again");
    let told = received[1].json();
    assert_eq!((&told["channel"], &told["thread_ts"]), (&json!("C1"), &json!("17.1")));
    assert!(told["text"].as_str().unwrap().contains("30 days"), "{told}");
    assert_eq!(received[1].header("authorization"), "Bearer xoxb-token");
    // Its own words, edits and repetitions come to nothing.
    assert_eq!(send(now_s(), &asked, SECRET).0, 200);
    assert_eq!(send(now_s(), &event("Ev2", json!({"bot_id": "B1"})), SECRET).0, 200);
    assert_eq!(send(now_s(), &event("Ev3", json!({"subtype": "message_changed"})), SECRET).0, 200);
    std::thread::sleep(std::time::Duration::from_millis(800));
    assert_eq!(receiver.received().len(), 2);
    // What is too long to be read is told of, once.
    let long = event("Ev4", json!({"text": "My kettle leaks. ".repeat(1_000)}));
    assert_eq!(send(now_s(), &long, SECRET).0, 200);
    assert_eq!(send(now_s(), &long, SECRET).0, 200);
    let received = receiver.wait_for(|received| received.len() >= 3);
    let told = received[2].json();
    assert!(told["text"].as_str().unwrap().contains("too long"), "{told}");
    assert_eq!(told["thread_ts"], "17.1");
    assert_eq!(receiver.received().len(), 3);
}

#[test]
fn wecom_is_verified_and_answered_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let config = "[[channels]]\nname = \"wx\"\nkind = \"wecom\"\nsecret = \"t0ken\"\n";
    let service = serve(dir.path(), config);
    let check = run(kefu(&dir.path().join("data"))
        .arg("--config")
        .arg(dir.path().join("kefu.toml"))
        .args(["config", "check"]));
    let warning = String::from_utf8(check.stderr).unwrap();
    assert!(check.status.success() && warning.contains("wx: without reply_url"), "{warning}");
    let sign = |at_s: i64| {
        let code = "import hashlib, sys; print(hashlib.sha1(''.join(sorted(sys.argv[1:])).encode()).hexdigest())";
        let output =
            stdout(Command::new("python3").args(["-c", code, "t0ken", &at_s.to_string(), "n1"]));
        format!("signature={}&timestamp={at_s}&nonce=n1", output.trim())
    };
    let (status, echo) =
        service.get(&format!("/v1/channels/wx/webhook?{}&echostr=88", sign(now_s())));
    assert_eq!((status, echo.to_string().trim_matches('"')), (200, "88"));
    assert_eq!(
        service.get("/v1/channels/wx/webhook?signature=0&timestamp=1&nonce=2&echostr=9").0,
        403
    );
    let xml = |id: u32| {
        format!(
            "<xml><ToUserName><![CDATA[corp]]></ToUserName><FromUserName><![CDATA[user-5]]>\
             </FromUserName><CreateTime>1</CreateTime><MsgType><![CDATA[text]]></MsgType>\
             <Content><![CDATA[水壶几天内可以退货？]]></Content><MsgId>{id}</MsgId></xml>"
        )
    };
    let path = format!("/v1/channels/wx/webhook?{}", sign(now_s()));
    let headers = [("content-type", "text/xml")];
    let (status, reply) = post(&service, &path, &headers, &xml(1));
    let reply = reply.as_str().unwrap().to_owned();
    assert_eq!(status, 200, "{reply}");
    assert!(!reply.contains("**"), "{reply}");
    assert!(reply.contains("30 天") && reply.contains("<ToUserName><![CDATA[user-5]]>"), "{reply}");
    assert_eq!(post(&service, &path, &headers, &xml(1)), (200, json!("success")), "sent again");
    let (status, reply) =
        post(&service, &path, &headers, &xml(4).replace("水壶几天内可以退货？", "👍"));
    assert!(status == 200 && reply.as_str().unwrap().contains("<Content>"), "{reply}");
    let long = xml(5).replace("退货？", &"退货？".repeat(3_000));
    let (status, reply) = post(&service, &path, &headers, &long);
    assert_eq!(status, 200, "{reply}");
    assert!(reply.as_str().unwrap().contains("您的消息太长了"), "{reply}");
    let old = format!("/v1/channels/wx/webhook?{}", sign(now_s() - 600));
    assert_eq!(post(&service, &old, &headers, &xml(2)).0, 403);
    let forged = path.replace("signature=", "signature=0");
    assert_eq!(post(&service, &forged, &headers, &xml(3)).0, 403);
}
