//! The service through its router, with fakes behind the ports.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail loudly")]

mod answers;
mod browsers;
mod desk_help;
mod documents;
mod errors;
mod live;
mod openapi;
mod operations;
mod overlays;
mod pages;
mod releases;
mod shop;
mod sources;
mod streams;
mod tickets;
