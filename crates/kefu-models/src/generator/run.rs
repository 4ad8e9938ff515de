//! One answer being written.

use std::sync::Arc;

use kefu_core::ModelError;

use super::drafts::Drafts;
use super::prefixes::Prefixes;
use super::queue::Waiting;
use super::vocabulary::Vocabulary;
use super::writer::Writer;
use crate::decoder::{Cache, PAGE_TOKENS, Segment, Wanted};
use crate::simd::highest_of;

/// A text, how far it was read, and what the next pass reads of it.
pub(super) struct Run {
    cache: Cache,
    pub(super) writer: Writer,
    /// Prompt and answer.
    text: Vec<u32>,
    n_prompt: usize,
    max_tokens: usize,
    drafts: Drafts,
    plan: Plan,
    has_ended: bool,
}

/// What the next pass reads.
#[derive(Default)]
struct Plan {
    tokens: Vec<u32>,
    /// How many of them, at the end, are guesses.
    n_guesses: usize,
    wanted: Option<Wanted>,
}

impl Run {
    /// Begins with an empty cache with room for prompt and answer.
    pub(super) fn new(waiting: Waiting, cache: Cache, vocabulary: &Arc<Vocabulary>) -> Self {
        let Waiting { job, events, place } = waiting;
        drop(place);
        let (n_prompt, max_tokens) = (job.prompt.len(), job.max_tokens);
        let vocabulary = Arc::clone(vocabulary);
        let writer = Writer::new(vocabulary, events, (n_prompt, max_tokens), job.deadline);
        let (drafts, plan) = (Drafts::new(), Plan::default());
        Self {
            cache,
            writer,
            text: job.prompt,
            n_prompt,
            max_tokens,
            drafts,
            plan,
            has_ended: false,
        }
    }

    pub(super) fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// Pages that it may come to need.
    pub(super) fn n_pages(&self) -> usize {
        (self.n_prompt + self.max_tokens).div_ceil(PAGE_TOKENS)
    }

    /// Whether its prompt was read.
    pub(super) fn is_writing(&self) -> bool {
        self.cache.n_tokens() >= self.n_prompt
    }

    /// Plans to read the last token written, and at most so many guesses of those after it.
    pub(super) fn plan_answer(&mut self, n_guesses: usize) {
        let n_guesses = n_guesses.min(self.writer.room().saturating_sub(1));
        let guesses = self.drafts.propose(&self.text, n_guesses);
        let mut tokens = self.unread().to_vec();
        tokens.extend_from_slice(guesses);
        self.plan = Plan { n_guesses: guesses.len(), tokens, wanted: Some(Wanted::All) };
    }

    /// Plans to read more of the prompt, and gives how much.
    pub(super) fn plan_prompt(&mut self, n_block: usize) -> usize {
        let unread = self.unread();
        let n = unread.len().min(n_block);
        let wanted = if n == unread.len() { Wanted::Last } else { Wanted::Nothing };
        let tokens = unread.get(..n).unwrap_or_default().to_vec();
        self.plan = Plan { tokens, n_guesses: 0, wanted: Some(wanted) };
        n
    }

    pub(super) fn plan_nothing(&mut self) {
        self.plan = Plan::default();
    }

    pub(super) fn is_planned(&self) -> bool {
        self.plan.wanted.is_some()
    }

    /// Begins where an earlier prompt was the same, if nothing was read yet.
    pub(super) fn recall(&mut self, prefixes: &mut Prefixes) {
        if self.cache.n_tokens() == 0 {
            let prompt = self.text.get(..self.n_prompt).unwrap_or_default();
            prefixes.recall(prompt, &mut self.cache);
        }
    }

    /// Keeps what was read of the prompt, if the pass was over it.
    pub(super) fn keep(&self, prefixes: &mut Prefixes) {
        if matches!(self.plan.wanted, Some(Wanted::Nothing | Wanted::Last)) {
            let prompt = self.text.get(..self.n_prompt).unwrap_or_default();
            prefixes.keep(prompt, &self.cache);
        }
    }

    /// Whether nothing more will be written.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Tells the reader that the answer failed.
    pub(super) fn fail(&mut self, error: ModelError) {
        self.has_ended = true;
        self.writer.fail(error);
    }

    /// What the next pass reads.
    pub(super) fn segment(&mut self) -> Segment<'_> {
        let wanted = self.plan.wanted.unwrap_or(Wanted::Nothing);
        Segment { cache: &mut self.cache, tokens: &self.plan.tokens, wanted }
    }

    /// Takes the scores of the pass, a row for each token after which they were wanted: writes the
    /// likeliest token, and goes on while the guess was the same.
    pub(super) fn advance(&mut self, scores: &[f32], n_vocabulary: usize) -> Result<(), String> {
        let n_guesses = self.plan.n_guesses;
        let n_before = self.cache.n_tokens() - n_guesses;
        let guesses = self.plan.tokens.split_off(self.plan.tokens.len() - n_guesses);
        let mut guesses = guesses.into_iter();
        let mut n_right = 0;
        for scores in scores.chunks_exact(n_vocabulary) {
            let token = likeliest(scores)?;
            self.text.push(token);
            if self.writer.take(token) || self.writer.must_stop() {
                self.has_ended = true;
                return Ok(());
            }
            if guesses.next() != Some(token) {
                break;
            }
            n_right += 1;
        }
        self.drafts.learn(n_guesses, n_right);
        self.cache.truncate(n_before + n_right);
        Ok(())
    }

    fn unread(&self) -> &[u32] {
        self.text.get(self.cache.n_tokens()..).unwrap_or_default()
    }
}

/// The token with the highest score; of equal ones the first.
fn likeliest(scores: &[f32]) -> Result<u32, String> {
    let highest = highest_of(scores);
    let found = scores.iter().position(|score| *score == highest && score.is_finite());
    found.and_then(|id| u32::try_from(id).ok()).ok_or_else(|| "no score is finite".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_highest_is_chosen() {
        let scores: Vec<f32> = (0..100).map(|n| if n % 31 == 30 { 5.0 } else { -1.0 }).collect();
        assert_eq!(likeliest(&scores), Ok(30));
        assert_eq!(likeliest(&[f32::NAN, -3.0, f32::NAN]), Ok(1));
        assert!(likeliest(&[f32::NAN; 40]).is_err());
        assert!(likeliest(&[]).is_err());
    }
}
