//! Ingest against fakes of its ports and the real parsers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail loudly")]

mod chunks;
mod cleaning;
mod compare;
mod edits;
mod index;
mod jobs;
mod overlays;
mod pipe;
mod releases;
mod runs;
mod scale;
mod sources;
mod states;
mod words_first;
mod world;
