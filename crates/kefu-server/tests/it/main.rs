//! The service through its router, with fakes behind the ports.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod agents;
mod answers;
mod any_order;
mod browsers;
mod channels;
mod deadlines;
mod desk_help;
mod documents;
mod errors;
mod identity;
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
mod watching;
