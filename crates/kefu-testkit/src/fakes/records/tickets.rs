use std::cmp::Reverse;

use async_trait::async_trait;
use kefu_core::ports::{
    Change, NamedStep, Page, PageRequest, TicketFilter, TicketRecords, TicketTransition,
};
use kefu_core::{
    ConversationId, DeskEvent, OpenHandOver, RecordsError, Role, Scope, Ticket, TicketId,
    TicketStatus, TicketStep,
};

use super::conversations::Desk;
use super::{MemoryRecords, conflict, invalid, not_found, place, require};

const WORKING: &str = "work tickets";

impl Desk {
    fn list(
        &self,
        filter: &TicketFilter,
        page: &PageRequest,
    ) -> Result<Page<Ticket>, RecordsError> {
        let after = place(page, "tickets")?;
        let mut items: Vec<Ticket> = self
            .tickets
            .values()
            .filter(|t| filter.status.is_none_or(|status| t.status == status))
            .filter(|t| filter.queue.as_ref().is_none_or(|queue| &t.queue == queue))
            .filter(|t| filter.assignee.is_none() || t.assignee == filter.assignee)
            .filter(|t| filter.priority.is_none_or(|priority| t.priority == priority))
            .filter(|t| filter.language.is_none_or(|language| t.language == language))
            .filter(|t| filter.reason.is_none_or(|reason| t.reason == reason))
            .cloned()
            .collect();
        items.sort_by_key(rank);
        if let Some(after) = after {
            let id = TicketId::parse(&after).map_err(|_| invalid("cursor is not of this list"))?;
            let last =
                self.tickets.get(&id).ok_or_else(|| invalid("cursor is not of this list"))?;
            items.retain(|t| rank(t) > rank(last));
        }
        let more = items.len() > page.limit;
        items.truncate(page.limit);
        let last = items.last().filter(|_| more);
        Ok(Page { next_cursor: last.map(|t| format!("tickets:{}", t.id)), items })
    }

    fn step(&mut self, step: &TicketTransition) -> Result<Vec<Change>, RecordsError> {
        let TicketTransition { before, after, .. } = step;
        let now = self.tickets.get(&before.id).ok_or_else(|| not_found("ticket", &before.id))?;
        if now != before {
            return Err(conflict(format!("ticket {} has changed; read it again", before.id)));
        }
        let stays_open = after.status != TicketStatus::Resolved;
        let other = self.open_ticket(&after.conversation_id).filter(|t| t.id != after.id);
        if let Some(other) = other.filter(|_| stays_open) {
            return Err(conflict(format!("the conversation has open ticket {}", other.id)));
        }
        let id = &after.conversation_id;
        if let Some(key) = &step.key {
            let name = (id.clone(), key.name.clone());
            if self.step_keys.contains_key(&name) {
                return Err(conflict("a step with this key exists"));
            }
            let (action, fingerprint) = (step.action.to_owned(), Some(key.fingerprint.clone()));
            self.step_keys.insert(name, NamedStep { action, fingerprint });
        }
        let conversation = self
            .conversations
            .get_mut(&after.conversation_id)
            .ok_or_else(|| not_found("conversation", &after.conversation_id))?;
        conversation.state = step.conversation_state;
        conversation.ticket_id = stays_open.then(|| after.id.clone());
        let turns = self.turns.entry(after.conversation_id.clone()).or_default();
        turns.extend(step.turn.iter().cloned());
        self.tickets.insert(after.id.clone(), after.clone());
        self.notes.extend(step.note.iter().map(|note| (after.id.clone(), note.clone())));
        self.log(after, (step.action, step.actor.as_deref(), step.note.as_deref()));
        Ok(vec![
            Change::Conversation {
                id: id.clone(),
                state: step.conversation_state,
                hand_over: stays_open.then(|| OpenHandOver::from(after)),
                turns: step.turn.iter().cloned().collect(),
            },
            Change::Ticket(Box::new(after.clone())),
        ])
    }
}

fn rank(ticket: &Ticket) -> (Reverse<kefu_core::Priority>, i64, TicketId) {
    (Reverse(ticket.priority), ticket.created_at_ms, ticket.id.clone())
}

#[async_trait]
impl TicketRecords for MemoryRecords {
    async fn ticket(&self, scope: &Scope, id: &TicketId) -> Result<Ticket, RecordsError> {
        require(scope, Role::Agent, WORKING)?;
        self.read(scope, |tenant| {
            tenant.desk.tickets.get(id).cloned().ok_or_else(|| not_found("ticket", id))
        })
    }

    async fn tickets(
        &self,
        scope: &Scope,
        filter: &TicketFilter,
        page: &PageRequest,
    ) -> Result<Page<Ticket>, RecordsError> {
        require(scope, Role::Agent, WORKING)?;
        self.read(scope, |tenant| tenant.desk.list(filter, page))
    }

    async fn alarms(
        &self,
        scope: &Scope,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<Ticket>, RecordsError> {
        require(scope, Role::Agent, WORKING)?;
        self.read(scope, |tenant| {
            let rings = |t: &&Ticket| {
                t.status != TicketStatus::Resolved
                    && t.sla.alarm_at_ms.is_some_and(|at_ms| at_ms <= now_ms)
            };
            let mut rung: Vec<Ticket> =
                tenant.desk.tickets.values().filter(rings).cloned().collect();
            rung.sort_by_key(|t| t.sla.alarm_at_ms);
            rung.truncate(limit);
            Ok(rung)
        })
    }

    async fn steps(&self, scope: &Scope, id: &TicketId) -> Result<Vec<TicketStep>, RecordsError> {
        require(scope, Role::Agent, WORKING)?;
        Ok(self.read(scope, |tenant| tenant.desk.steps.get(id).cloned().unwrap_or_default()))
    }

    async fn step_of_key(
        &self,
        scope: &Scope,
        id: &ConversationId,
        name: &str,
    ) -> Result<Option<NamedStep>, RecordsError> {
        require(scope, Role::Agent, WORKING)?;
        let name = (id.clone(), name.to_owned());
        Ok(self.read(scope, |tenant| tenant.desk.step_keys.get(&name).cloned()))
    }

    async fn transition(&self, scope: &Scope, step: &TicketTransition) -> Result<(), RecordsError> {
        require(scope, Role::Agent, WORKING)?;
        let (before, after) = (&step.before, &step.after);
        if before.id != after.id || before.conversation_id != after.conversation_id {
            return Err(invalid("a step keeps the ticket's id and conversation"));
        }
        let known = self.subscriptions.lock().unwrap().clone();
        self.write_watched(scope, |tenant, now_ms| {
            let changes = tenant.desk.step(step)?;
            tenant.keep(&known, DeskEvent::of_transition(step), now_ms);
            Ok(((), changes))
        })
    }
}
