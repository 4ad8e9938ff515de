//! Rules of the house that no lint knows.

use std::path::{Path, PathBuf};

const MAX_LINES: usize = 500;

/// Where scopes may be granted: authentication, the command line's wiring, and tests.
const MAY_GRANT_SCOPES: [&str; 4] = [
    "crates/kefu-core/src/scope.rs",
    "crates/kefu-server/src/auth.rs",
    "crates/kefu-testkit/src/scopes.rs",
    "crates/kefu/src/wiring/scopes.rs",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Files of the repository with this ending, as (path relative to the root, text).
fn files(ending: &str) -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                let skipped = ["target", "data", "node_modules"].contains(&name.as_str());
                if !skipped && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                let relative = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                found.push((relative, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "no {ending} files found below the root");
    found
}

fn complain(faults: &[String]) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_stay_small() {
    let mut faults = Vec::new();
    for ending in [".rs", ".js", ".css", ".html"] {
        let own = files(ending).into_iter().filter(|(path, _)| !path.starts_with("ingest/samples"));
        for (path, text) in own {
            let n_lines = text.lines().count();
            if n_lines > MAX_LINES {
                faults.push(format!("{path} has {n_lines} lines; split it by responsibility"));
            }
        }
    }
    complain(&faults);
}

#[test]
fn modules_have_names() {
    let all = files(".rs");
    let faults: Vec<String> = all
        .iter()
        .filter(|(path, _)| path.ends_with("/mod.rs"))
        .map(|(path, _)| format!("{path}: name it after its module"))
        .collect();
    complain(&faults);
}

#[test]
fn scopes_are_granted_in_known_places_only() {
    let word = concat!("Authority::", "assert");
    let faults: Vec<String> = files(".rs")
        .into_iter()
        .filter(|(path, text)| text.contains(word) && !MAY_GRANT_SCOPES.contains(&path.as_str()))
        .map(|(path, _)| format!("{path} grants a scope"))
        .collect();
    complain(&faults);
}

#[test]
fn unsafe_code_lives_in_models_only() {
    let words = [concat!("unsafe", " {"), concat!("unsafe", " fn"), concat!("unsafe", " impl")];
    let faults: Vec<String> = files(".rs")
        .into_iter()
        .filter(|(path, _)| !path.starts_with("crates/kefu-models/"))
        .filter(|(_, text)| words.iter().any(|word| text.contains(word)))
        .map(|(path, _)| format!("{path} holds unsafe code"))
        .collect();
    complain(&faults);
}

#[test]
fn every_package_takes_the_workspace_lints() {
    let mut faults = Vec::new();
    for (path, text) in files("Cargo.toml") {
        if path != "Cargo.toml" && !text.contains("[lints]\nworkspace = true") {
            faults.push(format!("{path} lacks [lints] workspace = true"));
        }
    }
    complain(&faults);
}

#[test]
fn nothing_is_left_for_later_without_a_name() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    let mut faults = Vec::new();
    for (path, text) in files(".rs") {
        for (line, content) in text.lines().enumerate() {
            if words.iter().any(|word| content.contains(word)) {
                faults.push(format!("{path}:{}: {}", line + 1, content.trim()));
            }
        }
    }
    complain(&faults);
}
