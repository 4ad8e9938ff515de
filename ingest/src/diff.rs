//! What differs between two releases.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use kefu_core::diff::{DocumentChangeKind, DocumentDiff, FieldChange, ReleaseDiff, TextDiff};
use kefu_core::ports::{DocumentDelta, Records, StoredDocument};
use kefu_core::{Audience, Document, DocumentKind, ReleaseNo, Scope, SectionValidity, Validity};

use crate::error::IngestError;
use crate::pipeline::blocking;

/// Documents that are described; the others are counted.
const MAX_DOCUMENTS: usize = 200;
/// Bytes of one document's text difference.
const MAX_TEXT_BYTES: usize = 16 * 1024;
/// Time for the text differences of a whole comparison; later ones are left out.
const TIME: Duration = Duration::from_secs(3);
/// Time for one text, after which the difference is right but not the shortest.
const TIME_PER_TEXT: Duration = Duration::from_millis(100);
const PAGE: usize = 500;

/// Compares two published releases. The work is bounded: 200 documents are described and the rest
/// counted; texts are compared for at most 3 s together, after which differing ones come with an
/// empty, truncated difference.
///
/// # Errors
/// [`IngestError::Records`]: no such release, a collected or abandoned one, or a role below editor.
pub async fn diff_releases(
    records: &dyn Records,
    scope: &Scope,
    (from, to): (ReleaseNo, ReleaseNo),
) -> Result<ReleaseDiff, IngestError> {
    let (n_added, n_changed, n_removed) = (0, 0, 0);
    let mut diff = ReleaseDiff { from, to, n_added, n_changed, n_removed, documents: Vec::new() };
    let ends_at = Instant::now() + TIME;
    let mut after = None;
    loop {
        let page = records.delta(scope, (from, to), after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(diff) };
        after = Some(last.id.clone());
        for delta in page {
            let kind = match (&delta.before, &delta.after) {
                (None, _) => DocumentChangeKind::Added,
                (_, None) => DocumentChangeKind::Removed,
                _ => DocumentChangeKind::Changed,
            };
            match kind {
                DocumentChangeKind::Added => diff.n_added += 1,
                DocumentChangeKind::Changed => diff.n_changed += 1,
                DocumentChangeKind::Removed => diff.n_removed += 1,
            }
            if diff.documents.len() < MAX_DOCUMENTS {
                let described = describe(records, scope, (from, to), (delta, kind), ends_at);
                diff.documents.push(described.await?);
            }
        }
    }
}

async fn describe(
    records: &dyn Records,
    scope: &Scope,
    (from, to): (ReleaseNo, ReleaseNo),
    (delta, kind): (DocumentDelta, DocumentChangeKind),
    ends_at: Instant,
) -> Result<DocumentDiff, IngestError> {
    let id = delta.id;
    let at = async |release| records.document_at(scope, release, &id).await;
    let title = |stored: StoredDocument| stored.document.meta.title;
    let (title, fields, text) = match kind {
        DocumentChangeKind::Added => (title(at(to).await?), Vec::new(), None),
        DocumentChangeKind::Removed => (title(at(from).await?), Vec::new(), None),
        DocumentChangeKind::Changed => {
            let (before, after) = (at(from).await?.document, at(to).await?.document);
            let fields = fields(&before, &after);
            let title = after.meta.title.clone();
            let differs = before.text != after.text;
            let headers = (format!("{id} (release {from})"), format!("{id} (release {to})"));
            let text = blocking(move || {
                differs.then(|| compare(&before.text, &after.text, &headers, ends_at))
            });
            (title, fields, text.await?)
        }
    };
    Ok(DocumentDiff { id, title, kind, fields, text })
}

fn fields(before: &Document, after: &Document) -> Vec<FieldChange> {
    let audiences = |names: &BTreeSet<Audience>| {
        Some(names.iter().map(Audience::as_str).collect::<Vec<_>>().join(", "))
    };
    let kind = |document: &Document| match document.kind {
        DocumentKind::Article => Some("article".to_owned()),
        DocumentKind::Pair { .. } => Some("pair".to_owned()),
    };
    let (a, b) = (&before.meta, &after.meta);
    let all = [
        ("kind", kind(before), kind(after)),
        ("title", Some(a.title.clone()), Some(b.title.clone())),
        ("lang", Some(a.language.code().to_owned()), Some(b.language.code().to_owned())),
        ("url", a.url.clone(), b.url.clone()),
        ("audiences", audiences(&a.audiences), audiences(&b.audiences)),
        ("valid_from", a.valid_from.clone(), b.valid_from.clone()),
        ("valid_to", a.valid_to.clone(), b.valid_to.clone()),
        ("sections", sections(&a.sections), sections(&b.sections)),
        ("state", Some(a.state.as_str().to_owned()), Some(b.state.as_str().to_owned())),
    ];
    let differing = all.into_iter().filter(|(_, before, after)| before != after);
    differing.map(|(field, before, after)| FieldChange { field, before, after }).collect()
}

fn sections(sections: &[SectionValidity]) -> Option<String> {
    let line = |section: &SectionValidity| {
        let Validity { from, to } = &section.validity;
        let (from, to) = (from.as_deref().unwrap_or_default(), to.as_deref().unwrap_or_default());
        format!("{}: {from}..{to}", section.heading)
    };
    let lines: Vec<String> = sections.iter().map(line).collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

fn compare(before: &str, after: &str, (from, to): &(String, String), ends_at: Instant) -> TextDiff {
    let left = ends_at.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return TextDiff { unified: String::new(), truncated: true };
    }
    let diff =
        similar::TextDiff::configure().timeout(left.min(TIME_PER_TEXT)).diff_lines(before, after);
    let mut unified = String::new();
    let mut whole = diff.unified_diff();
    let whole = whole.context_radius(3).header(from, to).to_string();
    for line in whole.split_inclusive('\n') {
        if unified.len() + line.len() > MAX_TEXT_BYTES {
            return TextDiff { unified, truncated: true };
        }
        unified.push_str(line);
    }
    TextDiff { unified, truncated: false }
}
