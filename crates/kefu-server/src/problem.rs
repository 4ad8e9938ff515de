//! Errors: one table from kinds to statuses, one form on the wire, one place that logs causes.

mod convert;
mod table;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use kefu_api::{FieldError, Problem};
use kefu_core::ErrorKind;

pub(crate) use table::Fault;

/// What a handler answers instead of a result. It becomes a problem document in
/// [`crate::middleware::edge`], which knows the request id.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    fault: Fault,
    detail: String,
    fields: Vec<FieldError>,
    /// For the log alone.
    cause: Option<String>,
}

impl ApiError {
    /// A fault whose `detail` the caller may read.
    pub(crate) fn new(fault: Fault, detail: impl Into<String>) -> Self {
        Self { fault, detail: detail.into(), fields: Vec::new(), cause: None }
    }

    /// A fault described by its kind alone.
    pub(crate) fn plain(fault: Fault) -> Self {
        Self::new(fault, fault.entry().advice)
    }

    /// A defect or an outage; `cause` is logged and never shown.
    pub(crate) fn hidden(kind: ErrorKind, cause: impl Into<String>) -> Self {
        let fault = Fault::Kind(kind);
        Self { cause: Some(cause.into()), ..Self::plain(fault) }
    }

    /// A fault of one field.
    pub(crate) fn of_field(fault: Fault, field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let fields = vec![FieldError::new(field, message.clone())];
        Self { fields, ..Self::new(fault, format!("{field}: {message}")) }
    }

    pub(crate) fn with_fields(self, fields: Vec<FieldError>) -> Self {
        Self { fields, ..self }
    }

    /// Names the field at fault when the caller's input is and nothing named one yet.
    pub(crate) fn naming(mut self, field: &str) -> Self {
        if self.fields.is_empty() && self.fault.is_of_input() {
            self.fields.push(FieldError::new(field, self.detail.clone()));
        }
        self
    }

    /// Whether sending something else would help, and the same again would not.
    pub(crate) fn is_of_input(&self) -> bool {
        self.fault.is_of_input()
    }

    /// Whether what was sent is longer than allowed.
    pub(crate) fn is_too_large(&self) -> bool {
        matches!(self.fault, Fault::Kind(ErrorKind::TooLarge))
    }

    /// The document a client gets.
    pub(crate) fn problem(&self, request_id: &str) -> Problem {
        let entry = self.fault.entry();
        Problem {
            kind: format!("/docs#problem-{}", entry.code),
            title: entry.title.to_owned(),
            status: entry.status.as_u16(),
            detail: self.detail.clone(),
            code: entry.code.to_owned(),
            request_id: request_id.to_owned(),
            errors: self.fields.clone(),
        }
    }

    /// Logs the cause, if there is one to log. Called once per error, where it leaves.
    pub(crate) fn log(&self, request_id: &str) {
        if let Some(cause) = &self.cause {
            let code = self.fault.entry().code;
            tracing::error!(request.id = request_id, error.code = code, cause, "request failed");
        }
    }

    /// Turns the bodiless response of [`Self::into_response`] into the finished one.
    pub(crate) fn finish(self, response: Response, request_id: &str) -> Response {
        let body = serde_json::to_string(&self.problem(request_id)).unwrap_or_default();
        let (mut parts, _) = response.into_parts();
        let media_type = HeaderValue::from_static("application/problem+json");
        parts.headers.insert(CONTENT_TYPE, media_type);
        if let Some(seconds) = self.fault.entry().retry_after_s {
            parts.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        Response::from_parts(parts, body.into())
    }

    #[cfg(test)]
    pub(crate) fn status(&self) -> StatusCode {
        self.fault.entry().status
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status: StatusCode = self.fault.entry().status;
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
