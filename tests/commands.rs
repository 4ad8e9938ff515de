//! The command line: help, configuration, ingest, evaluation.

use serde_json::{Value, json};

use crate::support::{KEFU, Service, kefu, root, run, stderr_of_failure, stdout};

#[test]
fn every_command_has_help() {
    for command in [
        "up",
        "serve",
        "models",
        "ingest",
        "documents",
        "overlays",
        "sources",
        "report",
        "releases",
        "ask",
        "triage",
        "eval",
        "config",
        "doctor",
    ] {
        let help = stdout(std::process::Command::new(KEFU).args([command, "--help"]));
        assert!(help.contains("Usage: kefu"), "{command}");
    }
}

#[test]
fn usage_errors_end_with_two() {
    let dir = tempfile::tempdir().unwrap();
    let error = stderr_of_failure(kefu(dir.path()).arg("ingset"), 2);
    assert!(error.contains("ingest"), "{error}");
}

#[test]
fn a_wrong_configuration_is_explained() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = kefu(dir.path());
    command.args(["config", "check"]).env("KEFU__ANSWER__TRESHOLD", "0.4");
    let error = stderr_of_failure(&mut command, 1);
    assert!(error.contains("KEFU__ANSWER__TRESHOLD"), "{error}");
    assert!(error.contains("did you mean threshold"), "{error}");
}

#[test]
fn the_samples_are_taken_in_once() {
    let dir = tempfile::tempdir().unwrap();
    let ingest = || -> Value {
        let text = stdout(kefu(dir.path()).args(["ingest", "ingest/samples", "--json"]));
        serde_json::from_str(&text).unwrap()
    };
    let first = ingest();
    assert!(first["n_added"].as_u64().unwrap() >= 40, "{first}");
    assert_eq!(first["n_failed"], 0, "{first}");
    assert_eq!(first["release"], 1);
    let second = ingest();
    assert_eq!(second["n_unchanged"], first["n_added"]);
    assert_eq!(second["n_chunks_embedded"], 0);
    assert_eq!(second["release"], Value::Null);
    let listed = stdout(kefu(dir.path()).args(["releases", "list"]));
    assert!(listed.starts_with("* release 1"), "{listed}");
    assert!(run(kefu(dir.path()).arg("doctor")).status.success());
}

#[test]
fn releases_go_back_and_forth() {
    let dir = tempfile::tempdir().unwrap();
    let (docs, data) = (dir.path().join("docs"), dir.path().join("data"));
    std::fs::create_dir(&docs).unwrap();
    let ingest = |price: u32| {
        let text = format!("# Lamps\n\nThe reading lamp costs {price} euros.\n");
        std::fs::write(docs.join("lamps.md"), text).unwrap();
        stdout(kefu(&data).arg("ingest").arg(&docs))
    };
    let releases = |args: &[&str]| stdout(kefu(&data).arg("releases").args(args));
    let price = || stdout(kefu(&data).args(["ask", "How much is the reading lamp?"]));
    ingest(12);
    let said = ingest(13);
    assert!(said.contains("published as release 2"), "{said}");
    assert!(said.contains("`kefu releases rollback` returns to release 1"), "{said}");
    assert!(price().contains("13 euros"));

    let said = releases(&["rollback", "--reason", "too dear"]);
    assert!(said.starts_with("release 1 serves now"), "{said}");
    assert!(price().contains("12 euros"));
    releases(&["publish", "2"]);
    assert!(price().contains("13 euros"));
    let diff: Value = serde_json::from_str(&releases(&["diff", "1", "2", "--json"])).unwrap();
    assert_eq!(diff["documents"][0]["document_id"], "lamps.md");
    let diff = releases(&["diff", "1", "2"]);
    assert!(diff.contains("\n-The reading lamp costs 12 euros."), "{diff}");
    assert!(diff.contains("\n+The reading lamp costs 13 euros."), "{diff}");

    releases(&["rollback", "--to", "1"]);
    let said = ingest(14);
    assert!(said.contains("given up are release 2"), "{said}");
    let error = stderr_of_failure(kefu(&data).args(["releases", "publish", "2"]), 1);
    assert!(error.contains("abandoned"), "{error}");
    let listed: Value = serde_json::from_str(&releases(&["list", "--json"])).unwrap();
    let numbers: Vec<&Value> =
        listed["items"].as_array().unwrap().iter().map(|item| &item["number"]).collect();
    assert_eq!(numbers, [3, 2, 1]);
    let history = listed["history"].as_array().unwrap();
    assert_eq!(history.len(), 6, "{listed}");
    assert_eq!(history[3]["reason"], "too dear");
    let doctor: Value =
        serde_json::from_str(&stdout(kefu(&data).args(["doctor", "--json"]))).unwrap();
    assert_eq!(doctor["differences"], Value::Array(Vec::new()), "{doctor}");
}

#[test]
fn a_bad_file_is_a_report_line() {
    let dir = tempfile::tempdir().unwrap();
    let docs = dir.path().join("docs");
    std::fs::create_dir(&docs).unwrap();
    std::fs::write(docs.join("good.md"), "# Lamps\n\nA lamp costs 12 euros.\n").unwrap();
    std::fs::write(docs.join("noise.md"), [0_u8, 159, 146, 150, 0, 0, 1, 2]).unwrap();
    std::fs::write(
        docs.join("rows.jsonl"),
        "{\"id\":\"row\",\"text\":\"A chair is red.\"}\nnot json\n",
    )
    .unwrap();
    let data = dir.path().join("data");
    let report: Value =
        serde_json::from_str(&stdout(kefu(&data).args(["ingest", "--json"]).arg(&docs))).unwrap();
    assert_eq!(report["n_added"], 2, "{report}");
    let failed: Vec<&str> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["outcome"] == "failed")
        .map(|file| file["name"].as_str().unwrap())
        .collect();
    assert!(failed.iter().any(|name| name.contains("noise.md")), "{report}");
    assert!(failed.contains(&"rows.jsonl:2"), "{report}");
}

#[test]
fn one_process_per_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let error = stderr_of_failure(kefu(dir.path()).args(["releases", "list"]), 1);
    assert!(error.contains(&format!("process {}", service.pid())), "{error}");
    assert!(error.contains(&service.address), "{error}");
}

#[test]
fn an_evaluation_keeps_away_from_the_configured_server() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = kefu(dir.path());
    command
        .args(["eval", "run", "--suite", "retrieval", "--sample", "2", "--dataset"])
        .arg(root().join("evals/samples"))
        .env("KEFU__STORE__KIND", "qdrant")
        .env("KEFU__STORE__URL", "http://127.0.0.1:9");
    assert!(stdout(&mut command).contains("recall@1"));
}

#[test]
fn an_evaluation_runs_through_the_answer_path() {
    let dir = tempfile::tempdir().unwrap();
    let text = stdout(
        kefu(dir.path())
            .args(["eval", "run", "--dataset"])
            .arg(root().join("evals/samples"))
            .args(["--sample", "12", "--seed", "3", "--json", "-"]),
    );
    let report: Value = serde_json::from_str(&text).unwrap();
    assert!(report.to_string().contains("recall@5"), "{report}");
    assert!(report.to_string().contains("contains_gold"), "{report}");
}

#[test]
fn events_are_lines_of_json_and_the_report_is_the_last() {
    let dir = tempfile::tempdir().unwrap();
    let docs = dir.path().join("docs");
    std::fs::create_dir(&docs).unwrap();
    std::fs::write(docs.join("a.md"), "# A\n\nThe lamp costs 89 euros.\n").unwrap();
    std::fs::write(docs.join("b.pdf"), "%PDF-1.4 nothing more").unwrap();
    let data = dir.path().join("data");
    let text = stdout(kefu(&data).args(["ingest", "--events"]).arg(&docs));
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names.first(), Some(&"found"));
    assert_eq!(names.last(), Some(&"report"));
    assert!(names.contains(&"published"), "{names:?}");
    let failed = events.iter().find(|event| event["name"] == "b.pdf").unwrap();
    assert_eq!(failed["outcome"], "failed");
    assert_eq!(events.last().unwrap()["report"]["release"], 1);
}

#[test]
fn documents_are_listed_with_their_state_and_those_that_end_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let rows = dir.path().join("rows.jsonl");
    let text = concat!(
        "{\"id\":\"sale\",\"text\":\"The sale ends soon.\",\"valid_to\":\"2020-01-31\"}\n",
        "{\"id\":\"later\",\"text\":\"Much later.\",\"valid_to\":\"2999-01-31\"}\n",
        "{\"id\":\"shop\",\"text\":\"# Shop\\n\\n## Winter\\n\\nClosed early.\",\"sections\":[{\"heading\":\"Winter\",\"valid_to\":\"2020-02-28\"}]}\n",
        "{\"id\":\"plan\",\"text\":\"A plan for spring.\",\"state\":\"draft\"}\n",
    );
    std::fs::write(&rows, text).unwrap();
    let data = dir.path().join("data");
    stdout(kefu(&data).arg("ingest").arg(&rows));
    let listed = stdout(kefu(&data).args(["documents", "list"]));
    assert!(listed.contains("4 documents") && listed.contains("draft"), "{listed}");
    let drafts = stdout(kefu(&data).args(["documents", "list", "--state", "draft", "--json"]));
    let drafts: Value = serde_json::from_str(&drafts).unwrap();
    assert_eq!(drafts["items"][0]["document_id"], "plan");
    let wrong = stderr_of_failure(kefu(&data).args(["documents", "list", "--state", "new"]), 1);
    assert!(wrong.contains("state"), "{wrong}");
    let report = stdout(kefu(&data).args(["report", "expiring"]));
    assert!(report.starts_with("ended 2020-01-31  sale"), "{report}");
    assert!(report.contains("ended 2020-02-28  shop"), "{report}");
    assert!(!report.contains("later"), "{report}");
}

#[test]
fn reviewed_pairs_outlive_a_pruning_ingest() {
    let dir = tempfile::tempdir().unwrap();
    let (docs, data) = (dir.path().join("docs"), dir.path().join("data"));
    std::fs::create_dir(&docs).unwrap();
    std::fs::write(docs.join("a.md"), "# A\n\nThe lamp costs 89 euros.\n").unwrap();
    std::fs::write(docs.join("b.md"), "# B\n\nThe kettle costs 59 euros.\n").unwrap();
    stdout(kefu(&data).arg("ingest").arg(&docs));
    let service = Service::serve(&data);
    let pair = json!({"question": "雨伞可以修吗？", "answer": "可以，每把收费八元。"});
    let (status, job) = service.post("/v1/pairs?wait=true", &pair);
    assert_eq!((status, job["state"].as_str()), (200, Some("succeeded")), "{job}");
    service.terminate();
    std::fs::remove_file(docs.join("b.md")).unwrap();
    let report = stdout(kefu(&data).args(["ingest", "--prune", "--json"]).arg(&docs));
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["n_removed"], 1, "{report}");
    let service = Service::serve(&data);
    let (_, answer) = service.post("/v1/answers", &json!({"question": "雨伞可以修吗？"}));
    assert_eq!(answer["lane"], "curated", "{answer}");
    assert!(answer["answer"].as_str().unwrap().contains("八元"), "{answer}");
}
