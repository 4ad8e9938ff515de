use async_trait::async_trait;
use kefu_core::ports::{Change, CustomerRecords, Erased};
use kefu_core::{
    Conversation, ConversationId, ConversationState, Customer, RecordsError, Role, Scope,
    TicketSignals, TicketStatus,
};

use super::conversations::Desk;
use super::{MemoryRecords, require};

#[async_trait]
impl CustomerRecords for MemoryRecords {
    async fn erase_customer(
        &self,
        scope: &Scope,
        customer_id: &str,
    ) -> Result<Erased, RecordsError> {
        require(scope, Role::Operator, "erase customers")?;
        self.write_watched(scope, |tenant, now_ms| {
            tenant.links.forget(&tenant.desk.conversations_of(customer_id));
            Ok(tenant.desk.erase(customer_id, now_ms))
        })
    }
}

impl Desk {
    fn conversations_of(&self, customer_id: &str) -> Vec<ConversationId> {
        let theirs =
            |conversation: &&Conversation| conversation.customer.id.as_deref() == Some(customer_id);
        self.conversations.values().filter(theirs).map(|theirs| theirs.id.clone()).collect()
    }

    fn erase(&mut self, customer_id: &str, now_ms: i64) -> (Erased, Vec<Change>) {
        let ids = self.conversations_of(customer_id);
        let mut erased = Erased { n_conversations: ids.len(), ..Erased::default() };
        let mut changes = Vec::new();
        for id in ids {
            erased.n_turns += self.turns.insert(id.clone(), Vec::new()).map_or(0, |t| t.len());
            let answers = &mut self.answers;
            let gone: Vec<_> =
                answers.extract_if(.., |_, answer| answer.conversation_id == id).collect();
            erased.n_answers += gone.len();
            self.feedback.retain(|said| gone.iter().all(|(id, _)| id != &said.answer_id));
            self.asked.retain(|_, (_, before)| before.conversation_id != id);
            let mut forgotten = Vec::new();
            for ticket in self.tickets.values_mut().filter(|t| t.conversation_id == id) {
                ticket.customer = Customer::default();
                ticket.subject.clear();
                ticket.signals = TicketSignals::default();
                ticket.waiting_since_ms = None;
                ticket.status = TicketStatus::Resolved;
                ticket.updated_at_ms = ticket.updated_at_ms.max(now_ms);
                ticket.sla.resolved_ms = ticket.sla.resolved_ms.or(Some(ticket.updated_at_ms));
                ticket.sla.alarm_at_ms = None;
                forgotten.push(ticket.clone());
            }
            erased.n_tickets += forgotten.len();
            for ticket in forgotten {
                self.notes.remove(&ticket.id);
                for step in self.steps.entry(ticket.id.clone()).or_default() {
                    step.note = None;
                }
                self.log(&ticket, ("erase", None, None));
                changes.push(Change::Ticket(Box::new(ticket)));
            }
            if let Some(conversation) = self.conversations.get_mut(&id) {
                conversation.customer = Customer::default();
                conversation.state = ConversationState::Closed;
                conversation.ticket_id = None;
            }
            let (state, turns) = (ConversationState::Closed, Vec::new());
            changes.push(Change::Conversation { id, state, hand_over: None, turns });
        }
        (erased, changes)
    }
}
