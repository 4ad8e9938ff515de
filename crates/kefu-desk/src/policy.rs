//! Where hand-overs go and by when they must be answered, by rules alone.

mod place;

use std::collections::BTreeSet;

use kefu_core::{Agent, EscalationReason, Language, Presence, Priority, SlaTarget, SlaTargets};

use crate::hours::{WorkingHours, Zone};

/// Queues that triage proposes.
pub const TRIAGE_QUEUES: [&str; 3] = ["complaints", "safety", "support"];

/// The rules of one installation, checked.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Known queues; a queue that is not listed has the terms of [`Policy::elsewhere`].
    pub queues: Vec<Queue>,
    /// The terms of queues that are not listed; its name is not looked at.
    pub elsewhere: Queue,
    /// Tried in order; the first whose conditions all hold decides. Without one a hand-over goes
    /// where triage proposes, as urgent as triage proposes.
    pub routes: Vec<Route>,
    /// Who gives open tickets to agents.
    pub assign: Assign,
    /// The part of a clock, from 0 to 1, after which a ticket is late soon.
    pub warning_share: f64,
    /// An agent not heard of for this long is offline.
    pub presence_timeout_ms: i64,
    /// An agent gone for this long while a customer waits loses the ticket.
    pub reassign_after_ms: i64,
}

/// A queue with its terms.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Name.
    pub name: String,
    /// What an agent must know to be given its tickets.
    pub skills: Vec<String>,
    /// Languages that routes may send here; empty means all.
    pub languages: Vec<Language>,
    /// When people work it.
    pub hours: WorkingHours,
    /// Working time until a person has answered; `None` sets no clock.
    pub first_response_ms: Option<i64>,
    /// Working time until it is solved; `None` sets no clock.
    pub resolution_ms: Option<i64>,
}

/// A rule that sends hand-overs somewhere.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// What must hold.
    pub when: Conditions,
    /// Into which queue; `None` leaves it where triage proposes.
    pub queue: Option<String>,
    /// How urgent at least.
    pub priority: Option<Priority>,
}

/// What must hold for a route. Empty lists and `None` hold always.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// Any of these reasons.
    pub reasons: Vec<EscalationReason>,
    /// Triage proposes any of these queues.
    pub queues: Vec<String>,
    /// Any of these problems.
    pub problems: Vec<String>,
    /// Any of these intents.
    pub intents: Vec<String>,
    /// Any of these tiers.
    pub tiers: Vec<String>,
    /// Any of these languages.
    pub languages: Vec<Language>,
    /// Any of these channels.
    pub channels: Vec<String>,
    /// Triage proposes at least this urgency.
    pub priority: Option<Priority>,
    /// Whether the route's queue is within its working hours.
    pub open: Option<bool>,
    /// Whether somebody is there who could take it and has room.
    pub staffed: Option<bool>,
}

/// Who gives open tickets to agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assign {
    /// Agents take them.
    Manual,
    /// The desk gives each to whoever can take it and has the fewest.
    LeastBusy,
}

impl Policy {
    /// No rules at all: hand-overs go where triage proposes, at any hour and without clocks, and
    /// agents take them. They lapse after a minute and lose a ticket after five.
    #[must_use]
    pub fn unruled() -> Self {
        let elsewhere = Queue {
            name: String::new(),
            skills: Vec::new(),
            languages: Vec::new(),
            hours: WorkingHours::always(Zone::utc()),
            first_response_ms: None,
            resolution_ms: None,
        };
        Self {
            queues: Vec::new(),
            elsewhere,
            routes: Vec::new(),
            assign: Assign::Manual,
            warning_share: 0.8,
            presence_timeout_ms: 60_000,
            reassign_after_ms: 300_000,
        }
    }

    /// The terms of a queue.
    #[must_use]
    pub fn queue(&self, name: &str) -> &Queue {
        self.queues.iter().find(|queue| queue.name == name).unwrap_or(&self.elsewhere)
    }

    /// Names of the queues that exist: those that are listed, and where triage and routes send.
    #[must_use]
    pub fn queue_names(&self) -> Vec<String> {
        let listed = self.queues.iter().map(|queue| queue.name.clone());
        let routed = self.routes.iter().filter_map(|route| route.queue.clone());
        let proposed = TRIAGE_QUEUES.into_iter().map(str::to_owned);
        listed.chain(routed).chain(proposed).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The marks of both clocks of a ticket that enters a queue now, counted in its working hours.
    #[must_use]
    pub fn targets(&self, queue: &str, now_ms: i64) -> SlaTargets {
        let queue = self.queue(queue);
        let target = |duration_ms: Option<i64>| {
            let duration_ms = duration_ms?;
            let warn_after_ms = (duration_ms as f64 * self.warning_share) as i64;
            Some(SlaTarget {
                warn_ms: queue.hours.after_work(now_ms, warn_after_ms)?,
                due_ms: queue.hours.after_work(now_ms, duration_ms)?,
            })
        };
        SlaTargets {
            first_response: target(queue.first_response_ms),
            resolution: target(queue.resolution_ms),
        }
    }

    /// Who is given a ticket of this queue and language: online, able, with room, and the fewest
    /// tickets; among equals the one with more room, then the first by name.
    #[must_use]
    pub fn least_busy<'a>(
        &self,
        queue: &str,
        language: Language,
        agents: &'a [Agent],
        now_ms: i64,
    ) -> Option<&'a Agent> {
        let fit = agents.iter().filter(|agent| self.can_take(agent, queue, language, now_ms));
        let free = fit.filter(|agent| agent.n_open < agent.capacity);
        free.min_by_key(|agent| (agent.n_open, u32::MAX - agent.capacity, &agent.name))
    }

    /// Whether an agent is there and able to take tickets of this queue and language, room apart.
    #[must_use]
    pub fn can_take(&self, agent: &Agent, queue: &str, language: Language, now_ms: i64) -> bool {
        let (presence, _) = agent.presence_at(now_ms, self.presence_timeout_ms);
        let skills = &self.queue(queue).skills;
        presence == Presence::Online
            && (agent.queues.is_empty() || agent.queues.iter().any(|worked| worked == queue))
            && (agent.languages.is_empty() || agent.languages.contains(&language))
            && skills.iter().all(|skill| agent.skills.contains(skill))
    }
}

#[cfg(test)]
pub(crate) mod tests;
