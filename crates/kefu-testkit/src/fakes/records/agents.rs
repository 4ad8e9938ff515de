use async_trait::async_trait;
use kefu_core::ports::{AgentRecords, Change};
use kefu_core::{Agent, RecordsError, Role, Scope, TicketStatus};

use super::{MemoryRecords, require};

#[async_trait]
impl AgentRecords for MemoryRecords {
    async fn agents(&self, scope: &Scope) -> Result<Vec<Agent>, RecordsError> {
        self.read(scope, |tenant| {
            let desk = &tenant.desk;
            let with_load = |agent: &Agent| {
                let has = desk.tickets.values().filter(|ticket| {
                    ticket.status == TicketStatus::Claimed
                        && ticket.assignee.as_ref() == Some(&agent.name)
                });
                Agent { n_open: u32::try_from(has.count()).unwrap(), ..agent.clone() }
            };
            Ok(desk.agents.values().map(with_load).collect())
        })
    }

    async fn put_agent(&self, scope: &Scope, agent: &Agent) -> Result<(), RecordsError> {
        require(scope, Role::Agent, "tell of their presence")?;
        self.write_watched(scope, |tenant, _| {
            tenant.desk.agents.insert(agent.name.clone(), agent.clone());
            Ok(((), vec![Change::Agents]))
        })
    }
}
