use axum::Json;
use axum::extract::State;
use axum::response::Response;
use kefu_api::{
    DocumentItem, DocumentResponse, JobResponse, ListDocumentsQuery, Listing, PutDocument,
    ReadDocumentQuery, WaitQuery,
};
use kefu_core::DocumentId;
use kefu_ingest::Upload;

use super::uploads::{accept, put};
use crate::auth::{Editor, Reader};
use crate::extract::{Call, JsonBody, Params, PathText};
use crate::problem::ApiError;
use crate::service::AppState;

/// List documents
///
/// Documents of the published release, by id; drafts and retired ones are for editors.
#[utoipa::path(
    get,
    path = "/v1/documents",
    tag = "documents",
    params(ListDocumentsQuery),
    responses((status = 200, description = "A page of documents", body = Listing<DocumentItem>))
)]
pub(crate) async fn list_documents(
    State(state): State<AppState>,
    Reader(scope): Reader,
    Params(query): Params<ListDocumentsQuery>,
) -> Result<Json<Listing<DocumentItem>>, ApiError> {
    let (page, filter) = query.check(state.parts.clock.now_ms())?;
    let found = state.parts.records.documents(&scope, &filter, &page).await;
    let found = found.map_err(|error| ApiError::from(error).naming("cursor"))?;
    Ok(Json(Listing::of(found, DocumentItem::from)))
}

/// Read a document
///
/// The text that citations point into, at the published or a named revision.
#[utoipa::path(
    get,
    path = "/v1/documents/{id}",
    tag = "documents",
    params(
        ("id" = String, Path, description = "Document id, percent-encoded (`/` as `%2F`)"),
        ReadDocumentQuery,
    ),
    responses((status = 200, description = "The document", body = DocumentResponse))
)]
pub(crate) async fn read_document(
    State(state): State<AppState>,
    Reader(scope): Reader,
    id: PathText,
    Params(query): Params<ReadDocumentQuery>,
) -> Result<Json<DocumentResponse>, ApiError> {
    let revision = query.check()?;
    let id = id.id("document", |text| DocumentId::new(text))?;
    let stored = state.parts.records.document(&scope, &id, revision.as_ref()).await;
    let field = if revision.is_some() { "revision" } else { "id" };
    let stored = stored.map_err(|error| ApiError::from(error).naming(field))?;
    Ok(Json(DocumentResponse::new(stored)))
}

/// Put a document
///
/// Adds or replaces a document. The work is a job: accepted means durable, and the document is
/// found once the job has succeeded.
#[utoipa::path(
    put,
    path = "/v1/documents/{id}",
    tag = "documents",
    params(
        ("id" = String, Path, description = "Document id, percent-encoded (`/` as `%2F`)"),
        WaitQuery,
    ),
    request_body = PutDocument,
    responses(
        (status = 200, description = "The job has ended (with `wait`)", body = JobResponse),
        (status = 202, description = "The job was accepted", body = JobResponse),
    )
)]
pub(crate) async fn put_document(
    State(state): State<AppState>,
    Editor(scope): Editor,
    call: Call,
    (id, Params(wait)): (PathText, Params<WaitQuery>),
    JsonBody(request): JsonBody<PutDocument>,
) -> Result<Response, ApiError> {
    let document = request.with_id(id.0).check()?;
    accept(&state, &scope, vec![put(document)], call.patience(wait)).await
}

/// Delete a document
///
/// The document is no longer found once the job has succeeded.
#[utoipa::path(
    delete,
    path = "/v1/documents/{id}",
    tag = "documents",
    params(
        ("id" = String, Path, description = "Document id, percent-encoded (`/` as `%2F`)"),
        WaitQuery,
    ),
    responses(
        (status = 200, description = "The job has ended (with `wait`)", body = JobResponse),
        (status = 202, description = "The job was accepted", body = JobResponse),
    )
)]
pub(crate) async fn delete_document(
    State(state): State<AppState>,
    Editor(scope): Editor,
    call: Call,
    id: PathText,
    Params(wait): Params<WaitQuery>,
) -> Result<Response, ApiError> {
    let document_id = id.id("document", |text| DocumentId::new(text))?;
    let stored = state.parts.records.document(&scope, &document_id, None).await;
    stored.map_err(|error| ApiError::from(error).naming("id"))?;
    accept(&state, &scope, vec![Upload::Delete { document_id }], call.patience(wait)).await
}
