//! New and changed documents: cleaned, cut into chunks, and queued for writing.

use std::sync::Arc;

use kefu_core::ports::Embedder;
use kefu_core::{ChunkDraft, Cleaning, Document, DocumentKind, Removal, SourceText, Span};

use super::Run;
use super::files::Tally;
use crate::chunk::{Budget, IsKnown, Marks, chunk, fallback_count, rechunk};
use crate::clean::{Cleaned, KeepRules, Neighbours, clean};
use crate::error::IngestError;
use crate::overlay::Corrected;
use crate::parser::Block;
use crate::pipeline::blocking;
use crate::pipeline::build::{Change, KnownTexts};
use crate::report::{FileOutcome, FileReport, RemovalReport};

/// Changes are written when this many chunks or documents wait.
const MAX_PENDING_CHUNKS: usize = 256;
const MAX_PENDING_DOCUMENTS: usize = 64;

/// Characters of a removed part that the report shows.
const MAX_EXCERPT_CHARS: usize = 80;

/// A document that is not stored as it would be now.
pub(super) struct Changed {
    pub(super) corrected: Corrected,
    pub(super) keep: KeepRules,
    /// Added, changed, or unchanged but for how it is cleaned and corrected.
    pub(super) outcome: FileOutcome,
}

/// The same, worked on.
struct Worked {
    document: Document,
    outcome: FileOutcome,
    cleaning: Cleaning,
    source_text: SourceText,
    /// Why it waits for a person.
    doubt: Option<String>,
    drafts: Vec<ChunkDraft>,
}

impl Run<'_> {
    /// Cleans and chunks documents and queues them; a full queue is written. Returns how many
    /// chunks they have.
    pub(super) async fn clean_and_queue(
        &mut self,
        changed: Vec<Changed>,
        source: &str,
        others: Arc<Neighbours>,
        tally: &mut Tally,
    ) -> Result<usize, IngestError> {
        if changed.is_empty() {
            return Ok(0);
        }
        let mut works = Vec::with_capacity(changed.len());
        for changed in changed {
            let known = self.known_texts(&changed.corrected.document).await?;
            works.push((changed, known));
        }
        let workshop = Workshop {
            max_tokens: self.parts.settings.chunk_tokens,
            max_removed_share: self.parts.settings.max_removed_share,
            embedder: self.parts.embedder.clone(),
            others,
        };
        let worked = move || {
            let work = |(changed, known): (Changed, KnownTexts)| workshop.work(changed, &known);
            works.into_iter().map(work).collect::<Vec<Worked>>()
        };
        let mut n_chunks = 0;
        for worked in blocking(worked).await? {
            tally.cleaning.extend(lines(&worked));
            if let Some(detail) = worked.doubt {
                let (id, code) = (worked.document.id.as_str(), "mostly_removed");
                let line = FileReport::problem(id, FileOutcome::Quarantined, code, detail);
                tally.problems.push(line);
                continue;
            }
            match worked.outcome {
                FileOutcome::Added => tally.n_added += 1,
                FileOutcome::Unchanged => tally.n_unchanged += 1,
                _ => tally.n_changed += 1,
            }
            n_chunks += worked.drafts.len();
            self.report.n_chunks += worked.drafts.len();
            self.pending.push(Change::Put {
                document: Box::new(worked.document),
                source: source.to_owned(),
                cleaning: worked.cleaning,
                source_text: worked.source_text,
                drafts: worked.drafts,
            });
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
}

/// What documents are worked on with, away from the runtime.
struct Workshop {
    max_tokens: usize,
    max_removed_share: f64,
    embedder: Option<Arc<dyn Embedder>>,
    others: Arc<Neighbours>,
}

impl Workshop {
    fn work(&self, changed: Changed, known: &KnownTexts) -> Worked {
        let Changed { corrected, keep, outcome } = changed;
        let fingerprint = fingerprint(&keep, &corrected);
        let Corrected { document, blocks, source_text, hidden, pins, corrections } = corrected;
        let is_visible = document.meta.state.is_visible();
        let cleaned = match document.kind {
            DocumentKind::Article if is_visible => {
                clean(&document.text, &blocks, &self.others, &keep)
            }
            // A person has reviewed it, or nobody is answered from it.
            DocumentKind::Article | DocumentKind::Pair { .. } => Cleaned::default(),
        };
        let doubt = cleaned.is_doubtful(self.max_removed_share).then(|| doubt(&cleaned));
        let removals = cleaned.hiding(&document.text, &hidden).removals;
        let drafts = match doubt {
            Some(_) => Vec::new(),
            None if !is_visible => Vec::new(),
            None => {
                let omitted: Vec<Span> = removals.iter().map(|removal| removal.span).collect();
                let marks = Marks { omitted: &omitted, pins: &pins };
                self.chunks(&document, &blocks, marks, known)
            }
        };
        let outcome = match outcome {
            FileOutcome::Unchanged if !known.are(&document, &drafts) => FileOutcome::Changed,
            outcome => outcome,
        };
        let cleaning = Cleaning { fingerprint, removals, corrections };
        Worked { document, outcome, cleaning, source_text, doubt, drafts }
    }

    fn chunks(
        &self,
        document: &Document,
        blocks: &[Block],
        marks: Marks<'_>,
        known: &KnownTexts,
    ) -> Vec<ChunkDraft> {
        let embedder = self.embedder.as_deref();
        let of_embedder = embedder.map_or(usize::MAX, |embedder| embedder.info().max_tokens);
        let count = |text: &str| match embedder {
            Some(embedder) => embedder.count_tokens(text),
            None => fallback_count(text),
        };
        let budget = Budget { max_tokens: self.max_tokens.min(of_embedder), count: &count };
        let is_known: IsKnown<'_> =
            &|text, language, validity| known.contains(text, language, validity);
        if known.is_empty() {
            chunk(document, blocks, marks, &budget)
        } else {
            rechunk(document, blocks, marks, &budget, is_known)
        }
    }
}

/// Equal for equal ways to clean and correct a document.
pub(super) fn fingerprint(keep: &KeepRules, corrected: &Corrected) -> String {
    keep.fingerprint() + &corrected.fingerprint()
}

fn doubt(cleaned: &Cleaned) -> String {
    let percent = 100 * cleaned.n_removed / cleaned.n_chars.max(1);
    format!(
        "cleaning would remove {percent} % of it, so it was not published; look at what the report \
         lists, then take it in with --keep RULE (or keep: [RULE] in its front matter), correct \
         it, or leave it out"
    )
}

fn lines(worked: &Worked) -> impl Iterator<Item = RemovalReport> {
    let line = |removal: &Removal| {
        let text = removal.span.of(&worked.document.text).unwrap_or_default();
        let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        RemovalReport {
            document_id: worked.document.id.as_str().to_owned(),
            rule: removal.rule.clone(),
            span: removal.span,
            excerpt: one_line.chars().take(MAX_EXCERPT_CHARS).collect(),
        }
    };
    worked.cleaning.removals.iter().map(line)
}
