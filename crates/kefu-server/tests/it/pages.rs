use axum::body::Body;
use axum::http::Request;

use crate::shop::{RETURNS_QUESTION, Shop};

const PAGES: [(&str, &str); 9] = [
    ("/", "text/html; charset=utf-8"),
    ("/widget.js", "text/javascript; charset=utf-8"),
    ("/ui/chat/element.js", "text/javascript; charset=utf-8"),
    ("/ui/chat/chat.css", "text/css; charset=utf-8"),
    ("/ui/shared/tokens.css", "text/css; charset=utf-8"),
    ("/desk", "text/html; charset=utf-8"),
    ("/docs", "text/html; charset=utf-8"),
    ("/docs.js", "text/javascript; charset=utf-8"),
    ("/docs.css", "text/css; charset=utf-8"),
];

#[tokio::test]
async fn pages_need_nothing_from_outside_and_nothing_inline() {
    let shop = Shop::open().await;
    for (path, media_type) in PAGES {
        let reply = shop.get(path).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, media_type), "{path}");
        let policy = reply.header("content-security-policy");
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        let text = reply.text().replace("http://www.w3.org/2000/svg", "");
        for forbidden in ["http://", "https://", "innerHTML", "<style", " style=", " onclick="] {
            assert!(!text.contains(forbidden), "{path} has {forbidden}");
        }
    }
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again() {
    let shop = Shop::open().await;
    let mut tags = Vec::new();
    for path in PAGES.iter().map(|(path, _)| *path).chain(["/openapi.json"]) {
        let first = shop.get(path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 20, "{path}: {tag}");
        assert_eq!(first.header("cache-control"), "no-cache", "{path}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()]
        {
            let request = Request::get(path).header("if-none-match", &known);
            let request = request.header("origin", "https://shop.example");
            let again = shop.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!((again.status, again.text()), (304, ""), "{path} with {known}");
            assert_eq!(again.header("etag"), tag);
            assert_eq!(again.header("access-control-allow-origin"), "https://shop.example");
        }
        let request = Request::get(path).header("if-none-match", "\"other\"");
        let changed = shop.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((changed.status, changed.text()), (200, first.text()), "{path}");
        tags.push(tag);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), PAGES.len() + 1, "every content has its own");
}

#[tokio::test]
async fn api_responses_allow_no_content_at_all() {
    let shop = Shop::open().await;
    let reply = shop.get("/v1/documents").await;
    assert!(reply.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(reply.header("cache-control"), "no-store");
}

#[tokio::test]
async fn every_file_that_a_page_names_is_served() {
    let shop = Shop::open().await;
    let mut waiting =
        vec!["/".to_owned(), "/desk".to_owned(), "/docs".to_owned(), "/widget.js".to_owned()];
    let mut seen: Vec<String> = Vec::new();
    while let Some(path) = waiting.pop() {
        if seen.contains(&path) {
            continue;
        }
        let reply = shop.get(&path).await;
        assert_eq!(reply.status, 200, "{path}");
        let text = reply.text();
        let folder = path.rsplit_once('/').unwrap().0.to_owned();
        for name in
            text.split(['"', '\'']).filter(|word| word.ends_with(".js") || word.ends_with(".css"))
        {
            if !name.contains([' ', ':', '<', '$']) {
                waiting.push(resolve(&folder, name));
            }
        }
        seen.push(path);
    }
    assert!(seen.len() > 15, "{seen:?}");
}

/// `name` as a file in `folder` means it.
fn resolve(folder: &str, name: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[tokio::test]
async fn frequent_questions_are_the_configured_and_the_reviewed_ones() {
    let shop = Shop::open().await;
    let pair = serde_json::json!({"question": "保修多久？", "answer": "两年。", "lang": "zh"});
    assert_eq!(shop.post("/v1/pairs", pair).await.status, 202);
    shop.work().await;
    let questions = |reply: serde_json::Value| -> Vec<String> {
        let items = reply["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["question"].as_str().unwrap().to_owned()).collect()
    };
    let all = questions(shop.get("/v1/faq").await.ok());
    assert_eq!(all, [RETURNS_QUESTION, "保修多久？"]);
    assert_eq!(questions(shop.get("/v1/faq?language=zh").await.ok()), ["保修多久？"]);
    shop.ask("What is my neighbour's address?").await;
    assert_eq!(questions(shop.get("/v1/faq").await.ok()), all, "a customer's words are offered");
    assert_eq!(shop.get("/v1/faq?language=klingon").await.fields(422), ["language"]);
}
