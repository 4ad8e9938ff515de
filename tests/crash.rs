//! kill -9 at bad moments.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Service, kefu, run, stdout};

fn write_documents(folder: &Path, n_documents: usize) {
    std::fs::create_dir_all(folder).unwrap();
    for n in 0..n_documents {
        let text = format!(
            "# Article {n}\n\nArticle number K{n:04} costs {n}.50 euros. {}\n",
            "It is kept in the warehouse and shipped the next working day. ".repeat(20)
        );
        std::fs::write(folder.join(format!("article-{n:04}.md")), text).unwrap();
    }
}

#[test]
fn a_killed_ingest_loses_nothing_that_was_published() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (dir.path().join("first"), dir.path().join("second"));
    let data = dir.path().join("data");
    write_documents(&first, 3);
    write_documents(&second, 400);
    stdout(kefu(&data).arg("ingest").arg(&first));
    for pause_ms in [150, 400, 900] {
        let mut ingest = kefu(&data)
            .arg("ingest")
            .arg(&second)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(pause_ms));
        let _ = ingest.kill();
        ingest.wait().unwrap();
        let service = Service::serve(&data);
        let question = json!({"question": "What does article number K0002 cost?"});
        let (status, answer) = service.post("/v1/answers", &question);
        assert_eq!(status, 200);
        assert!(answer["answer"].as_str().unwrap().contains("2.50"), "{answer}");
    }
    let report: Value =
        serde_json::from_str(&stdout(kefu(&data).args(["ingest", "--json"]).arg(&second))).unwrap();
    assert_eq!(report["n_failed"], 0, "{report}");
    assert!(run(kefu(&data).arg("doctor")).status.success(), "records and index differ");
    let service = Service::serve(&data);
    let question = json!({"question": "What does article number K0399 cost?"});
    let (_, answer) = service.post("/v1/answers", &question);
    assert!(answer["answer"].as_str().unwrap().contains("399.50"), "{answer}");
}

#[test]
fn a_killed_service_keeps_accepted_documents_and_tickets() {
    let dir = tempfile::tempdir().unwrap();
    let service = Service::serve(dir.path());
    let (_, answer) = service.post("/v1/answers", &json!({"question": "I want a human agent"}));
    let ticket = answer["escalation"]["ticket_id"].as_str().unwrap().to_owned();
    let document = json!({"text": "The gift card PIN has 6 digits."});
    let (status, job) = service.put("/v1/documents/gift-cards", &document);
    assert_eq!(status, 202, "{job}");
    service.kill();

    let again = Service::serve(dir.path());
    assert_eq!(again.get(&format!("/v1/tickets/{ticket}")).0, 200);
    let id = job["job_id"].as_str().unwrap();
    for _ in 0..100 {
        let (_, job) = again.get(&format!("/v1/jobs/{id}"));
        if job["state"] == "succeeded" {
            let question = json!({"question": "How many digits has the gift card PIN?"});
            let (_, answer) = again.post("/v1/answers", &question);
            assert!(answer["answer"].as_str().unwrap().contains("6 digits"), "{answer}");
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("the accepted job was not finished after a restart");
}

#[test]
fn a_damaged_index_is_rebuilt_from_the_records() {
    let dir = tempfile::tempdir().unwrap();
    let docs = dir.path().join("docs");
    let data = dir.path().join("data");
    write_documents(&docs, 5);
    stdout(kefu(&data).arg("ingest").arg(&docs));
    std::fs::remove_dir_all(data.join("index")).unwrap();
    let service = Service::serve(&data);
    let question = json!({"question": "What does article number K0004 cost?"});
    let (_, answer) = service.post("/v1/answers", &question);
    assert!(answer["answer"].as_str().unwrap().contains("4.50"), "{answer}");
}
