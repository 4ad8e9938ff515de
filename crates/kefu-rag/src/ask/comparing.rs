//! Answering a comparison: each thing from its own evidence.

use kefu_core::{Confidence, Lane};

use super::Run;
use super::clarifying::Asked;
use crate::compare::{self, Comparison, Side};
use crate::decide::Signals;
use crate::error::RagError;
use crate::exchange::Work;
use crate::facts::Facts;
use crate::features::Features;
use crate::find::{Depth, Found, find};
use crate::lanes;
use crate::messages::{self, Message};
use crate::outcome::Answered;
use crate::question::Question;
use crate::read::{self, Reading};
use crate::sheet::Sheet;
use crate::understand;

/// What was found of one thing.
pub(super) struct Part {
    found: Found,
    reading: Reading,
    confidence: Confidence,
    features: Vec<(String, f32)>,
    read_ms: u32,
}

impl Run<'_> {
    /// The question taken apart, when it compares two things that have pages of their own, or of
    /// which no sentence says it all.
    pub(super) fn comparison(&self, asked: &Asked, found: &Found) -> Option<Comparison> {
        if asked.question.answer_anyway {
            // What is measured then is one reading, not two.
            return None;
        }
        let comparison = compare::split(&asked.question.text, &self.parts.analyser)?;
        let is_apart = comparison.have_own_pages(&found.ranked)
            || !comparison.is_in_one_sentence(&found.sentences);
        is_apart.then_some(comparison)
    }

    /// What is found of each thing; `None` when nothing is of either.
    pub(super) async fn parts_of(
        &self,
        comparison: &Comparison,
        (asked, depth): (&Asked, Depth),
    ) -> Result<Option<[Option<Part>; 2]>, RagError> {
        let parts =
            (self.part(comparison, 0, (asked, depth)), self.part(comparison, 1, (asked, depth)));
        let (first, second) = tokio::try_join!(parts.0, parts.1)?;
        Ok((first.is_some() || second.is_some()).then_some([first, second]))
    }

    async fn part(
        &self,
        comparison: &Comparison,
        own: usize,
        (asked, depth): (&Asked, Depth),
    ) -> Result<Option<Part>, RagError> {
        let text = comparison.sides[own].question.clone();
        let question = Question { text, ..asked.question.clone() };
        let readings = understand::understand(&question, &[], &self.parts.analyser);
        let mut found = find(self.parts, self.scope, &question, (readings, depth)).await?;
        comparison.keep_evidence(own, &found.ranked, &mut found.sentences);
        let mut own_work = Work::none();
        let reading = lanes::read(self.parts, &question, &mut found, &mut own_work).await?;
        let Some(reading) = reading.filter(|reading| !reading.picks.is_empty()) else {
            return Ok(None);
        };
        let signals = Signals::of(&found.ranked, &reading, &found.understood);
        let mut features = Features::of(&found).named();
        features.extend(signals.named());
        let confidence = self.confidence(&signals, &found.understood, &features);
        let is_sure = confidence.value >= confidence.threshold;
        let read_ms = own_work.timings.read_ms;
        Ok(is_sure.then_some(Part { found, reading, confidence, features, read_ms }))
    }

    /// Writes a line for each thing; the answer is as sure as its less sure part.
    pub(super) async fn answer_compared(
        &self,
        comparison: &Comparison,
        parts: [Option<Part>; 2],
        (mut work, mut sheet): (Work, Sheet<'_>),
    ) -> Result<Answered, RagError> {
        for (side, part) in comparison.sides.iter().zip(&parts) {
            if !sheet.text().is_empty() {
                sheet.say("\n");
            }
            match part {
                Some(part) => self.say_part(side, part, &mut sheet),
                None => {
                    sheet.say(&messages::text(self.language, Message::NothingAbout(&side.name)))
                }
            }
        }
        let parts: Vec<Part> = parts.into_iter().flatten().collect();
        let n_found = parts.len();
        // Both are read at the same time.
        work.timings.read_ms = parts.iter().map(|part| part.read_ms).max().unwrap_or_default();
        for trace in parts.iter().flat_map(|part| &part.found.ranked.passages).map(|p| &p.trace) {
            if work.passages.iter().all(|known| known.chunk_id != trace.chunk_id) {
                work.passages.push(trace.clone());
            }
        }
        let less_sure = parts
            .into_iter()
            .reduce(|a, b| if b.confidence.value < a.confidence.value { b } else { a });
        let mut confidence = self.none();
        if let Some(part) = less_sure {
            confidence = part.confidence;
            work.features.retain(|(name, _)| name == "retrieval_degraded");
            work.features.extend(part.features);
        }
        work.features.push(("compared_found".to_owned(), crate::term_weights::count(n_found)));
        self.answered(Lane::Extractive, confidence, (work, sheet)).await
    }

    /// Quotes what was found, after the name of the thing where the quote does not say it.
    fn say_part(&self, side: &Side, part: &Part, sheet: &mut Sheet<'_>) {
        let passages = &part.found.ranked.passages;
        let quotes: Vec<&str> = part
            .reading
            .picks
            .iter()
            .filter_map(|pick| pick.span.of(&passages[pick.passage_idx].passage.text))
            .collect();
        let quoted = quotes.join("\n");
        if !side.is_named_in(&quoted, &self.parts.analyser) {
            let title = passages[part.reading.passage_idx].passage.title.trim();
            // Every figure of an answer stands in a quotation or in the customer's own words.
            let is_plain =
                Facts::of(&format!("{quoted}\n{}", side.name)).back_all(&Facts::of(title));
            let is_name = is_plain && !title.ends_with(['?', '？']);
            sheet.say(if is_name { title } else { &side.name });
            let is_chinese = quoted.chars().any(kefu_text::is_han);
            sheet.say(if is_chinese { "：" } else { ": " });
        }
        read::quote(&part.reading.picks, passages, sheet);
    }
}
