use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kefu_core::ports::{DocumentChange, VectorKey};
use kefu_core::{
    Chunk, ChunkId, Cleaning, Document, DocumentId, PointerMove, RecordsError, Release, ReleaseNo,
    Revision, SourceText, Span, Visibility,
};

use super::invalid;

pub(super) const LEASE_MS: i64 = 60_000;

/// One tenant's documents, chunks, vectors and releases.
#[derive(Clone, Default)]
pub(super) struct Content {
    pub(super) begun: bool,
    pub(super) releases: Vec<Release>,
    pub(super) current: ReleaseNo,
    pub(super) current_collection: String,
    pub(super) moves: Vec<PointerMove>,
    pub(super) lease: Option<Lease>,
    pub(super) build_base: ReleaseNo,
    pub(super) build_collection: Option<String>,
    /// Points that the index may hold and that no row knows.
    pub(super) strays: BTreeSet<ChunkId>,
    /// Chunks in the index without their vectors.
    pub(super) awaiting: BTreeSet<ChunkId>,
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
    pub(super) source_text: SourceText,
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
    /// Whether `until` has changed since the index was told.
    pub(super) drifted: bool,
}

impl Row {
    pub(super) fn seen(&self) -> Visibility {
        Visibility { since: self.chunk.since, until: self.chunk.until }
    }
}

impl Content {
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
            DocumentChange::Put { document, source, cleaning, source_text, chunks } => {
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
                    source_text: source_text.clone(),
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
        let dropped = |row: &Row| goes(row) && row.chunk.since == release;
        self.strays.extend(self.chunks.values().filter(|row| dropped(row)).map(|row| row.chunk.id));
        self.chunks.retain(|_, row| !dropped(row));
        for row in self.chunks.values_mut().filter(|row| goes(row) && row.chunk.until.is_none()) {
            row.chunk.until = Some(release);
            row.drifted = true;
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
            row.drifted |= row.chunk.until.take().is_some();
            row.chunk.draft.ordinal = chunk.draft.ordinal;
            row.chunk.draft.span = chunk.draft.span;
            return Ok(());
        }
        if chunk.since != release || chunk.until.is_some() {
            return Err(invalid(format!("new chunk {} must begin at the build", chunk.id)));
        }
        let row = Chunk { dense: None, ..chunk.clone() };
        self.chunks.insert(chunk.id, Row { chunk: row, key, drifted: false });
        self.strays.remove(&chunk.id);
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
