//! Documents in: source, parse, chunk, embed, publish.
//!
//! An [`Ingestor`] takes files and uploads to a published release. Files are read by a [`Parser`],
//! normally a [`PipeParser`] that talks to a child process; what changed is cut into chunks,
//! embedded, written to the index, then to the records store, and at the end one row moves the
//! pointer. Nothing is visible before that, and a run that was cut off is completed by the next.

mod check;
mod chunk;
mod clean;
mod diff;
mod document;
mod error;
mod events;
mod fill;
mod jobs;
mod overlay;
mod parser;
mod patience;
mod pipe;
mod pipeline;
mod rebuild;
mod report;
mod settings;
mod source;
mod walk;

pub use check::{IndexCheck, IndexDifference};
pub use chunk::{Budget, IsKnown, Marks, chunk, fallback_count, rechunk};
pub use clean::{Cleaned, KeepRules, Neighbours, Rule, clean};
pub use diff::diff_releases;
pub use error::IngestError;
pub use events::{IngestEvent, IngestObserver, Unobserved};
pub use jobs::{DocumentInput, PairInput, StateChange, Upload};
pub use overlay::{Corrected, OverlayInput, Pin, correct};
pub use parser::{
    Block, BlockKind, FileInput, ParseFailure, ParsedDocument, ParsedFile, ParsedId, Parser,
    RowError,
};
pub use pipe::{PipeParser, PipeParserSettings, read_reply};
pub use pipeline::{Candidate, IngestOptions, Ingestor, IngestorParts};
pub use report::{FileOutcome, FileReport, IngestReport, RemovalReport};
pub use settings::IngestSettings;
pub use source::{DeletePolicy, Globs, SourceFault, SourcePlace, SourceSpec, read_source_file};
