use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kefu_core::{Deadline, ErrorKind};

use crate::extract::{Call, RequestId};
use crate::problem::{ApiError, Fault};
use crate::service::AppState;

/// Time past the deadline that a use case gets to report the deadline in its own words.
const AFTERTHOUGHT: Duration = Duration::from_millis(250);

/// Takes a permit before any work and holds the request to its deadline. Without a free permit
/// the request is turned away at once: waiting in line would only make everybody late.
pub(crate) async fn admit(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let Ok(permit) = Arc::clone(&state.permits).try_acquire_owned() else {
        return ApiError::plain(Fault::Kind(ErrorKind::Overloaded)).into_response();
    };
    let request_id = request.extensions().get::<RequestId>().cloned();
    let budget = state.parts.settings.request_timeout;
    request.extensions_mut().insert(Call {
        request_id: request_id.unwrap_or_else(|| RequestId::accept(None)),
        deadline: Deadline::after(budget),
        permit: Arc::new(permit),
    });
    tokio::select! {
        response = next.run(request) => response,
        () = tokio::time::sleep(budget + AFTERTHOUGHT) => {
            ApiError::plain(Fault::Kind(ErrorKind::DeadlineExceeded)).into_response()
        }
        () = state.ending.cancelled() => shutting_down().into_response(),
    }
}

/// The error of work that shutdown cut short.
pub(crate) fn shutting_down() -> ApiError {
    ApiError::new(Fault::Kind(ErrorKind::Unavailable), "The service is shutting down; try again.")
}
