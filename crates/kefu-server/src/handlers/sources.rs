use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kefu_api::{ListedSource, RunSourceRequest, SourceResponse, Sources};
use kefu_core::{ErrorKind, Scope};
use kefu_ingest::SourceSpec;

use crate::auth::Editor;
use crate::extract::{JsonBody, PathText};
use crate::problem::{ApiError, Fault};
use crate::service::AppState;
use crate::sources::next_ms;

/// List sources
///
/// Where documents come from by themselves, with each source's last run and its next one.
#[utoipa::path(
    get,
    path = "/v1/sources",
    tag = "documents",
    responses((status = 200, description = "The sources of the configuration", body = Sources))
)]
pub(crate) async fn list_sources(
    State(state): State<AppState>,
    Editor(scope): Editor,
) -> Result<Json<Sources>, ApiError> {
    let items = responses(&state, &scope, state.parts.sources.iter()).await?;
    Ok(Json(Sources { items }))
}

/// Look at a source now
///
/// The run begins once the one under way has ended. `confirm_deletions` lets it delete documents
/// although too many of the source would go at once.
#[utoipa::path(
    post,
    path = "/v1/sources/{id}/run",
    tag = "documents",
    params(("id" = String, Path, description = "Source id")),
    request_body = RunSourceRequest,
    responses((status = 202, description = "It will be looked at", body = SourceResponse))
)]
pub(crate) async fn run_source(
    State(state): State<AppState>,
    Editor(scope): Editor,
    id: PathText,
    JsonBody(request): JsonBody<RunSourceRequest>,
) -> Result<(StatusCode, Json<SourceResponse>), ApiError> {
    let spec = state.parts.sources.iter().find(|spec| spec.id == id.0);
    let missing = || {
        let detail = format!("no source {:?} in the configuration", id.0);
        ApiError::new(Fault::Kind(ErrorKind::NotFound), detail).naming("id")
    };
    let spec = spec.ok_or_else(missing)?;
    state.source_signals.ask(&spec.id, request.confirm_deletions);
    let mut items = responses(&state, &scope, [spec].into_iter()).await?;
    let item = items.pop().ok_or_else(missing)?;
    Ok((StatusCode::ACCEPTED, Json(item)))
}

async fn responses(
    state: &AppState,
    scope: &Scope,
    specs: impl Iterator<Item = &SourceSpec>,
) -> Result<Vec<SourceResponse>, ApiError> {
    let runs = state.parts.records.source_runs(scope).await?;
    let response = |spec: &SourceSpec| {
        let id = spec.id.as_str();
        SourceResponse::new(ListedSource {
            id,
            every: spec.every,
            last: runs.iter().find(|run| run.source == id),
            next_at_ms: next_ms(spec, &runs).map(|next| next.max(state.parts.clock.now_ms())),
            is_running: state.source_signals.is_running(id),
            is_waiting: state.source_signals.is_wanted(id),
        })
    };
    Ok(specs.map(response).collect())
}
