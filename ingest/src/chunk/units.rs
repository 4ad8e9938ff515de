//! Blocks to the smallest pieces that are packed into chunks.

use kefu_core::Span;

use super::Budget;
use super::omitted::Omitted;
use super::pack::Packed;
use super::plain;
use super::sections::Section;
use crate::parser::{Block, BlockKind};

/// A piece that is never cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub(super) span: Span,
    pub(super) n_tokens: usize,
    pub(super) role: Role,
    /// Something was left out between it and what stands before it in its section.
    pub(super) follows_gap: bool,
}

/// What a piece is to its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Prose, items, code.
    Body,
    /// Prose that announces what follows, such as a line ending in a colon.
    LeadIn,
    /// The head of the table with this number.
    Header(usize),
    /// A row of the table with this number.
    Row(usize),
}

/// How pieces are measured.
#[derive(Clone, Copy)]
pub(super) struct Measure<'a> {
    /// Tokens of a chunk's body at most.
    pub(super) room: usize,
    /// Less than that for the first one.
    pub(super) lead_tokens: usize,
    pub(super) grain: Grain,
    pub(super) budget: &'a Budget<'a>,
}

/// What a paragraph that exceeds the room is cut into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grain {
    /// Parts of about equal length.
    Parts,
    /// Its sentences, to find again what a chunk held before.
    Sentences,
}

/// The pieces of a section, and the heads of its tables.
#[derive(Debug)]
pub(super) struct Units {
    list: Vec<Unit>,
    headers: Vec<(String, usize)>,
    /// Tokens that the first group needs beside its pieces.
    lead_tokens: usize,
    /// Where the last piece, or what stands before the first, ends.
    at: Option<usize>,
}

/// More bytes than this for each token of room are cut without counting their tokens first.
const MAX_BYTES_PER_TOKEN: usize = 64;

impl Units {
    pub(super) fn new(
        text: &str,
        section: &Section<'_>,
        omitted: Omitted<'_>,
        measure: Measure<'_>,
    ) -> Self {
        let at = section.lead.map(|lead| lead.end);
        let mut units =
            Self { list: Vec::new(), headers: Vec::new(), lead_tokens: measure.lead_tokens, at };
        for block in &section.body {
            let n_before = units.list.len();
            units.push(text, block, measure);
            let gap = units.at.is_some_and(|at| omitted.between(at, block.start));
            if let Some(first) = units.list.get_mut(n_before) {
                first.follows_gap = gap;
            }
            units.at = Some(block.end);
        }
        units
    }

    fn push(&mut self, text: &str, block: &Block, measure: Measure<'_>) {
        let Measure { room, grain, budget, .. } = measure;
        let span = Span { start: block.start, end: block.end };
        let slice = span.of(text).unwrap_or_default();
        let mut limit = room;
        let role = match block.kind {
            BlockKind::TableHeader => {
                let header = slice.lines().next().unwrap_or_default().trim();
                let header = header[..cut(header, (room / 2).max(1), budget)].to_owned();
                let n_tokens = budget.tokens(&header);
                self.headers.push((header, n_tokens));
                Role::Header(self.headers.len() - 1)
            }
            BlockKind::TableRow if !self.headers.is_empty() => {
                let table = self.headers.len() - 1;
                limit = room.saturating_sub(self.header_tokens(table)).max(1);
                Role::Row(table)
            }
            _ if slice.ends_with([':', '：']) => Role::LeadIn,
            _ => Role::Body,
        };
        if slice.len() <= limit * MAX_BYTES_PER_TOKEN {
            let n_tokens = budget.tokens(&plain::plain(slice));
            if n_tokens <= limit {
                self.list.push(Unit { span, n_tokens, role, follows_gap: false });
                return;
            }
        }
        let sentences = split(text, span, limit, budget);
        let pieces = match grain {
            Grain::Sentences => sentences,
            Grain::Parts => even_parts(&sentences, limit),
        };
        for (span, n_tokens) in pieces {
            self.list.push(Unit { span, n_tokens, role, follows_gap: false });
        }
    }

    pub(super) fn list(&self) -> &[Unit] {
        &self.list
    }

    pub(super) fn lead_tokens(&self) -> usize {
        self.lead_tokens
    }

    pub(super) fn header_tokens(&self, table: usize) -> usize {
        self.headers.get(table).map_or(0, |(_, n_tokens)| *n_tokens)
    }

    /// The bytes of a group; `None` when it is empty.
    pub(super) fn span(&self, group: Packed) -> Option<Span> {
        let units = self.list.get(group.first..group.end)?;
        Some(Span { start: units.first()?.span.start, end: units.last()?.span.end })
    }

    /// The table head to repeat above a group that begins within a table.
    pub(super) fn repeated_header(&self, group: Packed) -> Option<&str> {
        match self.list.get(group.first..group.end)?.first()?.role {
            Role::Row(table) => self.headers.get(table).map(|(header, _)| header.as_str()),
            _ => None,
        }
    }
}

/// Cuts a piece that is too long at sentences, and within a sentence only when it alone exceeds
/// the limit.
fn split(text: &str, span: Span, limit: usize, budget: &Budget<'_>) -> Vec<(Span, usize)> {
    let mut pieces = Vec::new();
    for sentence in sentences(text, span) {
        let slice = sentence.of(text).unwrap_or_default();
        let is_long = slice.len() > limit * MAX_BYTES_PER_TOKEN;
        let n_tokens = if is_long { usize::MAX } else { budget.tokens(slice) };
        if n_tokens <= limit {
            pieces.push((sentence, n_tokens));
        } else {
            hard_split(text, sentence, limit, budget, &mut pieces);
        }
    }
    pieces
}

/// Joins sentences to parts of about equal length within the limit.
fn even_parts(pieces: &[(Span, usize)], limit: usize) -> Vec<(Span, usize)> {
    let total: usize = pieces.iter().map(|(_, n_tokens)| n_tokens).sum();
    let target = total.div_ceil(total.div_ceil(limit).max(1));
    let mut parts: Vec<(Span, usize)> = Vec::new();
    for &(span, n_tokens) in pieces {
        match parts.last_mut() {
            Some((last, sum)) if *sum < target && *sum + n_tokens <= limit => {
                last.end = span.end;
                *sum += n_tokens;
            }
            _ => parts.push((span, n_tokens)),
        }
    }
    parts
}

/// Sentences that together cover a range, white space between them aside.
fn sentences(text: &str, span: Span) -> Vec<Span> {
    let slice = span.of(text).unwrap_or_default();
    let mut starts: Vec<usize> =
        kefu_text::sentences(slice).iter().map(|s| span.start + s.start).collect();
    match starts.first_mut() {
        Some(first) => *first = span.start,
        None => starts.push(span.start),
    }
    let ends = starts.iter().skip(1).copied().chain([span.end]);
    let trimmed = |start: usize, end: usize| {
        let end = start + text.get(start..end).unwrap_or_default().trim_end().len();
        Span { start, end }
    };
    starts.iter().zip(ends).map(|(start, end)| trimmed(*start, end)).collect()
}

fn hard_split(
    text: &str,
    span: Span,
    limit: usize,
    budget: &Budget<'_>,
    pieces: &mut Vec<(Span, usize)>,
) {
    let mut start = span.start;
    while start < span.end {
        let rest = text.get(start..span.end).unwrap_or_default();
        let taken = &rest[..cut(rest, limit, budget)];
        let end = start + taken.trim_end().len();
        if end > start {
            pieces.push((Span { start, end }, budget.tokens(&text[start..end])));
        }
        let after = start + taken.len();
        let white = text[after..span.end].len() - text[after..span.end].trim_start().len();
        start = after + white;
    }
}

/// Bytes of the longest beginning of `text` within `limit` tokens, ending between words where it
/// can; at least one character.
pub(super) fn cut(text: &str, limit: usize, budget: &Budget<'_>) -> usize {
    // A longer beginning is never looked at, so that cutting a long text stays linear.
    let window = floor(text, limit.saturating_mul(8).saturating_add(64).min(text.len()));
    if budget.tokens(&text[..window]) <= limit {
        return if window == text.len() { window } else { word_end(text, window) };
    }
    let first = text.chars().next().map_or(0, char::len_utf8);
    let (mut fits, mut exceeds) = (first, window);
    while exceeds - fits > 1 {
        let middle = floor(text, fits + (exceeds - fits) / 2);
        if middle <= fits {
            break;
        }
        if budget.tokens(&text[..middle]) <= limit {
            fits = middle;
        } else {
            exceeds = middle;
        }
    }
    word_end(text, fits)
}

fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

/// The last border between words in the second half before `at`, or `at` itself.
fn word_end(text: &str, at: usize) -> usize {
    let follows_border = text[at..].chars().next().is_none_or(|c| !c.is_alphanumeric());
    if follows_border {
        return at;
    }
    let border = |c: char| c.is_whitespace() || kefu_text::is_han(c) || "，、；。,;/".contains(c);
    let found = text[..at].char_indices().rev().find(|(_, c)| border(*c));
    match found {
        Some((position, c)) if position + c.len_utf8() > at / 2 => position + c.len_utf8(),
        _ => at,
    }
}
