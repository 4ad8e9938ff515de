//! The direction of dependencies between the crates of the workspace.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// What each crate may depend on; development dependencies are judged apart.
fn allowed() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let everything = [
        "kefu-core",
        "kefu-text",
        "kefu-models",
        "kefu-parse",
        "kefu-store",
        "kefu-fetch",
        "kefu-records",
        "kefu-rag",
        "kefu-desk",
        "kefu-api",
        "kefu-server",
        "kefu-ingest",
        "kefu-evals",
    ];
    let edges: [(&str, &[&str]); 15] = [
        ("kefu-core", &[]),
        ("kefu-text", &["kefu-core"]),
        ("kefu-models", &["kefu-core"]),
        ("kefu-parse", &["kefu-core"]),
        ("kefu-store", &["kefu-core"]),
        ("kefu-fetch", &["kefu-core"]),
        ("kefu-records", &["kefu-core"]),
        ("kefu-api", &["kefu-core"]),
        ("kefu-testkit", &["kefu-core"]),
        ("kefu-rag", &["kefu-text", "kefu-core"]),
        ("kefu-desk", &["kefu-text", "kefu-core"]),
        ("kefu-ingest", &["kefu-text", "kefu-core"]),
        ("kefu-evals", &["kefu-api", "kefu-rag", "kefu-desk", "kefu-core"]),
        ("kefu-server", &["kefu-api", "kefu-rag", "kefu-desk", "kefu-ingest", "kefu-core"]),
        ("kefu", &everything),
    ];
    edges.iter().map(|(name, to)| (*name, to.iter().copied().collect())).collect()
}

/// Crates that only one of ours may name, because it hides them from the others.
const HIDDEN: [(&str, &str); 12] = [
    ("qdrant-edge", "kefu-store"),
    ("qdrant-client", "kefu-store"),
    ("rusqlite", "kefu-records"),
    ("candle-core", "kefu-models"),
    ("candle-nn", "kefu-models"),
    ("candle-transformers", "kefu-models"),
    ("tokenizers", "kefu-models"),
    ("axum", "kefu-server"),
    ("pdf_oxide", "kefu-parse"),
    ("undoc", "kefu-parse"),
    ("calamine", "kefu-parse"),
    ("mail-parser", "kefu-parse"),
];

#[test]
fn crates_depend_only_in_the_allowed_direction() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let allowed = allowed();
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        seen.insert(name.to_owned());
        let Some(may) = allowed.get(name) else {
            faults.push(format!("{name} is not in the table of tests/dependencies.rs"));
            continue;
        };
        for dependency in &package.dependencies {
            let to = dependency.name.as_str();
            let development = dependency.kind == DependencyKind::Development;
            if allowed.contains_key(to) && !development && !may.contains(to) {
                faults.push(format!("{name} may not depend on {to}"));
            }
            if to == "kefu-testkit" && !development {
                faults.push(format!("{name} needs kefu-testkit outside its tests"));
            }
            if let Some((_, home)) = HIDDEN.iter().find(|(hidden, _)| *hidden == to)
                && name != *home
            {
                faults.push(format!("{name} names {to}, which only {home} may"));
            }
        }
    }
    let missing: Vec<_> = allowed.keys().filter(|name| !seen.contains(**name)).collect();
    assert!(missing.is_empty(), "crates missing from the workspace: {missing:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
