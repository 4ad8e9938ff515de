use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use kefu_core::ErrorKind;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::{ApiError, Fault};
use crate::service::AppState;

/// Names the last event a client saw of a stream that broke.
pub(crate) const LAST_EVENT_ID: &str = "last-event-id";
/// Names a request, so that sent again it does nothing twice.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A header as text; `None` when it is missing, empty or no text.
pub(crate) fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The caller's name for what it wants done, when it gives one.
pub(crate) struct StepKey(pub(crate) Option<String>);

impl FromRequestParts<AppState> for StepKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        Ok(Self(header_text(&parts.headers, IDEMPOTENCY_KEY)))
    }
}

/// The right to hold one stream open. Streams have permits of their own, so that those who watch do
/// not keep others from asking.
pub(crate) fn stream_permit(streams: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, ApiError> {
    let permit = Arc::clone(streams).try_acquire_owned();
    permit.map_err(|_| ApiError::plain(Fault::Kind(ErrorKind::Overloaded)))
}
