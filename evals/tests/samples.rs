//! The sample shop's questions fit the sample shop's handbook.
#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use kefu_evals::Dataset;

fn samples() -> Dataset {
    Dataset::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")).unwrap()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

/// Texts by document id: a file's path, or the id of a row.
fn texts(root: &Path) -> HashMap<String, String> {
    let mut files = Vec::new();
    walk(root, &mut files);
    let mut texts = HashMap::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            for line in text.lines() {
                let row: serde_json::Value = serde_json::from_str(line).unwrap();
                let field = |name: &str| row[name].as_str().unwrap().to_owned();
                texts.insert(field("id"), format!("{}\n{}", field("question"), field("answer")));
            }
        } else {
            let place = path.strip_prefix(root).unwrap();
            let parts: Vec<_> = place.iter().map(|part| part.to_string_lossy()).collect();
            texts.insert(parts.join("/"), text);
        }
    }
    texts
}

#[test]
fn every_reference_answer_stands_in_its_document() {
    let set = samples();
    let texts = texts(&set.documents.unwrap());
    for question in &set.questions {
        assert_eq!(question.answerable, question.document_id.is_some(), "{}", question.id);
        assert_eq!(question.answerable, !question.answers.is_empty(), "{}", question.id);
        for id in question.gold_documents() {
            assert!(texts.contains_key(id), "{}: no document {id}", question.id);
        }
        if let Some(id) = &question.document_id {
            for answer in &question.answers {
                assert!(texts[id].contains(answer), "{}: {answer:?} not in {id}", question.id);
            }
        }
    }
}

#[test]
fn the_set_is_large_enough_to_say_something() {
    let set = samples();
    let count = |code: &str, answerable: bool| {
        let fits =
            |q: &&kefu_evals::GoldQuestion| q.language.code() == code && q.answerable == answerable;
        set.questions.iter().filter(fits).count()
    };
    assert!(count("en", true) >= 30);
    assert!(count("zh", true) >= 25);
    assert!(count("en", false) + count("zh", false) >= 10);
    assert!(set.questions.iter().filter(|q| !q.history.is_empty()).count() >= 6);
    assert!(texts(&set.documents.unwrap()).len() >= 60);
}
