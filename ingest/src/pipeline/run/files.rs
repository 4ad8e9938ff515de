//! One file of a run: what is new in it, and its lines in the report.

use kefu_core::{ChunkDraft, Document};

use super::Run;
use crate::chunk::{Budget, IsKnown, chunk, fallback_count, rechunk};
use crate::document;
use crate::error::IngestError;
use crate::parser::{Block, ParsedFile, RowError};
use crate::pipeline::blocking;
use crate::pipeline::build::{Change, KnownTexts};
use crate::report::{FileOutcome, FileReport};

/// Changes are written when this many chunks or documents wait.
const MAX_PENDING_CHUNKS: usize = 256;
const MAX_PENDING_DOCUMENTS: usize = 64;

/// Rows of one file that the report lists one by one.
const MAX_LISTED_ROWS: usize = 100;

impl Run<'_> {
    pub(super) async fn take_file(
        &mut self,
        name: String,
        source: String,
        file: ParsedFile,
    ) -> Result<FileOutcome, IngestError> {
        let n_documents = file.documents.len();
        if n_documents == 0 && file.row_errors.is_empty() {
            let line = FileReport::problem(name, FileOutcome::Skipped, "empty", "it is empty");
            self.report.push(line);
            return Ok(FileOutcome::Skipped);
        }
        if !file.row_errors.is_empty() {
            self.doubtful.insert(source.clone());
        }
        let mut tally = Tally::default();
        let mut changed = Vec::new();
        for parsed in file.documents {
            tally.notes.extend(parsed.notes.iter().cloned());
            match document::from_parsed(parsed, &name) {
                Ok((document, blocks)) => match self.compare(&document, &source) {
                    Ok(None) => tally.n_unchanged += 1,
                    Ok(Some(FileOutcome::Added)) => {
                        tally.n_added += 1;
                        changed.push((document, blocks));
                    }
                    Ok(Some(_)) => {
                        tally.n_changed += 1;
                        changed.push((document, blocks));
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
        let n_chunks = self.chunk_and_queue(changed, &source).await?;
        Ok(self.add_lines(tally, &file.row_errors, FileTotals { name, n_documents, n_chunks }))
    }

    /// What a document is to the stored ones: `None` when it is there as it is.
    fn compare(
        &mut self,
        document: &Document,
        source: &str,
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
                let is_changed = has_moved || known.revision != document.revision();
                is_changed.then_some(FileOutcome::Changed)
            }
        })
    }

    /// Chunks changed documents and queues them; a full queue is written.
    async fn chunk_and_queue(
        &mut self,
        changed: Vec<(Document, Vec<Block>)>,
        source: &str,
    ) -> Result<usize, IngestError> {
        if changed.is_empty() {
            return Ok(0);
        }
        let mut works = Vec::with_capacity(changed.len());
        for (document, blocks) in changed {
            let known = self.known_texts(&document).await?;
            works.push((document, blocks, known));
        }
        let max_tokens = self.parts.settings.chunk_tokens;
        let embedder = self.parts.embedder.clone();
        let chunked = blocking(move || {
            let embedder = embedder.as_deref();
            let max_tokens = embedder.map_or(max_tokens, |e| max_tokens.min(e.info().max_tokens));
            let count = |text: &str| match embedder {
                Some(embedder) => embedder.count_tokens(text),
                None => fallback_count(text),
            };
            let budget = Budget { max_tokens, count: &count };
            let chunk_one = |(document, blocks, known): (Document, Vec<Block>, KnownTexts)| {
                let is_known: IsKnown<'_> = &|text, language| known.contains(text, language);
                let drafts = if known.is_empty() {
                    chunk(&document, &blocks, &[], &budget)
                } else {
                    rechunk(&document, &blocks, &[], &budget, is_known)
                };
                (document, drafts)
            };
            works.into_iter().map(chunk_one).collect::<Vec<(Document, Vec<ChunkDraft>)>>()
        })
        .await?;
        let n_chunks = chunked.iter().map(|(_, drafts)| drafts.len()).sum();
        self.report.n_chunks += n_chunks;
        for (document, drafts) in chunked {
            let (document, source) = (Box::new(document), source.to_owned());
            self.pending.push(Change::Put { document, source, drafts });
            let n_pending: usize = self.pending.iter().map(Change::n_chunks).sum();
            if n_pending >= MAX_PENDING_CHUNKS || self.pending.len() >= MAX_PENDING_DOCUMENTS {
                self.flush().await?;
            }
        }
        Ok(n_chunks)
    }

    /// What the stored chunks of a document hold; nothing in a dry run.
    async fn known_texts(&self, document: &Document) -> Result<KnownTexts, IngestError> {
        let open = match &self.lease {
            Some(lease) if self.known.contains_key(&document.id) => {
                self.parts.records.open_chunks(self.scope, &lease.build, &document.id).await?
            }
            _ => Vec::new(),
        };
        Ok(KnownTexts::new(document, &open))
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

/// What was found in one file.
#[derive(Default)]
struct Tally {
    n_added: usize,
    n_changed: usize,
    n_unchanged: usize,
    problems: Vec<FileReport>,
    notes: Vec<String>,
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
