use std::error::Error;

use kefu_api::InvalidFields;
use kefu_core::{ErrorKind, RecordsError, StoreError};
use kefu_desk::DeskError;
use kefu_ingest::IngestError;
use kefu_rag::RagError;

use super::{ApiError, Fault};

/// Errors of the caller's making explain themselves; of all others the caller learns the kind and
/// the log learns the cause.
fn of_kind(kind: ErrorKind, error: &dyn Error) -> ApiError {
    match kind {
        ErrorKind::Invalid
        | ErrorKind::TooLarge
        | ErrorKind::NotFound
        | ErrorKind::Forbidden
        | ErrorKind::Conflict => ApiError::new(Fault::Kind(kind), error.to_string()),
        ErrorKind::Overloaded | ErrorKind::DeadlineExceeded => ApiError::plain(Fault::Kind(kind)),
        ErrorKind::Unavailable | ErrorKind::StorageFull | ErrorKind::Internal => {
            ApiError::hidden(kind, chain(error))
        }
    }
}

/// The error and what led to it, on one line.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

impl From<InvalidFields> for ApiError {
    fn from(InvalidFields(fields): InvalidFields) -> Self {
        let faults = fields.iter().map(|fault| format!("{} {}", fault.field, fault.message));
        let detail = faults.collect::<Vec<_>>().join("; ");
        Self::new(Fault::Kind(ErrorKind::Invalid), detail).with_fields(fields)
    }
}

impl From<RagError> for ApiError {
    fn from(error: RagError) -> Self {
        let api_error = of_kind(error.kind(), &error);
        match error.field() {
            Some(field) => api_error.naming(field),
            None => api_error,
        }
    }
}

impl From<DeskError> for ApiError {
    fn from(error: DeskError) -> Self {
        let api_error = of_kind(error.kind(), &error);
        match error {
            DeskError::KeyTaken { .. } => Self::new(Fault::KeyReused, error.to_string()),
            DeskError::Invalid { field, .. }
            | DeskError::TooLong { field, .. }
            | DeskError::Unknown { field, .. } => api_error.naming(field),
            _ => api_error,
        }
    }
}

impl From<IngestError> for ApiError {
    fn from(error: IngestError) -> Self {
        let api_error = of_kind(error.kind(), &error);
        match &error {
            IngestError::Invalid { field, .. } => api_error.naming(field),
            _ => api_error,
        }
    }
}

impl From<RecordsError> for ApiError {
    fn from(error: RecordsError) -> Self {
        of_kind(error.kind(), &error)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        of_kind(error.kind(), &error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_of_outages_are_not_shown() {
        let error = RecordsError::Failed { detail: "row 7 of /secret/path is torn".to_owned() };
        let problem = ApiError::from(error).problem("req_1");
        assert_eq!(problem.status, 500);
        assert!(!problem.detail.contains("secret"));
    }

    #[test]
    fn every_kind_reaches_its_status() {
        let status = |error: RecordsError| ApiError::from(error).status().as_u16();
        let detail = String::new();
        assert_eq!(status(RecordsError::Invalid { detail: detail.clone() }), 422);
        assert_eq!(status(RecordsError::NotFound { what: "ticket", id: detail.clone() }), 404);
        assert_eq!(status(RecordsError::Conflict { detail: detail.clone() }), 409);
        assert_eq!(status(RecordsError::Forbidden { role: "customer", action: "x" }), 403);
        assert_eq!(status(RecordsError::Storage { detail: detail.clone() }), 507);
        assert_eq!(status(RecordsError::Failed { detail }), 500);
        let busy = StoreError::Overloaded { limit: 1 };
        assert_eq!(ApiError::from(busy).status().as_u16(), 429);
    }
}
