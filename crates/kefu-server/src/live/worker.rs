//! What the desk does by itself while the service runs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kefu_api::AgentList;
use kefu_core::{Scope, SlaState};

use super::DeskWhat;
use crate::metrics;
use crate::service::AppState;

/// How often the desk looks at the clock.
const TICK: Duration = Duration::from_secs(1);
/// The list of agents is told at most this often.
const PAUSE: Duration = Duration::from_millis(200);

/// Looks at the clock every second and tells of changes to the list of agents, until the service
/// stops.
pub(crate) async fn run_desk(state: AppState) {
    let scope = state.parts.authenticator.worker();
    let mut last_told = None;
    let mut ticked_at: Option<Instant> = None;
    while !state.stopping.is_cancelled() {
        if ticked_at.is_none_or(|at| at.elapsed() >= TICK) {
            ticked_at = Some(Instant::now());
            tick(&state, &scope).await;
        }
        last_told = tell_agents(&state, &scope, last_told).await;
        let rest = ticked_at.map_or(TICK, |at| TICK.saturating_sub(at.elapsed()));
        tokio::select! {
            () = state.stopping.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
            () = state.hub.agents_changed.notified() => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn tick(state: &AppState, scope: &Scope) {
    match state.parts.desk.tick(scope).await {
        Ok(ticked) => {
            for (ticket, sla) in &ticked.alarms {
                metrics::count_alarm((*sla).as_str());
                if matches!(sla, SlaState::Warning | SlaState::Breached) {
                    let (id, sla) = (&ticket.id, sla.as_str());
                    tracing::warn!(ticket.id = %id, ticket.sla = sla, "a ticket's clock is at {sla}");
                }
            }
            metrics::count_moved(ticked.n_released, ticked.n_assigned);
        }
        Err(error) => tracing::error!(error = %error, "the desk could not look at the clock"),
    }
}

async fn tell_agents(
    state: &AppState,
    scope: &Scope,
    last_told: Option<Arc<AgentList>>,
) -> Option<Arc<AgentList>> {
    let Ok(agents) = state.parts.desk.agents(scope).await else { return last_told };
    let agents = AgentList { items: agents.into_iter().map(Into::into).collect() };
    if last_told.as_deref() == Some(&agents) {
        return last_told;
    }
    let is_first_look = last_told.is_none();
    if !(is_first_look && agents.items.is_empty()) {
        state.hub.tell_desk(scope.tenant(), DeskWhat::Agents(agents.clone()));
    }
    Some(Arc::new(agents))
}
