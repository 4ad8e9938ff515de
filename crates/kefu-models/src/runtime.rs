use std::any::Any;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use kefu_core::ModelError;

use crate::error::ModelsError;
use crate::processor::Processor;

/// How loaded models are run.
#[derive(Clone, Copy, Debug)]
pub struct RuntimeSettings {
    /// Calls that may wait for a model beside the one it works on; more are refused.
    pub max_waiting: usize,
    /// Threads that a model computes on, never more than there are cores; 0 takes all of them.
    /// Threads of different models may work at the same time.
    pub threads: usize,
    /// Answers that a generator writes at the same time, from 1; more wait.
    pub n_parallel: usize,
    /// Memory for what a generator has read, in MiB: of the answers being written, and of earlier
    /// prompts, so that equal beginnings are not read again. One text of full length always has room.
    pub cache_mib: usize,
    /// Whether a generator guesses that words of its prompt come again, and reads several guesses
    /// in one pass. Changes no text, and is left out on a device, where the last bits of a score
    /// depend on what is computed together.
    pub drafts: bool,
    /// What a generator computes on. Embedders and rerankers compute on the CPU.
    pub device: Processor,
}

impl RuntimeSettings {
    /// The number of threads meant, from 1.
    pub(crate) fn n_threads(&self) -> usize {
        let n_cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        if self.threads == 0 { n_cores } else { self.threads.min(n_cores) }
    }
}

/// Starts the named thread of a model. It ends when its queue is closed.
pub(crate) fn start_worker(
    model: &str,
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> Result<(), ModelsError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(drop)
        .map_err(|source| ModelsError::Thread { model: model.to_owned(), source })
}

/// Runs a computation so that a panic inside the engine fails this call and not the worker.
pub(crate) fn guarded<T>(
    model: &str,
    compute: impl FnOnce() -> candle_core::Result<T>,
) -> Result<T, ModelError> {
    let failed = |detail: String| ModelError::Failed { model: model.to_owned(), detail };
    match catch_unwind(AssertUnwindSafe(compute)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(panic) => Err(failed(panic_message(panic.as_ref()))),
    }
}

/// The same error once more, for another caller.
pub(crate) fn again(error: &ModelError) -> ModelError {
    match error {
        ModelError::Failed { model, detail } => {
            ModelError::Failed { model: model.clone(), detail: detail.clone() }
        }
        other => ModelError::Failed { model: String::new(), detail: other.to_string() },
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "the engine panicked".to_owned())
}

#[cfg(test)]
#[expect(clippy::panic, reason = "a panic is what is tested")]
mod tests {
    use super::*;

    #[test]
    fn a_panic_fails_the_call_only() {
        let result: Result<(), _> = guarded("m", || panic!("index out of range"));
        let message = result.map_or_else(|e| e.to_string(), |()| String::new());
        assert_eq!(message, "m failed: index out of range");
    }
}
