use std::collections::BTreeMap;

use kefu_core::{ReleaseNo, Span};

/// What became of a file, or of one row of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileOutcome {
    /// All its documents are new.
    Added,
    /// Some of its documents are new or differ from what is stored.
    Changed,
    /// Nothing differs.
    Unchanged,
    /// The document was deleted.
    Removed,
    /// The document stays although its source no longer has it.
    Kept,
    /// Left out on purpose; `code` says why.
    Skipped,
    /// Cleaning removed so much that a person should look first; what was stored before stays.
    Quarantined,
    /// Could not be taken in; `code` says why.
    Failed,
}

impl FileOutcome {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Removed => "removed",
            Self::Kept => "kept",
            Self::Skipped => "skipped",
            Self::Quarantined => "quarantined",
            Self::Failed => "failed",
        }
    }
}

/// Code of documents that stay since too much of their source would be deleted at once.
pub(crate) const TOO_MANY_WOULD_VANISH: &str = "too_many_would_vanish";

/// A line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// File name; with `:` and a number for one row of it; a document id for deletions.
    pub name: String,
    /// What became of it.
    pub outcome: FileOutcome,
    /// Why, as a code, when it was not simply taken in.
    pub code: Option<String>,
    /// Why, for people.
    pub detail: Option<String>,
    /// Documents it holds.
    pub n_documents: usize,
    /// Chunks of its added and changed documents.
    pub n_chunks: usize,
    /// What cleaning removed from its added, changed and quarantined documents.
    pub cleaning: Vec<RemovalReport>,
}

/// A part of a document that is in no chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovalReport {
    /// Which document.
    pub document_id: String,
    /// Name of the rule.
    pub rule: String,
    /// Where it stands in the document's text.
    pub span: Span,
    /// How it begins.
    pub excerpt: String,
}

impl FileReport {
    /// A line about something that was not taken in.
    pub(crate) fn problem(
        name: impl Into<String>,
        outcome: FileOutcome,
        code: &str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            outcome,
            code: Some(code.to_owned()),
            detail: Some(detail.into()),
            n_documents: 0,
            n_chunks: 0,
            cleaning: Vec::new(),
        }
    }
}

/// What an ingest did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngestReport {
    /// One line per file, and one per row or document that needs a word.
    pub files: Vec<FileReport>,
    /// New documents.
    pub n_added: usize,
    /// Documents with a new revision.
    pub n_changed: usize,
    /// Documents found as stored.
    pub n_unchanged: usize,
    /// Documents deleted.
    pub n_removed: usize,
    /// Files, rows and documents left out on purpose.
    pub n_skipped: usize,
    /// Documents that wait for a person.
    pub n_quarantined: usize,
    /// Files and rows that could not be taken in.
    pub n_failed: usize,
    /// Chunks of added and changed documents, kept ones included.
    pub n_chunks: usize,
    /// Chunks whose vector was computed; the rest came from the cache or have none.
    pub n_chunks_embedded: usize,
    /// Chunks that are found by their words alone until [`crate::Ingestor::fill_vectors`] has made
    /// their vectors.
    pub n_vectors_to_come: usize,
    /// The release that was published; `None` when nothing changed or publishing was not asked for.
    pub release: Option<ReleaseNo>,
    /// The release that it replaced, to which a rollback returns.
    pub replaced: Option<ReleaseNo>,
    /// Releases that can no longer be returned to, because the content had been rolled back and
    /// this run built on the older release.
    pub abandoned: Vec<ReleaseNo>,
    /// Documents whose staged changes were dropped because they were based on such a release.
    pub n_staged_dropped: u64,
    /// Whether changes wait for a later publish.
    pub staged: bool,
    /// How long it took, up to the release.
    pub duration_ms: u64,
    /// How long making the vectors took that were put off.
    pub fill_ms: u64,
}

impl IngestReport {
    /// Documents that were to be pruned and stay, since too much of their source would go at once.
    #[must_use]
    pub fn n_deletions_withheld(&self) -> usize {
        let is_withheld = |f: &&FileReport| f.code.as_deref() == Some(TOO_MANY_WOULD_VANISH);
        self.files.iter().filter(is_withheld).count()
    }

    /// What this ingest and the next one did together.
    #[must_use]
    pub fn and(mut self, next: Self) -> Self {
        self.files.extend(next.files);
        self.n_added += next.n_added;
        self.n_changed += next.n_changed;
        self.n_unchanged += next.n_unchanged;
        self.n_removed += next.n_removed;
        self.n_skipped += next.n_skipped;
        self.n_quarantined += next.n_quarantined;
        self.n_failed += next.n_failed;
        self.n_chunks += next.n_chunks;
        self.n_chunks_embedded += next.n_chunks_embedded;
        self.n_vectors_to_come += next.n_vectors_to_come;
        self.release = next.release.or(self.release);
        self.replaced = self.replaced.or(next.replaced);
        self.abandoned.extend(next.abandoned);
        self.n_staged_dropped += next.n_staged_dropped;
        self.staged = next.staged;
        self.duration_ms += next.duration_ms;
        self.fill_ms += next.fill_ms;
        self
    }

    pub(crate) fn empty() -> Self {
        Self {
            files: Vec::new(),
            n_added: 0,
            n_changed: 0,
            n_unchanged: 0,
            n_removed: 0,
            n_skipped: 0,
            n_quarantined: 0,
            n_failed: 0,
            n_chunks: 0,
            n_chunks_embedded: 0,
            n_vectors_to_come: 0,
            release: None,
            replaced: None,
            abandoned: Vec::new(),
            n_staged_dropped: 0,
            staged: false,
            duration_ms: 0,
            fill_ms: 0,
        }
    }

    /// Adds a line and counts it when it stands for something left out.
    pub(crate) fn push(&mut self, line: FileReport) {
        match line.outcome {
            FileOutcome::Skipped => self.n_skipped += 1,
            FileOutcome::Quarantined => self.n_quarantined += 1,
            FileOutcome::Failed => self.n_failed += 1,
            _ => {}
        }
        self.files.push(line);
    }

    /// How often each rule removed something, by its name.
    #[must_use]
    pub fn removals_by_rule(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for removal in self.files.iter().flat_map(|file| &file.cleaning) {
            *counts.entry(removal.rule.as_str()).or_default() += 1;
        }
        counts
    }
}
