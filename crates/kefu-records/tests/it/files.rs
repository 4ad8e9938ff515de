use std::sync::Arc;

use kefu_core::ports::{
    Claim, ContentRecords as _, ConversationRecords as _, CustomerRecords as _, LinkRecords as _,
    Records as _, SystemClock,
};
use kefu_core::{ErrorKind, RecordsError};
use kefu_records::SqliteRecords;
use kefu_testkit::conformance::records::{conversation, document, exchange, publish};
use kefu_testkit::scopes::{customer, editor, operator};
use rusqlite::Connection;

use crate::{Folder, open};

fn refusal(path: &std::path::Path) -> RecordsError {
    SqliteRecords::open(path, Arc::new(SystemClock)).err().expect("a refusal")
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = Folder::new();
    let path = folder.new_path();
    let said = exchange(&conversation(1_000));
    let returns = document("returns", "30 days\n");
    {
        let records = open(&path);
        publish(&records, &editor("acme"), std::slice::from_ref(&returns)).await;
        records.commit_exchange(&customer("acme"), &said).await.unwrap();
        records.health().await.unwrap();
    }
    let records = open(&path);
    let scope = customer("acme");
    assert_eq!(records.turns(&scope, &said.conversation.id, 9).await.unwrap(), said.turns);
    assert_eq!(records.document(&scope, &returns.id, None).await.unwrap().document, returns);
}

#[tokio::test]
async fn messages_that_an_ended_process_had_begun_are_free_after_a_restart() {
    let folder = Folder::new();
    let path = folder.new_path();
    let scope = customer("acme");
    let claim = async |records: &SqliteRecords, id: &str| {
        records.claim_message(&scope, "channel:a", id).await.unwrap()
    };
    {
        let records = open(&path);
        for id in ["begun", "done"] {
            assert_eq!(claim(&records, id).await, Claim::New);
        }
        records.settle_message(&scope, "channel:a", "done", true).await.unwrap();
        assert_eq!(claim(&records, "begun").await, Claim::Busy);
    }
    let records = open(&path);
    assert_eq!(claim(&records, "begun").await, Claim::New);
    assert_eq!(claim(&records, "done").await, Claim::Done);
}

#[tokio::test]
async fn erased_words_are_in_no_file() {
    let folder = Folder::new();
    let path = folder.new_path();
    let records = open(&path);
    let scope = customer("acme");
    let words = "mayflower-4711";
    for n in 0..40 {
        let mut said = exchange(&conversation(1_000 + n));
        said.turns[0].text = format!("{words} {}", "x".repeat(300 * (n as usize % 20)));
        records.commit_exchange(&scope, &said).await.unwrap();
    }
    let found = || {
        let files = std::fs::read_dir(folder.dir.path()).unwrap();
        let holds = |path: &std::path::Path| {
            std::fs::read(path).unwrap().windows(words.len()).any(|w| w == words.as_bytes())
        };
        files.map(|file| file.unwrap().path()).filter(|path| holds(path)).count()
    };
    assert!(found() > 0);
    let erased = records.erase_customer(&operator("acme"), "customer-7").await.unwrap();
    assert_eq!(erased.n_conversations, 40);
    assert_eq!(found(), 0);
}

#[test]
fn the_version_of_the_schema_is_checked() {
    let folder = Folder::new();
    let path = folder.new_path();
    drop(open(&path));
    let version = |sql: &str| {
        let raw = Connection::open(&path).unwrap();
        raw.execute_batch(sql).unwrap();
        raw.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap()
    };
    let present = version("");
    drop(open(&path));
    assert_eq!(version(""), present);

    version(&format!("PRAGMA user_version = {}", present + 1));
    let message = refusal(&path).to_string();
    assert!(message.contains(&format!("schema version {}", present + 1)), "{message}");
    assert_eq!(version(""), present + 1);
}

#[test]
fn other_files_are_refused_and_left_alone() {
    let folder = Folder::new();
    let foreign = folder.new_path();
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let message = refusal(&foreign).to_string();
    assert!(message.contains("another program"), "{message}");

    let text = folder.new_path();
    let bytes = "this is no database\n".repeat(400);
    std::fs::write(&text, &bytes).unwrap();
    let error = refusal(&text);
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(error.to_string().contains("damaged"), "{error}");
    assert_eq!(std::fs::read_to_string(&text).unwrap(), bytes);
}

#[tokio::test]
async fn damage_inside_the_file_is_reported() {
    let folder = Folder::new();
    let path = folder.new_path();
    let long = document("returns", &"word\n".repeat(50_000));
    {
        let records = open(&path);
        let build = records.begin_build(&editor("acme"), "builder", "points").await.unwrap();
        let put = kefu_core::ports::DocumentChange::Put {
            document: long.clone(),
            source: String::new(),
            cleaning: kefu_core::Cleaning::default(),
            source_text: kefu_core::SourceText::default(),
            chunks: Vec::new(),
        };
        records.stage(&editor("acme"), &build, &[put]).await.unwrap();
        records.publish(&editor("acme"), &build).await.unwrap();
    }
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4_096..].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let error = match SqliteRecords::open(&path, Arc::new(SystemClock)) {
        Ok(records) => {
            records.document(&customer("acme"), &long.id, None).await.expect_err("a failure")
        }
        Err(error) => error,
    };
    assert!(error.to_string().contains("damaged"), "{error}");
}

#[test]
fn a_file_that_cannot_be_made_is_a_storage_error() {
    let folder = Folder::new();
    let missing = folder.dir.path().join("no/such/folder/records.db");
    assert!(matches!(refusal(&missing), RecordsError::Storage { .. }));
}
