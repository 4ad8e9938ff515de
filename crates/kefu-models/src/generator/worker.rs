use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use kefu_core::ports::{FinishReason, GenerateEvent, GenerateStream};
use kefu_core::{Deadline, ModelError};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::repetition::is_stuck;
use super::text::TextStream;
use super::vocabulary::Vocabulary;
use crate::decoder::{Cache, Decoder, Segment, Wanted};
use crate::error::ModelsError;
use crate::pool::Pool;
use crate::runtime::{guarded, start_worker};

/// Tokens of a prompt read in one pass; between passes the work can be stopped.
const BLOCK_TOKENS: usize = 256;

/// One generation to do.
pub(super) struct Job {
    pub(super) prompt: Vec<u32>,
    pub(super) max_tokens: usize,
    pub(super) deadline: Deadline,
}

/// What the thread works with.
pub(super) struct Engine {
    pub(super) model: String,
    pub(super) decoder: Decoder,
    pub(super) pool: Pool,
    pub(super) vocabulary: Arc<Vocabulary>,
}

/// The way to a generator's thread.
pub(super) struct Queue {
    model: String,
    max_waiting: usize,
    jobs: mpsc::Sender<(Job, Events)>,
}

/// Holds a whole answer at most, so a slow reader stops neither the model nor fills memory.
type Events = mpsc::Sender<Result<GenerateEvent, ModelError>>;

impl Queue {
    /// Starts the thread, which ends when the queue is dropped.
    pub(super) fn start(engine: Engine, max_waiting: usize) -> Result<Self, ModelsError> {
        let max_waiting = max_waiting.max(1);
        let (jobs, mut waiting) = mpsc::channel::<(Job, Events)>(max_waiting);
        let model = engine.model.clone();
        start_worker(&model, "kefu-generator", move || {
            while let Some((job, events)) = waiting.blocking_recv() {
                if let Err(error) = engine.generate(&job, &events) {
                    let _ = events.try_send(Err(error));
                }
            }
        })?;
        Ok(Self { model, max_waiting, jobs })
    }

    pub(super) fn start_job(&self, job: Job) -> Result<GenerateStream, ModelError> {
        let (events, received) = mpsc::channel(job.max_tokens + 2);
        let model = self.model.clone();
        match self.jobs.try_send((job, events)) {
            Ok(()) => Ok(Box::pin(EventStream { model, received, ended: false })),
            Err(TrySendError::Full(_)) => {
                Err(ModelError::Overloaded { model, limit: self.max_waiting })
            }
            Err(TrySendError::Closed(_)) => Err(ModelError::Stopped { model }),
        }
    }
}

impl Engine {
    /// Computes something small, so that the first call finds weights packed and memory mapped.
    pub(super) fn warm_up(&mut self) -> Result<(), ModelError> {
        guarded(&self.model, || {
            let mut cache = self.decoder.cache(64);
            for n_tokens in [40, 1] {
                let scores = self.read(&[0; 40][..n_tokens], &mut cache, Wanted::Last)?;
                if scores.iter().any(|score| !score.is_finite()) {
                    candle_core::bail!("the weights give scores that are not finite")
                }
            }
            Ok(())
        })
    }

    fn read(
        &self,
        tokens: &[u32],
        cache: &mut Cache,
        wanted: Wanted,
    ) -> candle_core::Result<Vec<f32>> {
        let scores = self.decoder.forward(&self.pool, &mut [Segment { cache, tokens, wanted }])?;
        Ok(scores.concat())
    }

    /// Writes greedily until the model ends its turn, the length or the deadline is reached, or
    /// nobody listens any more.
    fn generate(&self, job: &Job, events: &Events) -> Result<(), ModelError> {
        let mut writer = Writer { job, events, text: TextStream::default(), written: Vec::new() };
        let capacity = job.prompt.len() + job.max_tokens;
        let mut cache = self.decoder.cache(capacity);
        let n_last = job.prompt.len().saturating_sub(1) % BLOCK_TOKENS + 1;
        let (before, last) = job.prompt.split_at(job.prompt.len().saturating_sub(n_last));
        for block in before.chunks(BLOCK_TOKENS) {
            if writer.must_stop() {
                return Ok(());
            }
            guarded(&self.model, || self.read(block, &mut cache, Wanted::Nothing))?;
        }
        let mut next = last.to_vec();
        while !writer.must_stop() {
            let token = guarded(&self.model, || self.choose(&next, &mut cache))?;
            next = vec![token];
            if writer.take(token, &self.vocabulary) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The most likely token after `tokens`; of equal ones the first.
    fn choose(&self, tokens: &[u32], cache: &mut Cache) -> candle_core::Result<u32> {
        let scores = self.read(tokens, cache, Wanted::Last)?;
        let mut best = (0, f32::NEG_INFINITY);
        for (id, score) in (0_u32..).zip(scores) {
            if score > best.1 {
                best = (id, score);
            }
        }
        if best.1.is_finite() { Ok(best.0) } else { candle_core::bail!("no score is finite") }
    }
}

/// Tokens to events.
struct Writer<'a> {
    job: &'a Job,
    events: &'a Events,
    text: TextStream,
    written: Vec<u32>,
}

impl Writer<'_> {
    /// Whether nobody listens, or the end was reached and told.
    fn must_stop(&self) -> bool {
        if self.events.is_closed() {
            return true;
        }
        if self.job.deadline.is_over() {
            return self.finish(FinishReason::Deadline);
        }
        if self.written.len() >= self.job.max_tokens {
            return self.finish(FinishReason::Length);
        }
        false
    }

    /// Writes a token; true when it was the last one.
    fn take(&mut self, token: u32, vocabulary: &Vocabulary) -> bool {
        self.written.push(token);
        if vocabulary.is_end(token) {
            return self.finish(FinishReason::Stop);
        }
        let text = self.text.push(vocabulary.bytes(token));
        if !text.is_empty() && self.events.try_send(Ok(GenerateEvent::Text(text))).is_err() {
            return true;
        }
        is_stuck(&self.written) && self.finish(FinishReason::Length)
    }

    fn finish(&self, finish: FinishReason) -> bool {
        let _ = self.events.try_send(Ok(GenerateEvent::Done {
            finish,
            n_prompt_tokens: self.job.prompt.len(),
            n_generated_tokens: self.written.len(),
        }));
        true
    }
}

/// The reader's end: a stream that breaks off without an end is an error, not a short answer.
struct EventStream {
    model: String,
    received: mpsc::Receiver<Result<GenerateEvent, ModelError>>,
    ended: bool,
}

impl Stream for EventStream {
    type Item = Result<GenerateEvent, ModelError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let event = ready!(self.received.poll_recv(context))
            .unwrap_or_else(|| Err(ModelError::Stopped { model: self.model.clone() }));
        self.ended = !matches!(event, Ok(GenerateEvent::Text(_)));
        Poll::Ready(Some(event))
    }
}
