//! Whether documents may answer customers.

use std::sync::Arc;

use kefu_core::{Document, DocumentId, DocumentState};

use super::Run;
use super::files::FileName;
use crate::clean::Neighbours;
use crate::error::IngestError;
use crate::jobs::{StateChange, stored_row};
use crate::pipeline::read::{self, Readout};
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

    /// Gives a stored document another state and works on its text anew.
    pub(super) async fn take_state(
        &mut self,
        name: String,
        id: DocumentId,
        change: StateChange,
    ) -> Result<FileOutcome, IngestError> {
        let Some(known) = self.known.get(&id) else {
            return Ok(self.refuse(name, "not_found", "no such document is stored"));
        };
        if !known.state.may_become(change.state) {
            let (before, next) = (known.state.as_str(), change.state.as_str());
            return Ok(self.refuse(name, "bad_state", &format!("{before} cannot become {next}")));
        }
        let records = &self.parts.records;
        let stored = records.document(self.scope, &id, Some(&known.revision)).await?;
        let row = stored_row(&stored.document, change.state);
        let source = stored.source;
        match read::row(self.parts.parser.as_ref(), row).await {
            Ok(Readout::File(file)) => {
                if let Some(lease) = &mut self.lease {
                    lease.build.reason = Some(change.words(&id));
                }
                let others = Arc::new(Neighbours::default());
                self.take_file(FileName { name, source }, file, others).await
            }
            Ok(_) => Ok(self.refuse(name, "bad_state", "its text could not be read again")),
            Err(failure) => Ok(self.refuse(name, &failure.code, &failure.detail)),
        }
    }

    fn refuse(&mut self, name: String, code: &str, detail: &str) -> FileOutcome {
        self.report.push(FileReport::problem(name, FileOutcome::Failed, code, detail));
        FileOutcome::Failed
    }
}
