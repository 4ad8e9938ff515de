//! Fitting intents and trying them on the command line.

use serde_json::Value;

use crate::support::{kefu, run, stderr_of_failure, stdout};

const LIST: &str = r#"
[[intent]]
name = "care"
queue = "plants"
keywords = ["fertiliser"]
examples = ["how often do I water a fern", "does a fern like sun", "my cactus turns yellow",
  "which soil for an orchid", "蕨类植物多久浇一次水", "兰花用什么土", "仙人掌发黄怎么办"]

[[intent]]
name = "delivery"
skill = "couriers"
examples = ["where is my parcel", "when will the courier come", "is my order shipped",
  "track my parcel please", "快递什么时候到", "包裹到哪里了", "订单发货了吗"]
"#;

#[test]
fn a_list_is_fitted_and_used() {
    let dir = tempfile::tempdir().unwrap();
    let (list, head) = (dir.path().join("intents.toml"), dir.path().join("plants.head"));
    std::fs::write(&list, LIST).unwrap();
    let fit = || {
        let mut command = kefu(dir.path());
        command.args(["triage", "fit", "--json", "--examples"]).arg(&list).arg("--out").arg(&head);
        serde_json::from_str::<Value>(&stdout(&mut command)).unwrap()
    };
    let said = fit();
    assert_eq!(said["report"]["n_intents"], 2, "{said}");
    assert_eq!(said["report"]["n_examples"], 14);
    assert_eq!(said["embedder"], Value::Null);
    let first = std::fs::read(&head).unwrap();
    assert_eq!(said["size_bytes"], first.len());
    fit();
    assert_eq!(std::fs::read(&head).unwrap(), first, "the same list gave another head");

    let try_text = |text: &str| -> Value {
        let mut command = kefu(dir.path());
        command.args(["triage", "test", "--json", text]).env("KEFU__DESK__INTENTS", &head);
        serde_json::from_str(&stdout(&mut command)).unwrap()
    };
    let parcel = try_text("Where is my parcel?");
    assert_eq!(parcel["intent"]["name"], "delivery", "{parcel}");
    assert_eq!(parcel["intent"]["skill"], "couriers");
    assert_eq!(parcel["intent"]["told_by"], "phrase");
    let feed = try_text("Fertiliser?");
    assert_eq!(
        (&feed["intent"]["queue"], &feed["intent"]["told_by"]),
        (&"plants".into(), &"keyword".into())
    );
    let chinese = try_text("请问包裹快递到哪里");
    assert_eq!(chinese["intent"]["name"], "delivery", "{chinese}");
    let angry = try_text("I want to speak to a human");
    assert_eq!(angry["verdict"]["reason"], "human_requested", "{angry}");
}

#[test]
fn what_cannot_be_fitted_is_explained() {
    let dir = tempfile::tempdir().unwrap();
    let (list, rows) = (dir.path().join("intents.toml"), dir.path().join("rows.jsonl"));
    let fit = |paths: &[&std::path::Path]| {
        let mut command = kefu(dir.path());
        command.args(["triage", "fit", "--out"]).arg(dir.path().join("out.head"));
        command.arg("--examples").args(paths);
        stderr_of_failure(&mut command, 1)
    };
    std::fs::write(&list, LIST).unwrap();
    std::fs::write(&rows, "{\"text\":\"hello\",\"label\":\"deliveries\"}\n").unwrap();
    let error = fit(&[&list, &rows]);
    assert!(
        error.contains("rows.jsonl:1") && error.contains("did you mean \"delivery\""),
        "{error}"
    );
    assert!(fit(&[&rows]).contains("at least 2"));
    std::fs::write(&rows, "{\"text\":\" \",\"label\":\"a\"}\n").unwrap();
    assert!(fit(&[&rows]).contains("holds no word"));
    assert!(fit(&[&dir.path().join("nothing.jsonl")]).contains("cannot read"));
    let few = "[[intent]]\nname = \"a\"\nexamples = [\"x y\"]\n[[intent]]\nname = \"b\"\n";
    std::fs::write(&list, few).unwrap();
    assert!(fit(&[&list]).contains("\"a\" has 1 different example"));
}

/// Two tones of twelve texts each, in two languages.
fn tones() -> String {
    let mut rows = String::new();
    for subject in ["kettle", "parcel", "invoice", "水壶", "包裹", "发票"] {
        for (label, text) in [
            ("curt", format!("{subject}!!! Now!!!")),
            ("curt", format!("{subject}??? 快点！！！")),
            ("polite", format!("Could you please help me with the {subject}, thank you")),
            ("polite", format!("您好，麻烦看一下{subject}，谢谢您")),
        ] {
            let row = serde_json::json!({"text": text, "label": label});
            rows.push_str(&format!("{row}\n"));
        }
    }
    rows
}

#[test]
fn a_head_of_any_labels_is_fitted_measured_and_tried() {
    let dir = tempfile::tempdir().unwrap();
    let (rows, head) = (dir.path().join("tone.jsonl"), dir.path().join("tone.head"));
    std::fs::write(&rows, tones()).unwrap();
    let fit = |more: &[&str]| {
        let mut command = kefu(dir.path());
        command.args(["triage", "fit", "--kind", "text"]).args(more);
        stdout(command.arg("--examples").arg(&rows).arg("--out").arg(&head))
    };
    let said: Value = serde_json::from_str(&fit(&["--json"])).unwrap();
    assert_eq!((&said["kind"], &said["report"]["n_examples"]), (&"text".into(), &24.into()));
    let first = std::fs::read(&head).unwrap();
    assert_eq!(said["size_bytes"], first.len());
    let report = &said["report"];
    assert_eq!(report["accuracy_by_fold"].as_array().unwrap().len(), 5);
    assert!(report["accuracy"].as_f64().unwrap() > 0.9, "{said}");
    assert_eq!(report["labels"][0]["label"], "curt");
    assert_eq!(report["labels"][1]["n_examples"], 12);
    let words = fit(&[]);
    assert_eq!(std::fs::read(&head).unwrap(), first, "the same examples gave another head");
    for part in ["2 labels from 24 examples", "polite: 12 examples", "triage test --head"] {
        assert!(words.contains(part), "{words}");
    }
    let try_text = |text: &str| -> Value {
        let mut command = kefu(dir.path());
        command.args(["triage", "test", "--json", text, "--head"]).arg(&head);
        serde_json::from_str(&stdout(&mut command)).unwrap()
    };
    for (text, label) in [
        ("Password!!! Now!!!", "curt"),
        ("Could you please look at my password, thank you", "polite"),
        ("您好，麻烦看一下密码，谢谢", "polite"),
    ] {
        let told = try_text(text);
        assert_eq!(told["labels"][0]["label"], label, "{text}: {told}");
        assert!(told["labels"][0]["probability"].as_f64().unwrap() > 0.6, "{text}: {told}");
        assert_eq!(told["labels"].as_array().unwrap().len(), 2);
    }

    // What cannot be fitted or read is explained.
    let failed = |args: &[&str], file: &std::path::Path| {
        stderr_of_failure(kefu(dir.path()).arg("triage").args(args).arg(file), 1)
    };
    std::fs::write(&rows, "{\"text\":\"a\",\"label\":\"x\"}\n").unwrap();
    let out = head.to_str().unwrap();
    let fit_text = ["fit", "--kind", "text", "--out", out, "--examples"];
    assert!(failed(&fit_text, &rows).contains("\"x\" has 1 different example"));
    std::fs::write(&rows, "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\",\"label\":\"x\"}\n")
        .unwrap();
    assert!(failed(&fit_text, &rows).contains("two labels"));
    std::fs::write(&head, &first[..first.len() - 1]).unwrap();
    assert!(failed(&["test", "hello", "--head"], &head).contains("the text head"));
    assert!(failed(&["test", "hello", "--head"], &dir.path().join("no")).contains("cannot read"));
}

#[test]
fn a_damaged_head_is_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let head = dir.path().join("broken.head");
    std::fs::write(&head, b"KEFUHEAD and then nothing of the kind, at some length").unwrap();
    let mut command = kefu(dir.path());
    command.args(["ask", "Is it open?"]).env("KEFU__DESK__INTENTS", &head);
    let error = stderr_of_failure(&mut command, 1);
    assert!(error.contains("desk.intents") && error.contains("kefu triage fit"), "{error}");
}

#[test]
fn the_triage_suite_tells_intents_by_folds() {
    let dir = tempfile::tempdir().unwrap();
    let set = dir.path().join("set");
    std::fs::create_dir(&set).unwrap();
    let mut rows = String::new();
    for subject in ["refund", "parcel", "warranty", "invoice", "password"] {
        for frame in [
            "about my",
            "where is the",
            "help with",
            "any",
            "which",
            "the old",
            "no",
            "is there a",
            "what",
            "my",
        ] {
            rows.push_str(&format!(
                "{{\"text\":\"{frame} {subject}\",\"label\":\"{subject}\",\"lang\":\"en\"}}\n"
            ));
        }
    }
    std::fs::write(set.join("examples.jsonl"), rows).unwrap();
    let report = dir.path().join("report.json");
    let mut command = kefu(dir.path());
    command.args(["eval", "run", "--suite", "triage", "--dataset"]).arg(&set);
    command.arg("--json").arg(&report).arg("--html").arg(dir.path().join("report.html"));
    let said = stdout(&mut command);
    assert!(said.contains("intent_accuracy") && said.contains("intent_f1"), "{said}");
    let report: Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    let accuracy = &report["groups"][0]["figures"]["intent_accuracy"]["value"];
    assert!(accuracy.as_f64().unwrap() > 0.9, "{accuracy}");
    std::fs::write(set.join("labels.toml"), "intents = false\n").unwrap();
    let said =
        stdout(kefu(dir.path()).args(["eval", "run", "--suite", "triage", "--dataset"]).arg(&set));
    assert!(!said.contains("intent_accuracy"), "{said}");
    std::fs::write(set.join("labels.toml"), "[signals]\nrage = []\n").unwrap();
    let failed =
        run(kefu(dir.path()).args(["eval", "run", "--suite", "triage", "--dataset"]).arg(&set));
    assert!(String::from_utf8_lossy(&failed.stderr).contains("labels.toml"));
}
