//! One file of a run: what is new in it, and its lines in the report.

use std::sync::Arc;

use kefu_core::{Document, DocumentId};

use super::Run;
use super::changed::Changed;
use crate::clean::{KeepRules, Neighbours};
use crate::document;
use crate::error::IngestError;
use crate::parser::{ParsedFile, RowError};
use crate::report::{FileOutcome, FileReport, RemovalReport};

/// Rows of one file that the report lists one by one.
const MAX_LISTED_ROWS: usize = 100;

impl Run<'_> {
    pub(super) async fn take_file(
        &mut self,
        file: FileName,
        content: ParsedFile,
        others: Arc<Neighbours>,
    ) -> Result<FileOutcome, IngestError> {
        let FileName { name, source } = file;
        let n_documents = content.documents.len();
        if n_documents == 0 && content.row_errors.is_empty() {
            let line = FileReport::problem(name, FileOutcome::Skipped, "empty", "it is empty");
            self.report.push(line);
            return Ok(FileOutcome::Skipped);
        }
        if !content.row_errors.is_empty() {
            self.doubtful.insert(source.clone());
        }
        let mut tally = Tally::default();
        let mut changed = Vec::new();
        for parsed in content.documents {
            tally.notes.extend(parsed.notes.iter().cloned());
            let keep = match KeepRules::parse(parsed.keep.iter().map(String::as_str)) {
                Ok(keep) => self.mode.keep.and(&keep),
                Err(unknown) => {
                    tally.notes.push(format!("no cleaning rule is called {unknown:?}"));
                    self.mode.keep.clone()
                }
            };
            let stated = parsed.state.is_some();
            let state = |id: &DocumentId| self.state_of(id);
            match document::from_parsed(parsed, &name, state) {
                Ok((document, blocks)) => match self.compare(&document, &source, &keep) {
                    Ok(None) => tally.n_unchanged += 1,
                    Ok(Some(outcome)) => {
                        tally.notes.extend(self.state_note(&document, stated));
                        changed.push(Changed { document, blocks, keep, outcome });
                    }
                    Err(problem) => tally.problems.push(problem),
                },
                Err(error) => {
                    let detail = format!("its id does not fit: {error}");
                    let line =
                        FileReport::problem(name.as_str(), FileOutcome::Failed, "bad_id", detail);
                    tally.problems.push(line);
                }
            }
        }
        let n_chunks = self.clean_and_queue(changed, &source, others, &mut tally).await?;
        let totals = FileTotals { name, n_documents, n_chunks };
        Ok(self.add_lines(tally, &content.row_errors, totals))
    }

    /// What a document is to the stored ones: `None` when it is there as it is.
    fn compare(
        &mut self,
        document: &Document,
        source: &str,
        keep: &KeepRules,
    ) -> Result<Option<FileOutcome>, FileReport> {
        let problem = |outcome, code, detail: String| {
            Err(FileReport::problem(document.id.as_str(), outcome, code, detail))
        };
        let is_first = self.seen.insert(document.id.clone());
        let max = self.parts.settings.max_document_bytes;
        if !is_first {
            let detail = "another file of this run has the same document id; the first one counts";
            return problem(FileOutcome::Failed, "duplicate_id", detail.to_owned());
        }
        if document.text.trim().is_empty() {
            return problem(FileOutcome::Skipped, "empty", "it holds no text".to_owned());
        }
        if document.text.len() > max {
            let detail = format!("its text exceeds the limit of {max} bytes; split it");
            return problem(FileOutcome::Failed, "too_large", detail);
        }
        Ok(match self.known.get(&document.id) {
            None => Some(FileOutcome::Added),
            Some(known) => {
                let has_moved = known.source.as_deref().is_some_and(|stored| stored != source);
                let cleaned_otherwise =
                    known.cleaning.as_deref().is_some_and(|stored| stored != keep.fingerprint());
                let is_changed = has_moved || known.revision != document.revision();
                match (is_changed, cleaned_otherwise) {
                    (true, _) => Some(FileOutcome::Changed),
                    // It may have the same chunks all the same.
                    (false, true) => Some(FileOutcome::Unchanged),
                    (false, false) => None,
                }
            }
        })
    }

    fn add_lines(
        &mut self,
        mut tally: Tally,
        rows: &[RowError],
        totals: FileTotals,
    ) -> FileOutcome {
        let FileTotals { name, n_documents, n_chunks } = totals;
        self.report.n_added += tally.n_added;
        self.report.n_changed += tally.n_changed;
        self.report.n_unchanged += tally.n_unchanged;
        // What is wrong with the only document of a file is said once, in the file's own line.
        if n_documents == 1 && rows.is_empty() && tally.problems.len() == 1 {
            let mut line = tally.problems.remove(0);
            line.name = name;
            line.cleaning = tally.cleaning;
            let outcome = line.outcome;
            self.report.push(line);
            return outcome;
        }
        let outcome = tally.outcome();
        let mut code = None;
        if !rows.is_empty() {
            code = Some("bad_rows".to_owned());
            tally.notes.push(format!("{} rows could not be read", rows.len()));
        }
        let detail = Some(tally.notes.join("; ")).filter(|notes| !notes.is_empty());
        // Counted by its rows, not as a file.
        self.report.files.push(FileReport {
            name: name.clone(),
            outcome,
            code,
            detail,
            n_documents,
            n_chunks,
            cleaning: tally.cleaning,
        });
        for problem in tally.problems {
            self.report.push(problem);
        }
        for row in rows.iter().take(MAX_LISTED_ROWS) {
            let name = format!("{name}:{}", row.row);
            self.report.push(FileReport::problem(
                name,
                FileOutcome::Failed,
                &row.code,
                row.detail.as_str(),
            ));
        }
        self.report.n_failed += rows.len().saturating_sub(MAX_LISTED_ROWS);
        outcome
    }
}

/// A file's name and where it comes from.
pub(super) struct FileName {
    pub(super) name: String,
    pub(super) source: String,
}

/// What was found in one file.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) n_added: usize,
    pub(super) n_changed: usize,
    pub(super) n_unchanged: usize,
    pub(super) problems: Vec<FileReport>,
    notes: Vec<String>,
    pub(super) cleaning: Vec<RemovalReport>,
}

struct FileTotals {
    name: String,
    n_documents: usize,
    n_chunks: usize,
}

impl Tally {
    fn outcome(&self) -> FileOutcome {
        match (self.n_added, self.n_changed, self.n_unchanged) {
            (0, 0, 0) => FileOutcome::Failed,
            (0, 0, _) => FileOutcome::Unchanged,
            (_, 0, 0) => FileOutcome::Added,
            _ => FileOutcome::Changed,
        }
    }
}
