use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::extract::RequestId;
use crate::metrics;
use crate::problem::ApiError;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The outermost layer: names the request, finishes errors, sets safe headers, logs and counts.
pub(crate) async fn edge(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let given = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    let id = RequestId::accept(given);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", |path| path.as_str());
    request.extensions_mut().insert(id.clone());

    let mut response = next.run(request).await;

    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        error.log(&id.0);
        response = error.finish(response, &id.0);
    }
    set_headers(response.headers_mut(), &id);
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    metrics::count_request(&method, route, status, elapsed);
    tracing::info!(
        request.id = %id,
        http.method = metrics::method_label(&method),
        http.route = route,
        http.status = status,
        request.duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        "request answered"
    );
    response
}

fn set_headers(headers: &mut HeaderMap, id: &RequestId) {
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
}
