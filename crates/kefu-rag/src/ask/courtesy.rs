//! Turns that are nothing but a greeting, thanks, a nod, a farewell or a sign: answered in kind, and
//! no part of what the conversation is about.

use kefu_core::{Courtesy, Lane, Outcome, Speaker, Turn};

use super::Run;
use crate::error::RagError;
use crate::exchange::{Draft, Work};
use crate::messages::{self, Message};
use crate::outcome::Answered;
use crate::sheet::Sheet;

impl Run<'_> {
    /// Answers without looking for anything. It counts neither as an answer nor as a failure: the
    /// next question is waited for.
    pub(super) async fn answer_in_kind(
        &self,
        courtesy: Courtesy,
        (work, mut sheet): (Work, Sheet<'_>),
    ) -> Result<Answered, RagError> {
        let text = messages::text(self.language, Message::Courtesy(courtesy));
        sheet.say(&text);
        let kind = (Outcome::Clarify, Lane::None);
        let draft = Draft::new(kind, (text, Vec::new()), self.none(), work);
        Ok(self.record(&self.dialogue, draft).await?)
    }

    /// What a turn is that there is nothing to look for in.
    pub(super) fn courtesy(&self, text: &str) -> Option<Courtesy> {
        of_signs(text).or_else(|| self.parts.triage.courtesy(text))
    }

    /// Earlier turns without courtesies and what was said to them.
    pub(super) fn matter(&self) -> Vec<Turn> {
        let mut is_courtesy = false;
        let is_matter = |turn: &&Turn| {
            if turn.speaker == Speaker::Customer {
                is_courtesy = self.courtesy(&turn.text).is_some();
            }
            !is_courtesy
        };
        self.dialogue.turns.iter().filter(is_matter).cloned().collect()
    }
}

/// What a text of signs and pictures alone says; `None` where it has a letter or a digit. A question
/// mark waits to be asked what is wanted; anything else takes note.
fn of_signs(text: &str) -> Option<Courtesy> {
    if text.is_empty() || text.chars().any(char::is_alphanumeric) {
        return None;
    }
    let asks = text.contains(['?', '？', '⁇', '⁈', '⁉', '❓', '❔']);
    Some(if asks { Courtesy::Greeting } else { Courtesy::Noted })
}
