use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use kefu_api::{FieldError, Live, Ready};
use kefu_core::ErrorKind;

use crate::metrics;
use crate::problem::{ApiError, Fault};
use crate::service::AppState;

/// Is the process alive?
///
/// Answers as long as the process can answer at all.
#[utoipa::path(
    get,
    path = "/livez",
    tag = "operations",
    responses((status = 200, description = "It is", body = Live))
)]
pub(crate) async fn livez() -> Json<Live> {
    Json(Live { status: "live" })
}

/// Should traffic come here?
///
/// Checks the records store, the index, and whether the service is starting or stopping; `errors`
/// of the problem name the parts that are not ready.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    responses((status = 200, description = "It should", body = Ready))
)]
pub(crate) async fn readyz(State(state): State<AppState>) -> Result<Json<Ready>, ApiError> {
    let parts = &state.parts;
    let (records, store) = tokio::join!(parts.records.health(), parts.store.health());
    let mut missing = Vec::new();
    if let Some(reason) = parts.readiness.reason() {
        missing.push(FieldError::new("service", reason));
    }
    if let Err(error) = records {
        tracing::warn!(error = %error, "records store is not healthy");
        missing.push(FieldError::new("records", "the records store does not answer"));
    }
    if let Err(error) = store {
        tracing::warn!(error = %error, "vector store is not healthy");
        missing.push(FieldError::new("store", "the vector store does not answer"));
    }
    if missing.is_empty() {
        return Ok(Json(Ready { status: "ready" }));
    }
    let reasons: Vec<&str> = missing.iter().map(|part| part.message.as_str()).collect();
    let detail = format!("not ready: {}", reasons.join("; "));
    Err(ApiError::new(Fault::Kind(ErrorKind::Unavailable), detail).with_fields(missing))
}

/// Read the metrics
///
/// Counters and durations in the text form of Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operations",
    responses((status = 200, description = "All series", body = String, content_type = "text/plain"))
)]
pub(crate) async fn read_metrics(State(state): State<AppState>) -> Response {
    let n_permits = state.parts.settings.max_concurrent_requests;
    metrics::set_in_flight(n_permits.saturating_sub(state.permits.available_permits()));
    let n_streams = state.parts.settings.max_streams;
    for (kind, streams) in
        [("desk", &state.desk_streams), ("conversation", &state.conversation_streams)]
    {
        metrics::set_streams(kind, n_streams.saturating_sub(streams.available_permits()));
    }
    let text_form = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(CONTENT_TYPE, text_form)], state.parts.metrics.render()).into_response()
}
