//! Handing a conversation to people, and being silent while they have it.

use kefu_core::ports::{Case, Raised};
use kefu_core::{
    Escalation, EscalationReason, Priority, RecordsError, Sentiment, Speaker, TicketId,
    TicketSignals, TriageInput, TriageOutcome,
};

use super::{Run, load};
use crate::dialogue::Dialogue;
use crate::error::RagError;
use crate::exchange::{Draft, HandOver, NewTicket, Work};
use crate::messages::{self, Message};
use crate::outcome::Answered;
use crate::sheet::Sheet;

/// A longer request for a person says what for.
const MAX_BARE_BYTES: usize = 60;

impl Run<'_> {
    /// Opens a ticket. The customer hears of it once it is durable.
    pub(super) async fn hand_over(
        &self,
        escalation: Escalation,
        work: Work,
        mut sheet: Sheet<'_>,
    ) -> Result<Answered, RagError> {
        let ticket = self.new_ticket(&escalation, &work).await;
        let message = Message::HandedOver(escalation.reason, &ticket.placement.wait);
        let mut text = self.with_what_is_unread(messages::text(self.language, message));
        if is_danger(&escalation) {
            text.insert_str(0, &messages::text(self.language, Message::InDanger));
        }
        let rule = escalation.rule;
        tracing::info!(rule, ticket.id = %ticket.id, "handing over to a person");
        let hand_over = HandOver::Open(Box::new(ticket));
        match self.record(&self.dialogue, Draft::handed_over(hand_over, text, work)).await {
            Ok(answered) => {
                sheet.say(&answered.text);
                Ok(answered)
            }
            Err(conflict @ RecordsError::Conflict { .. }) => {
                // Another turn of the same conversation opened a ticket in the meantime.
                let now = load(self.parts, self.scope, self.question, self.asked_ms).await?;
                match now.open_ticket() {
                    Some(ticket_id) => self.stay_silent(&now, ticket_id, sheet).await,
                    None => Err(conflict.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A ticket with its place. Who is there is asked of the records; when they do not know, the
    /// hand-over goes on as if nobody had told of their presence.
    async fn new_ticket(&self, escalation: &Escalation, work: &Work) -> NewTicket {
        let agents = self.parts.records.agents(self.scope).await.unwrap_or_default();
        let signals = self.ticket_signals(work);
        let conversation = &self.dialogue.conversation;
        let placement = self.parts.dispatcher.place(
            &Case {
                escalation,
                signals: &signals,
                language: self.language,
                channel: &conversation.channel,
                tier: conversation.customer.proven_tier(),
                now_ms: self.parts.clock.now_ms(),
            },
            &agents,
        );
        let about = self.asked_before(escalation.reason);
        NewTicket { id: TicketId::generate(), reason: escalation.reason, about, signals, placement }
    }

    /// What the customer said last that is about something, where they now only ask for a person.
    fn asked_before(&self, reason: EscalationReason) -> Option<String> {
        if reason != EscalationReason::HumanRequested || self.question.text.len() > MAX_BARE_BYTES {
            return None;
        }
        let wants_person = |text: &str| {
            let input = TriageInput { text, language: self.language, history: &[] };
            matches!(self.parts.triage.assess(&input), TriageOutcome::Escalate(escalation)
                if escalation.reason == EscalationReason::HumanRequested)
        };
        let earlier = self
            .matter()
            .into_iter()
            .rev()
            .filter(|turn| turn.speaker == Speaker::Customer && !turn.text.trim().is_empty());
        earlier.map(|turn| turn.text).find(|text| !wants_person(text))
    }

    /// The problem, the wish and the mood of the customer's turn, as far as triage can tell.
    fn ticket_signals(&self, work: &Work) -> TicketSignals {
        let told = self.parts.triage.signals(&self.triage_input());
        let now_percent = (told.sentiment.clamp(-1.0, 1.0) * 100.0).round() as i8;
        TicketSignals {
            problem: told.problem.map(|problem| problem.as_str().to_owned()),
            intent: self.intent_of_ticket(work).map(|intent| intent.name),
            sentiment: Some(Sentiment { now_percent, trend: told.trend }),
        }
    }

    /// The text, and where the customer's words are not kept, that no person can read them.
    fn with_what_is_unread(&self, text: String) -> String {
        if self.question.consent_record {
            return text;
        }
        let unread = messages::text(self.language, Message::Unread);
        if text.is_empty() { unread } else { format!("{text}\n\n{unread}") }
    }

    /// Adds the customer's turn to a conversation that a person has. Kefu says nothing but that
    /// words that are not kept reach nobody; what the customer says may make the ticket more urgent.
    pub(super) async fn stay_silent(
        &self,
        dialogue: &Dialogue,
        ticket_id: &TicketId,
        mut sheet: Sheet<'_>,
    ) -> Result<Answered, RagError> {
        let conversation_id = &dialogue.conversation.id;
        let open = self.parts.records.open_hand_over(self.scope, conversation_id).await?;
        let Some(open) = open else {
            let detail = format!("ticket {ticket_id} was just resolved");
            return Err(RecordsError::Conflict { detail }.into());
        };
        let urgency = match self.assess() {
            TriageOutcome::Escalate(escalation) => Some(self.raised(&escalation).await),
            TriageOutcome::Refuse(_) | TriageOutcome::Proceed => None,
        };
        let hand_over = HandOver::Waiting { open, urgency };
        let draft =
            Draft::handed_over(hand_over, self.with_what_is_unread(String::new()), Work::none());
        let mut answered = self.record(dialogue, draft).await?;
        sheet.say(&answered.text);
        // Customers may not read tickets, but those who may are given the whole one.
        let records = &self.parts.records;
        answered.ticket = records.ticket(self.scope, ticket_id).await.ok();
        if let Ok(Some(open)) = records.open_hand_over(self.scope, conversation_id).await {
            answered.hand_over = Some(open);
        }
        Ok(answered)
    }

    /// What a waiting customer's turn makes of their ticket: danger goes where danger is looked
    /// after, all else stays where it is.
    async fn raised(&self, escalation: &Escalation) -> Raised {
        if escalation.priority < Priority::Urgent {
            return escalation.priority.into();
        }
        let placement = self.new_ticket(escalation, &Work::none()).await.placement;
        Raised { priority: placement.priority, queue: Some(placement.queue) }
    }
}

/// Whether somebody may come to harm, rather than lose money.
fn is_danger(escalation: &Escalation) -> bool {
    let of_harm =
        matches!(escalation.reason, EscalationReason::Abuse | EscalationReason::Complaint);
    of_harm && escalation.priority == Priority::Urgent
}
