use std::collections::{BTreeMap, HashMap, HashSet};

use kefu_core::ports::{DocumentChange, VectorKey};
use kefu_core::{
    Build, Chunk, ChunkId, Cleaning, Document, DocumentId, RecordsError, Release, ReleaseNo,
    Revision, Scope, Span, Visibility,
};

use super::{conflict, invalid};

pub(super) const LEASE_MS: i64 = 60_000;

/// One tenant's documents, chunks, vectors and releases.
#[derive(Clone, Default)]
pub(super) struct Content {
    pub(super) begun: bool,
    pub(super) releases: Vec<Release>,
    pub(super) lease: Option<Lease>,
    pub(super) build_collection: String,
    pub(super) versions: Vec<Version>,
    pub(super) chunks: BTreeMap<ChunkId, Row>,
    pub(super) vectors: HashMap<(String, VectorKey), Vec<f32>>,
}

#[derive(Clone)]
pub(super) struct Lease {
    pub(super) holder: String,
    pub(super) ends_at_ms: i64,
}

#[derive(Clone)]
pub(super) struct Version {
    pub(super) document: Document,
    pub(super) revision: Revision,
    pub(super) source: String,
    pub(super) cleaning: Cleaning,
    pub(super) seen: Visibility,
    pub(super) layout: Vec<Place>,
}

/// Where a chunk stands in one version of its document.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) chunk_id: ChunkId,
    pub(super) ordinal: u32,
    pub(super) span: Span,
}

/// A chunk as last staged; its own `since` and `until` are the truth.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) chunk: Chunk,
    pub(super) key: [u8; 32],
}

impl Row {
    pub(super) fn seen(&self) -> Visibility {
        Visibility { since: self.chunk.since, until: self.chunk.until }
    }
}

impl Content {
    pub(super) fn current(&self) -> ReleaseNo {
        self.releases.iter().find(|r| r.current).map_or(ReleaseNo(0), |r| r.number)
    }

    pub(super) fn next_release(&self) -> ReleaseNo {
        self.releases.iter().map(|r| r.number).max().unwrap_or_default().next()
    }

    /// Checks that the build is the one under way and renews its lease.
    pub(super) fn hold(
        &mut self,
        scope: &Scope,
        build: &Build,
        now_ms: i64,
    ) -> Result<(), RecordsError> {
        if &build.tenant != scope.tenant() {
            return Err(invalid("the build belongs to another tenant"));
        }
        let next = self.next_release();
        match &mut self.lease {
            Some(lease) if lease.holder == build.holder && build.release == next => {
                lease.ends_at_ms = now_ms + LEASE_MS;
                Ok(())
            }
            _ => Err(conflict("the build lease was lost; begin the build again")),
        }
    }

    pub(super) fn open_version(&self, id: &DocumentId) -> Option<&Version> {
        self.versions.iter().find(|v| &v.document.id == id && v.seen.until.is_none())
    }

    pub(super) fn apply(
        &mut self,
        release: ReleaseNo,
        change: &DocumentChange,
    ) -> Result<(), RecordsError> {
        match change {
            DocumentChange::Delete { document_id } => {
                self.end(release, document_id, &HashSet::new());
            }
            DocumentChange::Put { document, source, cleaning, chunks } => {
                check(document, chunks)?;
                let ids = chunks.iter().map(|(chunk, _)| chunk.id).collect();
                self.end(release, &document.id, &ids);
                for (chunk, key) in chunks {
                    self.put_chunk(release, chunk, *key)?;
                }
                self.versions.push(Version {
                    document: document.clone(),
                    revision: document.revision(),
                    source: source.clone(),
                    cleaning: cleaning.clone(),
                    seen: Visibility::from(release),
                    layout: chunks.iter().map(|(chunk, _)| place(chunk)).collect(),
                });
            }
        }
        Ok(())
    }

    /// Ends the open version of a document and its chunks, except those in `kept`.
    fn end(&mut self, release: ReleaseNo, id: &DocumentId, kept: &HashSet<ChunkId>) {
        self.versions.retain(|v| &v.document.id != id || v.seen.since != release);
        for version in self.versions.iter_mut().filter(|v| &v.document.id == id) {
            version.seen.until.get_or_insert(release);
        }
        let goes = |row: &Row| &row.chunk.document_id == id && !kept.contains(&row.chunk.id);
        self.chunks.retain(|_, row| !goes(row) || row.chunk.since != release);
        for row in self.chunks.values_mut().filter(|row| goes(row)) {
            row.chunk.until.get_or_insert(release);
        }
    }

    fn put_chunk(
        &mut self,
        release: ReleaseNo,
        chunk: &Chunk,
        key: [u8; 32],
    ) -> Result<(), RecordsError> {
        if let Some(row) = self.chunks.get_mut(&chunk.id) {
            let open = row.chunk.until.is_none_or(|until| until == release);
            if !open || row.chunk.document_id != chunk.document_id {
                return Err(invalid(format!("chunk id {} was used before", chunk.id)));
            }
            row.chunk.until = None;
            row.chunk.draft.ordinal = chunk.draft.ordinal;
            row.chunk.draft.span = chunk.draft.span;
            return Ok(());
        }
        if chunk.since != release || chunk.until.is_some() {
            return Err(invalid(format!("new chunk {} must begin at the build", chunk.id)));
        }
        self.chunks.insert(chunk.id, Row { chunk: Chunk { dense: None, ..chunk.clone() }, key });
        Ok(())
    }
}

fn place(chunk: &Chunk) -> Place {
    Place { chunk_id: chunk.id, ordinal: chunk.draft.ordinal, span: chunk.draft.span }
}

fn check(document: &Document, chunks: &[(Chunk, [u8; 32])]) -> Result<(), RecordsError> {
    let mut ids = HashSet::new();
    let mut last_ordinal = None;
    for (chunk, _) in chunks {
        let ordinal = Some(chunk.draft.ordinal);
        let fits = chunk.document_id == document.id
            && chunk.draft.span.of(&document.text).is_some()
            && ordinal > last_ordinal
            && ids.insert(chunk.id);
        if !fits {
            return Err(invalid(format!("chunk {} does not fit {}", chunk.id, document.id)));
        }
        last_ordinal = ordinal;
    }
    Ok(())
}
