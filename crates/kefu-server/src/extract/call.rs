use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kefu_api::WaitQuery;
use kefu_core::{Deadline, ErrorKind};
use tokio::sync::OwnedSemaphorePermit;

use crate::problem::ApiError;
use crate::service::AppState;

/// Name of one request in logs, problems and the `x-request-id` header.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) Arc<str>);

impl RequestId {
    const MAX_BYTES: usize = 64;

    /// The caller's id when it is harmless, else a fresh one.
    pub(crate) fn accept(given: Option<&str>) -> Self {
        let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        match given {
            Some(id)
                if !id.is_empty() && id.len() <= Self::MAX_BYTES && id.chars().all(harmless) =>
            {
                Self(id.into())
            }
            _ => Self(format!("req_{}", uuid::Uuid::now_v7().simple()).into()),
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The right to work on one request, given back when the last clone is dropped.
pub(crate) type Permit = Arc<OwnedSemaphorePermit>;

/// What admission gave the request on its way.
#[derive(Clone)]
pub(crate) struct Call {
    /// Its name.
    pub(crate) request_id: RequestId,
    /// When the caller stops waiting.
    pub(crate) deadline: Deadline,
    /// For work that goes on after the handler has returned.
    pub(crate) permit: Permit,
}

impl Call {
    /// How long to wait for a job, when the caller wants to wait at all.
    pub(crate) fn patience(&self, wait: WaitQuery) -> Option<Duration> {
        let wants_to_wait = wait.wait.unwrap_or_default();
        wants_to_wait.then(|| self.deadline.remaining())
    }
}

impl FromRequestParts<AppState> for Call {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let admitted = parts.extensions.get::<Self>().cloned();
        admitted.ok_or_else(|| {
            ApiError::hidden(ErrorKind::Internal, "a route that needs admission has none")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_request_ids_are_taken_over() {
        assert_eq!(&*RequestId::accept(Some("trace-1.a_B")).0, "trace-1.a_B");
        for bad in ["", "a b", "x\"y", &"x".repeat(65)] {
            assert!(RequestId::accept(Some(bad)).0.starts_with("req_"), "{bad}");
        }
    }
}
