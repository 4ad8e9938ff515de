//! Documents to chunks.
//!
//! A chunk never crosses a heading, so an edit moves chunks of its own section only. Within a
//! section, paragraphs, list items and table rows are kept whole where they fit the budget, and
//! what does not fit is cut at sentences. Chunk spans and omitted ranges tile the text: every byte
//! that is not white space belongs to exactly one of them.

mod omitted;
mod pack;
mod plain;
mod prefix;
mod sections;
mod units;

use kefu_core::{ChunkDraft, Document, DocumentKind, Language, Span};

use crate::parser::Block;
use omitted::Omitted;
use pack::Packed;
use sections::Section;
use units::Units;

/// How large chunks may become.
#[derive(Clone, Copy)]
pub struct Budget<'a> {
    /// Tokens of a chunk's index text at most, as `count` counts them.
    pub max_tokens: usize,
    /// Counts the tokens of a text, special tokens included. Pieces are counted one by one and
    /// joined at white space, which no tokenizer of ours turns into more tokens than the pieces.
    pub count: &'a dyn Fn(&str) -> usize,
}

impl Budget<'_> {
    /// Tokens of a text without the special ones.
    fn tokens(&self, text: &str) -> usize {
        (self.count)(text).saturating_sub(self.n_special())
    }

    fn n_special(&self) -> usize {
        (self.count)("")
    }
}

/// Tokens of a text by rule of thumb, where no embedder counts them: one for a Han character, and
/// four for three words of other scripts.
#[must_use]
pub fn fallback_count(text: &str) -> usize {
    let n_han = text.chars().filter(|c| kefu_text::is_han(*c)).count();
    let n_words = text
        .split(|c: char| !c.is_alphanumeric() || kefu_text::is_han(c))
        .filter(|word| !word.is_empty())
        .count();
    // Rounded up, so that parts never count less than the whole.
    n_han + (n_words * 4).div_ceil(3)
}

/// Cuts a document into chunks, in order. A text of white space only has none.
///
/// `omitted` ranges belong to no chunk, and no chunk reaches across one. They are ordered,
/// disjoint and end on character borders.
#[must_use]
pub fn chunk(
    document: &Document,
    blocks: &[Block],
    omitted: &[Span],
    budget: &Budget<'_>,
) -> Vec<ChunkDraft> {
    let text = document.text.as_str();
    let omitted = Omitted(omitted);
    let blocks = omitted.remove_from(text, sections::covering(text, blocks));
    let sections = match document.kind {
        DocumentKind::Article => sections::split(&blocks, omitted),
        DocumentKind::Pair { answer } => sections::pair(&blocks, answer, omitted),
    };
    let mut drafts = Vec::new();
    for section in &sections {
        section_chunks(document, section, omitted, budget, &mut drafts);
    }
    for (ordinal, draft) in (0_u32..).zip(&mut drafts) {
        draft.ordinal = ordinal;
    }
    drafts
}

fn section_chunks(
    document: &Document,
    section: &Section<'_>,
    omitted: Omitted<'_>,
    budget: &Budget<'_>,
    drafts: &mut Vec<ChunkDraft>,
) {
    let text = document.text.as_str();
    let headings = prefix::headings(&document.meta.title, &section.path);
    let prefix = prefix::fit(&document.meta.title, &headings, section.orphans(), budget);
    let used = budget.n_special() + budget.tokens(&prefix);
    let room = budget.max_tokens.saturating_sub(used).max(1);
    let units = Units::new(text, section, omitted, room, budget);
    let mut packed = pack::pack(&units, room);
    let heading = headings.join(" > ");
    // Headings are a chunk of their own when nothing follows them, or only after a gap.
    if units.list().first().is_none_or(|unit| section.lead.is_some() && unit.follows_gap) {
        packed.insert(0, Packed { first: 0, end: 0 });
    }
    for (n, group) in packed.iter().enumerate() {
        let body = units.span(*group);
        let span = match (section.lead, body) {
            (Some(lead), Some(body)) if n == 0 => Span { start: lead.start, end: body.end },
            (Some(lead), None) => lead,
            (_, Some(body)) => body,
            (None, None) => continue,
        };
        let index_text = index_text(text, &prefix, &units, *group);
        drafts.push(ChunkDraft {
            ordinal: 0,
            span,
            heading: heading.clone(),
            language: language(span.of(text).unwrap_or_default(), document.meta.language),
            n_tokens: u32::try_from((budget.count)(&index_text)).unwrap_or(u32::MAX),
            index_text,
        });
    }
}

fn index_text(text: &str, prefix: &str, units: &Units, group: Packed) -> String {
    let body = units.span(group).and_then(|span| span.of(text)).unwrap_or_default();
    let body = plain::without_links(body);
    let mut lines = Vec::with_capacity(3);
    lines.push(prefix);
    lines.extend(units.repeated_header(group));
    lines.push(&body);
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// The language of a chunk: what its letters say, unless they cannot tell it apart from the
/// language that the document is known to be in.
fn language(text: &str, of_document: Language) -> Language {
    let found = kefu_text::detect(text);
    let is_latin = !matches!(of_document.code(), "zh" | "ja" | "ko" | "und");
    let is_same_script = (found == Language::ENGLISH && is_latin)
        || (found == Language::CHINESE && of_document.code() == "ja");
    if found == Language::UNDETERMINED || is_same_script { of_document } else { found }
}
