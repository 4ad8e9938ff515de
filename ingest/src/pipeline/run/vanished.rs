//! Documents whose source no longer has them.

use std::collections::HashMap;

use kefu_core::DocumentId;

use super::{Run, removed};
use crate::error::IngestError;
use crate::pipeline::SOURCE_BORDER;
use crate::pipeline::build::Change;
use crate::report::{FileOutcome, FileReport, TOO_MANY_WOULD_VANISH};

impl Run<'_> {
    /// Documents that came from these sources and that the run did not meet.
    pub(super) async fn take_vanished(&mut self, sources: &[String]) -> Result<(), IngestError> {
        let mut held: HashMap<&str, Held> = HashMap::new();
        // Where nothing is deleted, the documents that were met need not be counted.
        let is_counted = |id: &DocumentId| self.mode.prune || !self.seen.contains(id);
        let ids: Vec<DocumentId> = self.known.keys().filter(|id| is_counted(id)).cloned().collect();
        for id in ids {
            if sources.is_empty() {
                break;
            }
            let origin = self.origin(&id).await?;
            let ours = sources.iter().find(|source| {
                let rest = origin.strip_prefix(source.as_str());
                rest.is_some_and(|rest| rest.starts_with(SOURCE_BORDER))
            });
            let Some(source) = ours else { continue };
            let held = held.entry(source).or_default();
            held.n_documents += 1;
            if !self.seen.contains(&id) && !self.doubtful.contains(&origin) {
                held.missing.push(id);
            }
        }
        let mut missing: Vec<(DocumentId, bool)> = Vec::new();
        for Held { n_documents, missing: gone } in held.into_values() {
            let is_withheld = !self.mode.confirm_deletions && is_too_many(gone.len(), n_documents);
            missing.extend(gone.into_iter().map(|id| (id, is_withheld)));
        }
        missing.sort();
        for (document_id, is_withheld) in missing {
            let name = document_id.as_str().to_owned();
            if self.mode.prune && !is_withheld {
                self.report.n_removed += 1;
                self.report.push(removed(name));
                self.pending.push(Change::Delete { document_id });
                continue;
            }
            let (code, detail) = if self.mode.prune {
                (TOO_MANY_WOULD_VANISH, "more than half of its source would go; confirm to delete")
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
fn is_too_many(n_missing: usize, n_documents: usize) -> bool {
    n_missing >= 5 && n_missing * 2 > n_documents
}

#[cfg(test)]
mod tests {
    use super::is_too_many;

    #[test]
    fn more_than_half_of_a_source_is_too_many_unless_it_is_a_handful() {
        assert!(is_too_many(5, 9));
        assert!(is_too_many(5, 5));
        assert!(!is_too_many(5, 10));
        assert!(!is_too_many(4, 4));
        assert!(!is_too_many(0, 0));
    }
}
