//! Changed documents to staged changes.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use kefu_core::content::digest;
use kefu_core::ports::{DocumentChange, OpenChunk};
use kefu_core::{
    Audience, Build, Chunk, ChunkDraft, ChunkId, Cleaning, Document, DocumentId, ErrorKind,
    Language, Scope, SourceText, SparseVector, Validity,
};

use super::{IngestorParts, blocking};
use crate::error::IngestError;

/// A document that is new, differs, or goes.
pub(super) enum Change {
    Put {
        document: Box<Document>,
        source: String,
        cleaning: Cleaning,
        source_text: SourceText,
        drafts: Vec<ChunkDraft>,
    },
    Delete {
        document_id: DocumentId,
    },
}

impl Change {
    pub(super) fn document_id(&self) -> &DocumentId {
        match self {
            Self::Put { document, .. } => &document.id,
            Self::Delete { document_id } => document_id,
        }
    }

    pub(super) fn n_chunks(&self) -> usize {
        match self {
            Self::Put { drafts, .. } => drafts.len(),
            Self::Delete { .. } => 0,
        }
    }
}

/// The build lease, renewed when work that does not touch the build takes long.
pub(super) struct Lease {
    pub(super) build: Build,
    renewed: Instant,
}

/// A third of the time after which another builder may take over.
const RENEW_AFTER: Duration = Duration::from_secs(20);

impl Lease {
    pub(super) async fn take(parts: &IngestorParts, scope: &Scope) -> Result<Self, IngestError> {
        let build = begin(parts, scope).await?;
        Ok(Self { build, renewed: Instant::now() })
    }

    pub(super) async fn keep(
        &mut self,
        parts: &IngestorParts,
        scope: &Scope,
    ) -> Result<(), IngestError> {
        if self.renewed.elapsed() < RENEW_AFTER {
            return Ok(());
        }
        parts.records.stage(scope, &self.build, &[]).await?;
        self.renewed = Instant::now();
        Ok(())
    }
}

pub(super) async fn begin(parts: &IngestorParts, scope: &Scope) -> Result<Build, IngestError> {
    let (holder, collection) = (&parts.settings.holder, &parts.collection.name);
    parts.records.begin_build(scope, holder, collection).await.map_err(|error| {
        if error.kind() == ErrorKind::Conflict {
            let detail = format!("another process is building a release ({error}); wait for it");
            IngestError::Conflict { detail }
        } else {
            error.into()
        }
    })
}

/// A batch of changes with chunks matched against what is stored.
pub(super) struct Matched {
    pub(super) changes: Vec<DocumentChange>,
    /// Where the new chunks stand in `changes`.
    places: Vec<(usize, usize)>,
    /// The new chunks, without vectors.
    pub(super) new: Vec<Chunk>,
}

/// Matches chunks by key: a known one keeps its id, row and vectors.
pub(super) async fn match_chunks(
    parts: &IngestorParts,
    scope: &Scope,
    build: &Build,
    changes: Vec<(Change, bool)>,
) -> Result<Matched, IngestError> {
    let mut matched =
        Matched { changes: Vec::with_capacity(changes.len()), places: Vec::new(), new: Vec::new() };
    for (change, is_known) in changes {
        let open = if is_known {
            parts.records.open_chunks(scope, build, change.document_id()).await?
        } else {
            Vec::new()
        };
        let mut open: HashMap<[u8; 32], OpenChunk> =
            open.into_iter().map(|chunk| (chunk.key, chunk)).collect();
        match change {
            Change::Put { document, source, cleaning, source_text, drafts } => {
                let chunks = matched.take_drafts(build, &document, drafts, &mut open);
                let document = *document;
                let put = DocumentChange::Put { document, source, cleaning, source_text, chunks };
                matched.changes.push(put);
            }
            Change::Delete { document_id } => {
                matched.changes.push(DocumentChange::Delete { document_id });
            }
        }
    }
    Ok(matched)
}

impl Matched {
    fn take_drafts(
        &mut self,
        build: &Build,
        document: &Document,
        drafts: Vec<ChunkDraft>,
        open: &mut HashMap<[u8; 32], OpenChunk>,
    ) -> Vec<(Chunk, [u8; 32])> {
        let keys = keys(document, &drafts);
        let mut chunks = Vec::with_capacity(drafts.len());
        for (draft, key) in drafts.into_iter().zip(keys) {
            let known = open.remove(&key).map(|chunk| chunk.id);
            let chunk = Chunk {
                id: known.unwrap_or_else(|| chunk_id(build, &document.id, &key)),
                document_id: document.id.clone(),
                draft,
                audiences: document.meta.audiences.clone(),
                since: build.release,
                until: None,
                dense: None,
                sparse: SparseVector::default(),
            };
            if known.is_none() {
                self.places.push((self.changes.len(), chunks.len()));
                self.new.push(chunk.clone());
            }
            chunks.push((chunk, key));
        }
        chunks
    }

    /// Puts the new chunks, which have their vectors by now, into the changes.
    pub(super) fn settle(&mut self) {
        for ((change_idx, chunk_idx), new) in self.places.iter().zip(&self.new) {
            if let Some(DocumentChange::Put { chunks, .. }) = self.changes.get_mut(*change_idx)
                && let Some((chunk, _)) = chunks.get_mut(*chunk_idx)
            {
                chunk.clone_from(new);
            }
        }
    }
}

/// Keys that decide whether a chunk is the same as a stored one. Equal texts in one document are
/// told apart by their order.
fn keys(document: &Document, drafts: &[ChunkDraft]) -> Vec<[u8; 32]> {
    let text_keys = TextKeys::of(document);
    let mut seen: HashMap<[u8; 32], u64> = HashMap::new();
    drafts
        .iter()
        .map(|draft| {
            let text = text_keys.key(&draft.index_text, draft.language, &draft.validity);
            let occurrence = seen.entry(text).or_default();
            *occurrence += 1;
            nth_key(&text, *occurrence)
        })
        .collect()
}

fn nth_key(text: &[u8; 32], occurrence: u64) -> [u8; 32] {
    digest(&[text, &occurrence.to_le_bytes()])
}

/// Keys of a document's texts, before equal ones are told apart.
struct TextKeys {
    document_id: DocumentId,
    audiences: String,
}

impl TextKeys {
    fn of(document: &Document) -> Self {
        let audiences: Vec<&str> = document.meta.audiences.iter().map(Audience::as_str).collect();
        Self { document_id: document.id.clone(), audiences: audiences.join(",") }
    }

    /// What is the same in a chunk that may stay; days count only where there are any.
    fn key(&self, index_text: &str, language: Language, validity: &Validity) -> [u8; 32] {
        let mut parts = vec![
            self.document_id.as_str().as_bytes(),
            index_text.as_bytes(),
            self.audiences.as_bytes(),
            language.code().as_bytes(),
        ];
        if !validity.is_open() {
            parts.push(validity.from.as_deref().unwrap_or_default().as_bytes());
            parts.push(validity.to.as_deref().unwrap_or_default().as_bytes());
        }
        digest(&parts)
    }
}

/// The texts that a document's stored chunks hold.
pub(super) struct KnownTexts {
    text_keys: TextKeys,
    stored: HashSet<[u8; 32]>,
}

impl KnownTexts {
    pub(super) fn new(document: &Document, open: &[OpenChunk]) -> Self {
        let stored = open.iter().map(|chunk| chunk.key).collect();
        Self { text_keys: TextKeys::of(document), stored }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.stored.is_empty()
    }

    /// Whether these chunks are all there is.
    pub(super) fn are(&self, document: &Document, drafts: &[ChunkDraft]) -> bool {
        let keys = keys(document, drafts);
        keys.len() == self.stored.len() && keys.iter().all(|key| self.stored.contains(key))
    }

    pub(super) fn contains(
        &self,
        index_text: &str,
        language: Language,
        validity: &Validity,
    ) -> bool {
        self.stored.contains(&nth_key(&self.text_keys.key(index_text, language, validity), 1))
    }
}

/// The id of a chunk that this build makes.
fn chunk_id(build: &Build, document_id: &DocumentId, key: &[u8; 32]) -> ChunkId {
    ChunkId::derive(&[
        build.tenant.as_str().as_bytes(),
        document_id.as_str().as_bytes(),
        key,
        &build.release.0.to_le_bytes(),
    ])
}

/// Lexical vectors of chunks.
pub(super) async fn encode(parts: &IngestorParts, chunks: &mut [Chunk]) -> Result<(), IngestError> {
    let texts: Vec<String> = chunks.iter().map(|chunk| chunk.draft.index_text.clone()).collect();
    let analyser = parts.analyser.clone();
    let encode = move || texts.iter().map(|text| analyser.encode_passage(text)).collect();
    let vectors: Vec<SparseVector> = blocking(encode).await?;
    for (chunk, sparse) in chunks.iter_mut().zip(vectors) {
        chunk.sparse = sparse;
    }
    Ok(())
}
