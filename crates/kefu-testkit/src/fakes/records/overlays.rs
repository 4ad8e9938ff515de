use async_trait::async_trait;
use kefu_core::ports::{OverlayFilter, OverlayRecords, Page, PageRequest, StoredOverlay};
use kefu_core::{Overlay, OverlayId, OverlayStatus, RecordsError, Role, Scope};

use super::staging::Content;
use super::{MemoryRecords, conflict, not_found, place, require};

const CORRECTING: &str = "correct documents";
const LISTING: &str = "overlays";

/// One tenant's overlays, oldest first, numbered from 1.
#[derive(Default)]
pub(super) struct Overlays {
    kept: Vec<(u64, Overlay)>,
    n_made: u64,
}

#[async_trait]
impl OverlayRecords for MemoryRecords {
    async fn put_overlay(
        &self,
        scope: &Scope,
        overlay: &Overlay,
        max_overlays: usize,
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, CORRECTING)?;
        self.write(scope, |tenant, _| {
            let overlays = &mut tenant.overlays;
            let others = overlays.kept.iter().filter(|(_, known)| !is_same(known, overlay));
            let others: Vec<(u64, Overlay)> = others.cloned().collect();
            if others.len() >= max_overlays {
                return Err(conflict(format!("{max_overlays} corrections are kept already")));
            }
            overlays.kept = others;
            overlays.n_made += 1;
            overlays.kept.push((overlays.n_made, overlay.clone()));
            Ok(())
        })
    }

    async fn delete_overlay(&self, scope: &Scope, id: &OverlayId) -> Result<Overlay, RecordsError> {
        require(scope, Role::Editor, CORRECTING)?;
        self.write(scope, |tenant, _| {
            let kept = &mut tenant.overlays.kept;
            let at = kept.iter().position(|(_, overlay)| &overlay.id == id);
            Ok(kept.remove(at.ok_or_else(|| not_found("overlay", id))?).1)
        })
    }

    async fn overlays(
        &self,
        scope: &Scope,
        filter: &OverlayFilter,
        page: &PageRequest,
    ) -> Result<Page<StoredOverlay>, RecordsError> {
        require(scope, Role::Editor, CORRECTING)?;
        let after = place(page, LISTING)?.map_or(0, |text| text.parse().unwrap());
        self.read(scope, |tenant| {
            let stored = |(n, overlay): &(u64, Overlay)| {
                let status = tenant.content.status(overlay);
                (*n, StoredOverlay { overlay: overlay.clone(), status })
            };
            let mut items: Vec<(u64, StoredOverlay)> = tenant
                .overlays
                .kept
                .iter()
                .filter(|(n, o)| {
                    *n > after && filter.document_id.as_ref().is_none_or(|id| id == &o.document_id)
                })
                .map(stored)
                .filter(|(_, o)| !filter.orphaned || o.status == OverlayStatus::Orphaned)
                .collect();
            let more = items.len() > page.limit;
            items.truncate(page.limit);
            let last = items.last().filter(|_| more);
            Ok(Page {
                next_cursor: last.map(|(n, _)| format!("{LISTING}:{n}")),
                items: items.into_iter().map(|(_, item)| item).collect(),
            })
        })
    }
}

fn is_same(a: &Overlay, b: &Overlay) -> bool {
    (&a.document_id, &a.passage, a.occurrence, a.action.as_str())
        == (&b.document_id, &b.passage, b.occurrence, b.action.as_str())
}

impl Content {
    fn status(&self, overlay: &Overlay) -> OverlayStatus {
        let shown = self.versions.iter().find(|version| {
            version.document.id == overlay.document_id && version.seen.contains(self.current)
        });
        let Some(shown) = shown else { return OverlayStatus::Orphaned };
        let met = shown.cleaning.corrections.iter().find(|c| c.overlay == overlay.id);
        match met {
            None => OverlayStatus::Waiting,
            Some(correction) if correction.span.is_some() => OverlayStatus::Applied,
            Some(_) => OverlayStatus::Orphaned,
        }
    }
}
