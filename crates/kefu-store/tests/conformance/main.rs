//! Both adapters against the suite of the port, and what each promises beyond it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail loudly")]

mod chinese;
mod edge;
mod edge_crash;
mod fake_qdrant;
mod qdrant;
mod sample;
