//! Word documents and slide decks, old and new, through `undoc`.

mod blocks;
mod tables;

use undoc::FormatType;
use undoc::model::{Document, Section};

use crate::archive::Archive;
use crate::error::ParseError;
use crate::limits::Limits;
use crate::parsed::Parsed;
use crate::writer::Writer;

/// A document or deck in a ZIP container.
pub(crate) fn parse_container(bytes: &[u8], limits: &Limits) -> Result<Parsed, ParseError> {
    Archive::open(bytes, limits)?;
    parse(bytes, limits)
}

/// A document or deck in any format.
pub(crate) fn parse(bytes: &[u8], limits: &Limits) -> Result<Parsed, ParseError> {
    let document = undoc::parse_bytes(bytes).map_err(|e| of_undoc(&e))?;
    let is_deck = matches!(document.format, FormatType::Pptx | FormatType::Ppt);
    if document.sections.len() > limits.max_pages {
        return Err(ParseError::TooMany { what: "slides", limit: limits.max_pages });
    }
    let mut writer = Writer::new(limits);
    for section in &document.sections {
        if is_deck {
            slide(section, &mut writer);
        } else {
            blocks::write(&section.content, &mut writer);
        }
    }
    let mut parsed = writer.finish()?;
    if let Some(title) = title(&document) {
        // A heading that a reader sees says more than a field that nobody does.
        parsed.title.get_or_insert(title);
    }
    Ok(parsed)
}

fn slide(section: &Section, writer: &mut Writer) {
    writer.page_border();
    blocks::write(&section.content, writer);
    for note in section.notes.iter().flatten() {
        let words = blocks::words(note);
        if !words.trim().is_empty() {
            writer.quote(&format!("Speaker notes: {words}"));
        }
    }
}

fn title(document: &Document) -> Option<String> {
    let title = document.metadata.title.as_deref().map(crate::script::flow)?;
    // What programs write when nobody gave a title.
    let is_generated = ["", "PowerPoint Presentation", "Microsoft Word"]
        .iter()
        .any(|generated| title.eq_ignore_ascii_case(generated));
    (!is_generated).then_some(title)
}

fn of_undoc(error: &undoc::Error) -> ParseError {
    match error {
        undoc::Error::Encrypted => ParseError::PasswordRequired,
        other => ParseError::broken(other),
    }
}
