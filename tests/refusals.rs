//! Bad input is a problem that names the field; it is never a 500 and loses nothing.

use serde_json::{Value, json};

use crate::support::Service;

#[test]
fn bad_bodies_are_named_problems() {
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let long = "x".repeat(5_000);
    let words = "word ".repeat(700);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("/v1/answers", b"{}".to_vec(), "question"),
        ("/v1/answers", json!({"question": ""}).to_string().into_bytes(), "question"),
        ("/v1/answers", json!({"question": " \n "}).to_string().into_bytes(), "question"),
        ("/v1/answers", json!({"question": long}).to_string().into_bytes(), "question"),
        ("/v1/answers", json!({"question": words}).to_string().into_bytes(), "question"),
        ("/v1/answers", json!({"question": 7}).to_string().into_bytes(), "question"),
        (
            "/v1/answers",
            json!({"question": "a", "qestion": "b"}).to_string().into_bytes(),
            "qestion",
        ),
        (
            "/v1/answers",
            json!({"question": "a", "conversation_id": "nonsense"}).to_string().into_bytes(),
            "conversation_id",
        ),
        ("/v1/answers", b"{\"question\": \"a\", ".to_vec(), ""),
        ("/v1/answers", b"{\"question\": \"\xff\xfe\"}".to_vec(), ""),
        (
            "/v1/retrieve",
            json!({"question": "a", "top_k": 1_000_000}).to_string().into_bytes(),
            "top_k",
        ),
        ("/v1/retrieve", json!({"question": "a", "top_k": -1}).to_string().into_bytes(), "top_k"),
        ("/v1/retrieve", b"{\"question\": \"a\", \"top_k\": NaN}".to_vec(), ""),
        ("/v1/feedback", json!({"answer_id": "ans_1", "rating": 9}).to_string().into_bytes(), ""),
    ];
    for (path, body, field) in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        let (status, problem) = service.post_raw(path, &body);
        assert!((400..500).contains(&status), "{path} {shown}: {status} {problem}");
        for key in ["type", "title", "status", "detail", "code", "request_id"] {
            assert!(!problem[key].is_null(), "{shown}: {key} is missing in {problem}");
        }
        assert!(problem.to_string().contains(field), "{shown}: {field} is not named in {problem}");
    }
}

#[test]
fn unknown_things_are_not_found() {
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let unknown = "0".repeat(32);
    for path in [
        "/nowhere".to_owned(),
        "/v1/documents/nothing".to_owned(),
        format!("/v1/tickets/tkt_{unknown}"),
        format!("/v1/conversations/cnv_{unknown}"),
        format!("/v1/records/ans_{unknown}"),
        format!("/v1/jobs/job_{unknown}"),
    ] {
        let (status, problem) = service.get(&path);
        assert_eq!(status, 404, "{path}: {problem}");
        assert_eq!(problem["code"], "not_found", "{path}: {problem}");
    }
    let body = json!({"question": "a", "conversation_id": format!("cnv_{unknown}")});
    assert_eq!(service.post("/v1/answers", &body).0, 404);
}

#[test]
fn the_service_ends_cleanly() {
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let (status, answer) = service.post("/v1/answers", &json!({"question": "转人工"}));
    assert_eq!(status, 200);
    let ticket = answer["escalation"]["ticket_id"].clone();
    let (code, took) = service.terminate();
    assert_eq!(code, Some(0));
    assert!(took.as_secs() < 10, "{took:?}");
    let again = Service::serve(dir.path());
    let (_, list) = again.get("/v1/tickets");
    assert_eq!(list["items"][0]["ticket_id"], ticket, "{list}");
    assert_ne!(list["items"][0]["ticket_id"], Value::Null);
}
