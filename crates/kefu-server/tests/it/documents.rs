use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::shop::{RETURNS_ID, RETURNS_PATH, RETURNS_QUESTION, Reply, Shop, json_request};

/// A form with one file.
fn upload(part: &str, filename: Option<&str>, bytes: &[u8]) -> Request<Body> {
    let filename = filename.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
    let head =
        format!("--border\r\ncontent-disposition: form-data; name=\"{part}\"{filename}\r\n\r\n");
    let body = [head.as_bytes(), bytes, b"\r\n--border--\r\n"].concat();
    Request::post("/v1/documents")
        .header("content-type", "multipart/form-data; boundary=border")
        .body(Body::from(body))
        .unwrap()
}

async fn job(shop: &Shop, accepted: &Reply) -> Value {
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let address = accepted.header("location").to_owned();
    assert_eq!(accepted.ok()["state"], "queued");
    shop.work().await;
    shop.get(&address).await.ok()
}

#[tokio::test]
async fn a_document_with_a_slash_in_its_id_can_be_put_read_and_deleted() {
    let shop = Shop::open().await;
    let first = shop.get(RETURNS_PATH).await.ok();
    assert_eq!(first["document_id"], RETURNS_ID);
    assert_eq!(first["state"], "approved");
    assert_eq!(first["lang"], "en");

    let body = json!({"text": "Unused items can be returned within 45 days."});
    let accepted = shop.send(json_request(Method::PUT, RETURNS_PATH, &body)).await;
    let job = job(&shop, &accepted).await;
    assert_eq!(job["state"], "succeeded");
    assert_eq!(job["files"][0]["name"], RETURNS_ID);
    assert_eq!(job["files"][0]["state"], "done");

    let second = shop.get(RETURNS_PATH).await.ok();
    assert_ne!(second["revision"], first["revision"]);
    let revision = first["revision"].as_str().unwrap();
    let old = shop.get(&format!("{RETURNS_PATH}?revision={revision}")).await.ok();
    assert_eq!(old["text"], first["text"]);
    assert_eq!(old["until"], second["since"]);

    assert_eq!(shop.delete(RETURNS_PATH).await.status, 202);
    shop.work().await;
    assert_eq!(shop.get(RETURNS_PATH).await.fields(404), ["id"]);
    assert_eq!(shop.delete(RETURNS_PATH).await.fields(404), ["id"]);
    let answer = shop.ask(RETURNS_QUESTION).await;
    assert!(!answer.to_string().contains(RETURNS_ID), "{answer}");
}

#[tokio::test]
async fn drafts_and_retired_documents_answer_nobody() {
    let shop = Shop::open().await;
    let body = json!({"id": "lamp", "text": "The lamp costs 89 dollars.", "state": "draft"});
    job(&shop, &shop.post("/v1/documents", body).await).await;
    let question = json!({"question": "How much does the lamp cost?"});
    let found = async || shop.post("/v1/retrieve", question.clone()).await.text().to_owned();
    assert!(!found().await.contains("lamp costs"));
    let drafts = shop.get("/v1/documents?state=draft").await.ok();
    assert_eq!(drafts["items"][0]["document_id"], "lamp");
    assert_eq!(drafts["items"].as_array().unwrap().len(), 1);

    let state = async |state: &str| {
        shop.post("/v1/documents/lamp/state", json!({"state": state, "reason": "price list"})).await
    };
    let ended = job(&shop, &state("approved").await).await;
    assert_eq!(ended["files"][0]["state"], "done");
    assert!(found().await.contains("lamp costs"));
    assert_eq!(shop.get("/v1/documents/lamp").await.ok()["state"], "approved");

    job(&shop, &state("retired").await).await;
    assert!(!found().await.contains("lamp costs"));
    assert_eq!(shop.get("/v1/documents/lamp").await.ok()["state"], "retired");
    assert_eq!(state("draft").await.fields(409), ["state"]);
    assert_eq!(state("published").await.fields(422), ["state"]);
    let reply = shop.post("/v1/documents/none/state", json!({"state": "draft"})).await;
    assert_eq!(reply.fields(404), ["id"]);
    assert_eq!(shop.get("/v1/documents?state=new").await.fields(422), ["state"]);
    let reply = shop.get("/v1/documents?expires_within_days=40000").await;
    assert_eq!(reply.fields(422), ["expires_within_days"]);
    assert_eq!(shop.get("/v1/documents?kind=pair").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn listings_come_in_pages() {
    let shop = Shop::open().await;
    let first = shop.get("/v1/documents?limit=1").await.ok();
    assert_eq!(first["items"].as_array().unwrap().len(), 1);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = shop.get(&format!("/v1/documents?limit=1&cursor={cursor}")).await.ok();
    assert_ne!(first["items"][0]["document_id"], second["items"][0]["document_id"]);
    let releases = shop.get("/v1/releases").await.ok();
    assert_eq!(releases["items"][0]["current"], true);
    assert_eq!(releases["items"][0]["n_documents"], 2);
}

#[tokio::test]
async fn files_are_uploaded_as_forms() {
    let shop = Shop::open().await;
    let accepted = shop.send(upload("file", Some("lamp.txt"), b"The lamp costs $89.")).await;
    assert_eq!(job(&shop, &accepted).await["state"], "succeeded");
    assert_eq!(shop.get("/v1/documents/lamp.txt").await.ok()["text"], "The lamp costs $89.");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_a_line_of_the_job() {
    let shop = Shop::open().await;
    let accepted = shop.send(upload("file", Some("broken.txt"), b"\xff\xfe\x00")).await;
    let job = job(&shop, &accepted).await;
    assert_eq!(job["state"], "succeeded");
    assert_eq!(job["files"][0]["state"], "failed");
    assert_eq!(job["files"][0]["code"], "unreadable");
}

#[tokio::test]
async fn forms_without_files_are_refused() {
    let shop = Shop::open().await;
    assert_eq!(shop.send(upload("file", None, b"x")).await.fields(422), ["file"]);
    assert_eq!(
        shop.send(upload("attachment", Some("a.txt"), b"x")).await.fields(422),
        ["attachment"]
    );
    let long = vec![b'x'; 70_000];
    assert_eq!(shop.send(upload("file", Some("a.txt"), &long)).await.fields(413), ["body"]);
}

#[tokio::test]
async fn faults_of_documents_name_their_fields() {
    let shop = Shop::open().await;
    let body = json!({"id": "a", "text": " ", "url": "ftp://x", "audiences": []});
    let reply = shop.post("/v1/documents", body).await;
    assert_eq!(reply.fields(422), ["text", "url", "audiences"]);
    let reply = shop.get(&format!("{RETURNS_PATH}?revision=latest")).await;
    assert_eq!(reply.fields(422), ["revision"]);
    let reply = shop.get(&format!("{RETURNS_PATH}?revision=0123456789abcdef")).await;
    assert_eq!(reply.fields(404), ["revision"]);
    assert_eq!(shop.get("/v1/documents/%FF").await.fields(400), ["path"]);
    assert_eq!(shop.get("/v1/documents?limit=501").await.fields(422), ["limit"]);
    assert_eq!(shop.get("/v1/documents?cursor=nonsense").await.fields(422), ["cursor"]);
    assert_eq!(shop.get("/v1/jobs/job_1").await.fields(404), ["id"]);
}

#[tokio::test]
async fn a_reviewed_pair_answers_first_and_is_replaced_by_its_question() {
    let shop = Shop::open().await;
    let pair = |answer: &str| json!({"question": "Do you repair umbrellas?", "answer": answer});
    let ended = job(&shop, &shop.post("/v1/pairs", pair("Yes, for 8 euros.")).await).await;
    let id = ended["files"][0]["name"].as_str().unwrap().to_owned();
    assert!(id.starts_with("pairs/"), "{ended}");
    let answer = shop.ask("Do you repair umbrellas?").await;
    assert_eq!((&answer["lane"], &answer["outcome"]), (&json!("curated"), &json!("answered")));
    assert!(answer["answer"].as_str().unwrap().contains("8 euros"), "{answer}");

    let again = json!({"question": "do you  repair umbrellas?", "answer": "Yes, for 9 euros."});
    let ended = job(&shop, &shop.post("/v1/pairs", again).await).await;
    assert_eq!(ended["files"][0]["name"], id.as_str());
    let listed = shop.get("/v1/documents?kind=pair").await.ok();
    let ids = listed["items"].as_array().unwrap().iter().filter(|item| item["document_id"] == id);
    assert_eq!(ids.count(), 1, "{listed}");
    let answer = shop.ask("Do you repair umbrellas?").await;
    assert!(answer["answer"].as_str().unwrap().contains("9 euros"), "{answer}");

    let path = format!("/v1/documents/{}/state", id.replace('/', "%2F"));
    let retire = json!({"state": "retired", "reason": "the workshop closed"});
    job(&shop, &shop.post(&path, retire).await).await;
    assert_ne!(shop.ask("Do you repair umbrellas?").await["lane"], "curated");
    let back = json!({"state": "approved"});
    job(&shop, &shop.post(&path, back).await).await;
    assert_eq!(shop.ask("Do you repair umbrellas?").await["lane"], "curated");

    let wrong = json!({"question": " ", "answer": "", "state": "new"});
    assert_eq!(shop.post("/v1/pairs", wrong).await.fields(422), ["question", "answer", "state"]);
}
