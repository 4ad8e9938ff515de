//! The adapters of [`VectorStore`](kefu_core::ports::VectorStore): [`EdgeStore`] runs the Qdrant
//! engine in this process, [`QdrantStore`] speaks to a Qdrant server or cluster. Nothing outside
//! this crate knows Qdrant.
//!
//! Both keep the same points: the chunk id as point id, a dense vector compared by cosine, a
//! sparse vector weighted by inverse document frequency, and a payload with what filters need:
//! tenant, document, audiences and visibility. Texts are never stored.
//!
//! Both give the same answers. Scores come from the engine; order comes from here: hits of equal
//! score are sorted by chunk id. Engines are asked for 32 hits beyond the limit, so the cut is
//! decided by id too unless more than 32 hits tie at it.
//!
//! Limits outside 1..=1000 are moved into that range.

mod checks;
mod edge;
mod points;
mod qdrant;

pub use edge::{EdgeSettings, EdgeStore};
pub use qdrant::{QdrantSettings, QdrantStore};
