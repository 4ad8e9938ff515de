use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use kefu_core::ModelError;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::Encoder;
use super::tokens::TextTokens;
use crate::error::ModelsError;
use crate::runtime::{again, guarded, start_worker};

/// Tokens of one forward pass per thread. Larger batches gain nothing on a CPU and make whoever is
/// next wait longer.
const BATCH_TOKENS: usize = 256;
/// Urgent calls that are worked on together.
const MAX_TOGETHER: usize = 16;

/// Text to encode.
pub(crate) enum Input {
    Text(String),
    Pair(Arc<str>, String),
}

/// Which queue a call waits in. Urgent calls are served between the batches of bulk ones.
#[derive(Clone, Copy)]
pub(crate) enum Urgency {
    Urgent,
    Bulk,
}

/// Turns what the network gives for one input into that input's result.
pub(crate) type Head = Box<dyn Fn(Vec<f32>) -> Vec<f32> + Send>;

/// What the thread works with.
pub(crate) struct Engine {
    pub(crate) model: String,
    pub(crate) encoder: Encoder,
    pub(crate) tokens: Arc<TextTokens>,
    pub(crate) head: Head,
}

/// What a call wants of each input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// What the head makes of the network's output.
    Result,
    /// The same, and behind it the network's output.
    ResultAndOutput,
}

/// The way to an encoder's thread.
pub(crate) struct Queue {
    model: String,
    max_waiting: usize,
    urgent: mpsc::Sender<Job>,
    bulk: mpsc::Sender<Job>,
}

struct Job {
    inputs: Vec<Input>,
    wanted: Wanted,
    reply: oneshot::Sender<Result<Vec<Vec<f32>>, ModelError>>,
}

impl Queue {
    /// Starts the thread, which ends when the queue is dropped.
    pub(crate) fn start(
        engine: Engine,
        thread_name: &str,
        max_waiting: usize,
    ) -> Result<Self, ModelsError> {
        let max_waiting = max_waiting.max(1);
        let (urgent, urgent_jobs) = mpsc::channel(max_waiting);
        let (bulk, bulk_jobs) = mpsc::channel(max_waiting);
        let model = engine.model.clone();
        let mut worker = Worker { engine, urgent: urgent_jobs, bulk: bulk_jobs };
        start_worker(&model, thread_name, move || worker.run())?;
        Ok(Self { model, max_waiting, urgent, bulk })
    }

    /// One row per input, in order. Dropping the future abandons batches that have not begun.
    pub(crate) async fn call(
        &self,
        (urgency, wanted): (Urgency, Wanted),
        inputs: Vec<Input>,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        if inputs.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        let lane = match urgency {
            Urgency::Urgent => &self.urgent,
            Urgency::Bulk => &self.bulk,
        };
        lane.try_send(Job { inputs, wanted, reply }).map_err(|refused| match refused {
            TrySendError::Full(_) => {
                ModelError::Overloaded { model: self.model.clone(), limit: self.max_waiting }
            }
            TrySendError::Closed(_) => self.stopped(),
        })?;
        answer.await.unwrap_or_else(|_| Err(self.stopped()))
    }

    fn stopped(&self) -> ModelError {
        ModelError::Stopped { model: self.model.clone() }
    }
}

struct Worker {
    engine: Engine,
    urgent: mpsc::Receiver<Job>,
    bulk: mpsc::Receiver<Job>,
}

impl Worker {
    fn run(&mut self) {
        // The runtime has no driver and no thread: it only waits on two channels at once.
        let Ok(waiting) = tokio::runtime::Builder::new_current_thread().build() else { return };
        loop {
            let next = waiting.block_on(async {
                tokio::select! {
                    biased;
                    Some(job) = self.urgent.recv() => Some((job, Urgency::Urgent)),
                    Some(job) = self.bulk.recv() => Some((job, Urgency::Bulk)),
                    else => None,
                }
            });
            match next {
                Some((job, Urgency::Urgent)) => self.work_urgently(job),
                Some((job, Urgency::Bulk)) => self.work(vec![job], Urgency::Bulk),
                None => return,
            }
        }
    }

    /// Takes up what waits beside an urgent call: together they keep all threads busy.
    fn work_urgently(&mut self, first: Job) {
        let mut jobs = vec![first];
        while jobs.len() < MAX_TOGETHER {
            let Ok(job) = self.urgent.try_recv() else { break };
            jobs.push(job);
        }
        self.work(jobs, Urgency::Urgent);
    }

    fn work(&mut self, jobs: Vec<Job>, urgency: Urgency) {
        let mut rows = Vec::new();
        let mut wanted = Vec::new();
        let mut open = VecDeque::new();
        for job in jobs.into_iter().filter(|job| !job.reply.is_closed()) {
            match self.engine.encode(&job.inputs) {
                Ok(own) => {
                    rows.extend(own);
                    wanted.resize(rows.len(), job.wanted);
                    open.push_back((rows.len(), job.reply));
                }
                Err(error) => drop(job.reply.send(Err(error))),
            }
        }
        let mut results = Vec::new();
        let mut n_told = 0;
        for batch in batches(&rows, BATCH_TOKENS * self.engine.encoder.n_threads()) {
            if matches!(urgency, Urgency::Bulk)
                && let Ok(urgent) = self.urgent.try_recv()
            {
                self.work_urgently(urgent);
            }
            if open.iter().all(|(_, reply)| reply.is_closed()) {
                return;
            }
            let wanted = wanted.get(batch.clone()).unwrap_or_default();
            let rows = rows.get(batch).map(<[_]>::to_vec).unwrap_or_default();
            match self.engine.run(rows, wanted) {
                Ok(outputs) => results.extend(outputs),
                Err(error) => {
                    for (_, reply) in open {
                        let _ = reply.send(Err(again(&error)));
                    }
                    return;
                }
            }
            // Each is told as soon as its own rows are done.
            while open.front().is_some_and(|(end, _)| *end <= n_told + results.len()) {
                let Some((end, reply)) = open.pop_front() else { break };
                let own = results.drain(..end - n_told).collect();
                n_told = end;
                let _ = reply.send(Ok(own));
            }
        }
    }
}

impl Engine {
    /// Computes something small, so that the first call finds everything allocated.
    pub(crate) fn warm_up(&self) -> Result<Vec<Vec<f32>>, ModelError> {
        self.run(self.encode(&[Input::Text("warm up".to_owned())])?, &[Wanted::Result])
    }

    fn encode(&self, inputs: &[Input]) -> Result<Vec<Vec<u32>>, ModelError> {
        let encode = |input: &Input| match input {
            Input::Text(text) => self.tokens.encode(text),
            Input::Pair(a, b) => self.tokens.encode_pair(a, b),
        };
        inputs.iter().map(encode).collect::<Result<Vec<_>, _>>().map_err(|e| ModelError::Failed {
            model: self.model.clone(),
            detail: format!("tokenizer: {e}"),
        })
    }

    /// `wanted` has one entry for each row.
    fn run(&self, rows: Vec<Vec<u32>>, wanted: &[Wanted]) -> Result<Vec<Vec<f32>>, ModelError> {
        let outputs = guarded(&self.model, || self.encoder.forward(rows))?;
        let result = |(output, wanted): (Vec<f32>, &Wanted)| match wanted {
            Wanted::Result => (self.head)(output),
            Wanted::ResultAndOutput => {
                let mut result = (self.head)(output.clone());
                result.extend(output);
                result
            }
        };
        let outputs: Vec<Vec<f32>> = outputs.into_iter().zip(wanted).map(result).collect();
        if outputs.iter().flatten().any(|value| !value.is_finite()) {
            let detail = "a result is not finite".to_owned();
            return Err(ModelError::Failed { model: self.model.clone(), detail });
        }
        Ok(outputs)
    }
}

/// Rows in batches within the token budget, in order.
fn batches(rows: &[Vec<u32>], n_tokens: usize) -> Vec<Range<usize>> {
    let mut batches: Vec<Range<usize>> = Vec::new();
    let mut n_left = 0;
    for (idx, row) in rows.iter().enumerate() {
        match batches.last_mut() {
            Some(batch) if row.len() <= n_left => batch.end = idx + 1,
            _ => {
                batches.push(idx..idx + 1);
                n_left = n_tokens;
            }
        }
        n_left = n_left.saturating_sub(row.len());
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_every_row_once_within_the_budget() {
        let rows: Vec<Vec<u32>> =
            [700, 3, 5_000, 3, 256, 255, 1, 254].iter().map(|n| vec![1; *n]).collect();
        let batches = batches(&rows, BATCH_TOKENS);
        let seen: Vec<usize> = batches.iter().cloned().flatten().collect();
        assert_eq!(seen, (0..rows.len()).collect::<Vec<_>>());
        for batch in &batches {
            let n_tokens: usize = rows[batch.clone()].iter().map(Vec::len).sum();
            assert!(batch.len() == 1 || n_tokens <= BATCH_TOKENS);
        }
        assert!(batches.len() < rows.len());
    }
}
