use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use kefu_api::FieldError;
use kefu_core::ErrorKind;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::problem::{ApiError, Fault};
use crate::service::AppState;

/// A JSON body.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<AppState> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        if !has_media_type(request.headers(), "application/json") {
            return Err(ApiError::plain(Fault::MediaType));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(unread_bytes)?;
        read_json(&bytes).map(Self)
    }
}

/// A JSON body that may be left out.
pub(crate) struct OptionalJson<T>(pub(crate) T);

impl<T: DeserializeOwned + Default> FromRequest<AppState> for OptionalJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let is_json = has_media_type(request.headers(), "application/json");
        let bytes = Bytes::from_request(request, state).await.map_err(unread_bytes)?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        if !is_json {
            return Err(ApiError::plain(Fault::MediaType));
        }
        read_json(&bytes).map(Self)
    }
}

/// Whether the body is declared as `media_type`, whatever its parameters.
pub(crate) fn has_media_type(headers: &HeaderMap, media_type: &str) -> bool {
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = declared.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media_type))
}

/// Reads JSON; faults name the field they lie in.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut source = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut source).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        unread_json(bytes, &field_at(&path, &error.to_string()), &error)
    })?;
    source.end().map_err(|error| unread_json(bytes, "body", &error))?;
    Ok(value)
}

/// The field at fault: where reading stopped, or below it the field that is missing there.
fn field_at(path: &str, message: &str) -> String {
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match (path, missing) {
        ("." | "?", None) => "body".to_owned(),
        (".", Some(name)) => name.to_owned(),
        (path, None) => path.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
    }
}

fn unread_json(bytes: &[u8], field: &str, error: &serde_json::Error) -> ApiError {
    if let Err(fault) = std::str::from_utf8(bytes) {
        let at = fault.valid_up_to();
        let message = format!("is not UTF-8 text (byte {at} of the body)");
        return ApiError::of_field(Fault::Malformed, field, message);
    }
    let fault = match error.classify() {
        Category::Data => Fault::Kind(ErrorKind::Invalid),
        Category::Syntax | Category::Eof | Category::Io => Fault::Malformed,
    };
    ApiError::of_field(fault, field, error.to_string())
}

fn unread_bytes(rejection: BytesRejection) -> ApiError {
    unreadable_body(rejection.into_response().status())
}

/// A body that could not be taken in: longer than the limit, or broken off.
pub(crate) fn unreadable_body(status: StatusCode) -> ApiError {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let message = "is longer than this route takes";
        let fields = vec![FieldError::new("body", message)];
        ApiError::new(Fault::Kind(ErrorKind::TooLarge), format!("the body {message}"))
            .with_fields(fields)
    } else {
        ApiError::new(Fault::Malformed, "the body ended before it was complete")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use kefu_api::RetrieveRequest;

    use super::*;

    fn fault_of(body: &[u8]) -> (u16, String) {
        let error = read_json::<RetrieveRequest>(body).unwrap_err();
        let problem = error.problem("req_1");
        (problem.status, problem.errors.first().unwrap().field.clone())
    }

    #[test]
    fn faults_name_their_field() {
        let cases: [(&[u8], u16, &str); 11] = [
            (br#"{"top_k": 3}"#, 422, "question"),
            (br#"{"question": "x", "history": [{"role": "user"}]}"#, 422, "history[0].text"),
            (br#"{"question": 7}"#, 422, "question"),
            (br#"{"question": "x", "colour": 1}"#, 422, "colour"),
            (br#"{"question": "x", "top_k": -1}"#, 422, "top_k"),
            (br#"{"question": "x", "top_k": NaN}"#, 400, "top_k"),
            (br#"{"question": "x", "top_k": Infinity}"#, 400, "top_k"),
            (br#"{"question": "x", "history": [{"role": "robot"}]}"#, 422, "history[0].role"),
            (b"{\"question\": \"\xff\xfe\"}", 400, "question"),
            (b"", 400, "body"),
            (br#"{"question": "x"} trailing"#, 400, "body"),
        ];
        for (body, status, field) in cases {
            let shown = String::from_utf8_lossy(body);
            assert_eq!(fault_of(body), (status, field.to_owned()), "{shown}");
        }
    }
}
