//! Progress bars on standard error; silent when it is no terminal.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use kefu_ingest::{IngestEvent, IngestObserver};
use kefu_models::{FetchEvent, FetchObserver};

const FETCH_STYLE: &str = "{msg:40!} {bar:24} {bytes}/{total_bytes} {bytes_per_sec} {eta} left";
const COUNT_STYLE: &str = "{msg:10} {bar:32} {pos}/{len} {per_sec} {eta} left";

/// Bars for model files being fetched.
#[derive(Default)]
pub(crate) struct FetchProgress {
    group: MultiProgress,
    bars: Mutex<HashMap<String, ProgressBar>>,
}

impl FetchObserver for FetchProgress {
    fn observe(&self, event: FetchEvent<'_>) {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            FetchEvent::Started { file, total_bytes } => {
                let bar = self.group.add(ProgressBar::new(total_bytes.unwrap_or(0)));
                bar.set_style(style(FETCH_STYLE));
                bar.set_message(file.to_owned());
                bar.enable_steady_tick(Duration::from_millis(200));
                bars.insert(file.to_owned(), bar);
            }
            FetchEvent::Progress { file, done_bytes, total_bytes } => {
                if let Some(bar) = bars.get(file) {
                    bar.set_length(total_bytes.unwrap_or(done_bytes));
                    bar.set_position(done_bytes);
                }
            }
            FetchEvent::Finished { file } => {
                if let Some(bar) = bars.remove(file) {
                    bar.finish();
                }
            }
        }
    }
}

/// Bars for an ingest run: files, chunks embedded, or points rewritten.
pub(crate) struct IngestProgress {
    files: ProgressBar,
    chunks: ProgressBar,
}

impl IngestProgress {
    pub(crate) fn new() -> Self {
        let group = MultiProgress::new();
        let bar = |message: &'static str| {
            let bar = group.add(ProgressBar::new(0));
            bar.set_style(style(COUNT_STYLE));
            bar.set_message(message);
            bar
        };
        Self { files: bar("documents"), chunks: bar("chunks") }
    }
}

impl Drop for IngestProgress {
    fn drop(&mut self) {
        self.files.finish_and_clear();
        self.chunks.finish_and_clear();
    }
}

impl IngestObserver for IngestProgress {
    fn observe(&self, event: IngestEvent<'_>) {
        match event {
            IngestEvent::Found { n_files } => self.files.set_length(n_files as u64),
            IngestEvent::File { .. } => self.files.inc(1),
            IngestEvent::Embedding { n_done, n_total } => {
                self.chunks.set_length(n_total as u64);
                self.chunks.set_position(n_done as u64);
            }
            IngestEvent::Filling { n_done } => {
                self.chunks.set_message("vectors");
                self.chunks.set_position(n_done as u64);
            }
            IngestEvent::Rebuilding { n_done } => {
                self.chunks.set_message("rebuilding");
                self.chunks.set_position(n_done as u64);
            }
            IngestEvent::Published { .. } => {}
        }
    }
}

/// A bar for questions asked by an evaluation.
pub(crate) fn question_bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    bar.set_style(style(COUNT_STYLE));
    bar.set_message("questions");
    bar
}

/// A bar for steps of work on one thing.
pub(crate) fn steps_bar(message: &'static str) -> ProgressBar {
    let bar = question_bar();
    bar.set_message(message);
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}
