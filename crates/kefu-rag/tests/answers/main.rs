//! Questions through the whole answer path, on fakes of every port.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod calibrated;
mod clarify;
mod compare;
mod conflict;
mod courtesy;
mod desk;
mod extractive;
mod generated;
mod intents;
mod limits;
mod reranked;
mod retrieval;
mod shop;
