//! Files as people publish them, from the folder that `KEFU_TEST_REAL_FILES` names. It holds
//! `manifest.jsonl`, one line a file: where it is, what to expect of it, words it must yield.

use std::path::Path;
use std::time::Instant;

use kefu_parse::{Limits, ParseError, ParsedFile, parse};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    file: String,
    expect: String,
    contains: Vec<String>,
}

fn squashed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// What became of a file, as the report would say it.
fn outcome(result: &Result<ParsedFile, ParseError>) -> String {
    match result {
        Ok(file) if file.documents.iter().all(|d| d.text.trim().is_empty()) => "empty".to_owned(),
        Ok(file) => {
            let has_notes = file.documents.iter().any(|d| !d.notes.is_empty());
            if has_notes { "text, with notes" } else { "text" }.to_owned()
        }
        Err(error) => error.code().to_owned(),
    }
}

fn is_as_expected(case: &Case, result: &Result<ParsedFile, ParseError>, outcome: &str) -> bool {
    let is_read = outcome.starts_with("text");
    match case.expect.as_str() {
        "text" => result.as_ref().is_ok_and(|file| {
            let all: String = file.documents.iter().map(|d| squashed(&d.text)).collect();
            is_read && case.contains.iter().all(|words| all.contains(&squashed(words)))
        }),
        "no_text_layer" | "empty" => outcome == case.expect,
        "password" => outcome == "password_required",
        "broken" => is_read || outcome == "broken_file",
        "text_or_unsupported" => is_read || outcome == "unsupported_format",
        _ => false,
    }
}

#[test]
fn real_files_end_as_their_manifest_says() {
    let Ok(folder) = std::env::var("KEFU_TEST_REAL_FILES") else { return };
    let folder = Path::new(&folder);
    let manifest = std::fs::read_to_string(folder.join("manifest.jsonl")).unwrap();
    let mut faults = Vec::new();
    for line in manifest.lines().filter(|line| !line.trim().is_empty()) {
        let case: Case = serde_json::from_str(line).unwrap();
        let bytes = std::fs::read(folder.join(&case.file)).unwrap();
        let started = Instant::now();
        let result = parse(&case.file, &bytes, &Limits::STANDARD);
        let took = started.elapsed();
        let found = outcome(&result);
        let is_good = is_as_expected(&case, &result, &found);
        println!(
            "{:4} {:55} {:14} {:18} {:7.1} ms",
            if is_good { "ok" } else { "BAD" },
            case.file,
            case.expect,
            found,
            took.as_secs_f64() * 1e3
        );
        if !is_good {
            faults.push(format!("{}: {found}: {:?}", case.file, result.err()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
