//! The place of one hand-over.

use kefu_core::ports::{CallBack, Case, Dispatcher, Placement, Wait};
use kefu_core::{Agent, EscalationReason, Priority};

use super::{Assign, Conditions, Policy, Queue, Route};

impl Dispatcher for Policy {
    /// The first route whose conditions hold decides on the queue. The ticket is never less urgent
    /// than triage proposes, and where money or safety is at stake it is urgent.
    fn place(&self, case: &Case<'_>, agents: &[Agent]) -> Placement {
        let proposed = case.escalation;
        let route = self.routes.iter().find(|route| self.takes(route, case, agents));
        let queue = route.and_then(|route| route.queue.as_ref()).unwrap_or(&proposed.queue);
        let raised = route.and_then(|route| route.priority).unwrap_or(Priority::Low);
        let priority = match proposed.reason {
            EscalationReason::MoneySafety => Priority::Urgent,
            _ => proposed.priority.max(raised),
        };
        let assignee = match self.assign {
            Assign::Manual => None,
            Assign::LeastBusy => self.least_busy(queue, case.language, agents, case.now_ms),
        };
        let targets = self.targets(queue, case.now_ms);
        let terms = self.queue(queue);
        let zone = terms.hours.zone();
        let call_back = |at_ms: i64| CallBack {
            at_ms,
            offset_seconds: zone.offset_seconds(at_ms),
            time_zone: zone.name().to_owned(),
        };
        let wait = if assignee.is_some() {
            // Somebody is there and has it already, whatever the hours are.
            Wait::Short
        } else if !terms.hours.is_open(case.now_ms) {
            Wait::Closed(terms.hours.next_open(case.now_ms).map(call_back))
        } else if self.is_unstaffed(queue, case, agents) {
            Wait::Unstaffed(targets.first_response.map(|target| call_back(target.due_ms)))
        } else {
            Wait::Short
        };
        Placement {
            queue: queue.clone(),
            priority,
            assignee: assignee.map(|agent| agent.name.clone()),
            targets,
            wait,
        }
    }
}

impl Policy {
    fn takes(&self, route: &Route, case: &Case<'_>, agents: &[Agent]) -> bool {
        let proposed = case.escalation;
        let name = route.queue.as_ref().unwrap_or(&proposed.queue);
        let queue: &Queue = self.queue(name);
        let Conditions { reasons, queues, problems, intents, tiers, .. } = &route.when;
        let Conditions { languages, channels, priority, open, staffed, .. } = &route.when;
        let has = |wanted: &[String], value: Option<&str>| {
            wanted.is_empty() || value.is_some_and(|value| wanted.iter().any(|w| w == value))
        };
        let has_room = || self.least_busy(name, case.language, agents, case.now_ms).is_some();
        (reasons.is_empty() || reasons.contains(&proposed.reason))
            && has(queues, Some(&proposed.queue))
            && has(problems, case.signals.problem.as_deref())
            && has(intents, case.signals.intent.as_deref())
            && has(tiers, case.tier)
            && (languages.is_empty() || languages.contains(&case.language))
            && (queue.languages.is_empty() || queue.languages.contains(&case.language))
            && has(channels, Some(case.channel))
            && priority.is_none_or(|lowest| proposed.priority >= lowest)
            && open.is_none_or(|open| queue.hours.is_open(case.now_ms) == open)
            && staffed.is_none_or(|staffed| has_room() == staffed)
    }

    /// Where agents tell of their presence and none of them is there; elsewhere nothing is known.
    fn is_unstaffed(&self, queue: &str, case: &Case<'_>, agents: &[Agent]) -> bool {
        let can = |agent: &Agent| self.can_take(agent, queue, case.language, case.now_ms);
        !agents.is_empty() && !agents.iter().any(can)
    }
}
