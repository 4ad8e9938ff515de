//! One run, from files to a published release.

mod batch;
mod changed;
mod files;
mod overlays;
mod pages;
mod stored;
mod vanished;
mod write;

use std::collections::{HashMap, HashSet};

use futures_util::StreamExt;
use kefu_core::ports::{BuildDocument, DocumentFilter, DocumentSummary, PageRecord, PageRequest};
use kefu_core::{DocumentId, DocumentState, Overlay, Revision, Scope};

use super::build::{Change, Lease};
use super::read::{self, Read, Readout};
use super::{IngestorParts, Intake, Mode};
use crate::error::IngestError;
use crate::events::{IngestEvent, IngestObserver};
use crate::report::{FileOutcome, FileReport, IngestReport};
use batch::{Batch, BySource};
use files::FileName;
use pages::Pages;
pub(super) use pages::record;
pub(crate) use write::write_points;

pub(super) struct Run<'a> {
    parts: &'a IngestorParts,
    scope: &'a Scope,
    mode: Mode,
    observer: &'a dyn IngestObserver,
    /// `None` in a dry run.
    lease: Option<Lease>,
    known: HashMap<DocumentId, Known>,
    overlays: HashMap<DocumentId, Vec<Overlay>>,
    seen: HashSet<DocumentId>,
    /// Sources of files that could not be read whole: what is missing from them may be there.
    doubtful: HashSet<String>,
    pages: Pages,
    pending: Vec<Change>,
    n_chunks_done: usize,
    report: IngestReport,
}

/// A document as it is stored.
struct Known {
    revision: Revision,
    /// Not known in a dry run, as is how it was cleaned and corrected.
    source: Option<String>,
    cleaning: Option<String>,
    state: DocumentState,
}

impl<'a> Run<'a> {
    pub(super) async fn begin(
        parts: &'a IngestorParts,
        scope: &'a Scope,
        mode: Mode,
        observer: &'a dyn IngestObserver,
    ) -> Result<Self, IngestError> {
        let dry_run = mode.dry_run;
        let mut run = Self {
            parts,
            scope,
            mode,
            observer,
            lease: None,
            known: HashMap::new(),
            overlays: overlays::all(parts, scope).await?,
            seen: HashSet::new(),
            doubtful: HashSet::new(),
            pages: Pages::default(),
            pending: Vec::new(),
            n_chunks_done: 0,
            report: IngestReport::empty(),
        };
        if dry_run {
            run.known = published(parts, scope).await?;
        } else {
            let lease = run.lease.insert(Lease::take(parts, scope).await?);
            let undone = lease.build.undone.clone();
            if !undone.is_empty() {
                let base = lease.build.base.0;
                let n_staged = undone.n_staged_documents;
                tracing::warn!(base, n_staged, "building after a rollback undid later releases");
            }
            run.report.abandoned = undone.abandoned;
            run.report.n_staged_dropped = undone.n_staged_documents;
            let documents = parts.records.build_documents(scope, &lease.build).await?;
            let known = |stored: BuildDocument| Known {
                revision: stored.revision,
                source: Some(stored.source),
                cleaning: Some(stored.cleaning),
                state: stored.state,
            };
            run.known = documents.into_iter().map(|(id, stored)| (id, known(stored))).collect();
        }
        Ok(run)
    }

    /// Gives the lease back after a failure, so that the next run need not wait for it to expire.
    pub(super) async fn give_up(&mut self) {
        if let Some(lease) = self.lease.take()
            && let Err(error) = self.parts.records.end_build(self.scope, &lease.build).await
        {
            tracing::warn!(%error, "the build lease could not be given back and will expire");
        }
    }

    pub(super) async fn go(
        &mut self,
        mut intake: Intake,
    ) -> Result<(IngestReport, Vec<PageRecord>), IngestError> {
        self.spare(&mut intake.works);
        for problem in intake.problems {
            self.report.push(problem);
        }
        let n_total = intake.works.len();
        let parts = self.parts;
        let reads = futures_util::stream::iter(intake.works).map(|work| read::read(parts, work));
        let mut reads = reads.buffered(self.parts.settings.parse_concurrency.max(1));
        let mut n_done = 0;
        let mut batch = Batch::default();
        loop {
            let read = reads.next().await;
            let is_last = read.is_none();
            batch.extend(read);
            if is_last || batch.is_full() {
                let (reads, neighbours) = std::mem::take(&mut batch).done().await?;
                for read in reads {
                    n_done += 1;
                    let name = read.name.clone();
                    let outcome = self.take(read, &neighbours).await?;
                    let event = IngestEvent::File { name: &name, outcome, n_done, n_total };
                    self.observer.observe(event);
                    self.keep_lease().await?;
                }
            }
            if is_last {
                break;
            }
            self.keep_lease().await?;
        }
        self.take_vanished(&intake.sources).await?;
        self.flush().await?;
        let pages = std::mem::take(&mut self.pages);
        let pages = match &self.lease {
            Some(lease) => {
                let rules = self.mode.keep.fingerprint();
                pages.done(self.parts, self.scope, lease, &rules).await?
            }
            None => Vec::new(),
        };
        self.finish().await?;
        Ok((std::mem::replace(&mut self.report, IngestReport::empty()), pages))
    }

    async fn keep_lease(&mut self) -> Result<(), IngestError> {
        match &mut self.lease {
            Some(lease) => lease.keep(self.parts, self.scope).await,
            None => Ok(()),
        }
    }

    async fn take(
        &mut self,
        read: Read,
        neighbours: &BySource,
    ) -> Result<FileOutcome, IngestError> {
        let Read { name, source, found, page } = read;
        if let Some(page) = page {
            self.pages.met(page);
        }
        match found {
            Ok(Readout::File(file)) => {
                let others = neighbours.of(&source);
                self.take_file(FileName { name, source }, file, others).await
            }
            Ok(Readout::Unchanged) => Ok(self.take_unchanged(name, &source)),
            Ok(Readout::Gone) => Ok(self.take_gone(name)),
            Ok(Readout::Delete(id)) => Ok(self.take_delete(name, id)),
            Ok(Readout::Stored(id, work)) => self.take_stored(name, id, work).await,
            Err(failure) => {
                // A handbook may lie beside pictures; that is no failure.
                let is_foreign = failure.code == "unsupported_format";
                let outcome = if is_foreign { FileOutcome::Skipped } else { FileOutcome::Failed };
                self.doubtful.insert(source);
                let line = FileReport::problem(name, outcome, &failure.code, failure.detail);
                self.report.push(line);
                Ok(outcome)
            }
        }
    }

    fn take_delete(&mut self, name: String, id: DocumentId) -> FileOutcome {
        let is_known = self.known.contains_key(&id) && self.seen.insert(id.clone());
        let line = if is_known {
            self.report.n_removed += 1;
            self.pending.push(Change::Delete { document_id: id });
            removed(name)
        } else {
            let detail = "no such document is stored";
            FileReport::problem(name, FileOutcome::Skipped, "not_found", detail)
        };
        let outcome = line.outcome;
        self.report.push(line);
        outcome
    }
}

/// Documents of the published release, for comparing without taking the lease.
async fn published(
    parts: &IngestorParts,
    scope: &Scope,
) -> Result<HashMap<DocumentId, Known>, IngestError> {
    let mut known = HashMap::new();
    let mut request = PageRequest { limit: 500, cursor: None };
    loop {
        let page = parts.records.documents(scope, &DocumentFilter::default(), &request).await?;
        let documents = page.items.into_iter();
        let stored = |d: DocumentSummary| {
            let known =
                Known { revision: d.revision, source: None, cleaning: None, state: d.state };
            (d.id, known)
        };
        known.extend(documents.map(stored));
        request.cursor = page.next_cursor;
        if request.cursor.is_none() {
            return Ok(known);
        }
    }
}

fn removed(name: String) -> FileReport {
    FileReport {
        name,
        outcome: FileOutcome::Removed,
        code: None,
        detail: None,
        n_documents: 1,
        n_chunks: 0,
        cleaning: Vec::new(),
    }
}
