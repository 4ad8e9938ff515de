//! The one form of every error.

use serde::Serialize;
use utoipa::ToSchema;

use crate::checks::FieldError;

/// An error, as `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema, PartialEq, Eq)]
pub struct Problem {
    /// Address of the explanation of `code`, relative to the service.
    #[serde(rename = "type")]
    #[schema(rename = "type", example = "/docs#problem-invalid")]
    pub kind: String,
    /// What kind of error, for people.
    #[schema(example = "The request is not valid")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What went wrong this time and what to do.
    #[schema(example = "question must not be empty")]
    pub detail: String,
    /// What kind of error, for programs; stable.
    #[schema(example = "invalid")]
    pub code: String,
    /// The request's id, as in the `x-request-id` header and the service's log.
    pub request_id: String,
    /// Faults by field; empty when the error has none.
    pub errors: Vec<FieldError>,
}
