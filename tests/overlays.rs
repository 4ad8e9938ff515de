//! Corrections on the command line.

use serde_json::Value;

use crate::support::{kefu, stderr_of_failure, stdout};

#[test]
fn a_correction_holds_until_its_words_are_gone_and_is_listed_then() {
    let dir = tempfile::tempdir().unwrap();
    let (docs, data) = (dir.path().join("docs"), dir.path().join("data"));
    std::fs::create_dir(&docs).unwrap();
    let write = |more: &str| {
        let text = format!("# Lamps\n\n{more}The reading lamp costs 13 euros.\n");
        std::fs::write(docs.join("lamps.md"), text).unwrap();
        stdout(kefu(&data).arg("ingest").arg(&docs))
    };
    let overlays = |args: &[&str]| stdout(kefu(&data).arg("overlays").args(args));
    let price = || stdout(kefu(&data).args(["ask", "How much is the reading lamp?"]));
    write("");
    let said = overlays(&["add", "lamps.md", "--passage", "13 euros", "--edit", "15 euros"]);
    assert!(said.contains("published as release 2"), "{said}");
    assert!(price().contains("15 euros"));
    write("We have lamps of all kinds.\n\n");
    assert!(price().contains("15 euros"));
    let error = stderr_of_failure(
        kefu(&data).args(["overlays", "add", "lamps.md", "--passage", "99 euros", "--hide"]),
        1,
    );
    assert!(error.contains("does not stand"), "{error}");
    stderr_of_failure(kefu(&data).args(["overlays", "add", "lamps.md", "--passage", "13"]), 2);

    std::fs::write(docs.join("lamps.md"), "# Lamps\n\nAsk for the price.\n").unwrap();
    stdout(kefu(&data).arg("ingest").arg(&docs));
    let orphaned: Value =
        serde_json::from_str(&overlays(&["list", "--orphaned", "--json"])).unwrap();
    assert_eq!(orphaned["items"][0]["passage"], "13 euros", "{orphaned}");
    let id = orphaned["items"][0]["overlay_id"].as_str().unwrap();
    overlays(&["delete", id]);
    assert_eq!(overlays(&["list"]), "0 corrections\n");

    let state = |state: &str| kefu_state(&data, state);
    assert!(state("retired").contains("lamps.md is retired"));
    assert!(!price().contains("Ask for the price"));
    let error = stderr_of_failure(kefu(&data).args(["documents", "state", "lamps.md", "draft"]), 1);
    assert!(error.contains("retired cannot become draft"), "{error}");
}

fn kefu_state(data: &std::path::Path, state: &str) -> String {
    stdout(kefu(data).args(["documents", "state", "lamps.md", state]))
}
