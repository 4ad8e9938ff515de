//! What the desk does by itself as time passes. Everything follows from stored times, so that
//! nothing is lost in a restart and nothing is done twice.

use kefu_core::ports::{PageRequest, TicketFilter};
use kefu_core::{Agent, Scope, SlaState, Ticket, TicketEvent, TicketStatus};

use super::{Desk, admitted};
use crate::error::DeskError;
use crate::policy::Assign;

/// Tickets looked at in one go; what is left waits for the next.
const MAX_AT_ONCE: usize = 200;

/// What one look at the clock did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Tickets a clock of which passed a mark, with their new states.
    pub alarms: Vec<(Ticket, SlaState)>,
    /// Tickets taken from agents who went silent.
    pub n_released: usize,
    /// Open tickets given to agents.
    pub n_assigned: usize,
}

impl Desk {
    /// Looks at the clock: tells of tickets that are or soon will be late, takes tickets from
    /// agents who went silent while the customer waits, and gives open ones to whoever is free
    /// where the policy says so. Agents and above.
    ///
    /// An agent is silent when they have told of their presence before, are away or offline for
    /// longer than the policy allows, and the customer has waited as long. What is taken from them
    /// goes to whoever is free where tickets are assigned, else back to its queue.
    ///
    /// # Errors
    /// What the records report. What was done before stays done.
    pub async fn tick(&self, scope: &Scope) -> Result<Ticked, DeskError> {
        admitted(scope, "look at the clock")?;
        let mut ticked = Ticked { alarms: self.ring(scope).await?, ..Ticked::default() };
        let mut agents = self.parts.records.agents(scope).await?;
        for agent in agents.clone() {
            ticked.n_released += self.release(scope, &agent, &mut agents).await?;
        }
        if self.parts.policy.assign == Assign::LeastBusy {
            ticked.n_assigned = self.assign(scope, &mut agents).await?;
        }
        Ok(ticked)
    }

    async fn ring(&self, scope: &Scope) -> Result<Vec<(Ticket, SlaState)>, DeskError> {
        let now_ms = self.parts.clock.now_ms();
        let due = self.parts.records.alarms(scope, now_ms, MAX_AT_ONCE).await?;
        let mut rung = Vec::new();
        for ticket in due {
            match self.take(scope, &ticket.id, &TicketEvent::Tick.into()).await {
                Ok(ticket) => {
                    let state = ticket.sla.state(now_ms);
                    rung.push((ticket, state));
                }
                Err(DeskError::Busy) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(rung)
    }

    async fn release(
        &self,
        scope: &Scope,
        agent: &Agent,
        agents: &mut [Agent],
    ) -> Result<usize, DeskError> {
        let policy = &self.parts.policy;
        let now_ms = self.parts.clock.now_ms();
        let long_ago = |since_ms: i64| now_ms - since_ms >= policy.reassign_after_ms;
        let gone_since_ms = agent.gone_since(now_ms, policy.presence_timeout_ms);
        if agent.n_open == 0 || !gone_since_ms.is_some_and(long_ago) {
            return Ok(0);
        }
        let filter = TicketFilter {
            status: Some(TicketStatus::Claimed),
            assignee: Some(agent.name.clone()),
            ..TicketFilter::default()
        };
        let page = PageRequest { limit: MAX_AT_ONCE, cursor: None };
        let theirs = self.parts.records.tickets(scope, &filter, &page).await?.items;
        let waiting = theirs.into_iter().filter(|t| t.waiting_since_ms.is_some_and(long_ago));
        let mut n_released = 0;
        for ticket in waiting {
            let to = match policy.assign {
                Assign::Manual => None,
                Assign::LeastBusy => self.free_agent(&ticket, agents),
            };
            let event = TicketEvent::Release { from: agent.name.clone(), to: to.clone() };
            if self.take(scope, &ticket.id, &event.into()).await.is_ok() {
                n_released += 1;
                count(agents, to.as_deref());
            }
        }
        Ok(n_released)
    }

    async fn assign(&self, scope: &Scope, agents: &mut [Agent]) -> Result<usize, DeskError> {
        let filter = TicketFilter { status: Some(TicketStatus::Open), ..TicketFilter::default() };
        let mut page = PageRequest { limit: MAX_AT_ONCE, cursor: None };
        let mut n_assigned = 0;
        while n_assigned < MAX_AT_ONCE && self.somebody_is_free(agents) {
            let waiting = self.parts.records.tickets(scope, &filter, &page).await?;
            for ticket in waiting.items {
                let Some(agent) = self.free_agent(&ticket, agents) else { continue };
                let event = TicketEvent::Assign { agent: agent.clone() };
                if self.take(scope, &ticket.id, &event.into()).await.is_ok() {
                    n_assigned += 1;
                    count(agents, Some(&agent));
                }
            }
            page.cursor = waiting.next_cursor;
            if page.cursor.is_none() {
                break;
            }
        }
        Ok(n_assigned)
    }

    fn somebody_is_free(&self, agents: &[Agent]) -> bool {
        let timeout_ms = self.parts.policy.presence_timeout_ms;
        let now_ms = self.parts.clock.now_ms();
        agents.iter().any(|agent| {
            agent.n_open < agent.capacity && agent.gone_since(now_ms, timeout_ms).is_none()
        })
    }

    fn free_agent(&self, ticket: &Ticket, agents: &[Agent]) -> Option<String> {
        let now_ms = self.parts.clock.now_ms();
        let policy = &self.parts.policy;
        let free = policy.least_busy(&ticket.queue, ticket.language, agents, now_ms);
        free.map(|agent| agent.name.clone())
    }
}

/// Notes that an agent was given a ticket.
fn count(agents: &mut [Agent], name: Option<&str>) {
    let given = agents.iter_mut().find(|agent| Some(agent.name.as_str()) == name);
    if let Some(agent) = given {
        agent.n_open += 1;
    }
}
