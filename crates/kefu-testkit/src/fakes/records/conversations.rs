use std::collections::BTreeMap;

use async_trait::async_trait;
use kefu_core::ports::{
    AnswerRecords, AskedBefore, Change, Committed, ConversationRecords, Exchange, Feedback,
    FeedbackRecords, KEEP_KEYS_MS, NUMBER_HERE, NamedStep,
};
use kefu_core::{
    Agent, AnswerId, AnswerRecord, Conversation, ConversationId, DeskEvent, OpenHandOver,
    RecordsError, Scope, Speaker, Ticket, TicketId, TicketNumber, TicketStatus, TicketStep, Turn,
};

use super::{MemoryRecords, conflict, invalid, not_found};

/// One tenant's conversations and what hangs on them.
#[derive(Default)]
pub(super) struct Desk {
    pub(super) conversations: BTreeMap<ConversationId, Conversation>,
    pub(super) turns: BTreeMap<ConversationId, Vec<Turn>>,
    pub(super) tickets: BTreeMap<TicketId, Ticket>,
    pub(super) steps: BTreeMap<TicketId, Vec<TicketStep>>,
    pub(super) step_keys: BTreeMap<(ConversationId, String), NamedStep>,
    pub(super) agents: BTreeMap<String, Agent>,
    pub(super) answers: BTreeMap<AnswerId, AnswerRecord>,
    pub(super) feedback: Vec<Feedback>,
    pub(super) asked: BTreeMap<String, (i64, AskedBefore)>,
    pub(super) notes: BTreeMap<TicketId, String>,
}

impl Desk {
    pub(super) fn open_ticket(&self, conversation: &ConversationId) -> Option<&Ticket> {
        let open =
            |t: &&Ticket| &t.conversation_id == conversation && t.status != TicketStatus::Resolved;
        self.tickets.values().find(open)
    }

    fn check(&self, exchange: &Exchange) -> Result<(), RecordsError> {
        let id = &exchange.conversation.id;
        let strays = exchange.answer.as_ref().is_some_and(|a| &a.conversation_id != id)
            || exchange.ticket.as_ref().is_some_and(|t| &t.conversation_id != id);
        if strays {
            return Err(invalid("answer and ticket must belong to the exchange's conversation"));
        }
        if let Some(answer) = &exchange.answer
            && self.answers.contains_key(&answer.id)
        {
            return Err(conflict(format!("answer {} exists", answer.id)));
        }
        let known = self.turns.get(id).map_or(&[][..], Vec::as_slice);
        if let Some(turn) = exchange.turns.iter().find(|t| known.iter().any(|k| k.id == t.id)) {
            return Err(conflict(format!("turn {} exists", turn.id)));
        }
        let is_unanswered = exchange.answer.is_none() && exchange.ticket.is_none();
        let is_waiting = exchange.conversation.ticket_id.is_some();
        if is_unanswered && is_waiting && self.open_ticket(id).is_none() {
            return Err(conflict(format!("no person has conversation {id} any more")));
        }
        if let Some(ticket) = &exchange.ticket {
            if let Some(open) = self.open_ticket(id) {
                return Err(conflict(format!("conversation {id} has open ticket {}", open.id)));
            }
            if self.tickets.contains_key(&ticket.id) {
                return Err(conflict(format!("ticket {} exists", ticket.id)));
            }
        }
        Ok(())
    }

    fn commit(&mut self, mut exchange: Exchange) -> (Committed, Vec<Change>) {
        let mut conversation = exchange.conversation.clone();
        let open = self.open_ticket(&conversation.id).cloned();
        if let Some(before) = self.conversations.get(&conversation.id) {
            // Once a ticket exists the desk decides who answers next, so an exchange that began
            // before the desk's last step must not undo it.
            let stale =
                exchange.ticket.is_none() && (conversation.ticket_id.is_some() || open.is_some());
            if stale {
                conversation.state = before.state;
                conversation.ticket_id.clone_from(&before.ticket_id);
            }
            conversation.created_at_ms = before.created_at_ms;
        }
        if let Some(ticket) = &mut exchange.ticket {
            let last = self.tickets.values().map(|ticket| ticket.number).max();
            ticket.number = last.map_or(TicketNumber::FIRST, |last| TicketNumber(last.0 + 1));
            let number = ticket.number.to_string();
            for turn in &mut exchange.turns {
                if turn.speaker == Speaker::Assistant && turn.answer_id.is_some() {
                    turn.text = turn.text.replace(NUMBER_HERE, &number);
                }
            }
            if let Some(answer) = &mut exchange.answer {
                answer.answer = answer.answer.replace(NUMBER_HERE, &number);
            }
        }
        let (id, state) = (conversation.id.clone(), conversation.state);
        let Exchange { turns, answer, ticket, urgency, .. } = exchange;
        self.turns.entry(id.clone()).or_default().extend(turns.iter().cloned());
        self.conversations.insert(id.clone(), conversation.clone());
        self.answers.extend(answer.map(|answer| (answer.id.clone(), answer)));
        if let Some(ticket) = &ticket {
            self.log(ticket, ("open", None, None));
        }
        let committed = Committed { number: ticket.as_ref().map(|ticket| ticket.number) };
        let heard = open.clone().map(|t| t.heard(&conversation, &turns, urgency.as_ref()));
        if let (Some(open), Some(heard)) = (&open, &heard)
            && open.queue != heard.queue
        {
            self.log(heard, ("transfer", None, Some(Ticket::MOVED)));
        }
        let changed = ticket.or(heard);
        self.tickets.extend(changed.iter().map(|ticket| (ticket.id.clone(), ticket.clone())));
        let hand_over = changed.as_ref().map(OpenHandOver::from);
        let mut changes = vec![Change::Conversation { id, state, hand_over, turns }];
        changes.extend(changed.map(|ticket| Change::Ticket(Box::new(ticket))));
        (committed, changes)
    }

    pub(super) fn log(
        &mut self,
        ticket: &Ticket,
        (action, actor, note): (&str, Option<&str>, Option<&str>),
    ) {
        let step = TicketStep {
            action: action.to_owned(),
            actor: actor.map(str::to_owned),
            status: ticket.status,
            assignee: ticket.assignee.clone(),
            note: note.map(str::to_owned),
            at_ms: ticket.updated_at_ms,
        };
        self.steps.entry(ticket.id.clone()).or_default().push(step);
    }
}

#[async_trait]
impl ConversationRecords for MemoryRecords {
    async fn conversation(
        &self,
        scope: &Scope,
        id: &ConversationId,
    ) -> Result<Conversation, RecordsError> {
        self.read(scope, |tenant| {
            let found = tenant.desk.conversations.get(id).cloned();
            found.ok_or_else(|| not_found("conversation", id))
        })
    }

    async fn turns(
        &self,
        scope: &Scope,
        id: &ConversationId,
        limit: usize,
    ) -> Result<Vec<Turn>, RecordsError> {
        self.read(scope, |tenant| {
            if !tenant.desk.conversations.contains_key(id) {
                return Err(not_found("conversation", id));
            }
            let turns = tenant.desk.turns.get(id).map_or(&[][..], Vec::as_slice);
            Ok(turns[turns.len().saturating_sub(limit)..].to_vec())
        })
    }

    async fn open_hand_over(
        &self,
        scope: &Scope,
        id: &ConversationId,
    ) -> Result<Option<OpenHandOver>, RecordsError> {
        Ok(self.read(scope, |tenant| tenant.desk.open_ticket(id).map(OpenHandOver::from)))
    }

    async fn asked_before(
        &self,
        scope: &Scope,
        key: &str,
    ) -> Result<Option<AskedBefore>, RecordsError> {
        let now_ms = self.clock.now_ms();
        Ok(self.read(scope, |tenant| {
            let known = tenant.desk.asked.get(key);
            let fresh = known.filter(|(at_ms, _)| *at_ms > now_ms - KEEP_KEYS_MS);
            fresh.map(|(_, before)| before.clone())
        }))
    }

    async fn commit_exchange(
        &self,
        scope: &Scope,
        exchange: &Exchange,
    ) -> Result<Committed, RecordsError> {
        let known = self.subscriptions.lock().unwrap().clone();
        self.write_watched(scope, |tenant, now_ms| {
            tenant.desk.check(exchange)?;
            if let Some(key) = &exchange.key {
                let before = AskedBefore {
                    conversation_id: exchange.conversation.id.clone(),
                    answer_id: exchange.answer.as_ref().map(|answer| answer.id.clone()),
                };
                tenant.desk.asked.retain(|_, (at_ms, _)| *at_ms > now_ms - KEEP_KEYS_MS);
                tenant.desk.asked.entry(key.clone()).or_insert((now_ms, before));
            }
            let before = tenant.desk.open_ticket(&exchange.conversation.id).cloned();
            let (committed, changes) = tenant.desk.commit(exchange.clone());
            let after = changes.iter().find_map(|change| match change {
                Change::Ticket(ticket) => Some(ticket.as_ref()),
                _ => None,
            });
            let moved = before.zip(after).and_then(|(b, a)| DeskEvent::of_hearing(&b, a));
            tenant.keep(&known, DeskEvent::of_exchange(exchange), now_ms);
            tenant.keep(&known, moved.into_iter().collect(), now_ms);
            Ok((committed, changes))
        })
    }
}

#[async_trait]
impl AnswerRecords for MemoryRecords {
    async fn answer(&self, scope: &Scope, id: &AnswerId) -> Result<AnswerRecord, RecordsError> {
        self.read(scope, |tenant| {
            let found = tenant.desk.answers.get(id).cloned();
            found.ok_or_else(|| not_found("answer", id))
        })
    }
}

#[async_trait]
impl FeedbackRecords for MemoryRecords {
    async fn add_feedback(&self, scope: &Scope, feedback: &Feedback) -> Result<(), RecordsError> {
        let too_long = feedback.comment.as_ref().is_some_and(|c| c.len() > 4_000);
        if too_long || feedback.rating.is_some_and(|r| !(1..=5).contains(&r)) {
            return Err(invalid("rating must be 1 to 5 and comment at most 4000 bytes"));
        }
        self.write(scope, |tenant, _| {
            let desk = &mut tenant.desk;
            if !desk.answers.contains_key(&feedback.answer_id) {
                return Err(not_found("answer", &feedback.answer_id));
            }
            if desk.feedback.iter().any(|f| f.id == feedback.id) {
                return Err(conflict(format!("feedback {} exists", feedback.id)));
            }
            desk.feedback.push(feedback.clone());
            Ok(())
        })
    }

    async fn feedback(
        &self,
        scope: &Scope,
        answer_id: &AnswerId,
    ) -> Result<Vec<Feedback>, RecordsError> {
        self.read(scope, |tenant| {
            let feedback = tenant.desk.feedback.iter();
            Ok(feedback.filter(|f| &f.answer_id == answer_id).cloned().collect())
        })
    }
}
