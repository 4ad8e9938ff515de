//! One file of a run: what is new in it, and its lines in the report.

use std::sync::Arc;

use kefu_core::{Document, DocumentId};

use super::Run;
use super::changed::{Changed, fingerprint};
use crate::clean::{KeepRules, Neighbours};
use crate::document;
use crate::error::IngestError;
use crate::overlay::{Corrected, correct};
use crate::parser::{Block, ParsedFile, RowError};
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
                Ok((document, blocks)) => {
                    let note = self.state_note(&document, stated);
                    tally.notes.extend(document::unknown_sections(&document, &blocks));
                    let corrected = self.corrected(document, blocks);
                    tally.notes.extend(note);
                    changed.extend(self.compare(corrected, keep, &source, &mut tally));
                }
                Err(error) => {
                    let detail = format!("its id does not fit: {error}");
                    let line =
                        FileReport::problem(name.as_str(), FileOutcome::Failed, "bad_id", detail);
                    tally.problems.push(line);
                }
            }
        }
        let file = FileName { name, source };
        let place = Place { file, others, n_documents, rows: &content.row_errors };
        self.take_changed(changed, place, tally).await
    }

    /// A document whose stored form differs, or that is not stored.
    pub(super) fn compare(
        &mut self,
        corrected: Corrected,
        keep: KeepRules,
        source: &str,
        tally: &mut Tally,
    ) -> Option<Changed> {
        let document = &corrected.document;
        if let Err(problem) = self.check(document) {
            tally.problems.push(problem);
            return None;
        }
        let outcome = match self.known.get(&document.id) {
            None => FileOutcome::Added,
            Some(known) => {
                let has_moved = known.source.as_deref().is_some_and(|stored| stored != source);
                let now = fingerprint(&keep, &corrected);
                let worked_otherwise =
                    known.cleaning.as_deref().is_some_and(|stored| stored != now);
                let is_changed = has_moved || known.revision != document.revision();
                match (is_changed, worked_otherwise) {
                    (true, _) => FileOutcome::Changed,
                    // It may have the same chunks all the same.
                    (false, true) => FileOutcome::Unchanged,
                    (false, false) => {
                        tally.n_unchanged += 1;
                        return None;
                    }
                }
            }
        };
        Some(Changed { corrected, keep, outcome })
    }

    /// Whether a document can be taken in at all.
    fn check(&mut self, document: &Document) -> Result<(), FileReport> {
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
        Ok(())
    }

    /// A document with its overlays; reviewed pairs have none.
    pub(super) fn corrected(&self, document: Document, blocks: Vec<Block>) -> Corrected {
        let overlays = self.overlays.get(&document.id).filter(|_| document.kind.is_article());
        correct(document, blocks, overlays.map_or(&[], Vec::as_slice))
    }

    /// Works on what changed in one file and reports on it.
    pub(super) async fn take_changed(
        &mut self,
        changed: Vec<Changed>,
        place: Place<'_>,
        mut tally: Tally,
    ) -> Result<FileOutcome, IngestError> {
        let Place { file, others, n_documents, rows } = place;
        let n_chunks = self.clean_and_queue(changed, &file.source, others, &mut tally).await?;
        let totals = FileTotals { name: file.name, n_documents, n_chunks };
        Ok(self.add_lines(tally, rows, totals))
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

/// A file as the report counts it.
pub(super) struct Place<'a> {
    pub(super) file: FileName,
    /// What its documents share with others of their source.
    pub(super) others: Arc<Neighbours>,
    pub(super) n_documents: usize,
    pub(super) rows: &'a [RowError],
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
