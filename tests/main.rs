//! Black-box tests of the `kefu` binary, and the rules of the house.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail loudly and say what they skip"
)]

mod answers;
mod browser;
mod channels;
mod commands;
mod crash;
mod dependencies;
mod disk_full;
mod gate;
mod handoff;
mod kills;
mod overlays;
mod parsing;
mod people;
mod real_models;
mod receiver;
mod refusals;
mod sources;
mod support;
mod tickets;
mod tidy;
