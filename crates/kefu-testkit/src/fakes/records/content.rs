use std::collections::HashMap;

use async_trait::async_trait;
use kefu_core::ports::{
    BuildDocument, ContentRecords, CurrentContent, DocumentChange, DocumentSummary, OpenChunk,
    Page, PageRequest, StoredDocument, VectorKey,
};
use kefu_core::{
    Build, Chunk, ChunkId, DocumentId, Passage, RecordsError, Release, ReleaseNo, Revision, Role,
    Scope, TenantId,
};

use super::staging::{LEASE_MS, Lease, Version};
use super::{MemoryRecords, conflict, require};

const BUILDING: &str = "build releases";

#[async_trait]
impl ContentRecords for MemoryRecords {
    async fn tenants(&self, scope: &Scope) -> Result<Vec<TenantId>, RecordsError> {
        require(scope, Role::Operator, "list tenants")?;
        let tenants = self.tenants.lock().unwrap();
        let used = tenants.iter().filter(|(_, t)| t.content.begun || !t.jobs.is_empty());
        Ok(used.map(|(id, _)| id.clone()).collect())
    }

    async fn current(&self, scope: &Scope) -> Result<CurrentContent, RecordsError> {
        self.read(scope, |tenant| {
            let current = tenant.content.releases.iter().find(|r| r.current);
            Ok(CurrentContent {
                release: current.map_or(ReleaseNo(0), |r| r.number),
                collection: current.map(|r| r.collection.clone()),
            })
        })
    }

    async fn begin_build(
        &self,
        scope: &Scope,
        holder: &str,
        collection: &str,
    ) -> Result<Build, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.write(scope, |tenant, now_ms| {
            let content = &mut tenant.content;
            if let Some(lease) = &content.lease
                && lease.holder != holder
                && lease.ends_at_ms > now_ms
            {
                return Err(conflict(format!("{} is building; try again later", lease.holder)));
            }
            content.begun = true;
            content.build_collection = collection.to_owned();
            content.lease =
                Some(Lease { holder: holder.to_owned(), ends_at_ms: now_ms + LEASE_MS });
            Ok(Build {
                tenant: scope.tenant().clone(),
                release: content.next_release(),
                holder: holder.to_owned(),
            })
        })
    }

    async fn end_build(&self, scope: &Scope, build: &Build) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.write(scope, |tenant, now_ms| {
            tenant.content.hold(scope, build, now_ms)?;
            tenant.content.lease = None;
            Ok(())
        })
    }

    async fn build_documents(
        &self,
        scope: &Scope,
        _build: &Build,
    ) -> Result<HashMap<DocumentId, BuildDocument>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.read(scope, |tenant| {
            let open = tenant.content.versions.iter().filter(|v| v.seen.until.is_none());
            let document = |v: &Version| BuildDocument {
                revision: v.revision.clone(),
                source: v.source.clone(),
                cleaning: v.cleaning.fingerprint.clone(),
            };
            Ok(open.map(|v| (v.document.id.clone(), document(v))).collect())
        })
    }

    async fn open_chunks(
        &self,
        scope: &Scope,
        _build: &Build,
        document_id: &DocumentId,
    ) -> Result<Vec<OpenChunk>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.read(scope, |tenant| {
            let content = &tenant.content;
            let Some(version) = content.open_version(document_id) else { return Ok(Vec::new()) };
            let open = version.layout.iter().map(|place| OpenChunk {
                id: place.chunk_id,
                ordinal: place.ordinal,
                key: content.chunks[&place.chunk_id].key,
            });
            Ok(open.collect())
        })
    }

    async fn cached_vectors(
        &self,
        scope: &Scope,
        embedder_id: &str,
        keys: &[VectorKey],
    ) -> Result<HashMap<VectorKey, Vec<f32>>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.read(scope, |tenant| {
            let found = keys.iter().filter_map(|key| {
                let vector = tenant.content.vectors.get(&(embedder_id.to_owned(), *key))?;
                Some((*key, vector.clone()))
            });
            Ok(found.collect())
        })
    }

    async fn cache_vectors(
        &self,
        scope: &Scope,
        embedder_id: &str,
        vectors: &[(VectorKey, Vec<f32>)],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.write(scope, |tenant, _| {
            for (key, vector) in vectors {
                tenant.content.vectors.insert((embedder_id.to_owned(), *key), vector.clone());
            }
            Ok(())
        })
    }

    async fn stage(
        &self,
        scope: &Scope,
        build: &Build,
        changes: &[DocumentChange],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.write(scope, |tenant, now_ms| {
            let mut content = tenant.content.clone();
            content.hold(scope, build, now_ms)?;
            for change in changes {
                content.apply(build.release, change)?;
            }
            tenant.content = content;
            Ok(())
        })
    }

    async fn closings(&self, scope: &Scope, build: &Build) -> Result<Vec<ChunkId>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.read(scope, |tenant| {
            let rows = tenant.content.chunks.values();
            let closed = rows.filter(|row| row.chunk.until == Some(build.release));
            Ok(closed.map(|row| row.chunk.id).collect())
        })
    }

    async fn build_is_empty(&self, scope: &Scope, build: &Build) -> Result<bool, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.read(scope, |tenant| {
            let content = &tenant.content;
            let current = content.releases.iter().find(|r| r.current);
            let moves = current.is_some_and(|r| r.collection != content.build_collection);
            let release = build.release;
            let touched = content
                .versions
                .iter()
                .any(|v| v.seen.since == release || v.seen.until == Some(release));
            Ok(!moves && !touched)
        })
    }

    async fn publish(&self, scope: &Scope, build: &Build) -> Result<Release, RecordsError> {
        require(scope, Role::Editor, "publish releases")?;
        self.write(scope, |tenant, now_ms| {
            let content = &mut tenant.content;
            content.hold(scope, build, now_ms)?;
            let at = build.release;
            let release = Release {
                number: at,
                collection: content.build_collection.clone(),
                published_at_ms: now_ms,
                n_documents: content.versions.iter().filter(|v| v.seen.contains(at)).count() as u64,
                n_chunks: content.chunks.values().filter(|c| c.seen().contains(at)).count() as u64,
                current: true,
            };
            content.releases.iter_mut().for_each(|r| r.current = false);
            content.releases.push(release.clone());
            content.lease = None;
            Ok(release)
        })
    }

    async fn releases(&self, scope: &Scope) -> Result<Vec<Release>, RecordsError> {
        self.read(scope, |tenant| Ok(tenant.content.releases.iter().rev().cloned().collect()))
    }

    async fn document(
        &self,
        scope: &Scope,
        document_id: &DocumentId,
        revision: Option<&Revision>,
    ) -> Result<StoredDocument, RecordsError> {
        self.read(scope, |tenant| tenant.content.document(scope, document_id, revision))
    }

    async fn documents(
        &self,
        scope: &Scope,
        page: &PageRequest,
    ) -> Result<Page<DocumentSummary>, RecordsError> {
        self.read(scope, |tenant| tenant.content.documents(scope, page))
    }

    async fn passages(
        &self,
        scope: &Scope,
        release: ReleaseNo,
        chunks: &[ChunkId],
    ) -> Result<Vec<Passage>, RecordsError> {
        self.read(scope, |tenant| {
            let content = &tenant.content;
            Ok(chunks.iter().filter_map(|id| content.passage(scope, release, *id)).collect())
        })
    }

    async fn chunks_after(
        &self,
        scope: &Scope,
        embedder_id: Option<&str>,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<Chunk>, RecordsError> {
        require(scope, Role::Operator, "read all chunks")?;
        self.read(scope, |tenant| Ok(tenant.content.chunks_after(embedder_id, after, limit)))
    }
}
