mod death;
mod wire;
mod worker;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;

use crate::parser::{FileInput, ParseFailure, ParsedFile, Parser};
use death::Death;
pub use wire::read_reply;
use worker::{Exchange, Worker};

/// How to run the parsing child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipeParserSettings {
    /// The program; absolute, as the child's environment is all but empty.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Longest time for one file.
    pub timeout: Duration,
    /// Longest reply for one file; a reply is text in JSON with its structure, so up to three
    /// times the text the child may give.
    pub max_output_bytes: u64,
    /// Children at the same time.
    pub workers: usize,
}

/// A child serves this many files, so that what it leaks stays small.
const FILES_PER_WORKER: usize = 256;

/// Reads files in child processes that are reused from file to file. A child that crashes, hangs
/// or floods costs its file a failure, is killed, and is replaced for the next file. Children end
/// with the parser.
#[derive(Debug)]
pub struct PipeParser {
    settings: PipeParserSettings,
    permits: Semaphore,
    idle: Mutex<Vec<Worker>>,
}

impl PipeParser {
    /// Starts nothing yet; the first file does.
    #[must_use]
    pub fn new(settings: PipeParserSettings) -> Self {
        let permits = Semaphore::new(settings.workers.max(1));
        Self { settings, permits, idle: Mutex::new(Vec::new()) }
    }

    fn take_idle(&self) -> Option<Worker> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put_idle(&self, worker: Worker) {
        if worker.n_files() < FILES_PER_WORKER {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        }
    }

    async fn exchange(&self, mut worker: Worker, file: &FileInput) -> Exchange {
        let talk = worker.talk(file, self.settings.max_output_bytes);
        let result = tokio::time::timeout(self.settings.timeout, talk).await;
        match result {
            Ok(Exchange::Reply(line)) => {
                self.put_idle(worker);
                Exchange::Reply(line)
            }
            // Everything else drops the worker, which kills the child.
            Ok(other) => other,
            Err(_) => {
                let seconds = self.settings.timeout.as_secs_f32();
                let detail = format!("reading it took longer than {seconds} s");
                Exchange::Failed(ParseFailure::new("parser_timeout", detail))
            }
        }
    }
}

#[async_trait]
impl Parser for PipeParser {
    async fn parse(&self, file: &FileInput) -> Result<ParsedFile, ParseFailure> {
        let _permit = self.permits.acquire().await.map_err(|_| crashed("it is shutting down"))?;
        if let Some(worker) = self.take_idle() {
            match self.exchange(worker, file).await {
                Exchange::Reply(line) => return read_reply(&line),
                Exchange::Failed(failure) => return Err(failure),
                // A child may have died between two files, or of all its files together: this
                // file deserves a fresh one.
                Exchange::Ended(death) if death.is_of_this_file() => return Err(death.failure()),
                Exchange::Ended(death) => {
                    tracing::debug!(?death, "the parser process had ended; starting another");
                }
            }
        }
        let worker = Worker::start(&self.settings).map_err(|e| crashed(&e.to_string()))?;
        match self.exchange(worker, file).await {
            Exchange::Reply(line) => read_reply(&line),
            Exchange::Failed(failure) => Err(failure),
            Exchange::Ended(death) => Err(death.failure()),
        }
    }
}

fn crashed(reason: &str) -> ParseFailure {
    Death::Other(reason.to_owned()).failure()
}
