use axum::Json;
use axum::extract::State;
use kefu_api::{Listing, PublishRequest, ReleaseDiffResponse, ReleaseResponse, RollbackRequest};
use kefu_core::{PointerTarget, ReleaseNo};
use kefu_ingest::diff_releases;

use crate::auth::Editor;
use crate::extract::{OptionalJson, PathNumbers};
use crate::problem::ApiError;
use crate::service::AppState;

/// List releases
///
/// Published versions of the content that are kept, newest first.
#[utoipa::path(
    get,
    path = "/v1/releases",
    tag = "documents",
    responses((status = 200, description = "All releases", body = Listing<ReleaseResponse>))
)]
pub(crate) async fn list_releases(
    State(state): State<AppState>,
    Editor(scope): Editor,
) -> Result<Json<Listing<ReleaseResponse>>, ApiError> {
    let releases = state.parts.records.releases(&scope).await?;
    let items = releases.into_iter().map(ReleaseResponse::from).collect();
    Ok(Json(Listing { items, next_cursor: None }))
}

/// Publish a release again
///
/// Questions are answered from this release at once, whether it is older or newer than the
/// current one; answers under way finish on the release they began with. Newer releases can be
/// returned to until documents are taken in again.
#[utoipa::path(
    post,
    path = "/v1/releases/{n}/publish",
    tag = "documents",
    params(("n" = u32, Path, description = "Release number")),
    request_body = Option<PublishRequest>,
    responses((status = 200, description = "The release, now current", body = ReleaseResponse))
)]
pub(crate) async fn publish_release(
    State(state): State<AppState>,
    Editor(scope): Editor,
    PathNumbers(number): PathNumbers<u32>,
    OptionalJson(request): OptionalJson<PublishRequest>,
) -> Result<Json<ReleaseResponse>, ApiError> {
    let (target, reason) = (PointerTarget::Release(ReleaseNo(number)), request.check()?);
    let moved = state.parts.records.move_pointer(&scope, target, &reason).await;
    Ok(Json(moved.map_err(|error| ApiError::from(error).naming("n"))?.into()))
}

/// Roll back
///
/// Questions are answered from an older release at once: the one named, or the one before the
/// current one.
#[utoipa::path(
    post,
    path = "/v1/releases/rollback",
    tag = "documents",
    request_body = Option<RollbackRequest>,
    responses((status = 200, description = "The release, now current", body = ReleaseResponse))
)]
pub(crate) async fn roll_back(
    State(state): State<AppState>,
    Editor(scope): Editor,
    OptionalJson(request): OptionalJson<RollbackRequest>,
) -> Result<Json<ReleaseResponse>, ApiError> {
    let (target, reason) = request.check()?;
    let moved = state.parts.records.move_pointer(&scope, target, &reason).await;
    Ok(Json(moved.map_err(|error| ApiError::from(error).naming("to"))?.into()))
}

/// Compare two releases
///
/// Documents added, changed and removed from release `n` to release `other`, with the changed
/// lines and metadata.
#[utoipa::path(
    get,
    path = "/v1/releases/{n}/diff/{other}",
    tag = "documents",
    params(
        ("n" = u32, Path, description = "Release to compare from"),
        ("other" = u32, Path, description = "Release to compare to"),
    ),
    responses((status = 200, description = "What differs", body = ReleaseDiffResponse))
)]
pub(crate) async fn compare_releases(
    State(state): State<AppState>,
    Editor(scope): Editor,
    PathNumbers((from, to)): PathNumbers<(u32, u32)>,
) -> Result<Json<ReleaseDiffResponse>, ApiError> {
    let releases = (ReleaseNo(from), ReleaseNo(to));
    let diff = diff_releases(state.parts.records.as_ref(), &scope, releases).await;
    Ok(Json(diff.map_err(|error| ApiError::from(error).naming("n"))?.into()))
}
