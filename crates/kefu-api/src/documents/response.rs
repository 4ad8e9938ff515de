use kefu_core::ports::{DocumentSummary, StoredDocument};
use serde::Serialize;
use utoipa::ToSchema;

use super::sections::SectionDays;
use crate::words::{DocumentKind, DocumentState};

/// A document at one revision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentResponse {
    /// Its id.
    pub document_id: String,
    /// Its title.
    pub title: String,
    /// Its text; citations of this revision point into its UTF-8 bytes.
    pub text: String,
    /// The revision.
    pub revision: String,
    /// Main language.
    pub lang: String,
    /// Whether the document may answer customers; an older revision has a release in `until`.
    pub state: DocumentState,
    /// Where a customer can read it.
    pub url: Option<String>,
    /// Article or reviewed pair.
    pub kind: DocumentKind,
    /// Who may read it.
    pub audiences: Vec<String>,
    /// First day it holds.
    pub valid_from: Option<String>,
    /// Last day it holds.
    pub valid_to: Option<String>,
    /// Headings whose text holds for fewer days.
    pub sections: Vec<SectionDays>,
    /// Length of the text in bytes.
    pub size_bytes: u64,
    /// Parts of the text that are in no chunk and never quoted, in order.
    pub cleaning: Vec<RemovalResponse>,
    /// Corrections that were there when this revision was made.
    pub corrections: Vec<CorrectionResponse>,
    /// Chunks it is searched by.
    pub n_chunks: u64,
    /// First release with this revision.
    pub since: u32,
    /// First release without it; null while there is none.
    pub until: Option<u32>,
}

impl DocumentResponse {
    /// The wire form.
    #[must_use]
    pub fn new(stored: StoredDocument) -> Self {
        let document = stored.document;
        let meta = document.meta;
        Self {
            document_id: document.id.to_string(),
            title: meta.title,
            size_bytes: document.text.len() as u64,
            text: document.text,
            revision: stored.revision.to_string(),
            lang: meta.language.code().to_owned(),
            state: meta.state.into(),
            url: meta.url,
            kind: match document.kind {
                kefu_core::DocumentKind::Article => DocumentKind::Article,
                kefu_core::DocumentKind::Pair { .. } => DocumentKind::Pair,
            },
            audiences: meta.audiences.iter().map(|name| name.as_str().to_owned()).collect(),
            valid_from: meta.valid_from,
            valid_to: meta.valid_to,
            sections: meta.sections.into_iter().map(SectionDays::from).collect(),
            cleaning: stored.cleaning.removals.into_iter().map(RemovalResponse::from).collect(),
            corrections: stored.cleaning.corrections.into_iter().map(Into::into).collect(),
            n_chunks: stored.n_chunks,
            since: stored.since.0,
            until: stored.until.map(|until| until.0),
        }
    }
}

/// A part of a text that is not its content.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RemovalResponse {
    /// The rule that found it; `kefu ingest --keep RULE` leaves it in.
    pub rule: String,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl From<kefu_core::Removal> for RemovalResponse {
    fn from(removal: kefu_core::Removal) -> Self {
        Self { rule: removal.rule, start: removal.span.start, end: removal.span.end }
    }
}

/// What became of a correction in one revision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CorrectionResponse {
    /// Which correction.
    pub overlay_id: String,
    /// First byte of the corrected passage; null when its words are not there.
    pub start: Option<usize>,
    /// One past its last byte.
    pub end: Option<usize>,
}

impl From<kefu_core::Correction> for CorrectionResponse {
    fn from(correction: kefu_core::Correction) -> Self {
        let (start, end) = correction.span.map(|span| (span.start, span.end)).unzip();
        Self { overlay_id: correction.overlay.to_string(), start, end }
    }
}

/// A document in a listing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentItem {
    /// Its id.
    pub document_id: String,
    /// Its title.
    pub title: String,
    /// The published revision.
    pub revision: String,
    /// Main language.
    pub lang: String,
    /// Whether the document may answer customers.
    pub state: DocumentState,
    /// Article or reviewed pair.
    pub kind: DocumentKind,
    /// First day it holds.
    pub valid_from: Option<String>,
    /// Last day it holds.
    pub valid_to: Option<String>,
    /// Headings whose text holds for fewer days.
    pub sections: Vec<SectionDays>,
    /// Where a customer can read it.
    pub url: Option<String>,
    /// Length of the text in bytes.
    pub size_bytes: u64,
    /// Chunks it is searched by.
    pub n_chunks: u64,
    /// First release with this revision.
    pub since: u32,
}

impl From<DocumentSummary> for DocumentItem {
    fn from(summary: DocumentSummary) -> Self {
        Self {
            document_id: summary.id.to_string(),
            title: summary.title,
            revision: summary.revision.to_string(),
            lang: summary.language.code().to_owned(),
            state: summary.state.into(),
            kind: if summary.is_pair { DocumentKind::Pair } else { DocumentKind::Article },
            valid_from: summary.valid_from,
            valid_to: summary.valid_to,
            sections: summary.sections.into_iter().map(SectionDays::from).collect(),
            url: summary.url,
            size_bytes: summary.size_bytes,
            n_chunks: summary.n_chunks,
            since: summary.since.0,
        }
    }
}
