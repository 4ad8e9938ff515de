use kefu_core::ReleaseNo;

use crate::report::FileOutcome;

/// Told what an ingest is doing, for progress bars and logs. Must not block.
pub trait IngestObserver: Send + Sync {
    /// Something happened.
    fn observe(&self, event: IngestEvent<'_>);
}

/// Ignores everything.
#[derive(Clone, Copy, Debug)]
pub struct Unobserved;

impl IngestObserver for Unobserved {
    fn observe(&self, _event: IngestEvent<'_>) {}
}

/// What an ingest is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IngestEvent<'a> {
    /// The sources were listed.
    Found {
        /// Files in them.
        n_files: usize,
    },
    /// A file was read and compared.
    File {
        /// Its name.
        name: &'a str,
        /// What became of it; not yet published.
        outcome: FileOutcome,
        /// Files done, this one included.
        n_done: usize,
        /// Files found.
        n_total: usize,
    },
    /// New chunks were given their vectors.
    Embedding {
        /// Chunks done.
        n_done: usize,
        /// New chunks found so far; grows while files are read.
        n_total: usize,
    },
    /// Vectors that were put off were made.
    Filling {
        /// Vectors made so far.
        n_done: usize,
    },
    /// Stored chunks were written to an empty index.
    Rebuilding {
        /// Chunks done.
        n_done: usize,
    },
    /// The release can be asked from now on.
    Published {
        /// Its number.
        release: ReleaseNo,
    },
}
