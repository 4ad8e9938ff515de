//! Parsed documents to documents.

use std::collections::BTreeSet;

use kefu_core::error::InvalidId;
use kefu_core::{Audience, Document, DocumentId, DocumentMeta, DocumentState};

use crate::parser::{Block, BlockKind, ParsedDocument, ParsedId};

/// Longest title made of a text's first line, in characters.
const MAX_MADE_TITLE_CHARS: usize = 80;

/// Gives a parsed document its id and the metadata that its file did not say. `state` tells the
/// state of a document whose file says none.
pub(crate) fn from_parsed(
    parsed: ParsedDocument,
    file_id: &str,
    state: impl FnOnce(&DocumentId) -> DocumentState,
) -> Result<(Document, Vec<Block>), InvalidId> {
    let id = DocumentId::new(match &parsed.id {
        ParsedId::File => file_id.to_owned(),
        ParsedId::Row(number) => format!("{file_id}#{number}"),
        ParsedId::Given(id) => id.clone(),
    })?;
    let language = parsed.language.unwrap_or_else(|| kefu_text::detect(&parsed.text));
    let audiences = if parsed.audiences.is_empty() {
        BTreeSet::from([Audience::public()])
    } else {
        parsed.audiences.clone()
    };
    let meta = DocumentMeta {
        title: title(&parsed, &id),
        language,
        url: parsed.url,
        audiences,
        valid_from: parsed.valid_from,
        valid_to: parsed.valid_to,
        sections: parsed.sections,
        state: parsed.state.unwrap_or_else(|| state(&id)),
    };
    Ok((Document { id, kind: parsed.kind, text: parsed.text, meta }, parsed.blocks))
}

/// What the report says of sections with days whose heading the document does not have.
pub(crate) fn unknown_sections(document: &Document, blocks: &[Block]) -> Option<String> {
    let is_there = |heading: &str| {
        let is_it =
            |kind: &BlockKind| matches!(kind, BlockKind::Heading { title, .. } if title == heading);
        blocks.iter().any(|block| is_it(&block.kind))
    };
    let headings = document.meta.sections.iter().map(|section| section.heading.as_str());
    let unknown: Vec<&str> = headings.filter(|heading| !is_there(heading)).collect();
    let list = unknown.join("\", \"");
    (!unknown.is_empty()).then(|| {
        format!("{} has no heading \"{list}\", so the days given for it count nowhere", document.id)
    })
}

fn title(parsed: &ParsedDocument, id: &DocumentId) -> String {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let given = parsed.title.as_deref().map(one_line).filter(|title| !title.is_empty());
    given.unwrap_or_else(|| match parsed.id {
        ParsedId::Row(_) => {
            let line = parsed.text.trim().lines().next().unwrap_or_default();
            let made: String = one_line(line).chars().take(MAX_MADE_TITLE_CHARS).collect();
            if made.is_empty() { id.as_str().to_owned() } else { made }
        }
        ParsedId::File | ParsedId::Given(_) => id.as_str().to_owned(),
    })
}
