use crate::shop::{RETURNS_QUESTION, Shop};

#[tokio::test]
async fn readiness_names_what_is_missing() {
    let shop = Shop::open().await;
    assert_eq!(shop.get("/livez").await.ok()["status"], "live");
    assert_eq!(shop.get("/readyz").await.ok()["status"], "ready");

    shop.readiness.set_not_ready("the index is being rebuilt");
    let reply = shop.get("/readyz").await;
    assert_eq!(reply.fields(503), ["service"]);
    assert!(reply.problem(503)["detail"].as_str().unwrap().contains("being rebuilt"));
    assert_eq!(shop.get("/livez").await.status, 200);

    shop.readiness.set_ready();
    shop.records.fail_next_writes(1);
    assert_eq!(shop.get("/readyz").await.fields(503), ["records"]);
}

#[tokio::test]
async fn metrics_count_requests_and_answers_without_unbounded_labels() {
    let shop = Shop::open().await;
    shop.ask(RETURNS_QUESTION).await;
    shop.get("/v1/documents/some-unknown-id").await;
    shop.get("/no/such/path").await;
    let reply = shop.get("/metrics").await;
    assert_eq!(reply.status, 200);
    let text = reply.text();
    let has = |parts: &[&str]| text.lines().any(|line| parts.iter().all(|p| line.contains(p)));
    assert!(has(&["kefu_http_requests_total", "route=\"/v1/answers\"", "status=\"200\""]));
    assert!(has(&["kefu_http_requests_total", "route=\"/v1/documents/{id}\"", "status=\"404\""]));
    assert!(has(&["kefu_http_requests_total", "route=\"unmatched\""]));
    assert!(has(&["kefu_answers_total", "outcome=\"answered\"", "lane=\"extractive\""]));
    assert!(has(&["kefu_answer_stage_duration_seconds_bucket", "stage=\"total\""]));
    assert!(has(&["kefu_requests_in_flight"]));
    assert!(!text.contains("some-unknown-id") && !text.contains("/no/such/path"));
}
