use axum::Json;
use axum::extract::State;
use axum::response::Response;
use kefu_api::{
    CheckedOverlay, JobResponse, ListOverlaysQuery, Listing, OverlayAccepted, OverlayRequest,
    OverlayResponse, WaitQuery,
};
use kefu_core::{DocumentId, OverlayId};
use kefu_ingest::{OverlayInput, Upload};

use super::uploads::{accept, accept_job, with_address};
use crate::auth::Editor;
use crate::extract::{Call, JsonBody, Params, PathText};
use crate::problem::ApiError;
use crate::service::AppState;

/// Correct a passage
///
/// Edits, hides or pins a passage of a document. The correction is kept beside the document and
/// holds for every later revision that still has the passage's words; the same passage and action
/// replace an earlier correction.
#[utoipa::path(
    post,
    path = "/v1/documents/{id}/overlays",
    tag = "documents",
    params(
        ("id" = String, Path, description = "Document id, percent-encoded (`/` as `%2F`)"),
        WaitQuery,
    ),
    request_body = OverlayRequest,
    responses(
        (status = 200, description = "It is applied (with `wait`)", body = OverlayAccepted),
        (status = 202, description = "It is kept; a job applies it", body = OverlayAccepted),
    )
)]
pub(crate) async fn create_overlay(
    State(state): State<AppState>,
    Editor(scope): Editor,
    call: Call,
    (id, Params(wait)): (PathText, Params<WaitQuery>),
    JsonBody(request): JsonBody<OverlayRequest>,
) -> Result<Response, ApiError> {
    let CheckedOverlay { passage, occurrence, action, note } = request.check()?;
    let document_id = id.id("document", |text| DocumentId::new(text))?;
    let input =
        OverlayInput { document_id: document_id.clone(), passage, occurrence, action, note };
    let now_ms = state.parts.clock.now_ms();
    let made = state.parts.ingestor.add_overlay(&scope, input, now_ms).await;
    let made = made.map_err(|error| ApiError::from(error).naming("id"))?;
    let upload = Upload::Correct { document_id };
    let job = accept_job(&state, &scope, vec![upload], call.patience(wait)).await?;
    let overlay_id = made.id.to_string();
    Ok(with_address(&job, |job| OverlayAccepted { overlay_id, job }))
}

/// List corrections
///
/// Oldest first, with what each does for the published release. `orphaned=true` lists those whose
/// document or words are gone.
#[utoipa::path(
    get,
    path = "/v1/overlays",
    tag = "documents",
    params(ListOverlaysQuery),
    responses((status = 200, description = "A page of corrections", body = Listing<OverlayResponse>))
)]
pub(crate) async fn list_overlays(
    State(state): State<AppState>,
    Editor(scope): Editor,
    Params(query): Params<ListOverlaysQuery>,
) -> Result<Json<Listing<OverlayResponse>>, ApiError> {
    let (page, filter) = query.check()?;
    let found = state.parts.records.overlays(&scope, &filter, &page).await;
    let found = found.map_err(|error| ApiError::from(error).naming("cursor"))?;
    Ok(Json(Listing::of(found, OverlayResponse::from)))
}

/// Delete a correction
///
/// The passage is what its document says again, once the job has succeeded.
#[utoipa::path(
    delete,
    path = "/v1/overlays/{id}",
    tag = "documents",
    params(("id" = String, Path, description = "Id of the correction"), WaitQuery),
    responses(
        (status = 200, description = "The job has ended (with `wait`)", body = JobResponse),
        (status = 202, description = "The job was accepted", body = JobResponse),
    )
)]
pub(crate) async fn delete_overlay(
    State(state): State<AppState>,
    Editor(scope): Editor,
    call: Call,
    id: PathText,
    Params(wait): Params<WaitQuery>,
) -> Result<Response, ApiError> {
    let id = id.id("overlay", OverlayId::parse)?;
    let gone = state.parts.records.delete_overlay(&scope, &id).await;
    let gone = gone.map_err(|error| ApiError::from(error).naming("id"))?;
    let upload = Upload::Correct { document_id: gone.document_id };
    accept(&state, &scope, vec![upload], call.patience(wait)).await
}
