use axum::Json;
use axum::extract::State;
use kefu_api::{JobResponse, Listing, PageQuery};
use kefu_core::JobId;

use crate::auth::Editor;
use crate::extract::{Params, PathText};
use crate::problem::ApiError;
use crate::service::AppState;

/// List jobs
///
/// Work on documents, the latest first.
#[utoipa::path(
    get,
    path = "/v1/jobs",
    tag = "documents",
    params(PageQuery),
    responses((status = 200, description = "A page of jobs", body = Listing<JobResponse>))
)]
pub(crate) async fn list_jobs(
    State(state): State<AppState>,
    Editor(scope): Editor,
    Params(query): Params<PageQuery>,
) -> Result<Json<Listing<JobResponse>>, ApiError> {
    let page = query.check()?;
    let found = state.parts.records.jobs(&scope, &page).await;
    let found = found.map_err(|error| ApiError::from(error).naming("cursor"))?;
    Ok(Json(Listing::of(found, JobResponse::from)))
}

/// Read a job
///
/// Where the work on documents stands, file by file.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}",
    tag = "documents",
    params(("id" = String, Path, description = "Job id")),
    responses((status = 200, description = "The job", body = JobResponse))
)]
pub(crate) async fn read_job(
    State(state): State<AppState>,
    Editor(scope): Editor,
    id: PathText,
) -> Result<Json<JobResponse>, ApiError> {
    let id = id.id("job", JobId::parse)?;
    let job = state.parts.records.job(&scope, &id).await;
    let job = job.map_err(|error| ApiError::from(error).naming("id"))?;
    Ok(Json(job.into()))
}

/// Run a job again
///
/// For a job that failed, as a whole or in some files (`can_retry`). What was taken in already
/// costs nothing.
#[utoipa::path(
    post,
    path = "/v1/jobs/{id}/retry",
    tag = "documents",
    params(("id" = String, Path, description = "Job id")),
    responses((status = 202, description = "The job waits again", body = JobResponse))
)]
pub(crate) async fn retry_job(
    State(state): State<AppState>,
    Editor(scope): Editor,
    id: PathText,
) -> Result<(axum::http::StatusCode, Json<JobResponse>), ApiError> {
    let id = id.id("job", JobId::parse)?;
    let job = state.parts.ingestor.retry(&scope, &id).await;
    let job = job.map_err(|error| ApiError::from(error).naming("id"))?;
    state.jobs.announce();
    Ok((axum::http::StatusCode::ACCEPTED, Json(job.into())))
}
