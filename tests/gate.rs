//! The gate in front of a release.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Service, kefu, run, stdout};

const QUESTIONS: &str = r#"{"id":"days","question":"How many days do I have to return a lamp?","answers":["30 days"],"doc_id":"returns.md","answerable":true,"lang":"en"}
{"id":"cost","question":"What does express delivery cost?","answers":["9.50 euros"],"doc_id":"delivery.md","answerable":true,"lang":"en"}
"#;

fn write(folder: &Path, returns: &str) {
    std::fs::create_dir_all(folder.join("docs")).unwrap();
    let page = |name: &str, text: &str| std::fs::write(folder.join("docs").join(name), text);
    page("returns.md", returns).unwrap();
    page("delivery.md", "# Delivery\n\nExpress delivery costs 9.50 euros.\n").unwrap();
}

#[test]
fn a_release_that_answers_worse_is_withdrawn_unless_a_reason_is_given() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    std::fs::create_dir(dir.path().join("questions")).unwrap();
    std::fs::write(dir.path().join("questions/questions.jsonl"), QUESTIONS).unwrap();
    let gate = dir.path().join("gate.toml");
    std::fs::write(&gate, "dataset = \"questions\"\nmust_pass = [\"days\", \"cost\"]\n").unwrap();
    let ingest = || {
        let mut command = kefu(&data);
        command.args(["ingest", "--json", "--gate"]).arg(&gate).arg(dir.path().join("docs"));
        command
    };
    write(dir.path(), "# Returns\n\nYou have 30 days to return a lamp.\n");
    let report: Value = serde_json::from_str(&stdout(&mut ingest())).unwrap();
    assert_eq!((&report["release"], &report["gate"]["passes"]), (&json!(1), &json!(true)));

    // The page loses its answer.
    write(dir.path(), "# Returns\n\nLamps are made of brass and glass.\n");
    let refused = run(&mut ingest());
    assert_eq!(refused.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!((&report["release"], &report["gate"]["passes"]), (&Value::Null, &json!(false)));
    let findings = report["gate"]["findings"].as_array().unwrap();
    assert!(findings[0]["failure"].is_string() && findings[1]["failure"].is_null(), "{report}");

    // Nothing of it comes out by the way, and asking left no trace.
    let service = Service::serve(&data);
    let (_, job) =
        service.put("/v1/documents/hours?wait=true", &json!({"text": "We open at nine."}));
    assert_eq!((&job["state"], &job["release"]), (&json!("succeeded"), &json!(2)), "{job}");
    let question = json!({"question": "How many days do I have to return a lamp?"});
    let (_, answer) = service.post("/v1/answers", &question);
    assert!(answer["answer"].as_str().unwrap().contains("30 days"), "{answer}");
    service.terminate();
    assert!(run(kefu(&data).arg("doctor")).status.success());

    let mut forced = ingest();
    forced.args(["--override-gate", "the deadline was dropped"]);
    let report: Value = serde_json::from_str(&stdout(&mut forced)).unwrap();
    assert_eq!(report["release"], 3, "{report}");
    let listed = stdout(kefu(&data).args(["releases", "list", "--json"]));
    assert!(listed.contains("the deadline was dropped"), "{listed}");
}
