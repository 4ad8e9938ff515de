//! The parsing process: hostile files cost their own line of the report and nothing else.

use std::time::Duration;

use kefu_ingest::{FileInput, ParseFailure, ParsedFile, Parser, PipeParser, PipeParserSettings};
use serde_json::Value;

use crate::support::{KEFU, kefu, run};

const MIB: u64 = 1 << 20;

/// The real child, with limits that a test can reach.
fn parser(cpu_seconds: u64, memory_bytes: u64, timeout: Duration) -> PipeParser {
    let flags = [("--cpu-seconds", cpu_seconds), ("--memory-bytes", memory_bytes)];
    let mut arguments = vec!["parse".to_owned()];
    for (name, value) in flags {
        arguments.extend([name.to_owned(), value.to_string()]);
    }
    PipeParser::new(PipeParserSettings {
        program: KEFU.into(),
        arguments,
        timeout,
        max_output_bytes: 192 * MIB,
        workers: 1,
    })
}

async fn parse(parser: &PipeParser, name: &str, text: &str) -> Result<ParsedFile, ParseFailure> {
    let file = FileInput { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    parser.parse(&file).await
}

/// A page that takes a while: many small elements.
fn slow_page(n_bytes: usize) -> String {
    let unit = "<ul><li>七日内 <b>return</b></li></ul><p>Within <i>thirty</i> days.</p>";
    unit.repeat(n_bytes / unit.len())
}

#[tokio::test]
async fn a_file_that_takes_too_long_is_a_failure_and_the_next_one_is_read() {
    let page = slow_page(30 << 20);
    let busy = parser(1, 4_096 * MIB, Duration::from_secs(60));
    let failure = parse(&busy, "slow.html", &page).await.unwrap_err();
    assert_eq!(failure.code, "parser_timeout", "{failure:?}");
    assert!(failure.detail.contains("CPU"), "{}", failure.detail);
    assert!(parse(&busy, "a.md", "# Fine\n").await.is_ok());
    let waiting = parser(100, 4_096 * MIB, Duration::from_millis(300));
    let failure = parse(&waiting, "slow.html", &page).await.unwrap_err();
    assert_eq!(failure.code, "parser_timeout", "{failure:?}");
}

#[tokio::test]
async fn no_file_pays_for_the_cpu_time_of_those_before_it() {
    let parser = parser(1, 4_096 * MIB, Duration::from_secs(60));
    let page = slow_page(1 << 20);
    // Together they take several times what one may.
    for round in 0..12 {
        let read = parse(&parser, "page.html", &page).await;
        assert!(read.is_ok(), "{round}: {:?}", read.err());
    }
}

#[tokio::test]
async fn a_file_that_takes_too_much_memory_is_told_apart() {
    let parser = parser(100, 400 * MIB, Duration::from_secs(60));
    let failure = parse(&parser, "large.html", &slow_page(30 << 20)).await.unwrap_err();
    assert_eq!(failure.code, "parser_memory", "{failure:?}");
    assert!(parse(&parser, "a.md", "# Fine\n").await.is_ok());
}

#[test]
fn a_run_with_hostile_files_takes_in_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let docs = dir.path().join("docs");
    std::fs::create_dir(&docs).unwrap();
    let files: [(&str, &[u8]); 7] = [
        ("good.md", b"# Returns\n\nWithin 30 days.\n"),
        ("cut.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Cat"),
        ("cut.docx", b"PK\x03\x04\x14\0\0\0"),
        ("deep.json", &[b'['; 200_000]),
        ("deep.html", &b"<div>".repeat(100_000)),
        ("scan.pdf", b"\x89PNG\r\n\x1a\n\0\0\0"),
        ("blank.txt", b" \n"),
    ];
    for (name, bytes) in files {
        std::fs::write(docs.join(name), bytes).unwrap();
    }
    let data = dir.path().join("data");
    let output = run(kefu(&data).arg("ingest").arg(&docs).arg("--json"));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let code_of = |name: &str| -> String {
        let lines = report["files"].as_array().unwrap();
        let line = lines.iter().find(|line| line["name"] == name).unwrap();
        line["code"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(code_of("good.md"), "");
    assert_eq!(code_of("cut.pdf"), "broken_file");
    assert_eq!(code_of("cut.docx"), "broken_file");
    assert_eq!(code_of("deep.json"), "bad_structure");
    assert_eq!(code_of("deep.html"), "too_nested");
    assert_eq!(code_of("scan.pdf"), "wrong_format");
    assert_eq!(code_of("blank.txt"), "empty");
}
