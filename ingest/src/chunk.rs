//! Documents to chunks.
//!
//! A chunk never crosses a heading, so an edit moves chunks of its own section only, and within
//! that section what the document's chunks held before stays in the same chunks. Within a section, paragraphs, list items and table rows are kept whole where they fit the budget, and
//! what does not fit is cut at sentences. Chunk spans and omitted ranges tile the text: every byte
//! that is not white space belongs to exactly one of them.

mod omitted;
mod pack;
mod plain;
mod prefix;
mod sections;
mod units;

use std::cell::Cell;

use kefu_core::{ChunkDraft, Document, DocumentKind, Language, Span, Validity};

use crate::overlay::Pin;
use crate::parser::Block;
use omitted::Omitted;
pub(crate) use omitted::without_marks;
use pack::Packed;
pub(crate) use plain::plain;
use sections::Section;
use units::{Grain, Measure, Units};

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

/// What people and cleaning say of ranges of a text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks<'a> {
    /// Ranges that belong to no chunk, and that no chunk reaches across: ordered, disjoint, ending
    /// on character borders.
    pub omitted: &'a [Span],
    /// Phrases by which a passage is found: indexed with the chunk in which it begins, above the
    /// chunk's own text, and not counted into its budget.
    pub pins: &'a [Pin],
}

/// Tells whether the document has a chunk with this index text, language and days already.
pub type IsKnown<'a> = &'a dyn Fn(&str, Language, &Validity) -> bool;

/// Cuts a document into chunks, in order. A text of white space only has none.
#[must_use]
pub fn chunk(
    document: &Document,
    blocks: &[Block],
    marks: Marks<'_>,
    budget: &Budget<'_>,
) -> Vec<ChunkDraft> {
    Cutter::new(document, marks, budget, None).cut(blocks)
}

/// Cuts a new revision of a document so that what did not change stays in the chunks it has: an
/// edit within one paragraph changes the chunk around it and at most two more. Where nothing is
/// known, this is [`chunk`].
#[must_use]
pub fn rechunk(
    document: &Document,
    blocks: &[Block],
    marks: Marks<'_>,
    budget: &Budget<'_>,
    is_known: IsKnown<'_>,
) -> Vec<ChunkDraft> {
    Cutter::new(document, marks, budget, Some(is_known)).cut(blocks)
}

/// Groups that are compared with known chunks, at least and for each byte of the text. Bounds the
/// work for a text of many tiny pieces of which nothing is known.
const MIN_PROBES: usize = 4_096;
const BYTES_PER_PROBE: usize = 16;

struct Cutter<'a> {
    document: &'a Document,
    omitted: Omitted<'a>,
    pins: &'a [Pin],
    budget: &'a Budget<'a>,
    is_known: Option<IsKnown<'a>>,
    n_probes_left: Cell<usize>,
}

impl<'a> Cutter<'a> {
    fn new(
        document: &'a Document,
        marks: Marks<'a>,
        budget: &'a Budget<'a>,
        is_known: Option<IsKnown<'a>>,
    ) -> Self {
        let n_probes = MIN_PROBES + document.text.len() / BYTES_PER_PROBE;
        let n_probes_left = Cell::new(n_probes);
        let (omitted, pins) = (Omitted(marks.omitted), marks.pins);
        Self { document, omitted, pins, budget, is_known, n_probes_left }
    }

    fn cut(&self, blocks: &[Block]) -> Vec<ChunkDraft> {
        let text = self.document.text.as_str();
        let blocks = self.omitted.remove_from(text, sections::covering(text, blocks));
        let sections = match self.document.kind {
            DocumentKind::Article => sections::split(&blocks, self.omitted),
            DocumentKind::Pair { answer } => sections::pair(&blocks, answer, self.omitted),
        };
        let mut drafts = Vec::new();
        for section in &sections {
            self.section(section, &mut drafts);
        }
        for (ordinal, draft) in (0_u32..).zip(&mut drafts) {
            draft.ordinal = ordinal;
        }
        drafts
    }

    fn section(&self, section: &Section<'_>, drafts: &mut Vec<ChunkDraft>) {
        let budget = self.budget;
        let title = &self.document.meta.title;
        let headings = prefix::headings(title, &section.path);
        let rest = prefix::fit(title, &headings, budget);
        let first = prefix::with_orphans(&rest, section.orphans(), budget);
        let room = budget.max_tokens.saturating_sub(budget.n_special() + budget.tokens(&rest));
        let lead_tokens = budget.tokens(&first).saturating_sub(budget.tokens(&rest));
        let prefixes = Prefixes { first, rest };
        let (room, grain) = (room.max(1), Grain::Parts);
        let measure = Measure { room, lead_tokens, grain, budget };
        let (units, mut packed) = self.pack(section, &prefixes, measure);
        // Headings are a chunk of their own when nothing follows them, or only after a gap.
        if units.list().first().is_none_or(|unit| section.lead.is_some() && unit.follows_gap) {
            packed.insert(0, Packed { first: 0, end: 0 });
        }
        let heading = headings.join(" > ");
        let validity = self.document.meta.validity_under(&section.path);
        for group in packed {
            let Some(span) = span(&units, section, group) else { continue };
            let index_text = self.index_text(&prefixes, &units, group, span);
            drafts.push(ChunkDraft {
                ordinal: 0,
                span,
                heading: heading.clone(),
                language: self.language(span),
                validity: validity.clone(),
                n_tokens: u32::try_from((budget.count)(&index_text)).unwrap_or(u32::MAX),
                index_text,
            });
        }
    }

    fn pack(
        &self,
        section: &Section<'_>,
        prefixes: &Prefixes,
        measure: Measure<'_>,
    ) -> (Units, Vec<Packed>) {
        let text = self.document.text.as_str();
        let units = |grain| Units::new(text, section, self.omitted, Measure { grain, ..measure });
        if let Some(is_known) = self.is_known {
            let fine = units(Grain::Sentences);
            let validity = self.document.meta.validity_under(&section.path);
            let stays = |group: Packed| {
                let n_left = self.n_probes_left.get();
                self.n_probes_left.set(n_left.saturating_sub(1));
                n_left > 0
                    && span(&fine, section, group).is_some_and(|span| {
                        let index_text = self.index_text(prefixes, &fine, group, span);
                        is_known(&index_text, self.language(span), &validity)
                    })
            };
            if let Some(packed) = pack::repack(&fine, measure.room, &stays) {
                return (fine, packed);
            }
        }
        let units = units(measure.grain);
        let packed = pack::pack(&units, measure.room);
        (units, packed)
    }

    fn index_text(&self, prefixes: &Prefixes, units: &Units, group: Packed, span: Span) -> String {
        let own = self.own_text(prefixes, units, group);
        let pins = self.pins.iter().filter(|pin| (span.start..span.end).contains(&pin.span.start));
        let phrases = pins.flat_map(|pin| &pin.phrases).map(String::as_str);
        phrases.chain([own.as_str()]).collect::<Vec<_>>().join("\n")
    }

    fn own_text(&self, prefixes: &Prefixes, units: &Units, group: Packed) -> String {
        let text = self.document.text.as_str();
        let body = units.span(group).and_then(|span| span.of(text)).unwrap_or_default();
        let body = plain(body);
        let joined = |prefix: &str| {
            let lines = [prefix].into_iter().chain(units.repeated_header(group)).chain([&*body]);
            lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
        };
        if group.first == 0 && prefixes.first != prefixes.rest {
            let full = joined(&prefixes.first);
            if (self.budget.count)(&full) <= self.budget.max_tokens {
                return full;
            }
        }
        joined(&prefixes.rest)
    }

    fn language(&self, span: Span) -> Language {
        let text = span.of(&self.document.text).unwrap_or_default();
        language(text, self.document.meta.language)
    }
}

/// What stands above the text of a section's first chunk, and of the others.
struct Prefixes {
    first: String,
    rest: String,
}

/// Bytes of a group; the first one of a section begins with the headings, unless a gap follows
/// them.
fn span(units: &Units, section: &Section<'_>, group: Packed) -> Option<Span> {
    let body = units.span(group);
    let follows_gap = units.list().get(group.first).is_some_and(|unit| unit.follows_gap);
    match (section.lead, body) {
        (Some(lead), Some(body)) if group.first == 0 && !follows_gap => {
            Some(Span { start: lead.start, end: body.end })
        }
        (_, Some(body)) => Some(body),
        (Some(lead), None) => Some(lead),
        (None, None) => None,
    }
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
