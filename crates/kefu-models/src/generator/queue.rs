//! The way to a generator's thread.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use kefu_core::ports::{GenerateEvent, GenerateStream};
use kefu_core::{Deadline, ModelError};
use tokio::sync::mpsc;

use super::load::{Load, Place};
use super::schedule::{Engine, Schedule};
use super::writer::Events;
use crate::error::ModelsError;
use crate::runtime::start_worker;

/// One generation to do.
pub(super) struct Job {
    pub(super) prompt: Vec<u32>,
    pub(super) max_tokens: usize,
    pub(super) deadline: Deadline,
}

/// A job that waits, and where its events go.
pub(super) struct Waiting {
    pub(super) job: Job,
    pub(super) events: Events,
    /// Given up when its work begins.
    pub(super) place: Place,
}

/// Takes jobs as long as there is room for them to wait.
pub(super) struct Queue {
    model: String,
    load: Arc<Load>,
    jobs: mpsc::UnboundedSender<Waiting>,
}

impl Queue {
    /// Starts the thread, which ends when the queue is dropped.
    pub(super) fn start(engine: Engine, max_waiting: usize) -> Result<Self, ModelsError> {
        let (jobs, waiting) = mpsc::unbounded_channel();
        let model = engine.model.clone();
        let load = Arc::new(Load::new(max_waiting.max(1)));
        let mut schedule = Schedule::new(engine, waiting, Arc::clone(&load));
        start_worker(&model, "kefu-generator", move || schedule.run())?;
        Ok(Self { model, load, jobs })
    }

    /// Refuses when too many jobs wait, or when those before it will take longer than it may.
    pub(super) fn start_job(&self, job: Job) -> Result<GenerateStream, ModelError> {
        let model = self.model.clone();
        let limit = self.load.max_waiting();
        let n_tokens = (job.prompt.len(), job.max_tokens);
        let Some(place) = Load::enter(&self.load, n_tokens, job.deadline.remaining()) else {
            return Err(ModelError::Overloaded { model, limit });
        };
        let (events, received) = mpsc::channel(job.max_tokens + 2);
        match self.jobs.send(Waiting { job, events, place }) {
            Ok(()) => Ok(Box::pin(EventStream { model, received, ended: false })),
            Err(_) => Err(ModelError::Stopped { model }),
        }
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
