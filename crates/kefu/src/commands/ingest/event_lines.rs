//! `kefu ingest --events`: what happens, as one JSON object a line.

use kefu_ingest::{IngestEvent, IngestObserver};
use serde_json::{Value, json};

use crate::output;

/// Prints every event to standard output as it happens.
pub(super) struct EventLines;

impl IngestObserver for EventLines {
    fn observe(&self, event: IngestEvent<'_>) {
        // A reader that went away must not stop the work; the end of the run says what failed.
        let _ = output::line(to_json(event).to_string());
    }
}

fn to_json(event: IngestEvent<'_>) -> Value {
    match event {
        IngestEvent::Found { n_files } => json!({"event": "found", "n_files": n_files}),
        IngestEvent::File { name, outcome, n_done, n_total } => json!({
            "event": "file",
            "name": name,
            "outcome": outcome.as_str(),
            "n_done": n_done,
            "n_total": n_total,
        }),
        IngestEvent::Embedding { n_done, n_total } => {
            json!({"event": "embedding", "n_done": n_done, "n_total": n_total})
        }
        IngestEvent::Filling { n_done } => json!({"event": "filling", "n_done": n_done}),
        IngestEvent::Rebuilding { n_done } => json!({"event": "rebuilding", "n_done": n_done}),
        IngestEvent::Published { release } => json!({"event": "published", "release": release.0}),
    }
}
