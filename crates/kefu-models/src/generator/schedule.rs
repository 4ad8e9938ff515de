//! Writes several answers at the same time: each pass reads a little of every text, so that a short
//! answer does not wait for a long one, and each weight is read once for all of them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use kefu_core::ModelError;
use tokio::sync::mpsc::UnboundedReceiver;

use super::load::Load;
use super::prefixes::Prefixes;
use super::queue::Waiting;
use super::run::Run;
use super::vocabulary::Vocabulary;
use crate::decoder::{Decoder, PAGE_TOKENS, Segment, Wanted};
use crate::pool::Pool;
use crate::runtime::{again, guarded};

/// Tokens of prompts read in one pass; between passes the work can be stopped.
const BLOCK_TOKENS: usize = 256;
/// The same while answers are being written, which wait for it.
const SHORT_BLOCK_TOKENS: usize = 64;
/// Guesses read in one pass, whichever answers they are for. A second answer halves what they
/// gain, and with more each of them costs more than it brings.
const MAX_GUESSES: [usize; 3] = [0, 15, 6];

/// What the thread works with.
pub(super) struct Engine {
    pub(super) model: String,
    pub(super) decoder: Decoder,
    pub(super) pool: Pool,
    pub(super) vocabulary: Arc<Vocabulary>,
    /// Answers written at the same time, from 1.
    pub(super) n_parallel: usize,
    /// Pages of keys and values for all texts and for what is kept of earlier ones.
    pub(super) max_pages: usize,
    /// Whether text that occurred before is guessed to occur again.
    pub(super) drafts: bool,
}

/// The work of the thread.
pub(super) struct Schedule {
    engine: Engine,
    jobs: UnboundedReceiver<Waiting>,
    load: Arc<Load>,
    waiting: VecDeque<Waiting>,
    running: Vec<Run>,
    prefixes: Prefixes,
}

impl Engine {
    /// Computes something small, so that the first call finds everything allocated.
    pub(super) fn warm_up(&self) -> Result<(), ModelError> {
        guarded(&self.model, || {
            let mut cache = self.decoder.cache(64);
            for n_tokens in [40, 1] {
                let tokens = &[0; 40][..n_tokens];
                let segment = Segment { cache: &mut cache, tokens, wanted: Wanted::Last };
                let scores = self.decoder.forward(&self.pool, &mut [segment])?.concat();
                if scores.iter().any(|score| !score.is_finite()) {
                    candle_core::bail!("the weights give scores that are not finite")
                }
            }
            Ok(())
        })
    }
}

impl Schedule {
    pub(super) fn new(engine: Engine, jobs: UnboundedReceiver<Waiting>, load: Arc<Load>) -> Self {
        let (waiting, running) = (VecDeque::new(), Vec::new());
        Self { engine, jobs, load, waiting, running, prefixes: Prefixes::default() }
    }

    /// Works until nobody can bring work any more and all is done.
    pub(super) fn run(&mut self) {
        loop {
            if self.running.is_empty() && self.waiting.is_empty() {
                match self.jobs.blocking_recv() {
                    Some(job) => self.waiting.push_back(job),
                    None => return,
                }
            }
            while let Ok(job) = self.jobs.try_recv() {
                self.waiting.push_back(job);
            }
            self.waiting.retain(|waiting| !waiting.events.is_closed());
            self.admit();
            self.forget(|run| run.writer.must_stop());
            if let Err(error) = self.pass() {
                for mut run in self.running.drain(..) {
                    run.fail(again(&error));
                }
            }
        }
    }

    /// Pages kept of earlier prompts.
    #[cfg(test)]
    pub(super) fn n_kept_pages(&self) -> usize {
        self.prefixes.len()
    }

    /// Lets go of answers that have ended.
    fn forget(&mut self, has_ended: impl Fn(&Run) -> bool) {
        for run in self.running.extract_if(.., |run| has_ended(run)) {
            self.load.learn_answer(run.writer.n_written(), run.max_tokens());
        }
    }

    /// Begins the work of those who waited longest, as far as there is room.
    fn admit(&mut self) {
        while self.running.len() < self.engine.n_parallel {
            let Some(next) = self.waiting.front() else { return };
            let n_tokens = next.job.prompt.len() + next.job.max_tokens;
            let reserved: usize = self.running.iter().map(Run::n_pages).sum();
            let n_free = self.engine.max_pages.saturating_sub(reserved);
            let n_pages = n_tokens.div_ceil(PAGE_TOKENS);
            if n_pages > n_free && !self.running.is_empty() {
                return;
            }
            self.prefixes.shrink(n_free.saturating_sub(n_pages));
            let Some(next) = self.waiting.pop_front() else { return };
            let cache = self.engine.decoder.cache(n_tokens);
            self.running.push(Run::new(next, cache, &self.engine.vocabulary));
        }
    }

    /// Reads one token of every answer, its guesses, and a block of prompts.
    fn pass(&mut self) -> Result<(), ModelError> {
        let n_running = self.running.len();
        let n_writing = self.running.iter().filter(|run| run.is_writing()).count();
        let mut n_block = if n_writing == 0 { BLOCK_TOKENS } else { SHORT_BLOCK_TOKENS };
        let n_guesses = if self.engine.drafts { MAX_GUESSES.get(n_running) } else { None };
        let n_guesses = n_guesses.map_or(0, |n| n / n_running.max(1));
        let (mut n_prompt, mut n_answer) = (0, 0);
        for run in &mut self.running {
            if run.is_writing() {
                run.plan_answer(n_guesses);
                n_answer += 1;
            } else if n_block > 0 {
                run.recall(&mut self.prefixes);
                let n = run.plan_prompt(n_block);
                (n_block, n_prompt) = (n_block - n, n_prompt + n);
            } else {
                run.plan_nothing();
            }
        }
        let started = Instant::now();
        let mut planned: Vec<&mut Run> =
            self.running.iter_mut().filter(|run| run.is_planned()).collect();
        if planned.is_empty() {
            return Ok(());
        }
        let scores = guarded(&self.engine.model, || {
            let mut segments: Vec<Segment<'_>> =
                planned.iter_mut().map(|run| run.segment()).collect();
            self.engine.decoder.forward(&self.engine.pool, &mut segments)
        })?;
        self.load.learn_pass(n_prompt, n_answer, started.elapsed());
        let n_tokens = self.engine.vocabulary.len();
        for (run, scores) in planned.into_iter().zip(scores) {
            run.keep(&mut self.prefixes);
            if let Err(detail) = run.advance(&scores, n_tokens) {
                let model = self.engine.model.clone();
                run.fail(ModelError::Failed { model, detail });
            }
        }
        self.forget(Run::has_ended);
        let reserved: usize = self.running.iter().map(Run::n_pages).sum();
        self.prefixes.shrink(self.engine.max_pages.saturating_sub(reserved));
        Ok(())
    }
}
