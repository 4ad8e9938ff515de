//! Corrections that people make to documents, kept apart from the documents themselves.
//!
//! An overlay names a document and the words of a passage, not a place, so that it holds for every
//! revision of the document that still has these words.

use crate::content::Span;
use crate::ids::{DocumentId, OverlayId};

/// A correction of one passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlay {
    /// Identity.
    pub id: OverlayId,
    /// Whose passage.
    pub document_id: DocumentId,
    /// The passage's words in the source text; white space does not count.
    pub passage: String,
    /// Which of the places with these words, from 1.
    pub occurrence: u32,
    /// What is done to it.
    pub action: OverlayAction,
    /// Why, for colleagues; may be empty.
    pub note: String,
    /// When it was made.
    pub created_at_ms: i64,
}

/// What a correction does to a passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OverlayAction {
    /// Other words stand in its place.
    Edit {
        /// The words; not empty.
        text: String,
    },
    /// It is in no chunk and in no quotation.
    Hide,
    /// It is also found by these phrases.
    Pin {
        /// Words of customers; at least one.
        phrases: Vec<String>,
    },
}

impl OverlayAction {
    /// The word in records and on the wire.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Edit { .. } => "edit",
            Self::Hide => "hide",
            Self::Pin { .. } => "pin",
        }
    }
}

/// What became of an overlay in one version of its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Which overlay.
    pub overlay: OverlayId,
    /// The corrected passage in the version's text; `None` when its words are not there, or another
    /// edit has changed them.
    pub span: Option<Span>,
}

/// What an overlay does for the published release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverlayStatus {
    /// It is applied.
    Applied,
    /// Its document or its words are gone.
    Orphaned,
    /// Its document has not been worked on since it was made.
    Waiting,
}
