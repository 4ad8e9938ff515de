use serde_json::{Value, json};

use crate::shop::{RETURNS_ID, RETURNS_PATH, RETURNS_QUESTION, Shop};

const PATH: &str = "/v1/documents/returns%2Fpolicy.md/overlays";

async fn correct(shop: &Shop, body: Value) -> String {
    let accepted = shop.post(PATH, body).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    assert_eq!(accepted.ok()["job"]["state"], "queued");
    shop.work().await;
    let job = shop.get(accepted.header("location")).await.ok();
    assert_eq!(job["files"][0]["state"], "done", "{job}");
    accepted.ok()["overlay_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_corrected_passage_answers_in_its_new_words_until_the_correction_is_deleted() {
    let shop = Shop::open().await;
    let edit = json!({"action": "edit", "passage": "within 30  days", "text": "within 21 days"});
    let id = correct(&shop, edit).await;
    let answer = shop.ask(RETURNS_QUESTION).await;
    assert!(answer["answer"].as_str().unwrap().contains("within 21 days"), "{answer}");
    let document = shop.get(RETURNS_PATH).await.ok();
    let (text, correction) = (document["text"].as_str().unwrap(), &document["corrections"][0]);
    let at = |end: &str| usize::try_from(correction[end].as_u64().unwrap()).unwrap();
    assert_eq!(&text[at("start")..at("end")], "within 21 days");

    let listed = shop.get("/v1/overlays").await.ok();
    assert_eq!(listed["items"][0]["overlay_id"], id.as_str());
    assert_eq!(listed["items"][0]["status"], "applied");
    assert_eq!(listed["items"][0]["document_id"], RETURNS_ID);
    let orphaned = shop.get("/v1/overlays?orphaned=true").await.ok();
    assert_eq!(orphaned["items"], json!([]));

    assert_eq!(shop.delete(&format!("/v1/overlays/{id}")).await.status, 202);
    shop.work().await;
    assert_eq!(shop.delete(&format!("/v1/overlays/{id}")).await.fields(404), ["id"]);
    let answer = shop.ask(RETURNS_QUESTION).await;
    assert!(answer["answer"].as_str().unwrap().contains("within 30 days"), "{answer}");
}

#[tokio::test]
async fn what_is_hidden_answers_nobody_and_what_is_pinned_is_found_by_its_phrases() {
    let shop = Shop::open().await;
    let question = json!({"question": "Can gift cards be returned?"});
    let found = shop.post("/v1/retrieve", question.clone()).await.text().to_owned();
    assert!(found.contains("Gift cards cannot"));
    correct(&shop, json!({"action": "hide", "passage": "Gift cards cannot be returned."})).await;
    let found = shop.post("/v1/retrieve", question).await.text().to_owned();
    assert!(!found.contains("Gift cards cannot"), "{found}");

    let strange = json!({"question": "zibbelwort?"});
    let before = shop.post("/v1/retrieve", strange.clone()).await.ok();
    assert!(!before["passages"][0]["text"].to_string().contains("Refunds are paid"));
    let passage = "Refunds are paid to the original payment method";
    let pin = json!({"action": "pin", "passage": passage, "phrases": ["zibbelwort"]});
    correct(&shop, pin).await;
    let after = shop.post("/v1/retrieve", strange).await.ok();
    assert!(after["passages"][0]["text"].to_string().contains("Refunds are paid"), "{after}");
}

#[tokio::test]
async fn bad_corrections_are_refused_by_field() {
    let shop = Shop::open().await;
    let refused = async |body: Value, status: u16| shop.post(PATH, body).await.fields(status);
    assert_eq!(refused(json!({"action": "edit", "passage": "30 days"}), 422).await, ["text"]);
    let missing = json!({"action": "hide", "passage": "never said"});
    assert_eq!(refused(missing, 422).await, ["passage"]);
    let hide = json!({"action": "hide", "passage": "x"});
    let unknown = shop.post("/v1/documents/nowhere/overlays", hide).await;
    assert_eq!(unknown.fields(404), ["id"]);
    assert_eq!(shop.get("/v1/overlays?orphaned=perhaps").await.fields(422), ["orphaned"]);
    assert_eq!(shop.get("/v1/overlays?cursor=zz").await.fields(422), ["cursor"]);
    assert_eq!(shop.delete("/v1/overlays/7").await.fields(404), ["id"]);
}
