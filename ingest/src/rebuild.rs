//! The index from the records store.

use kefu_core::ports::OpenOutcome;
use kefu_core::{Chunk, Scope, TenantId};

use crate::error::IngestError;
use crate::events::{IngestEvent, IngestObserver};
use crate::pipeline::{Ingestor, Wanted, write_points};

/// Chunks per page.
const PAGE: usize = 500;

impl Ingestor {
    /// Opens the index collection. When the store says that it is empty, new or damaged, or when
    /// builds have written to another collection since, every chunk of every tenant is written
    /// again from the records store, and vectors that this embedder has not made yet are made;
    /// only then is the collection declared whole, so a crash in the middle starts over. The
    /// pointers of tenants then name this collection, at the release they named before: an
    /// embedder can be changed and changed back, and staged changes move along.
    ///
    /// `per_tenant` gives an operator's scope for each tenant.
    ///
    /// # Errors
    /// What a part reports.
    pub async fn open_index(
        &self,
        operator: &Scope,
        per_tenant: &(dyn Fn(TenantId) -> Scope + Sync),
        observer: &dyn IngestObserver,
    ) -> Result<(), IngestError> {
        let parts = &self.parts;
        let (store, name) = (&parts.store, &parts.collection.name);
        let found = store.open(&parts.collection).await?;
        let scopes: Vec<Scope> =
            parts.records.tenants(operator).await?.into_iter().map(per_tenant).collect();
        if found == OpenOutcome::Ready {
            if !self.is_stale(&scopes).await? {
                return Ok(());
            }
            store.discard(name).await?;
            store.open(&parts.collection).await?;
        }
        let mut n_done = 0;
        for scope in &scopes {
            self.rebuild_tenant(scope, &mut n_done, observer).await?;
        }
        for scope in &scopes {
            parts.records.repoint(scope, name).await?;
        }
        store.mark_complete(name).await?;
        tracing::info!(n_chunks = n_done, "the index is whole");
        Ok(())
    }

    /// Whether a build wrote to another collection after this one.
    async fn is_stale(&self, scopes: &[Scope]) -> Result<bool, IngestError> {
        for scope in scopes {
            let written = self.parts.records.index_collection(scope).await?;
            if written.is_some_and(|other| other != self.parts.collection.name) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn rebuild_tenant(
        &self,
        scope: &Scope,
        n_done: &mut usize,
        observer: &dyn IngestObserver,
    ) -> Result<(), IngestError> {
        let parts = &self.parts;
        let embedder_id = parts.embedder.as_ref().map(|e| e.info().id.as_str());
        let mut after = None;
        loop {
            let mut page: Vec<Chunk> =
                parts.records.chunks_after(scope, embedder_id, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            let mut wanted = Wanted::look_up(parts, scope, &page).await?;
            while wanted.embed_batch(parts, scope).await? > 0 {}
            wanted.fill(&mut page);
            write_points(parts, scope, &page).await?;
            *n_done += page.len();
            observer.observe(IngestEvent::Rebuilding { n_done: *n_done });
        }
    }
}
