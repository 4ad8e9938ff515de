//! `/v1/agents`.

use kefu_core::{Agent, Language};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::checks::{Faults, InvalidFields};
use crate::time::rfc3339;
use crate::words::Presence;

/// A person at the desk.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AgentResponse {
    /// Name.
    pub agent: String,
    /// Whether they can be given work.
    pub state: Presence,
    /// Queues they work; empty means all.
    pub queues: Vec<String>,
    /// Languages they speak; empty means all.
    pub languages: Vec<String>,
    /// What they know how to do.
    pub skills: Vec<String>,
    /// Tickets they have.
    pub n_open: u32,
    /// Tickets they can have at once and still be given one.
    pub capacity: u32,
    /// Since when the state is what it is.
    pub since: String,
}

impl From<Agent> for AgentResponse {
    fn from(agent: Agent) -> Self {
        Self {
            agent: agent.name,
            state: agent.presence.into(),
            queues: agent.queues,
            languages: agent.languages.iter().map(|code| code.code().to_owned()).collect(),
            skills: agent.skills,
            n_open: agent.n_open,
            capacity: agent.capacity,
            since: rfc3339(agent.since_ms),
        }
    }
}

/// All people at the desk.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AgentList {
    /// By name.
    pub items: Vec<AgentResponse>,
}

/// What an agent tells of themselves; what is left out stays as it was. Telling it again keeps them
/// present.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentRequest {
    /// Whether they can be given work.
    pub state: Presence,
    /// Queues they work; empty means all.
    pub queues: Option<Vec<String>>,
    /// Languages they speak; empty means all.
    pub languages: Option<Vec<String>>,
    /// What they know how to do.
    pub skills: Option<Vec<String>>,
    /// Tickets they can have at once and still be given one.
    #[schema(minimum = 0, maximum = 1000)]
    pub capacity: Option<u32>,
}

/// A request that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedAgent {
    /// Whether they can be given work.
    pub presence: kefu_core::Presence,
    /// Queues they work.
    pub queues: Option<Vec<String>>,
    /// Languages they speak.
    pub languages: Option<Vec<Language>>,
    /// What they know how to do.
    pub skills: Option<Vec<String>>,
    /// Tickets they can have at once.
    pub capacity: Option<u32>,
}

impl AgentRequest {
    /// Checks all fields.
    ///
    /// # Errors
    /// [`InvalidFields`] with every fault found.
    pub fn check(self) -> Result<CheckedAgent, InvalidFields> {
        let mut faults = Faults::default();
        let languages = self.languages.map(|codes| {
            let named = codes.iter().enumerate();
            named
                .filter_map(|(idx, code)| faults.language(&format!("languages[{idx}]"), Some(code)))
                .collect()
        });
        faults.or(CheckedAgent {
            presence: self.state.into(),
            queues: self.queues,
            languages,
            skills: self.skills,
            capacity: self.capacity,
        })
    }
}
