use std::sync::Arc;

use kefu_core::ports::{FinishReason, GenerateEvent};
use kefu_core::{Deadline, ModelError};
use tokio::sync::mpsc;

use super::repetition::is_stuck;
use super::text::TextStream;
use super::vocabulary::Vocabulary;

/// Holds a whole answer at most, so a slow reader stops neither the model nor fills memory.
pub(super) type Events = mpsc::Sender<Result<GenerateEvent, ModelError>>;

/// Tokens of one answer to events, until it ends.
pub(super) struct Writer {
    vocabulary: Arc<Vocabulary>,
    events: Events,
    text: TextStream,
    n_prompt: usize,
    max_tokens: usize,
    deadline: Deadline,
    written: Vec<u32>,
}

impl Writer {
    pub(super) fn new(
        vocabulary: Arc<Vocabulary>,
        events: Events,
        (n_prompt, max_tokens): (usize, usize),
        deadline: Deadline,
    ) -> Self {
        let (text, written) = (TextStream::default(), Vec::new());
        Self { vocabulary, events, text, n_prompt, max_tokens, deadline, written }
    }

    /// Tokens that may still be written.
    pub(super) fn room(&self) -> usize {
        self.max_tokens.saturating_sub(self.written.len())
    }

    /// Tokens written.
    pub(super) fn n_written(&self) -> usize {
        self.written.len()
    }

    /// Whether nobody listens, or the end was reached and told.
    pub(super) fn must_stop(&self) -> bool {
        if self.events.is_closed() {
            return true;
        }
        if self.deadline.is_over() {
            return self.finish(FinishReason::Deadline);
        }
        if self.room() == 0 {
            return self.finish(FinishReason::Length);
        }
        false
    }

    /// Writes a token; true when it was the last one.
    pub(super) fn take(&mut self, token: u32) -> bool {
        self.written.push(token);
        if self.vocabulary.is_end(token) {
            return self.finish(FinishReason::Stop);
        }
        let text = self.text.push(self.vocabulary.bytes(token));
        if !text.is_empty() && self.events.try_send(Ok(GenerateEvent::Text(text))).is_err() {
            return true;
        }
        is_stuck(&self.written) && self.finish(FinishReason::Length)
    }

    /// Tells that the answer failed.
    pub(super) fn fail(&self, error: ModelError) {
        let _ = self.events.try_send(Err(error));
    }

    fn finish(&self, finish: FinishReason) -> bool {
        let _ = self.events.try_send(Ok(GenerateEvent::Done {
            finish,
            n_prompt_tokens: self.n_prompt,
            n_generated_tokens: self.written.len(),
        }));
        true
    }
}
