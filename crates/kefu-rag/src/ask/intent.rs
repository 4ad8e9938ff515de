//! What the customer wants, for routing. It never decides whether there is an answer.

use kefu_core::{Intent, Speaker};

use super::Run;
use crate::exchange::Work;

/// How many of the customer's turns are looked at for what the conversation is about.
const MAX_TURNS: usize = 4;

impl Run<'_> {
    /// Puts on record what this turn wants. The vector is the one that was searched with; before a
    /// search words must do, so that a hand-over by the rules waits for no model.
    pub(super) fn note_intent(&self, vector: Option<&[f32]>, work: &mut Work) {
        let Some(verdict) = self.parts.triage.intent(&self.question.text, vector) else { return };
        work.features.push(("intent_in_scope".to_owned(), verdict.in_scope));
        if let Some(intent) = &verdict.intent {
            work.features.push((format!("intent:{}", intent.name), verdict.confidence));
        }
        work.intent = Some(verdict);
    }

    /// The intent that a ticket is routed by: of this turn, or where it says none, as in "give me a
    /// person", of the customer's last turn that did.
    pub(super) fn intent_of_ticket(&self, work: &Work) -> Option<Intent> {
        if let Some(intent) = work.intent.as_ref()?.settled() {
            return Some(intent.clone());
        }
        let turns = self.dialogue.turns.iter().rev();
        let said = turns.filter(|turn| turn.speaker == Speaker::Customer).take(MAX_TURNS);
        said.filter_map(|turn| self.parts.triage.intent(&turn.text, None))
            .find_map(|verdict| verdict.settled().cloned())
    }
}
