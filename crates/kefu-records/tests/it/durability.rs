use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use kefu_core::ConversationId;
use kefu_core::ports::{AnswerRecords as _, ContentRecords as _, ConversationRecords as _};
use kefu_testkit::conformance::records::{conversation, document, exchange, publish};
use kefu_testkit::scopes::{customer, editor};

use crate::{Folder, open};

const FILE: &str = "KEFU_TEST_RECORDS_FILE";

/// The writing process of [`acknowledged_writes_survive_kill_9`]: prints a line for each write
/// that was acknowledged, until it is killed. Does nothing unless that test runs it.
#[tokio::test]
async fn writer() {
    let Ok(path) = std::env::var(FILE) else { return };
    let records = open(std::path::Path::new(&path));
    for n in 0..100_000 {
        let said = exchange(&conversation(n));
        records.commit_exchange(&customer("acme"), &said).await.unwrap();
        let mut line = format!("said {}\n", said.conversation.id);
        if n % 10 == 0 {
            let name = format!("doc-{n}");
            let release =
                publish(&records, &editor("acme"), &[document(&name, "a\nb\n")]).await.number;
            line.push_str(&format!("published {release}\n"));
        }
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
}

#[tokio::test]
async fn acknowledged_writes_survive_kill_9() {
    let folder = Folder::new();
    for n_lines in [3, 40, 150] {
        let path = folder.new_path();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["durability::writer", "--exact", "--nocapture"])
            .env(FILE, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut acknowledged = Vec::new();
        let ours = |line: &String| line.starts_with("said ") || line.starts_with("published ");
        let mut next = || lines.next().transpose().unwrap();
        while let Some(line) = next() {
            acknowledged.extend(Some(line).filter(ours));
            if acknowledged.len() == n_lines {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(acknowledged.len() >= n_lines, "the writer ended early");

        let records = open(&path);
        let scope = customer("acme");
        let current = records.current(&scope).await.unwrap().release.0;
        for line in acknowledged {
            match line.split_once(' ').unwrap() {
                ("said", id) => {
                    let id = ConversationId::parse(id).unwrap();
                    let turns = records.turns(&scope, &id, 10).await.unwrap();
                    assert_eq!(turns.len(), 2);
                    let answer_id = turns[1].answer_id.clone().unwrap();
                    records.answer(&scope, &answer_id).await.unwrap();
                }
                (_, release) => assert!(release.parse::<u32>().unwrap() <= current),
            }
        }
        publish(&records, &editor("acme"), &[document("later", "c\n")]).await;
    }
}
