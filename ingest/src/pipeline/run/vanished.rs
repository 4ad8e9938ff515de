//! Documents whose source no longer has them.

use std::collections::HashMap;

use kefu_core::DocumentId;

use super::{Run, removed};
use crate::error::IngestError;
use crate::pipeline::build::Change;
use crate::pipeline::{Listed, SOURCE_BORDER};
use crate::report::{FileOutcome, FileReport, TOO_MANY_WOULD_VANISH};

impl Run<'_> {
    /// Documents that came from these sources and that the run did not meet.
    pub(super) async fn take_vanished(&mut self, sources: &[Listed]) -> Result<(), IngestError> {
        let mut held: HashMap<&str, (Held, &Listed)> = HashMap::new();
        // Where nothing is deleted, the documents that were met need not be counted.
        let deletes = sources.iter().any(|source| source.delete);
        let is_counted = |id: &DocumentId| deletes || !self.seen.contains(id);
        let ids: Vec<DocumentId> = self.known.keys().filter(|id| is_counted(id)).cloned().collect();
        for id in ids {
            if sources.is_empty() {
                break;
            }
            let origin = self.origin(&id).await?;
            let ours = sources.iter().find(|source| {
                let rest = origin.strip_prefix(source.name.as_str());
                rest.is_some_and(|rest| rest.starts_with(SOURCE_BORDER))
            });
            let Some(source) = ours else { continue };
            let entry = held.entry(source.name.as_str());
            let (held, _) = entry.or_insert_with(|| (Held::default(), source));
            held.n_documents += 1;
            if !self.seen.contains(&id) && !self.doubtful.contains(&origin) {
                held.missing.push(id);
            }
        }
        let mut missing: Vec<(DocumentId, (bool, bool))> = Vec::new();
        for (Held { n_documents, missing: gone }, source) in held.into_values() {
            let limit = source.max_vanish_share.filter(|_| !self.mode.confirm_deletions);
            let is_too_many =
                limit.is_some_and(|limit| is_too_many(gone.len(), n_documents, limit));
            missing.extend(gone.into_iter().map(|id| (id, (source.delete, is_too_many))));
        }
        missing.sort();
        for (document_id, (deletes, is_withheld)) in missing {
            let name = document_id.as_str().to_owned();
            if deletes && !is_withheld {
                self.report.n_removed += 1;
                self.report.push(removed(name));
                self.pending.push(Change::Delete { document_id });
                continue;
            }
            let (code, detail) = if deletes {
                (
                    TOO_MANY_WOULD_VANISH,
                    "too much of its source would go at once; confirm to delete",
                )
            } else {
                ("no_longer_in_source", "its source no longer has it; prune to delete it")
            };
            self.report.push(FileReport::problem(name, FileOutcome::Kept, code, detail));
        }
        Ok(())
    }

    async fn origin(&self, id: &DocumentId) -> Result<String, IngestError> {
        let known = self.known.get(id).and_then(|known| known.source.clone());
        match known {
            Some(source) => Ok(source),
            None => Ok(self.parts.records.document(self.scope, id, None).await?.source),
        }
    }
}

/// What is stored of one source.
#[derive(Default)]
struct Held {
    n_documents: usize,
    missing: Vec<DocumentId>,
}

/// Whether so much of a source is gone that its listing is rather at fault.
fn is_too_many(n_missing: usize, n_documents: usize, max_share: f64) -> bool {
    n_missing >= 5 && n_missing as f64 > max_share * n_documents as f64
}

#[cfg(test)]
mod tests {
    use super::is_too_many;

    #[test]
    fn more_than_the_share_of_a_source_is_too_many_unless_it_is_a_handful() {
        assert!(is_too_many(5, 9, 0.5));
        assert!(is_too_many(5, 5, 0.5));
        assert!(!is_too_many(5, 10, 0.5));
        assert!(!is_too_many(4, 4, 0.5));
        assert!(!is_too_many(0, 0, 0.5));
    }
}
