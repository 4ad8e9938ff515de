//! The pages that are built in: the chat, the desk and the API viewer. No outside resource is
//! needed, and the chat's files may be loaded by the pages of configured origins.

use std::sync::LazyLock;

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ring::digest::{SHA256, digest};

use crate::routes::Route;
use crate::webhooks::hex;

/// Hexadecimal digits of a content's hash in its tag.
const TAG_CHARS: usize = 32;

/// A page may load scripts, styles and data from the service itself and nothing else.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

macro_rules! assets {
    ($($path:literal: $file:literal,)*) => {
        &[$(($path, $file, include_str!(concat!("../../web/", $file))),)*]
    };
}

/// Path, file and content.
const ASSETS: &[(&str, &str, &str)] = assets! {
    "/": "index.html",
    "/widget.js": "widget.js",
    "/desk": "desk.html",
    "/docs": "docs.html",
    "/docs.js": "docs.js",
    "/docs.css": "docs.css",
    "/ui/page.css": "ui/page.css",
    "/ui/shared/dom.js": "ui/shared/dom.js",
    "/ui/shared/live.js": "ui/shared/live.js",
    "/ui/shared/name.js": "ui/shared/name.js",
    "/ui/shared/service.js": "ui/shared/service.js",
    "/ui/shared/storage.js": "ui/shared/storage.js",
    "/ui/shared/taste.js": "ui/shared/taste.js",
    "/ui/shared/tokens.css": "ui/shared/tokens.css",
    "/ui/shared/parts.css": "ui/shared/parts.css",
    "/ui/chat/chat.css": "ui/chat/chat.css",
    "/ui/chat/connection.js": "ui/chat/connection.js",
    "/ui/chat/element.js": "ui/chat/element.js",
    "/ui/chat/entries.js": "ui/chat/entries.js",
    "/ui/chat/log.js": "ui/chat/log.js",
    "/ui/chat/outbox.js": "ui/chat/outbox.js",
    "/ui/chat/rating.js": "ui/chat/rating.js",
    "/ui/chat/settings.js": "ui/chat/settings.js",
    "/ui/chat/source.js": "ui/chat/source.js",
    "/ui/chat/talk.js": "ui/chat/talk.js",
    "/ui/chat/view.js": "ui/chat/view.js",
    "/ui/chat/words.en.js": "ui/chat/words.en.js",
    "/ui/chat/words.zh.js": "ui/chat/words.zh.js",
    "/ui/desk/assist.js": "ui/desk/assist.js",
    "/ui/desk/background.js": "ui/desk/background.js",
    "/ui/desk/desk.css": "ui/desk/desk.css",
    "/ui/desk/desk.js": "ui/desk/desk.js",
    "/ui/desk/dialogs.js": "ui/desk/dialogs.js",
    "/ui/desk/drafts.js": "ui/desk/drafts.js",
    "/ui/desk/filters.js": "ui/desk/filters.js",
    "/ui/desk/format.js": "ui/desk/format.js",
    "/ui/desk/presence.js": "ui/desk/presence.js",
    "/ui/desk/queue.js": "ui/desk/queue.js",
    "/ui/desk/reply.js": "ui/desk/reply.js",
    "/ui/desk/shortcuts.js": "ui/desk/shortcuts.js",
    "/ui/desk/steps.js": "ui/desk/steps.js",
    "/ui/desk/ticket.js": "ui/desk/ticket.js",
    "/ui/desk/transcript.js": "ui/desk/transcript.js",
    "/ui/desk/words.en.js": "ui/desk/words.en.js",
    "/ui/desk/words.zh.js": "ui/desk/words.zh.js",
};

/// A file as it is sent.
#[derive(Clone, Debug)]
struct Asset {
    text: &'static str,
    media_type: &'static str,
    /// Names the content, so that a browser that has it is not sent it again.
    tag: HeaderValue,
}

/// What browsers load.
pub(crate) fn asset_routes() -> Vec<Route> {
    let route = |&(path, file, text): &(&'static str, &'static str, &'static str)| {
        let asset = Asset { text, media_type: media_type(file), tag: tag_of(text) };
        (Method::GET, path, get(async move |headers: HeaderMap| send(&asset, &headers)))
    };
    ASSETS.iter().map(route).collect()
}

fn media_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    }
}

fn tag_of(text: &str) -> HeaderValue {
    let hash = hex(digest(&SHA256, text.as_bytes()).as_ref());
    let tag = format!("\"{}\"", &hash[..TAG_CHARS]);
    HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))
}

/// The file, or that the browser has it. Browsers ask every time, because files of two versions of
/// Kefu must not be mixed; mostly the answer has no body.
fn send(asset: &Asset, headers: &HeaderMap) -> Response {
    let validators = [
        (ETAG, asset.tag.clone()),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY)),
    ];
    if is_known(headers, &asset.tag) {
        return (StatusCode::NOT_MODIFIED, validators).into_response();
    }
    let media_type = [(CONTENT_TYPE, HeaderValue::from_static(asset.media_type))];
    (validators, media_type, asset.text).into_response()
}

/// Whether `If-None-Match` names this content; tags that a proxy made weak count, too.
fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let given = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = given.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|given| given == "*" || given.trim_start_matches("W/").as_bytes() == tag.as_bytes())
}

/// The API description.
pub(crate) async fn openapi_json(headers: HeaderMap) -> Response {
    static TAG: LazyLock<HeaderValue> = LazyLock::new(|| tag_of(crate::openapi::document_json()));
    let text = crate::openapi::document_json();
    let asset = Asset { text, media_type: "application/json", tag: TAG.clone() };
    send(&asset, &headers)
}
