//! Stored documents that are worked on again without their files.

use std::sync::Arc;

use kefu_core::ports::StoredDocument;
use kefu_core::{Document, DocumentId, DocumentState};

use super::Run;
use super::files::{FileName, Place, Tally};
use crate::clean::{KeepRules, Neighbours, Rule};
use crate::error::IngestError;
use crate::pipeline::StoredWork;
use crate::report::{FileOutcome, FileReport};

impl Run<'_> {
    /// The state of a document whose file says none: what it has, so that a person's word outlives
    /// the next run.
    pub(super) fn state_of(&self, id: &DocumentId) -> DocumentState {
        self.known.get(id).map_or(self.parts.settings.default_state, |known| known.state)
    }

    /// What the report says when a file changes the state that a document had.
    pub(super) fn state_note(&self, document: &Document, stated: bool) -> Option<String> {
        let before = self.known.get(&document.id)?.state;
        let now = document.meta.state;
        (stated && before != now).then(|| {
            let (id, before, now) = (&document.id, before.as_str(), now.as_str());
            format!("{id} was {before} and says that it is {now}")
        })
    }

    /// Works on a stored document anew: in another state, or with the overlays that it has now.
    pub(super) async fn take_stored(
        &mut self,
        name: String,
        id: DocumentId,
        work: StoredWork,
    ) -> Result<FileOutcome, IngestError> {
        let Some(known) = self.known.get(&id) else {
            return Ok(self.refuse(name, "not_found", "no such document is stored"));
        };
        let before = known.state;
        if let StoredWork::State(change) = &work
            && !before.may_become(change.state)
        {
            let (before, next) = (before.as_str(), change.state.as_str());
            return Ok(self.refuse(name, "bad_state", &format!("{before} cannot become {next}")));
        }
        let records = &self.parts.records;
        let stored = records.document(self.scope, &id, Some(&known.revision)).await?;
        let source_text = records.source_text(self.scope, &id, &known.revision).await?;
        let Some(source_text) = source_text else {
            let detail = "an earlier version of the program stored it; take its file in again";
            return Ok(self.refuse(name, "no_source_text", detail));
        };
        let others = Arc::new(neighbours(&stored));
        let mut document = stored.document;
        if let Some(text) = source_text.text {
            document.text = text;
        }
        let (state, reason) = match work {
            StoredWork::State(change) => (change.state, change.words(&id)),
            StoredWork::Correct => (before, format!("{id} is corrected")),
        };
        document.meta.state = state;
        if let Some(lease) = &mut self.lease {
            lease.build.reason = Some(reason);
        }
        let keep = self.mode.keep.and(&KeepRules::of_fingerprint(&stored.cleaning.fingerprint));
        let corrected = self.corrected(document, source_text.blocks);
        let mut tally = Tally::default();
        let changed = self.compare(corrected, keep, &stored.source, &mut tally);
        let file = FileName { name, source: stored.source };
        let place = Place { file, others, n_documents: 1, rows: &[] };
        self.take_changed(changed.into_iter().collect(), place, tally).await
    }

    fn refuse(&mut self, name: String, code: &str, detail: &str) -> FileOutcome {
        self.report.push(FileReport::problem(name, FileOutcome::Failed, code, detail));
        FileOutcome::Failed
    }
}

/// What a stored document shares with others of its source: what was removed from it as that.
fn neighbours(stored: &StoredDocument) -> Neighbours {
    let rule = Rule::RepeatedLines.as_str();
    let shared = stored.cleaning.removals.iter().filter(|removal| removal.rule == rule);
    let shared = shared.filter_map(|removal| removal.span.of(&stored.document.text));
    Neighbours::sharing(shared.flat_map(str::lines))
}
