//! Local models on candle: manifests, fetching, verification, the embedder, the reranker and the
//! generator.
//!
//! A [`Manifest`] says what a model is and where its files may come from, a [`Profile`] names the
//! models that work together. [`ModelCache::pull`] is the only thing here that touches a network;
//! [`ModelCache::verify`] checks size and SHA-256 of every file, and only a [`VerifiedModel`] can
//! be loaded. A missing, damaged or wrong file is a [`ModelsError`] that says what to do, at start
//! and never later.
//!
//! Every loaded model works on its own named thread behind a bounded queue: a full queue is
//! refused at once, abandoned work that has not begun is skipped, and nothing runs on the async
//! runtime. Call [`configure_threads`] first thing in `main`.

mod cache;
mod catalogue;
mod cpu;
mod decoder;
mod embedder;
mod encoder;
mod error;
mod fetch;
mod generator;
mod hash;
mod lock;
mod manifest;
mod pool;
mod processor;
mod reranker;
mod runtime;
mod simd;
mod threads;

#[cfg(test)]
mod tiny;

pub use cache::{FileState, FileStatus, ModelCache, VerifiedModel, default_models_dir};
pub use catalogue::{Profile, profile, profiles};
pub use cpu::cpu_warning;
pub use embedder::load_embedder;
pub use error::ModelsError;
pub use fetch::{FetchEvent, FetchObserver, FetchSettings, Unobserved};
pub use generator::load_generator;
pub use manifest::{ChatProtocol, Family, Manifest, Pooling, Role, Source};
pub use processor::Processor;
pub use reranker::load_reranker;
pub use runtime::RuntimeSettings;
pub use threads::configure_threads;
