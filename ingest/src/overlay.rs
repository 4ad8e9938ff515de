//! Corrections of passages, applied to a document before anything else is done with it.
//!
//! A passage is found by its words, so a correction outlives every revision that keeps them. Edits
//! change the text, and structure and offsets with it; hidden passages and pins become ranges of
//! the changed text.

mod add;
mod locate;
mod patch;

use kefu_core::content::digest;
use kefu_core::{Correction, Document, Overlay, OverlayAction, SourceText, Span};

use crate::parser::Block;
pub use add::OverlayInput;
use locate::Words;
use patch::{Edit, Patch};

/// Phrases by which a passage is found beside its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The passage.
    pub span: Span,
    /// The phrases.
    pub phrases: Vec<String>,
}

/// A document after its corrections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrected {
    /// The document with the text as edited.
    pub document: Document,
    /// The structure of that text.
    pub blocks: Vec<Block>,
    /// What it was before.
    pub source_text: SourceText,
    /// Passages that people hid, in no order.
    pub hidden: Vec<Span>,
    /// Passages that are found by more than their words, in the order of the overlays.
    pub pins: Vec<Pin>,
    /// What became of each overlay, in their order.
    pub corrections: Vec<Correction>,
}

impl Corrected {
    /// Equal for equal overlays with equal outcomes; empty without overlays.
    pub(crate) fn fingerprint(&self) -> String {
        if self.corrections.is_empty() {
            return String::new();
        }
        let mut parts = Vec::with_capacity(self.corrections.len() * 2);
        for correction in &self.corrections {
            parts.push(correction.overlay.as_str().as_bytes());
            parts.push(if correction.span.is_some() { b"+" } else { b"-" });
        }
        let bytes = digest(&parts);
        let print: String = bytes[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        format!(";{print}")
    }
}

/// Applies overlays to their document. Where two edits want the same words, the first one gets
/// them; an edit of a passage that another hides or pins is hidden or pinned with it.
#[must_use]
pub fn correct(mut document: Document, blocks: Vec<Block>, overlays: &[Overlay]) -> Corrected {
    let mut places: Vec<Option<Span>> = if overlays.is_empty() {
        Vec::new()
    } else {
        let words = Words::of(&document.text);
        overlays.iter().map(|overlay| words.find(&overlay.passage, overlay.occurrence)).collect()
    };
    let mut edits: Vec<Edit<'_>> = Vec::new();
    for (overlay, place) in overlays.iter().zip(&mut places) {
        let (OverlayAction::Edit { text }, Some(span)) = (&overlay.action, *place) else {
            continue;
        };
        if edits.iter().any(|edit| edit.span.start < span.end && span.start < edit.span.end) {
            *place = None;
        } else {
            edits.push(Edit { span, text });
        }
    }
    let patch = Patch::new(edits);
    let (mut hidden, mut pins, mut corrections) = (Vec::new(), Vec::new(), Vec::new());
    for (overlay, place) in overlays.iter().zip(places) {
        let span = place.map(|span| patch.moved(span));
        match (&overlay.action, span) {
            (OverlayAction::Hide, Some(span)) => hidden.push(span),
            (OverlayAction::Pin { phrases }, Some(span)) => {
                pins.push(Pin { span, phrases: phrases.clone() });
            }
            (OverlayAction::Edit { .. }, _) | (_, None) => {}
        }
        corrections.push(Correction { overlay: overlay.id.clone(), span });
    }
    if patch.is_empty() {
        let source_text = SourceText { text: None, blocks: blocks.clone() };
        return Corrected { document, blocks, source_text, hidden, pins, corrections };
    }
    let edited = patch.text(&document.text);
    let moved = patch.blocks(&blocks, &edited);
    let before = std::mem::replace(&mut document.text, edited);
    let source_text = SourceText { text: Some(before), blocks };
    Corrected { document, blocks: moved, source_text, hidden, pins, corrections }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests;
