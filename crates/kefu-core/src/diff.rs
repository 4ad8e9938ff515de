//! What differs between two releases.

use crate::ids::DocumentId;
use crate::release::ReleaseNo;

/// Documents that differ between two releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseDiff {
    /// The release compared from.
    pub from: ReleaseNo,
    /// The release compared to.
    pub to: ReleaseNo,
    /// Documents that only the second has.
    pub n_added: usize,
    /// Documents that both have, with different text or metadata.
    pub n_changed: usize,
    /// Documents that only the first has.
    pub n_removed: usize,
    /// Some of them, by id: all, or as many as the comparison describes.
    pub documents: Vec<DocumentDiff>,
}

/// How a document differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentChangeKind {
    /// Only the second release has it.
    Added,
    /// Both have it.
    Changed,
    /// Only the first release has it.
    Removed,
}

impl DocumentChangeKind {
    /// The word in listings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// A document that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentDiff {
    /// Which.
    pub id: DocumentId,
    /// Its title, the newer one.
    pub title: String,
    /// How it differs.
    pub kind: DocumentChangeKind,
    /// Metadata of a changed document that differs.
    pub fields: Vec<FieldChange>,
    /// The text of a changed document, when it differs.
    pub text: Option<TextDiff>,
}

/// A field of metadata that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name.
    pub field: &'static str,
    /// In the first release.
    pub before: Option<String>,
    /// In the second release.
    pub after: Option<String>,
}

/// A difference of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextDiff {
    /// Lines in the unified form, three lines around each change.
    pub unified: String,
    /// Whether lines were left out at the end.
    pub truncated: bool,
}
