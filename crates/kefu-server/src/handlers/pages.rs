//! The pages that are built in: the chat, and the API viewer. No outside resource is needed.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use kefu_api::UiConfig;

use crate::service::AppState;

/// A page may load scripts, styles and data from the service itself and nothing else.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

macro_rules! asset {
    ($(#[$doc:meta])* $name:ident, $file:literal, $media_type:literal) => {
        $(#[$doc])*
        pub(crate) async fn $name() -> Response {
            asset(include_str!(concat!("../../web/", $file)), $media_type)
        }
    };
}

asset!(
    /// The chat page.
    chat_page, "index.html", "text/html; charset=utf-8"
);
asset!(
    /// Its script.
    chat_script, "chat.js", "text/javascript; charset=utf-8"
);
asset!(
    /// What the chat page says.
    chat_words, "chat/words.js", "text/javascript; charset=utf-8"
);
asset!(
    /// How it makes elements.
    chat_dom, "chat/dom.js", "text/javascript; charset=utf-8"
);
asset!(
    /// How it talks to the service.
    chat_service, "chat/service.js", "text/javascript; charset=utf-8"
);
asset!(
    /// Its panel of sources.
    chat_source, "chat/source.js", "text/javascript; charset=utf-8"
);
asset!(
    /// Its style.
    chat_style, "chat.css", "text/css; charset=utf-8"
);
asset!(
    /// The API viewer.
    docs_page, "docs.html", "text/html; charset=utf-8"
);
asset!(
    /// Its script.
    docs_script, "docs.js", "text/javascript; charset=utf-8"
);
asset!(
    /// Its style.
    docs_style, "docs.css", "text/css; charset=utf-8"
);

fn asset(text: &'static str, media_type: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY)),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, text).into_response()
}

/// What the chat page is told.
pub(crate) async fn ui_config(State(state): State<AppState>) -> Json<UiConfig> {
    let suggested_questions = state.parts.settings.suggested_questions.clone();
    Json(UiConfig { suggested_questions })
}

/// The API description.
pub(crate) async fn openapi_json() -> Response {
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (headers, crate::openapi::document_json()).into_response()
}
