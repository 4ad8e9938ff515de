use std::collections::VecDeque;
use std::sync::Arc;

use kefu_core::ModelError;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::Encoder;
use super::tokens::TextTokens;
use crate::error::ModelsError;
use crate::runtime::{guarded, start_worker};

/// Tokens of one forward pass per thread. Larger batches gain nothing on a CPU and make whoever is
/// next wait longer.
const BATCH_TOKENS: usize = 256;

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
                Some((job, Urgency::Urgent)) => self.work(job, Urgency::Urgent),
                Some((job, Urgency::Bulk)) => self.work(job, Urgency::Bulk),
                None => return,
            }
        }
    }

    fn work(&mut self, job: Job, urgency: Urgency) {
        if job.reply.is_closed() {
            return;
        }
        let mut progress = match self.engine.prepare(&job.inputs) {
            Ok(progress) => progress,
            Err(error) => {
                let _ = job.reply.send(Err(error));
                return;
            }
        };
        while let Some(batch) = progress.batches.pop_front() {
            if matches!(urgency, Urgency::Bulk) {
                while let Ok(urgent) = self.urgent.try_recv() {
                    self.work(urgent, Urgency::Urgent);
                }
            }
            if job.reply.is_closed() {
                return;
            }
            if let Err(error) = self.engine.run(&mut progress, &batch, job.wanted) {
                let _ = job.reply.send(Err(error));
                return;
            }
        }
        let _ = job.reply.send(Ok(progress.results));
    }
}

struct Progress {
    rows: Vec<Vec<u32>>,
    results: Vec<Vec<f32>>,
    batches: VecDeque<Vec<usize>>,
}

impl Engine {
    /// Computes something small, so that the first call finds everything allocated.
    pub(crate) fn warm_up(&self) -> Result<Vec<Vec<f32>>, ModelError> {
        let mut progress = self.prepare(&[Input::Text("warm up".to_owned())])?;
        self.run(&mut progress, &[0], Wanted::Result)?;
        Ok(progress.results)
    }

    fn prepare(&self, inputs: &[Input]) -> Result<Progress, ModelError> {
        let encode = |input: &Input| match input {
            Input::Text(text) => self.tokens.encode(text),
            Input::Pair(a, b) => self.tokens.encode_pair(a, b),
        };
        let rows = inputs.iter().map(encode).collect::<Result<Vec<_>, _>>().map_err(|e| {
            ModelError::Failed { model: self.model.clone(), detail: format!("tokenizer: {e}") }
        })?;
        let batches = batches(&rows, BATCH_TOKENS * self.encoder.n_threads());
        Ok(Progress { results: vec![Vec::new(); rows.len()], rows, batches })
    }

    fn run(
        &self,
        progress: &mut Progress,
        batch: &[usize],
        wanted: Wanted,
    ) -> Result<(), ModelError> {
        let rows: Vec<&[u32]> =
            batch.iter().filter_map(|idx| progress.rows.get(*idx)).map(Vec::as_slice).collect();
        let outputs = guarded(&self.model, || self.encoder.forward(&rows))?;
        let result = |output: Vec<f32>| match wanted {
            Wanted::Result => (self.head)(output),
            Wanted::ResultAndOutput => {
                let mut result = (self.head)(output.clone());
                result.extend(output);
                result
            }
        };
        let outputs: Vec<Vec<f32>> = outputs.into_iter().map(result).collect();
        if outputs.iter().flatten().any(|value| !value.is_finite()) {
            let detail = "a result is not finite".to_owned();
            return Err(ModelError::Failed { model: self.model.clone(), detail });
        }
        for (idx, output) in batch.iter().zip(outputs) {
            if let Some(slot) = progress.results.get_mut(*idx) {
                *slot = output;
            }
        }
        Ok(())
    }
}

/// Row indices in batches within the token budget.
fn batches(rows: &[Vec<u32>], n_tokens: usize) -> VecDeque<Vec<usize>> {
    let mut batches: VecDeque<Vec<usize>> = VecDeque::new();
    let mut n_left = 0;
    for (idx, row) in rows.iter().enumerate() {
        match batches.back_mut() {
            Some(batch) if row.len() <= n_left => batch.push(idx),
            _ => {
                batches.push_back(vec![idx]);
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
        let seen: Vec<usize> = batches.iter().flatten().copied().collect();
        assert_eq!(seen, (0..rows.len()).collect::<Vec<_>>());
        for batch in &batches {
            let n_tokens: usize = batch.iter().map(|idx| rows[*idx].len()).sum();
            assert!(batch.len() == 1 || n_tokens <= BATCH_TOKENS);
        }
        assert!(batches.len() < rows.len());
    }
}
