use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use kefu_core::ports::{
    BuildDocument, Collected, ContentRecords, CurrentContent, DocumentChange, DocumentDelta,
    DocumentFilter, DocumentSummary, ExpectedPoint, OpenChunk, Page, PageRequest, StoredDocument,
    VectorKey,
};
use kefu_core::{
    Build, Chunk, ChunkId, DocumentId, Drift, Passage, PointerMove, PointerTarget, RecordsError,
    Release, ReleaseNo, Revision, Role, Scope, SourceText, TenantId, Undone, Visibility,
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
            let content = &tenant.content;
            let collection = content.current_collection.clone();
            let published = content.current > ReleaseNo(0);
            Ok(CurrentContent {
                awaits_vectors: !tenant.content.awaiting.is_empty(),
                release: content.current,
                collection: published.then_some(collection),
            })
        })
    }

    async fn index_collection(&self, scope: &Scope) -> Result<Option<String>, RecordsError> {
        self.read(scope, |tenant| Ok(tenant.content.build_collection.clone()))
    }

    async fn repoint(&self, scope: &Scope, collection: &str) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.write(scope, |tenant, _| {
            let content = &mut tenant.content;
            collection.clone_into(&mut content.current_collection);
            content.build_collection = content.begun.then(|| collection.to_owned());
            Ok(())
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
            content.build_collection = Some(collection.to_owned());
            content.lease =
                Some(Lease { holder: holder.to_owned(), ends_at_ms: now_ms + LEASE_MS });
            let undone = content.undo();
            content.build_base = content.current;
            Ok(Build {
                tenant: scope.tenant().clone(),
                release: content.next_release(),
                base: content.current,
                holder: holder.to_owned(),
                reason: None,
                undone,
            })
        })
    }

    async fn withdraw(&self, scope: &Scope, build: &Build) -> Result<Undone, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.write(scope, |tenant, now_ms| {
            tenant.content.hold(scope, build, now_ms)?;
            Ok(tenant.content.withdraw())
        })
    }

    async fn end_build(&self, scope: &Scope, build: &Build) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.write(scope, |tenant, now_ms| {
            tenant.content.hold_lease(scope, build, now_ms)?;
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
                state: v.document.meta.state,
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

    async fn await_vectors(
        &self,
        scope: &Scope,
        build: &Build,
        chunks: &[ChunkId],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.write(scope, |tenant, now_ms| {
            tenant.content.hold(scope, build, now_ms)?;
            tenant.content.awaiting.extend(chunks);
            Ok(())
        })
    }

    async fn awaiting_vectors(
        &self,
        scope: &Scope,
        embedder_id: &str,
        limit: usize,
    ) -> Result<Vec<Chunk>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.read(scope, |tenant| {
            let content = &tenant.content;
            let mut chunks = content.chunks_after(Some(embedder_id), None, usize::MAX);
            chunks.retain(|chunk| content.awaiting.contains(&chunk.id));
            chunks.truncate(limit);
            Ok(chunks)
        })
    }

    async fn vectors_arrived(
        &self,
        scope: &Scope,
        written: &[(ChunkId, Visibility)],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.write(scope, |tenant, _| {
            tenant.content.vectors_arrived(written);
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

    async fn announce(
        &self,
        scope: &Scope,
        build: &Build,
        chunks: &[ChunkId],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.write(scope, |tenant, now_ms| {
            let content = &mut tenant.content;
            content.hold(scope, build, now_ms)?;
            let new = chunks.iter().filter(|id| !content.chunks.contains_key(id));
            content.strays.extend(new);
            Ok(())
        })
    }

    async fn drift(
        &self,
        scope: &Scope,
        build: &Build,
        limit: usize,
    ) -> Result<Vec<Drift>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.write(scope, |tenant, now_ms| {
            tenant.content.hold_lease(scope, build, now_ms)?;
            Ok(tenant.content.drift().take(limit).collect())
        })
    }

    async fn settled(
        &self,
        scope: &Scope,
        build: &Build,
        told: &[Drift],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.write(scope, |tenant, now_ms| {
            tenant.content.hold_lease(scope, build, now_ms)?;
            tenant.content.settle(told);
            Ok(())
        })
    }

    async fn expected_points(
        &self,
        scope: &Scope,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<ExpectedPoint>, RecordsError> {
        require(scope, Role::Operator, "compare the index")?;
        self.read(scope, |tenant| {
            let content = &tenant.content;
            let strays = content.strays.iter().map(|id| (*id, None, true));
            let rows = content.chunks.values();
            let rows = rows.map(|row| (row.chunk.id, Some(row.seen()), row.drifted));
            // A row counts more than a stray of the same id.
            let mut all: BTreeMap<ChunkId, _> = BTreeMap::new();
            for (chunk_id, visibility, pending) in strays.chain(rows) {
                all.insert(chunk_id, ExpectedPoint { chunk_id, visibility, pending });
            }
            Ok(all.into_values().filter(|p| Some(p.chunk_id) > after).take(limit).collect())
        })
    }

    async fn build_is_empty(&self, scope: &Scope, build: &Build) -> Result<bool, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.read(scope, |tenant| {
            let content = &tenant.content;
            let moves = content.current > ReleaseNo(0)
                && content.build_collection.as_ref() != Some(&content.current_collection);
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
            if content.drift().next().is_some() {
                return Err(conflict("the index is not in line with the records"));
            }
            Ok(content.publish(build, scope, now_ms))
        })
    }

    async fn move_pointer(
        &self,
        scope: &Scope,
        target: PointerTarget,
        reason: &str,
    ) -> Result<Release, RecordsError> {
        require(scope, Role::Editor, "publish releases")?;
        self.write(scope, |tenant, now_ms| {
            tenant.content.move_pointer(target, reason, (scope, now_ms))
        })
    }

    async fn pointer_moves(
        &self,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<PointerMove>, RecordsError> {
        require(scope, Role::Editor, "read the history of releases")?;
        self.read(scope, |tenant| {
            Ok(tenant.content.moves.iter().rev().take(limit).cloned().collect())
        })
    }

    async fn collect(
        &self,
        scope: &Scope,
        build: &Build,
        keep: usize,
        limit: usize,
    ) -> Result<Collected, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.write(scope, |tenant, now_ms| {
            tenant.content.hold_lease(scope, build, now_ms)?;
            Ok(tenant.content.collect(keep, limit, now_ms))
        })
    }

    async fn releases(&self, scope: &Scope) -> Result<Vec<Release>, RecordsError> {
        self.read(scope, |tenant| Ok(tenant.content.releases.iter().rev().cloned().collect()))
    }

    async fn delta(
        &self,
        scope: &Scope,
        releases: (ReleaseNo, ReleaseNo),
        after: Option<&DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentDelta>, RecordsError> {
        require(scope, Role::Editor, "compare releases")?;
        self.read(scope, |tenant| tenant.content.delta(releases, after, limit))
    }

    async fn document_at(
        &self,
        scope: &Scope,
        release: ReleaseNo,
        document_id: &DocumentId,
    ) -> Result<StoredDocument, RecordsError> {
        self.read(scope, |tenant| {
            tenant.content.find(release)?;
            tenant.content.document(scope, document_id, (release, None))
        })
    }

    async fn document(
        &self,
        scope: &Scope,
        document_id: &DocumentId,
        revision: Option<&Revision>,
    ) -> Result<StoredDocument, RecordsError> {
        self.read(scope, |tenant| {
            let current = tenant.content.current;
            tenant.content.document(scope, document_id, (current, revision))
        })
    }

    async fn source_text(
        &self,
        scope: &Scope,
        document_id: &DocumentId,
        revision: &Revision,
    ) -> Result<Option<SourceText>, RecordsError> {
        require(scope, Role::Editor, BUILDING)?;
        self.read(scope, |tenant| {
            let versions = tenant.content.versions.iter();
            let latest = versions
                .filter(|v| &v.document.id == document_id && &v.revision == revision)
                .max_by_key(|v| v.seen.since);
            Ok(latest.map(|version| version.source_text.clone()))
        })
    }

    async fn documents(
        &self,
        scope: &Scope,
        filter: &DocumentFilter,
        page: &PageRequest,
    ) -> Result<Page<DocumentSummary>, RecordsError> {
        self.read(scope, |tenant| tenant.content.documents(scope, filter, page))
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
