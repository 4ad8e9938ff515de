use crate::shop::{RETURNS_QUESTION, Shop};

const PAGES: [(&str, &str); 10] = [
    ("/", "text/html; charset=utf-8"),
    ("/chat.js", "text/javascript; charset=utf-8"),
    ("/chat/words.js", "text/javascript; charset=utf-8"),
    ("/chat/dom.js", "text/javascript; charset=utf-8"),
    ("/chat/service.js", "text/javascript; charset=utf-8"),
    ("/chat/source.js", "text/javascript; charset=utf-8"),
    ("/chat.css", "text/css; charset=utf-8"),
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
async fn api_responses_allow_no_content_at_all() {
    let shop = Shop::open().await;
    let reply = shop.get("/v1/documents").await;
    assert!(reply.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(reply.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_chat_page_is_told_which_questions_to_offer() {
    let shop = Shop::open().await;
    let config = shop.get("/ui/config.json").await.ok();
    assert_eq!(config["suggested_questions"][0], RETURNS_QUESTION);
}
