//! Records in SQLite: one file in WAL mode that holds the truth.
//!
//! Writes go one at a time through one connection, each in its own `BEGIN IMMEDIATE` transaction
//! that is on disk before the call returns; reads run beside them on a few connections of their
//! own, each call on one snapshot. SQLite's calls block, so all of them run on tokio's blocking
//! threads, never more at once than there are connections. Dropping a call that still waits for a
//! connection abandons it; one that has begun finishes whole.

mod access;
mod agents;
mod answers;
mod blob;
mod content;
mod conversations;
mod cursor;
mod customers;
mod fault;
mod feedback;
mod jobs;
mod lessons;
mod links;
mod outbox;
mod overlays;
mod pool;
mod schema;
mod session;
mod sources;
mod sqlite;
mod tickets;
mod words;

pub use sqlite::SqliteRecords;
