use kefu_ingest::read_source_file;
use serde_json::json;

use crate::shop::Shop;

#[tokio::test]
async fn sources_are_listed_and_can_be_asked_for_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("source.toml");
    let toml = "[[source]]\nid = \"docs\"\nkind = \"folder\"\npath = \"docs\"\nevery = \"6h\"\n\
                [[source]]\nid = \"site\"\nkind = \"urls\"\nurls = [\"https://shop.example/\"]\n";
    std::fs::write(&path, toml).unwrap();
    let specs = read_source_file(&path).unwrap();
    let shop = Shop::fitted(|fittings| fittings.sources = specs).await;
    let listed = shop.get("/v1/sources").await.ok();
    assert_eq!(listed["items"][0]["source_id"], "docs");
    assert_eq!(listed["items"][0]["every_s"], 21_600);
    assert_eq!(listed["items"][0]["state"], "idle");
    assert!(listed["items"][0]["next_run_at"].is_string());
    assert!(
        listed["items"][1]["next_run_at"].is_null() && listed["items"][1]["last_run"].is_null()
    );
    let asked = shop.post("/v1/sources/site/run", json!({"confirm_deletions": true})).await;
    assert_eq!(asked.status, 202);
    assert_eq!(asked.ok()["state"], "waiting");
    assert_eq!(shop.post("/v1/sources/none/run", json!({})).await.fields(404), ["id"]);
    let wrong = shop.post("/v1/sources/site/run", json!({"confirm": true})).await;
    assert_eq!(wrong.status, 422);
}
