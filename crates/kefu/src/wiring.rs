//! The composition root: the one place where engines meet ports.

mod calibration;
mod engine;
pub(crate) mod intents;
pub(crate) mod models;
mod outreach;
pub(crate) mod scopes;
mod service;
mod settings;

pub(crate) use engine::{Engine, Parts, Place, open_records};
pub(crate) use models::{fetch_settings, model_cache, pull_missing};
pub(crate) use service::{configured_sources, service};
