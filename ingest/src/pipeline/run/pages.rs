//! Pages of the web that need not be sent again.

use std::collections::{BTreeMap, HashMap};

use kefu_core::content::digest;
use kefu_core::ports::{BuildDocument, PageRecord, Validators};
use kefu_core::{DocumentId, Scope};

use super::{Known, Run};
use crate::error::IngestError;
use crate::pipeline::IngestorParts;
use crate::pipeline::build::Lease;
use crate::pipeline::read::{Content, Work};
use crate::report::{FileOutcome, FileReport};

/// Pages that the run met, with what was said of them; what is stored of them is not known yet.
#[derive(Default)]
pub(super) struct Pages(Vec<PageRecord>);

impl Pages {
    pub(super) fn met(&mut self, page: PageRecord) {
        self.0.push(page);
    }

    /// The pages with what the build has of them; those that it has nothing of are left out.
    pub(super) async fn done(
        self,
        parts: &IngestorParts,
        scope: &Scope,
        lease: &Lease,
        rules: &str,
    ) -> Result<Vec<PageRecord>, IngestError> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        let documents = parts.records.build_documents(scope, &lease.build).await?;
        let stored = |(id, document): (&DocumentId, &BuildDocument)| {
            (document.source.clone(), (id.clone(), document.revision.as_str().to_owned()))
        };
        let prints = fingerprints(documents.iter().map(stored), rules);
        let page = |page: PageRecord| {
            let stored = prints.get(&page.origin)?.clone();
            Some(PageRecord { stored, ..page })
        };
        Ok(self.0.into_iter().filter_map(page).collect())
    }
}

impl Run<'_> {
    /// Lets servers say that a page is unchanged where what they said of it before still tells
    /// what is stored; and does not even ask where its sitemap says so.
    pub(super) fn spare(&self, works: &mut [Work]) {
        let stored = self.known.iter().filter_map(|(id, known)| {
            let revision = known.revision.as_str().to_owned();
            Some((known.source.clone()?, (id.clone(), revision)))
        });
        let has_pages = works.iter().any(|work| matches!(work.content, Content::Page(_)));
        if !has_pages {
            return;
        }
        let prints = fingerprints(stored, &self.mode.keep.fingerprint());
        for work in works {
            let Content::Page(page) = &mut work.content else { continue };
            let print = prints.get(&work.source);
            page.known = page.known.take().filter(|known| Some(&known.stored) == print);
            if let Some(known) = &page.known {
                page.request.known = known.validators.clone();
            }
        }
    }

    /// Documents of a page that is as it was.
    pub(super) fn take_unchanged(&mut self, name: String, source: &str) -> FileOutcome {
        let is_of_page = |known: &Known| known.source.as_deref() == Some(source);
        let of_page = self.known.iter().filter(|(_, known)| is_of_page(known));
        let ids: Vec<DocumentId> = of_page.map(|(id, _)| id.clone()).collect();
        self.report.n_unchanged += ids.len();
        let n_documents = ids.len();
        self.seen.extend(ids);
        self.report.push(FileReport {
            name,
            outcome: FileOutcome::Unchanged,
            code: None,
            detail: None,
            n_documents,
            n_chunks: 0,
            cleaning: Vec::new(),
        });
        FileOutcome::Unchanged
    }

    /// A page that its server says is gone: its documents were not met, so they have vanished.
    pub(super) fn take_gone(&mut self, name: String) -> FileOutcome {
        let detail = "the server says that there is no such page";
        self.report.push(FileReport::problem(name, FileOutcome::Skipped, "gone", detail));
        FileOutcome::Skipped
    }
}

/// What is stored of each origin, and by which rules it was cleaned, as one word.
fn fingerprints(
    stored: impl Iterator<Item = (String, (DocumentId, String))>,
    rules: &str,
) -> HashMap<String, String> {
    let mut by_origin: HashMap<String, BTreeMap<DocumentId, String>> = HashMap::new();
    for (origin, (id, revision)) in stored {
        by_origin.entry(origin).or_default().insert(id, revision);
    }
    let print = |documents: &BTreeMap<DocumentId, String>| -> String {
        let pairs = documents.iter().flat_map(|(id, revision)| [id.as_str(), revision.as_str()]);
        let parts: Vec<&[u8]> = pairs.chain([rules]).map(str::as_bytes).collect();
        digest(&parts)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    };
    by_origin.iter().map(|(origin, documents)| (origin.clone(), print(documents))).collect()
}

/// What is to be remembered of a page that was sent.
pub(in crate::pipeline) fn record(
    origin: &str,
    validators: Validators,
    changed_at: Option<String>,
) -> PageRecord {
    PageRecord { origin: origin.to_owned(), validators, changed_at, stored: String::new() }
}
