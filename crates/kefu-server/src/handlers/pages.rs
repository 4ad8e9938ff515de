//! The pages that are built in: the chat, the desk and the API viewer. No outside resource is
//! needed, and the chat's files may be loaded by the pages of configured origins.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::routes::Route;

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

/// What browsers load.
pub(crate) fn asset_routes() -> Vec<Route> {
    let route = |&(path, file, text): &(&'static str, &'static str, &'static str)| {
        let media_type = media_type(file);
        (Method::GET, path, get(async move || asset(text, media_type)))
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

fn asset(text: &'static str, media_type: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY)),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, text).into_response()
}

/// The API description.
pub(crate) async fn openapi_json() -> Response {
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (headers, crate::openapi::document_json()).into_response()
}
