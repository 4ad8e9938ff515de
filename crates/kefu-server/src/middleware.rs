//! What happens around every handler.

mod admission;
mod edge;
mod origin;

pub(crate) use admission::{admit, shutting_down};
pub(crate) use edge::edge;
pub(crate) use origin::guard;

use axum::response::{IntoResponse, Response};
use kefu_core::ErrorKind;

use crate::problem::ApiError;

/// Turns a panic into a problem. What the panic said may hold a customer's words, so the log gets
/// only the fact; the process's panic hook has the rest.
pub(crate) fn panicked(_payload: Box<dyn std::any::Any + Send>) -> Response {
    ApiError::hidden(ErrorKind::Internal, "a handler panicked").into_response()
}
