//! The parsing child.

use std::time::Duration;

use kefu_ingest::{FileInput, ParseFailure, ParsedFile, Parser, PipeParser, PipeParserSettings};

/// What a well-behaved child answers.
const REPLY: &str = r#"{"documents":[],"row_errors":[{"row":1,"code":"c","detail":"PID"}]}"#;

/// Reads a request as a parser would, into `header` and `body`.
const TAKE: &str = r#"read -r header || exit 0; n=${header##*:}; body=$(head -c "${n%\}}")"#;

fn parser(loop_body: &str) -> PipeParser {
    let reply = REPLY.replace("PID", "'$$'");
    let script = format!("while :; do {TAKE}\n{loop_body}\necho '{reply}'\ndone");
    PipeParser::new(PipeParserSettings {
        program: "/bin/sh".into(),
        arguments: vec!["-c".to_owned(), script],
        timeout: Duration::from_millis(700),
        max_output_bytes: 1_000,
        workers: 1,
    })
}

async fn parse(parser: &PipeParser, body: &str) -> Result<ParsedFile, ParseFailure> {
    let file = FileInput { name: "a.md".to_owned(), bytes: body.as_bytes().to_vec() };
    parser.parse(&file).await
}

fn pid(file: &ParsedFile) -> String {
    file.row_errors[0].detail.clone()
}

#[tokio::test]
async fn a_child_serves_file_after_file() {
    let parser = parser("echo noise >&2");
    let first = parse(&parser, "one").await.unwrap();
    let second = parse(&parser, "two").await.unwrap();
    assert_eq!(pid(&first), pid(&second));
}

#[tokio::test]
async fn a_crash_a_hang_a_flood_and_garbage_cost_one_file_each() {
    let parser = parser(
        r#"case $body in
            crash) kill -9 $$;;
            hang) sleep 60;;
            flood) head -c 5000 /dev/zero | tr '\0' x;;
            garbage) echo nonsense; continue;;
            cpu) kill -s XCPU $$;;
            memory) echo 'memory allocation of 9 bytes failed' >&2; kill -s ABRT $$;;
            stack) echo "thread 'main' has overflowed its stack" >&2; kill -s ABRT $$;;
        esac"#,
    );
    let mut pids = vec![pid(&parse(&parser, "fine").await.unwrap())];
    let cases = [
        ("crash", "parser_crashed", "signal: 9"),
        ("hang", "parser_timeout", "0.7 s"),
        ("flood", "too_large", "1000 bytes"),
        ("garbage", "parser_garbage", "reply"),
        ("cpu", "parser_timeout", "CPU"),
        ("memory", "parser_memory", "memory"),
        ("stack", "parser_crashed", "stack"),
    ];
    for (body, code, word) in cases {
        let failure = parse(&parser, body).await.unwrap_err();
        assert_eq!(failure.code, code, "{body}");
        assert!(failure.detail.contains(word), "{}", failure.detail);
        pids.push(pid(&parse(&parser, "fine").await.unwrap()));
    }
    // A line of garbage is a whole reply, so that child goes on; the others were replaced.
    assert_eq!(pids[3], pids[4]);
    pids.dedup();
    assert_eq!(pids.len(), 7);
}

#[tokio::test]
async fn a_child_that_died_between_files_is_replaced_without_a_failure() {
    let parser = parser("case $body in last) (sleep 0.05; kill -9 $$) & ;; esac");
    let first = parse(&parser, "last").await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let second = parse(&parser, "next").await.unwrap();
    assert_ne!(pid(&first), pid(&second));
}

#[tokio::test]
async fn a_program_that_does_not_start_is_a_failure_of_the_file() {
    let parser = PipeParser::new(PipeParserSettings {
        program: "/nonexistent/parser".into(),
        arguments: Vec::new(),
        timeout: Duration::from_secs(1),
        max_output_bytes: 1_000,
        workers: 1,
    });
    assert_eq!(parse(&parser, "x").await.unwrap_err().code, "parser_crashed");
}
