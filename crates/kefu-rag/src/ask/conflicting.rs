//! Answering where documents contradict each other.

use std::collections::HashSet;

use kefu_core::{Confidence, DocumentId, Lane, Outcome, Passage, Reason};

use super::Run;
use super::clarifying::Asked;
use crate::conflict::{self, Dating};
use crate::decide::Signals;
use crate::error::RagError;
use crate::exchange::{Draft, Work};
use crate::find::Found;
use crate::messages::{self, Message};
use crate::outcome::Answered;
use crate::read::{self, Pick, Reading, Sentence};
use crate::sheet::Sheet;
use crate::time::within;

/// The best sentence first, then those that contradict it; empty without a conflict.
pub(super) type Versions = Vec<Sentence>;

impl Run<'_> {
    /// What contradicts itself among the passages read.
    pub(super) fn versions(&self, asked: &Asked, found: &Found, reading: &Reading) -> Versions {
        if asked.question.answer_anyway {
            // What is measured then is the reading itself.
            return Vec::new();
        }
        let rivals = conflict::rivals(&found.ranked, reading, &self.parts.analyser);
        let best = reading.by_document.first().filter(|_| !rivals.is_empty());
        best.into_iter().cloned().chain(rivals).collect()
    }

    /// The signals of a reading. Other versions of what was read do not count against it.
    pub(super) fn signals(
        &self,
        (found, reading): (&Found, &Reading),
        versions: &[Sentence],
    ) -> Signals {
        let Some((_, rivals)) = versions.split_first() else {
            return Signals::of(&found.ranked, reading, &found.understood);
        };
        let documents: HashSet<&DocumentId> =
            rivals.iter().map(|rival| &passage(found, rival).document_id).collect();
        let (ranked, passage_idx) =
            conflict::without(&found.ranked, reading.passage_idx, &documents);
        let reading = Reading { passage_idx, ..reading.clone() };
        Signals::of(&ranked, &reading, &found.understood)
    }

    /// Answers from the newest version and says that others differ; abstains where no version is
    /// known to be the newest.
    pub(super) async fn answer_contradicted(
        &self,
        (found, reading, versions): (&Found, &Reading, &[Sentence]),
        confidence: Confidence,
        (mut work, mut sheet): (Work, Sheet<'_>),
    ) -> Result<Answered, RagError> {
        work.features.push(("conflict".to_owned(), crate::term_weights::count(versions.len())));
        let newest = conflict::newest(&self.datings(found, versions).await?);
        let shown: Vec<(&Passage, &Sentence)> =
            versions.iter().map(|version| (passage(found, version), version)).collect();
        let Some(newest) = newest else {
            if let Some(escalation) = self.gives_up() {
                return self.hand_over(escalation, work, sheet).await;
            }
            sheet.say(&messages::text(self.language, Message::Abstained(Reason::Conflict)));
            let conflicting = cite(&shown, &mut sheet);
            let kind = (Outcome::Abstained, Lane::None);
            let draft = Draft::new(kind, sheet.into_parts(), confidence, work);
            let draft = Draft { reason: Some(Reason::Conflict), conflicting, ..draft };
            return Ok(self.record(&self.dialogue, draft).await?);
        };
        read::quote(&picks(reading, versions, newest), &found.ranked.passages, &mut sheet);
        sheet.say("\n");
        sheet.say(&messages::text(self.language, Message::SaysOtherwise));
        let older: Vec<(&Passage, &Sentence)> = shown
            .into_iter()
            .enumerate()
            .filter_map(|(at, version)| (at != newest).then_some(version))
            .collect();
        let conflicting = cite(&older, &mut sheet);
        let kind = (Outcome::Answered, Lane::Extractive);
        let draft = Draft::new(kind, sheet.into_parts(), confidence, work);
        let draft = Draft { conflicting, ..draft };
        Ok(self.record(&self.dialogue, draft).await?)
    }

    /// How old the versions are. Since when a document is there is unknown where the records do
    /// not say.
    async fn datings(&self, found: &Found, versions: &[Sentence]) -> Result<Vec<Dating>, RagError> {
        let mut datings = Vec::with_capacity(versions.len());
        for version in versions {
            let passage = passage(found, version);
            let id = &passage.document_id;
            let document = self.parts.records.document(self.scope, id, Some(&passage.revision));
            let document = within(self.question.deadline, "dating a document", document).await?;
            let since = document.ok().map(|document| document.since);
            datings.push(Dating::of(passage, since));
        }
        Ok(datings)
    }
}

fn passage<'a>(found: &'a Found, sentence: &Sentence) -> &'a Passage {
    &found.ranked.passages[sentence.passage_idx].passage
}

/// What to quote of the newest version: what was chosen around the best sentence where that is
/// the newest, else the sentence that stands for it.
fn picks(reading: &Reading, versions: &[Sentence], newest: usize) -> Vec<Pick> {
    let others: HashSet<usize> = versions
        .iter()
        .enumerate()
        .filter_map(|(at, version)| (at != newest).then_some(version.passage_idx))
        .collect();
    let chosen: Vec<Pick> = if newest == 0 { reading.picks.clone() } else { Vec::new() };
    let chosen: Vec<Pick> =
        chosen.into_iter().filter(|pick| !others.contains(&pick.passage_idx)).collect();
    if !chosen.is_empty() {
        return chosen;
    }
    let version = versions.get(newest).into_iter();
    version.map(|v| Pick { passage_idx: v.passage_idx, span: v.span }).collect()
}

/// Cites each and gives the labels.
fn cite(versions: &[(&Passage, &Sentence)], sheet: &mut Sheet<'_>) -> Vec<u32> {
    versions.iter().filter_map(|(passage, version)| sheet.cite(passage, version.span)).collect()
}
