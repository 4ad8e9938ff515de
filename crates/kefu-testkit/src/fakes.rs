//! Real, small implementations of the ports.

mod clock;
mod dispatcher;
mod embedder;
mod fuse;
mod generator;
mod records;
mod sender;
mod store;

pub use clock::FakeClock;
pub use dispatcher::PlainDispatcher;
pub use embedder::FakeEmbedder;
pub use fuse::{Fuse, FusedStore};
pub use generator::{FakeGenerator, Script};
pub use records::MemoryRecords;
pub use sender::FakeSender;
pub use store::MemoryStore;
