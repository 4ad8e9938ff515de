//! Files that are cleaned together, so that what the documents of a source share can be told.

use std::collections::HashMap;
use std::sync::Arc;

use crate::clean::Neighbours;
use crate::error::IngestError;
use crate::pipeline::read::{Read, Readout};
use crate::pipeline::{SOURCE_BORDER, blocking};

/// Files and bytes of text that wait in memory for each other.
const MAX_FILES: usize = 256;
const MAX_BYTES: usize = 32 << 20;

/// Files that were read and wait.
#[derive(Default)]
pub(super) struct Batch {
    reads: Vec<Read>,
    n_bytes: usize,
}

/// What the documents of each source have in common.
#[derive(Default)]
pub(super) struct BySource(HashMap<String, Arc<Neighbours>>);

impl BySource {
    pub(super) fn of(&self, source: &str) -> Arc<Neighbours> {
        self.0.get(site(source)).cloned().unwrap_or_default()
    }
}

impl Batch {
    pub(super) fn extend(&mut self, read: Option<Read>) {
        if let Some(read) = read {
            if let Ok(Readout::File(file)) = &read.found {
                self.n_bytes += file.documents.iter().map(|d| d.text.len()).sum::<usize>();
            }
            self.reads.push(read);
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.reads.len() >= MAX_FILES || self.n_bytes >= MAX_BYTES
    }

    /// The files, and what they have in common.
    pub(super) async fn done(self) -> Result<(Vec<Read>, BySource), IngestError> {
        let reads = self.reads;
        blocking(move || {
            let mut sources: HashMap<String, Neighbours> = HashMap::new();
            for read in &reads {
                let Ok(Readout::File(file)) = &read.found else { continue };
                let neighbours = sources.entry(site(&read.source).to_owned()).or_default();
                for document in &file.documents {
                    neighbours.add(&document.text);
                }
            }
            let shared = |(site, neighbours)| (site, Arc::new(neighbours));
            (reads, BySource(sources.into_iter().map(shared).collect()))
        })
        .await
    }
}

/// The part of a source that its documents share.
fn site(source: &str) -> &str {
    source.split(SOURCE_BORDER).next().unwrap_or_default()
}
