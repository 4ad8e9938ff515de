//! Real, small implementations of the ports.

mod clock;
mod dispatcher;
mod embedder;
mod fuse;
mod generator;
mod records;
mod store;

pub use clock::FakeClock;
pub use dispatcher::PlainDispatcher;
pub use embedder::FakeEmbedder;
pub use fuse::{Fuse, FusedStore};
pub use generator::{FakeGenerator, Script};
pub use records::MemoryRecords;
pub use store::MemoryStore;
