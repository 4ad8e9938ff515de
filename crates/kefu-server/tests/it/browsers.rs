use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::json;

use crate::shop::{RETURNS_QUESTION, Reply, Shop, json_request};

async fn ask_from(shop: &Shop, host: &str, origin: Option<&str>) -> Reply {
    let body = json!({"question": RETURNS_QUESTION});
    let mut request = json_request(Method::POST, "/v1/answers", &body);
    let headers = request.headers_mut();
    headers.insert("host", host.parse().unwrap());
    if let Some(origin) = origin {
        headers.insert("origin", origin.parse().unwrap());
    }
    shop.send(request).await
}

#[tokio::test]
async fn pages_of_other_sites_cannot_use_the_service() {
    let shop = Shop::open().await;
    let own = Some("http://localhost:8080");
    assert_eq!(ask_from(&shop, "localhost:8080", own).await.status, 200);
    assert_eq!(ask_from(&shop, "localhost:8080", None).await.status, 200);
    let foreign = ask_from(&shop, "localhost:8080", Some("https://evil.example")).await;
    assert_eq!(foreign.problem(403)["code"], "forbidden");
    let sandboxed = ask_from(&shop, "localhost:8080", Some("null")).await;
    assert_eq!(sandboxed.problem(403)["code"], "forbidden");
}

#[tokio::test]
async fn names_that_were_made_to_point_here_are_not_served() {
    let shop = Shop::open().await;
    let rebound = ask_from(&shop, "evil.example:8080", Some("http://evil.example:8080")).await;
    assert_eq!(rebound.problem(403)["code"], "forbidden");
    assert_eq!(ask_from(&shop, "kefu.example", None).await.status, 200);
    let page = Request::get("/").header("host", "evil.example").body(Body::empty()).unwrap();
    assert_eq!(shop.send(page).await.problem(403)["code"], "forbidden");
}

#[tokio::test]
async fn allowed_origins_get_cors_headers_and_others_do_not() {
    let shop = Shop::open().await;
    let preflight = |origin: &str| {
        Request::builder()
            .method(Method::OPTIONS)
            .uri("/v1/answers")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .body(Body::empty())
            .unwrap()
    };
    let allowed = shop.send(preflight("https://shop.example")).await;
    assert_eq!(allowed.header("access-control-allow-origin"), "https://shop.example");
    let refused = shop.send(preflight("https://evil.example")).await;
    assert_eq!(refused.header("access-control-allow-origin"), "");
    let asked = ask_from(&shop, "kefu.example", Some("https://shop.example")).await;
    assert_eq!(asked.status, 200);
    assert_eq!(asked.header("access-control-allow-origin"), "https://shop.example");
}

#[tokio::test]
async fn request_ids_go_in_and_out() {
    let shop = Shop::open().await;
    let with_id = |id: &str| {
        Request::get("/v1/releases").header("x-request-id", id).body(Body::empty()).unwrap()
    };
    assert_eq!(shop.send(with_id("abc-1.2")).await.header("x-request-id"), "abc-1.2");
    let made = shop.send(with_id("has spaces")).await;
    assert!(made.header("x-request-id").starts_with("req_"));
}
