//! `GET /v1/releases`.

use kefu_core::Release;
use serde::Serialize;
use utoipa::ToSchema;

use crate::time::rfc3339;

/// A published version of the content.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReleaseResponse {
    /// Its number.
    pub release: u32,
    /// When it was published.
    pub published_at: String,
    /// Documents in it.
    pub n_documents: u64,
    /// Chunks in it.
    pub n_chunks: u64,
    /// Whether questions are answered from it now.
    pub current: bool,
}

impl From<Release> for ReleaseResponse {
    fn from(release: Release) -> Self {
        Self {
            release: release.number.0,
            published_at: rfc3339(release.published_at_ms),
            n_documents: release.n_documents,
            n_chunks: release.n_chunks,
            current: release.current,
        }
    }
}
