//! Sentences as spans of a text.

mod abbreviations;
mod blocks;
mod stops;

use kefu_core::Span;

use blocks::{Block, blocks};

/// The sentences of a text, in order: non-empty, trimmed, never overlapping.
///
/// A heading, list item and table row ends where its line ends; list, quote and heading marks
/// stand outside the span, and so do the outer bars of a table row. Lines without any letter or
/// digit are left out.
#[must_use]
pub fn sentences(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    for block in blocks(text) {
        match block {
            Block::Whole(span) => found.extend(trimmed(text, span)),
            Block::Prose(span) => {
                found.extend(stops::split(text, span).into_iter().filter_map(|s| trimmed(text, s)));
            }
        }
    }
    found
}

/// The span without white space at its ends; `None` when no letter or digit is left.
fn trimmed(text: &str, span: Span) -> Option<Span> {
    let raw = span.of(text)?;
    let start = span.start + (raw.len() - raw.trim_start().len());
    let raw = raw.trim();
    raw.chars().any(char::is_alphanumeric).then_some(Span { start, end: start + raw.len() })
}

#[cfg(test)]
mod tests;
