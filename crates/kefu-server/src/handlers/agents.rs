use axum::Json;
use axum::extract::State;
use kefu_api::{AgentList, AgentRequest, AgentResponse, CheckedAgent};
use kefu_desk::AgentUpdate;

use crate::auth::Agent;
use crate::extract::{JsonBody, PathText};
use crate::problem::ApiError;
use crate::service::AppState;

/// List agents
///
/// Everybody at the desk who ever told of themselves, with their load.
#[utoipa::path(
    get,
    path = "/v1/agents",
    tag = "agents",
    responses((status = 200, description = "The agents", body = AgentList))
)]
pub(crate) async fn list_agents(
    State(state): State<AppState>,
    Agent(scope): Agent,
) -> Result<Json<AgentList>, ApiError> {
    let agents = state.parts.desk.agents(&scope).await?;
    Ok(Json(AgentList { items: agents.into_iter().map(Into::into).collect() }))
}

/// Tell of an agent's presence
///
/// Also the heartbeat: an agent not heard of for long counts as offline.
#[utoipa::path(
    put,
    path = "/v1/agents/{agent}",
    tag = "agents",
    params(("agent" = String, Path, description = "The agent's name")),
    request_body = AgentRequest,
    responses((status = 200, description = "The agent", body = AgentResponse))
)]
pub(crate) async fn put_agent(
    State(state): State<AppState>,
    Agent(scope): Agent,
    PathText(name): PathText,
    JsonBody(request): JsonBody<AgentRequest>,
) -> Result<Json<AgentResponse>, ApiError> {
    let CheckedAgent { presence, queues, languages, skills, capacity } = request.check()?;
    let update = AgentUpdate { name, presence, queues, languages, skills, capacity };
    let agent = state.parts.desk.put_agent(&scope, update).await?;
    Ok(Json(agent.into()))
}
