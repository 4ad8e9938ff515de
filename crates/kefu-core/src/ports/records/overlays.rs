use async_trait::async_trait;

use super::{Page, PageRequest};
use crate::error::RecordsError;
use crate::ids::{DocumentId, OverlayId};
use crate::overlay::{Overlay, OverlayStatus};
use crate::scope::Scope;

/// Which overlays to list; the default lets all through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverlayFilter {
    /// Only those of this document.
    pub document_id: Option<DocumentId>,
    /// Only orphaned ones.
    pub orphaned: bool,
}

/// An overlay in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOverlay {
    /// The overlay.
    pub overlay: Overlay,
    /// What it does for the published release.
    pub status: OverlayStatus,
}

/// Corrections of passages. Editors and above.
///
/// Overlays are not part of releases: a build applies those that are there when it works on their
/// document, and [`Cleaning::corrections`](crate::Cleaning) says what became of them.
#[async_trait]
pub trait OverlayRecords: Send + Sync {
    /// Keeps an overlay, in place of one with the same document, passage, occurrence and kind of
    /// action. Durable on return.
    ///
    /// [`RecordsError::Conflict`] when the tenant has `max_overlays` without it.
    async fn put_overlay(
        &self,
        scope: &Scope,
        overlay: &Overlay,
        max_overlays: usize,
    ) -> Result<(), RecordsError>;

    /// Forgets an overlay and gives it back. Durable on return.
    async fn delete_overlay(&self, scope: &Scope, id: &OverlayId) -> Result<Overlay, RecordsError>;

    /// Overlays that the filter lets through, oldest first.
    async fn overlays(
        &self,
        scope: &Scope,
        filter: &OverlayFilter,
        page: &PageRequest,
    ) -> Result<Page<StoredOverlay>, RecordsError>;
}
