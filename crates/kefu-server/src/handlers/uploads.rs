use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use kefu_api::{CheckedDocument, JobResponse, NewDocument, UploadForm, WaitQuery};
use kefu_core::ports::Job;
use kefu_core::{DocumentId, ErrorKind, Scope};
use kefu_ingest::{DocumentInput, Upload};
use serde::Serialize;

use crate::auth::Editor;
use crate::extract::{Call, JsonBody, Params, has_media_type, unreadable_body};
use crate::jobs::{is_over, wait_for};
use crate::problem::{ApiError, Fault};
use crate::service::AppState;

const MAX_FILES: usize = 100;

/// Add documents
///
/// One document as JSON, or files as `multipart/form-data` in parts named `file`. The work is a
/// job: accepted means durable, and documents are found once the job has succeeded.
#[utoipa::path(
    post,
    path = "/v1/documents",
    tag = "documents",
    params(WaitQuery),
    request_body(content(
        (NewDocument = "application/json"),
        (UploadForm = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The job has ended (with `wait`)", body = JobResponse),
        (status = 202, description = "The job was accepted", body = JobResponse),
    )
)]
pub(crate) async fn create_documents(
    State(state): State<AppState>,
    Editor(scope): Editor,
    call: Call,
    Params(wait): Params<WaitQuery>,
    request: Request,
) -> Result<Response, ApiError> {
    let uploads = if has_media_type(request.headers(), "multipart/form-data") {
        read_files(request, &state).await?
    } else {
        let JsonBody(document) = JsonBody::<NewDocument>::from_request(request, &state).await?;
        vec![put(document.check()?)]
    };
    accept(&state, &scope, uploads, call.patience(wait)).await
}

/// A checked document in the words of the use case.
pub(super) fn put(document: CheckedDocument) -> Upload {
    Upload::Put {
        document: DocumentInput {
            id: document.id,
            title: document.title,
            text: document.text,
            language: document.language,
            url: document.url,
            audiences: document.audiences,
            valid_from: document.valid_from,
            valid_to: document.valid_to,
            sections: document.sections,
            state: document.state,
        },
    }
}

/// Makes a job of uploads and answers with it: at once, or when it has ended.
pub(super) async fn accept(
    state: &AppState,
    scope: &Scope,
    uploads: Vec<Upload>,
    patience: Option<Duration>,
) -> Result<Response, ApiError> {
    let job = accept_job(state, scope, uploads, patience).await?;
    Ok(with_address(&job, |job| job))
}

/// Makes a job of uploads: as accepted, or as it ended.
pub(super) async fn accept_job(
    state: &AppState,
    scope: &Scope,
    uploads: Vec<Upload>,
    patience: Option<Duration>,
) -> Result<Job, ApiError> {
    let job = state.parts.ingestor.accept(scope, uploads).await?;
    state.jobs.announce();
    match patience {
        Some(patience) => wait_for(state, scope, &job.id, patience).await,
        None => Ok(job),
    }
}

/// A body that holds a job, with the job's address and whether it has ended.
pub(super) fn with_address<T: Serialize>(
    job: &Job,
    body: impl FnOnce(JobResponse) -> T,
) -> Response {
    let status = if is_over(job) { StatusCode::OK } else { StatusCode::ACCEPTED };
    let address = HeaderValue::from_str(&format!("/v1/jobs/{}", job.id));
    let mut response = (status, Json(body(JobResponse::from(job.clone())))).into_response();
    if let Ok(address) = address {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

async fn read_files(request: Request, state: &AppState) -> Result<Vec<Upload>, ApiError> {
    let mut form = Multipart::from_request(request, state)
        .await
        .map_err(|rejection| ApiError::new(Fault::Malformed, rejection.body_text()))?;
    let mut uploads = Vec::new();
    while let Some(part) = form.next_field().await.map_err(|error| unread_part(&error))? {
        if uploads.len() == MAX_FILES {
            let message = format!("must be at most {MAX_FILES} files");
            return Err(ApiError::of_field(Fault::Kind(ErrorKind::TooLarge), "file", message));
        }
        uploads.push(read_file(part).await?);
    }
    if uploads.is_empty() {
        let message = "is missing: send at least one part with this name and a filename";
        return Err(invalid("file", message));
    }
    Ok(uploads)
}

async fn read_file(part: Field<'_>) -> Result<Upload, ApiError> {
    let part_name = part.name().unwrap_or_default().to_owned();
    if part_name != "file" {
        return Err(invalid(&part_name, "is not a known part; files go in parts named file"));
    }
    let Some(name) = part.file_name().map(str::to_owned) else {
        return Err(invalid("file", "must have a filename; it becomes the document's id"));
    };
    DocumentId::new(name.as_str()).map_err(|error| invalid("file", &error.to_string()))?;
    let bytes: Bytes = part.bytes().await.map_err(|error| unread_part(&error))?;
    Ok(Upload::File { name, bytes: bytes.to_vec() })
}

fn invalid(field: &str, message: &str) -> ApiError {
    ApiError::of_field(Fault::Kind(ErrorKind::Invalid), field, message)
}

fn unread_part(error: &MultipartError) -> ApiError {
    unreadable_body(error.status())
}
