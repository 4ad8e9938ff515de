use std::sync::Arc;

use kefu_core::ports::Records;
use kefu_core::{
    AnswerRecord, Handoff, Language, RecordsError, Scope, Signals, SuggestedReply, Ticket, Triage,
    TriageInput, Turn, TurnId,
};

use super::{HandoffInput, MAX_ATTEMPTS_TOLD, MAX_MOOD_POINTS, customers, hand_off};

/// Records of answers read for one package at most, the latest ones.
const MAX_ANSWERS_READ: usize = 2 * MAX_ATTEMPTS_TOLD;
/// Earlier turns that a turn's signals are read beside.
const N_TURNS_BEFORE: usize = 12;

/// Makes packages of what the records hold.
pub struct Packages {
    records: Arc<dyn Records>,
    triage: Arc<dyn Triage>,
}

impl Packages {
    /// Reads nothing yet.
    #[must_use]
    pub fn new(records: Arc<dyn Records>, triage: Arc<dyn Triage>) -> Self {
        Self { records, triage }
    }

    /// The package of a ticket from these turns of its conversation, oldest first.
    ///
    /// # Errors
    /// What the records report; answers that cannot be read are left out.
    pub async fn of(
        &self,
        scope: &Scope,
        ticket: &Ticket,
        turns: &[Turn],
    ) -> Result<Handoff, RecordsError> {
        let conversation = self.records.conversation(scope, &ticket.conversation_id).await?;
        let answers = self.answers(scope, turns).await;
        let signals = self.signals(turns, ticket.language);
        Ok(hand_off(&HandoffInput {
            ticket,
            conversation: &conversation,
            turns,
            answers: &answers,
            signals: &signals,
            suggested_reply: None::<&SuggestedReply>,
        }))
    }

    /// What triage reads from the customer's last turns, oldest first.
    #[must_use]
    pub fn signals(&self, turns: &[Turn], language: Language) -> Vec<(TurnId, Signals)> {
        let mut latest: Vec<&Turn> = customers(turns).rev().take(MAX_MOOD_POINTS).collect();
        latest.reverse();
        let read = |turn: &Turn| {
            let at = turns.iter().position(|other| other.id == turn.id).unwrap_or_default();
            let history = &turns[at.saturating_sub(N_TURNS_BEFORE)..at];
            self.triage.signals(&TriageInput { text: &turn.text, language, history })
        };
        latest.into_iter().map(|turn| (turn.id.clone(), read(turn))).collect()
    }

    async fn answers(&self, scope: &Scope, turns: &[Turn]) -> Vec<AnswerRecord> {
        let ids = turns.iter().rev().filter_map(|turn| turn.answer_id.as_ref());
        let mut answers = Vec::new();
        for id in ids.take(MAX_ANSWERS_READ) {
            match self.records.answer(scope, id).await {
                Ok(record) => answers.push(record),
                Err(error) => {
                    tracing::warn!(answer.id = %id, %error, "answer left out of a package")
                }
            }
        }
        answers.reverse();
        answers
    }
}
