//! Presence of agents.

use kefu_core::{Agent, Language, Presence, Scope};

use super::validation::{name, named};
use super::{Desk, admitted};
use crate::error::DeskError;

/// Agents of one tenant at most.
const MAX_AGENTS: usize = 1_000;
/// Queues, languages or skills of one agent at most.
const MAX_ABILITIES: usize = 100;
/// Tickets an agent can have when they do not say.
const USUAL_CAPACITY: u32 = 5;
const MAX_CAPACITY: u32 = 1_000;

/// What an agent tells of themselves. What is left out stays as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentUpdate {
    /// Who.
    pub name: String,
    /// Whether they can be given work.
    pub presence: Presence,
    /// Queues they work; empty means all.
    pub queues: Option<Vec<String>>,
    /// Languages they speak; empty means all.
    pub languages: Option<Vec<Language>>,
    /// What they know how to do.
    pub skills: Option<Vec<String>>,
    /// Tickets they can have at once and still be given one.
    pub capacity: Option<u32>,
}

impl Desk {
    /// Agents by name, as they count now: whoever was not heard of for long is offline. Agents and
    /// above.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`], or what the records report.
    pub async fn agents(&self, scope: &Scope) -> Result<Vec<Agent>, DeskError> {
        admitted(scope, "list agents")?;
        let agents = self.parts.records.agents(scope).await?;
        Ok(agents.into_iter().map(|agent| self.seen_now(agent)).collect())
    }

    /// Takes what an agent tells of themselves; telling it again keeps them present. Agents and
    /// above.
    ///
    /// # Errors
    /// Fields that are empty or too long, or what the records report.
    pub async fn put_agent(&self, scope: &Scope, update: AgentUpdate) -> Result<Agent, DeskError> {
        admitted(scope, "tell of their presence")?;
        let agents = self.agents(scope).await?;
        let name = name(&update.name)?;
        let known = agents.iter().find(|agent| agent.name == name);
        if known.is_none() && agents.len() >= MAX_AGENTS {
            return Err(DeskError::TooManyAgents { limit: MAX_AGENTS });
        }
        let now_ms = self.parts.clock.now_ms();
        let mut agent = known.cloned().unwrap_or_else(|| Agent {
            name,
            presence: update.presence,
            queues: Vec::new(),
            languages: Vec::new(),
            skills: Vec::new(),
            capacity: USUAL_CAPACITY,
            since_ms: now_ms,
            seen_at_ms: now_ms,
            n_open: 0,
        });
        if agent.presence != update.presence {
            agent.since_ms = now_ms;
        }
        agent.presence = update.presence;
        agent.seen_at_ms = now_ms;
        if let Some(queues) = update.queues {
            agent.queues = names("queues", &queues)?;
            for queue in &agent.queues {
                self.check_queue("queues", queue)?;
            }
        }
        if let Some(languages) = update.languages {
            few("languages", languages.len())?;
            agent.languages = languages;
        }
        if let Some(skills) = update.skills {
            agent.skills = names("skills", &skills)?;
        }
        if let Some(capacity) = update.capacity {
            if capacity > MAX_CAPACITY {
                return Err(DeskError::Invalid { field: "capacity", detail: "is above 1000" });
            }
            agent.capacity = capacity;
        }
        self.parts.records.put_agent(scope, &agent).await?;
        Ok(agent)
    }

    /// An agent who does something is there: their silence, if there was one, is over.
    pub(super) async fn noticed(&self, scope: &Scope, name: &str) {
        let Ok(agents) = self.parts.records.agents(scope).await else { return };
        let Some(mut agent) = agents.into_iter().find(|agent| agent.name == name) else { return };
        let now_ms = self.parts.clock.now_ms();
        let timeout_ms = self.parts.policy.presence_timeout_ms;
        let (presence, _) = agent.presence_at(now_ms, timeout_ms);
        if presence == Presence::Online {
            return;
        }
        agent.seen_at_ms = now_ms;
        agent.since_ms = now_ms;
        if let Err(error) = self.parts.records.put_agent(scope, &agent).await {
            tracing::warn!(%error, "an agent's presence was not noted");
        }
    }

    pub(super) fn seen_now(&self, agent: Agent) -> Agent {
        agent.seen_from(self.parts.clock.now_ms(), self.parts.policy.presence_timeout_ms)
    }
}

fn names(field: &'static str, names: &[String]) -> Result<Vec<String>, DeskError> {
    few(field, names.len())?;
    names.iter().map(|name| named(field, name)).collect()
}

fn few(field: &'static str, n_names: usize) -> Result<(), DeskError> {
    if n_names > MAX_ABILITIES {
        return Err(DeskError::Invalid { field, detail: "lists more than 100" });
    }
    Ok(())
}
