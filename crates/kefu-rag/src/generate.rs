use std::time::{Duration, Instant};

use futures_util::StreamExt;
use kefu_core::ports::{
    FinishReason, GenerateEvent, GenerateRequest, GenerateStream, Generator, PromptMessage,
};
use kefu_core::{Deadline, ModelError};

use crate::prompt::Prompt;
use crate::rank::RankedPassage;
use crate::read::joiner;
use crate::sheet::Sheet;
use crate::time::{earlier, ms_since, within};
use crate::verify::Evidence;

/// Time kept back for falling back to the extractive answer and for recording.
const MARGIN: Duration = Duration::from_millis(300);
/// Less time than this is not worth starting.
const MIN_TIME: Duration = Duration::from_millis(200);
/// Verified sentences after which the model is stopped: it only repeats itself from there.
const MAX_SENTENCES: usize = 4;
/// Removed sentences after which the model is stopped.
const MAX_REMOVED: usize = 3;

/// What came of a generation. Its verified text stands on the sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// Sentences that were found in the passages.
    pub(crate) n_kept: usize,
    /// Sentences that were not.
    pub(crate) n_removed: usize,
    pub(crate) first_token_ms: u32,
    pub(crate) generate_ms: u32,
    pub(crate) verify_ms: u32,
}

/// The parts of one generation.
pub(crate) struct Generation<'a> {
    pub(crate) generator: &'a dyn Generator,
    pub(crate) prompt: &'a Prompt,
    pub(crate) evidence: &'a Evidence,
    pub(crate) passages: &'a [RankedPassage],
    pub(crate) max_tokens: usize,
    pub(crate) deadline: Deadline,
}

/// Streams an answer onto the sheet, sentence by sentence, each only once it was verified. A
/// failing model leaves what was verified so far. Dropping the future stops the model.
pub(crate) async fn write(generation: &Generation<'_>, sheet: &mut Sheet<'_>) -> Written {
    let started = Instant::now();
    let deadline = earlier(generation.deadline, MARGIN);
    let mut writer =
        Writer { generation, sheet, written: Written::default(), pending: String::new() };
    if deadline.remaining() >= MIN_TIME {
        writer.run(deadline, started).await;
    }
    let mut written = writer.written;
    written.generate_ms = ms_since(started);
    written
}

struct Writer<'a, 'b, 'c> {
    generation: &'a Generation<'b>,
    sheet: &'a mut Sheet<'c>,
    written: Written,
    /// Text whose last sentence is not complete yet.
    pending: String,
}

impl Writer<'_, '_, '_> {
    async fn run(&mut self, deadline: Deadline, started: Instant) {
        let messages: Vec<PromptMessage> = self.generation.prompt.messages.clone();
        let max_tokens = self.generation.max_tokens;
        let request = GenerateRequest { messages, max_tokens, deadline };
        let stream =
            within(deadline, "starting to write", self.generation.generator.generate(request));
        let outcome = match stream.await {
            Ok(Ok(stream)) => self.follow(stream, deadline, started).await,
            Ok(Err(error)) => Err(error),
            Err(_) => Ok(()),
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "generation failed, quoting instead where nothing was written");
        }
    }

    async fn follow(
        &mut self,
        mut stream: GenerateStream,
        deadline: Deadline,
        started: Instant,
    ) -> Result<(), ModelError> {
        while let Ok(Some(event)) = within(deadline, "writing", stream.next()).await {
            match event? {
                GenerateEvent::Text(piece) => {
                    if self.written.first_token_ms == 0 {
                        self.written.first_token_ms = ms_since(started).max(1);
                    }
                    self.pending.push_str(&piece);
                    self.take_complete();
                }
                GenerateEvent::Done { finish, .. } => {
                    // A sentence cut by a limit may have lost its condition.
                    if finish == FinishReason::Stop {
                        let rest = std::mem::take(&mut self.pending);
                        self.judge_all(&rest);
                    }
                    return Ok(());
                }
            }
            if self.has_enough() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn has_enough(&self) -> bool {
        self.written.n_kept >= MAX_SENTENCES || self.written.n_removed >= MAX_REMOVED
    }

    /// Judges all sentences of the pending text but the last, which may go on.
    fn take_complete(&mut self) {
        let spans = kefu_text::sentences(&self.pending);
        let Some(last) = spans.last().filter(|_| spans.len() > 1).copied() else { return };
        let rest = self.pending.split_off(last.start);
        let complete = std::mem::replace(&mut self.pending, rest);
        self.judge_all(&complete);
    }

    fn judge_all(&mut self, text: &str) {
        let started = Instant::now();
        for span in kefu_text::sentences(text) {
            if let Some(sentence) = span.of(text)
                && !self.has_enough()
            {
                self.judge(sentence);
            }
        }
        self.written.verify_ms = self.written.verify_ms.saturating_add(ms_since(started));
    }

    fn judge(&mut self, sentence: &str) {
        if self.sheet.text().contains(sentence) {
            self.written.n_removed += 1;
            return;
        }
        let Some(support) = self.generation.evidence.support(sentence) else {
            self.written.n_removed += 1;
            return;
        };
        if self.written.n_kept > 0 {
            self.sheet.say(joiner(self.sheet.text(), None, sentence));
        }
        self.sheet.say(sentence);
        if let Some(ranked) = self.generation.passages.get(support.passage_idx) {
            for span in &support.spans {
                self.sheet.cite(&ranked.passage, *span);
            }
        }
        self.written.n_kept += 1;
    }
}
