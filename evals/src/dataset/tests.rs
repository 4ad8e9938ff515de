#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use std::fs;
use std::path::Path;

use super::*;

const QUESTION: &str = r#"{"id":"q1","question":"How long?","answers":["30 days"],"doc_id":"returns","answerable":true,"lang":"en","topic":"ignored"}"#;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn failure(files: &[(&str, &str)]) -> String {
    Dataset::load(folder(files).path()).unwrap_err().to_string()
}

#[test]
fn questions_documents_and_examples_are_read() {
    let follow_up = r#"{"id":"q2","question":"那换货呢？","answers":[],"doc_id":null,"answerable":false,"lang":"zh-Hans","history":[{"role":"user","text":"能退吗"},{"role":"agent","text":"能"}],"also_in":["x"]}"#;
    let dir = folder(&[
        ("questions.jsonl", &format!("{QUESTION}\n\n{follow_up}\n")),
        ("documents.jsonl", "{}\n"),
        ("examples.jsonl", r#"{"text":"Hello","label":"greeting","lang":"en"}"#),
    ]);
    let set = Dataset::load(dir.path()).unwrap();
    assert_eq!(set.documents, Some(dir.path().join("documents.jsonl")));
    assert_eq!(set.questions.len(), 2);
    assert_eq!(set.questions[0].gold_documents(), BTreeSet::from(["returns"]));
    assert_eq!(set.questions[1].history[1].role, TurnRole::Assistant);
    assert_eq!(set.questions[1].language, Language::CHINESE);
    assert_eq!(set.examples[0].label, "greeting");
}

#[test]
fn a_bad_line_is_named() {
    let cases = [
        (r#"{"id":"q1"}"#, "missing field"),
        ("not json", "expected"),
        (&QUESTION.replace("\"en\"", "\"english\""), "language code"),
        (&QUESTION.replace("\"q1\"", "\" \""), "must not be empty"),
        (QUESTION, "earlier line"),
    ];
    for (line, expected) in cases {
        let message = failure(&[("questions.jsonl", &format!("{QUESTION}\n{line}\n"))]);
        assert!(message.contains("questions.jsonl:2: "), "{message}");
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn an_empty_question_is_a_question() {
    let row = QUESTION.replace("\"How long?\"", "\"\"");
    let set = Dataset::load(folder(&[("questions.jsonl", &row)]).path()).unwrap();
    assert_eq!(set.questions[0].text, "");
}

#[test]
fn an_unknown_history_role_is_refused() {
    let row = QUESTION.replace('}', r#","history":[{"role":"robot","text":"x"}]}"#);
    assert!(failure(&[("questions.jsonl", &row)]).contains("\"robot\""));
}

#[test]
fn a_manifest_names_the_documents() {
    let dir = folder(&[
        ("set/questions.jsonl", QUESTION),
        ("set/dataset.toml", "documents = \"../handbook\"\n"),
        ("handbook/a.md", "# A"),
    ]);
    let set = Dataset::load(&dir.path().join("set")).unwrap();
    let documents = set.documents.unwrap();
    assert_eq!(
        documents.canonicalize().unwrap(),
        dir.path().join("handbook").canonicalize().unwrap()
    );
    assert_eq!(set.name, "set");

    fs::write(dir.path().join("handbook/a.md"), "# B").unwrap();
    assert_ne!(Dataset::load(&dir.path().join("set")).unwrap().hash, set.hash);
}

#[test]
fn a_manifest_must_be_understood() {
    let missing = "documents = \"nowhere\"\n";
    let message = failure(&[("questions.jsonl", QUESTION), ("dataset.toml", missing)]);
    assert!(message.contains("does not exist"), "{message}");
    let unknown = "documents = \".\"\ntypo = 1\n";
    let message = failure(&[("questions.jsonl", QUESTION), ("dataset.toml", unknown)]);
    assert!(message.contains("typo"), "{message}");
}

#[test]
fn a_folder_without_rows_is_no_dataset() {
    assert!(failure(&[("documents.jsonl", "{}")]).contains("neither"));
    assert!(matches!(Dataset::load(Path::new("/nowhere")), Err(EvalError::NotADataset { .. })));
}
