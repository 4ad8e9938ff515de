use std::collections::{BTreeMap, BTreeSet};

use kefu_core::ports::{
    DocumentDelta, DocumentFilter, DocumentSummary, Page, PageRequest, StoredDocument,
};
use kefu_core::{
    Chunk, ChunkId, DocumentId, DocumentKind, Passage, RecordsError, ReleaseNo, Revision, Role,
    Scope,
};

use super::staging::{Content, Version};
use super::{not_found, place};

impl Content {
    pub(super) fn document(
        &self,
        scope: &Scope,
        id: &DocumentId,
        (current, revision): (ReleaseNo, Option<&Revision>),
    ) -> Result<StoredDocument, RecordsError> {
        let wanted = |v: &&Version| match revision {
            Some(revision) => {
                let may_look_ahead = scope.role() >= Role::Editor;
                &v.revision == revision && (may_look_ahead || v.seen.since <= current)
            }
            None => v.seen.contains(current),
        };
        let version = self
            .versions
            .iter()
            .filter(|v| &v.document.id == id && may_see(scope, v))
            .filter(wanted)
            .max_by_key(|v| v.seen.since)
            .ok_or_else(|| not_found("document", id))?;
        Ok(StoredDocument {
            document: version.document.clone(),
            revision: version.revision.clone(),
            since: version.seen.since,
            until: version.seen.until.filter(|until| *until <= current),
            source: version.source.clone(),
            cleaning: version.cleaning.clone(),
            n_chunks: version.layout.len() as u64,
        })
    }

    pub(super) fn delta(
        &self,
        (a, b): (ReleaseNo, ReleaseNo),
        after: Option<&DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentDelta>, RecordsError> {
        self.find(a)?;
        self.find(b)?;
        let at = |release| {
            let seen = self.versions.iter().filter(move |v| v.seen.contains(release));
            seen.map(|v| (v.document.id.clone(), v.revision.clone())).collect::<BTreeMap<_, _>>()
        };
        let (before, after_all) = (at(a), at(b));
        let ids: BTreeSet<&DocumentId> = before.keys().chain(after_all.keys()).collect();
        let deltas = ids.into_iter().filter(|id| Some(*id) > after).map(|id| DocumentDelta {
            id: id.clone(),
            before: before.get(id).cloned(),
            after: after_all.get(id).cloned(),
        });
        Ok(deltas.filter(|delta| delta.before != delta.after).take(limit).collect())
    }

    pub(super) fn documents(
        &self,
        scope: &Scope,
        filter: &DocumentFilter,
        page: &PageRequest,
    ) -> Result<Page<DocumentSummary>, RecordsError> {
        let after = place(page, "documents")?;
        let current = self.current;
        let mut items: Vec<DocumentSummary> = self
            .versions
            .iter()
            .filter(|v| v.seen.contains(current) && may_see(scope, v))
            .filter(|v| after.as_deref().is_none_or(|after| v.document.id.as_str() > after))
            .map(summary)
            .filter(|item| filter.state.is_none_or(|state| item.state == state))
            .filter(|item| filter.is_pair.is_none_or(|is_pair| item.is_pair == is_pair))
            .filter(|item| {
                let of_sections = item.sections.iter().map(|section| &section.validity.to);
                let mut ends = of_sections.chain([&item.valid_to]).flatten();
                filter.ends_by.as_ref().is_none_or(|day| ends.any(|end| end <= day))
            })
            .collect();
        items.sort_by(|a, b| a.id.cmp(&b.id));
        let more = items.len() > page.limit;
        items.truncate(page.limit);
        let last = items.last().filter(|_| more);
        Ok(Page { next_cursor: last.map(|d| format!("documents:{}", d.id)), items })
    }

    pub(super) fn passage(&self, scope: &Scope, at: ReleaseNo, id: ChunkId) -> Option<Passage> {
        let row = self.chunks.get(&id).filter(|row| row.seen().contains(at))?;
        let chunk = &row.chunk;
        let version = self
            .versions
            .iter()
            .find(|v| v.document.id == chunk.document_id && v.seen.contains(at))?;
        let document = &version.document;
        if !scope.may_read(&document.meta.audiences) || !scope.may_read(&chunk.audiences) {
            return None;
        }
        let place = version.layout.iter().find(|place| place.chunk_id == id)?;
        Some(Passage {
            chunk_id: id,
            document_id: document.id.clone(),
            revision: version.revision.clone(),
            title: document.meta.title.clone(),
            url: document.meta.url.clone(),
            heading: chunk.draft.heading.clone(),
            ordinal: place.ordinal,
            span: place.span,
            text: place.span.of(&document.text)?.to_owned(),
            language: chunk.draft.language,
            validity: chunk.draft.validity.clone(),
            pair_answer: match document.kind {
                DocumentKind::Article => None,
                DocumentKind::Pair { answer } => Some(answer),
            },
        })
    }

    pub(super) fn chunks_after(
        &self,
        embedder_id: Option<&str>,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Vec<Chunk> {
        let later = self.chunks.values().filter(|row| Some(row.chunk.id) > after);
        let with_vector = |chunk: &Chunk| {
            let key = (embedder_id?.to_owned(), chunk.draft.text_hash());
            self.vectors.get(&key).cloned()
        };
        later
            .take(limit)
            .map(|row| Chunk { dense: with_vector(&row.chunk), ..row.chunk.clone() })
            .collect()
    }
}

/// Drafts and retired documents are for editors.
fn may_see(scope: &Scope, version: &Version) -> bool {
    let meta = &version.document.meta;
    scope.may_read(&meta.audiences) && (meta.state.is_visible() || scope.role() >= Role::Editor)
}

fn summary(version: &Version) -> DocumentSummary {
    let document = &version.document;
    DocumentSummary {
        id: document.id.clone(),
        title: document.meta.title.clone(),
        revision: version.revision.clone(),
        language: document.meta.language,
        state: document.meta.state,
        is_pair: matches!(document.kind, DocumentKind::Pair { .. }),
        valid_from: document.meta.valid_from.clone(),
        valid_to: document.meta.valid_to.clone(),
        sections: document.meta.sections.clone(),
        url: document.meta.url.clone(),
        size_bytes: document.text.len() as u64,
        n_chunks: version.layout.len() as u64,
        since: version.seen.since,
    }
}
