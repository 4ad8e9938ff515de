use axum::Json;
use axum::extract::State;
use kefu_api::{Listing, ReleaseResponse};

use crate::auth::Reader;
use crate::problem::ApiError;
use crate::service::AppState;

/// List releases
///
/// Published versions of the content, newest first.
#[utoipa::path(
    get,
    path = "/v1/releases",
    tag = "documents",
    responses((status = 200, description = "All releases", body = Listing<ReleaseResponse>))
)]
pub(crate) async fn list_releases(
    State(state): State<AppState>,
    Reader(scope): Reader,
) -> Result<Json<Listing<ReleaseResponse>>, ApiError> {
    let releases = state.parts.records.releases(&scope).await?;
    let items = releases.into_iter().map(ReleaseResponse::from).collect();
    Ok(Json(Listing { items, next_cursor: None }))
}
