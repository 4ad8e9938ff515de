//! The index from the records store.

use kefu_core::ports::OpenOutcome;
use kefu_core::{Chunk, Scope, TenantId};

use crate::error::IngestError;
use crate::events::{IngestEvent, IngestObserver};
use crate::pipeline::{Ingestor, Wanted, publish, write_points};

/// Chunks per page.
const PAGE: usize = 500;

impl Ingestor {
    /// Opens the index collection. When the store says that it is empty, new or damaged, every
    /// chunk of every tenant is written again from the records store, and vectors that this
    /// embedder has not made yet are made; only then is the collection declared whole, so a crash
    /// in the middle starts over. Tenants whose pointer names another collection, because the
    /// embedder was changed, get a release that names this one.
    ///
    /// `per_tenant` gives an operator's scope for each tenant.
    ///
    /// # Errors
    /// [`IngestError::Conflict`] when a tenant must be pointed to this collection but has staged
    /// changes that nobody published; otherwise what a part reports.
    pub async fn open_index(
        &self,
        operator: &Scope,
        per_tenant: &(dyn Fn(TenantId) -> Scope + Sync),
        observer: &dyn IngestObserver,
    ) -> Result<(), IngestError> {
        let parts = &self.parts;
        if parts.store.open(&parts.collection).await? == OpenOutcome::Ready {
            return Ok(());
        }
        let scopes: Vec<Scope> =
            parts.records.tenants(operator).await?.into_iter().map(per_tenant).collect();
        let mut n_done = 0;
        for scope in &scopes {
            self.rebuild_tenant(scope, &mut n_done, observer).await?;
        }
        for scope in &scopes {
            self.repoint(scope).await?;
        }
        parts.store.mark_complete(&parts.collection.name).await?;
        tracing::info!(n_chunks = n_done, "the index is whole");
        Ok(())
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

    async fn repoint(&self, scope: &Scope) -> Result<(), IngestError> {
        let parts = &self.parts;
        let (records, collection) = (&parts.records, &parts.collection.name);
        let holder = &parts.settings.holder;
        let current = records.current(scope).await?;
        let Some(other) = current.collection.filter(|other| other != collection) else {
            return Ok(());
        };
        // A build for the collection in use is empty unless something was staged.
        let build = records.begin_build(scope, holder, &other).await?;
        if records.build_is_empty(scope, &build).await? {
            let build = records.begin_build(scope, holder, collection).await?;
            return publish(parts, scope, &build).await;
        }
        records.end_build(scope, &build).await?;
        let detail = format!(
            "tenant {} has staged changes made with another embedder; go back to it and publish \
             them first",
            scope.tenant()
        );
        Err(IngestError::Conflict { detail })
    }
}
