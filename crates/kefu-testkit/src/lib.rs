//! Fakes with scripted faults, and the conformance suites that every adapter of a port must pass.
//! A dev-dependency only.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "suites and fakes fail loudly inside tests"
)]

pub mod conformance;
pub mod fakes;
pub mod scopes;
