//! The overlays that a run applies.

use std::collections::HashMap;

use kefu_core::ports::{OverlayFilter, PageRequest};
use kefu_core::{DocumentId, Overlay, Scope};

use crate::error::IngestError;
use crate::pipeline::IngestorParts;

/// All of the tenant by document, oldest first.
pub(super) async fn all(
    parts: &IngestorParts,
    scope: &Scope,
) -> Result<HashMap<DocumentId, Vec<Overlay>>, IngestError> {
    let mut all: HashMap<DocumentId, Vec<Overlay>> = HashMap::new();
    let mut request = PageRequest { limit: 500, cursor: None };
    loop {
        let page = parts.records.overlays(scope, &OverlayFilter::default(), &request).await?;
        for stored in page.items {
            all.entry(stored.overlay.document_id.clone()).or_default().push(stored.overlay);
        }
        request.cursor = page.next_cursor;
        if request.cursor.is_none() {
            return Ok(all);
        }
    }
}
