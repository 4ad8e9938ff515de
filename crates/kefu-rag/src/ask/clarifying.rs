//! Asking back, and what is asked once the customer has chosen.

use std::collections::BTreeSet;

use kefu_core::{ClarifyOption, DocumentId, Lane, Outcome};

use super::Run;
use crate::clarify::{self, Reply};
use crate::error::RagError;
use crate::exchange::{Draft, Work};
use crate::find::Found;
use crate::messages::{self, Message};
use crate::outcome::Answered;
use crate::question::Question;
use crate::read::Reading;
use crate::sheet::Sheet;

/// Turns that must be looked at for a choice to be understood.
const MIN_TURNS: usize = 2;

/// What is asked: the customer's words, or the question they chose an option for.
pub(super) struct Asked {
    pub(super) question: Question,
    /// Whether the turn before asked back. Kefu asks back once and not again.
    pub(super) was_asked_back: bool,
    /// Whether the question stands for itself: an option was chosen for it.
    pub(super) is_chosen: bool,
}

impl Run<'_> {
    /// Reads the customer's turn as the reply to a question back, where the last turn was one.
    pub(super) async fn asked(&self) -> Asked {
        let mut question = self.question.clone();
        let reply = clarify::reply(&question.text, &self.dialogue.turns, &self.parts.analyser);
        let was_asked_back = reply.is_some();
        let Some(Reply::Chosen { label, question: text }) = reply else {
            question.text = self.parts.triage.matter(&question.text).to_owned();
            return Asked { question, was_asked_back, is_chosen: false };
        };
        if question.documents.is_none() {
            question.documents = self.documents_of(&label).await;
        }
        question.text = text;
        Asked { question, was_asked_back, is_chosen: true }
    }

    /// The documents that an option stood for; `None` when the record does not say.
    async fn documents_of(&self, label: &str) -> Option<BTreeSet<DocumentId>> {
        let answer_id = self.dialogue.turns.last()?.answer_id.as_ref()?;
        let record = self.parts.records.answer(self.scope, answer_id).await.ok()?;
        let chosen = record.options.into_iter().filter(|option| option.label == label);
        let documents: BTreeSet<DocumentId> = chosen.map(|option| option.document_id).collect();
        (!documents.is_empty()).then_some(documents)
    }

    /// What to ask back, if anything: only where the reply will be understood.
    pub(super) fn options(
        &self,
        asked: &Asked,
        found: &Found,
        reading: &Reading,
    ) -> Option<Vec<ClarifyOption>> {
        let may_ask = !asked.was_asked_back
            && !asked.question.answer_anyway
            && self.question.consent_record
            && self.parts.settings.max_history_turns >= MIN_TURNS;
        let turns = &self.dialogue.turns;
        may_ask.then(|| clarify::options(found, reading, turns, &self.parts.analyser)).flatten()
    }

    pub(super) async fn ask_back(
        &self,
        options: Vec<ClarifyOption>,
        (mut work, mut sheet): (Work, Sheet<'_>),
    ) -> Result<Answered, RagError> {
        let labels: Vec<&str> = options.iter().map(|option| option.label.as_str()).collect();
        let text = messages::text(self.language, Message::Clarify(&labels));
        sheet.say(&text);
        work.features
            .push(("clarify_options".to_owned(), crate::term_weights::count(labels.len())));
        let kind = (Outcome::Clarify, Lane::None);
        let draft = Draft::new(kind, (text, Vec::new()), self.none(), work);
        let draft = Draft { options, ..draft };
        Ok(self.record(&self.dialogue, draft).await?)
    }
}
