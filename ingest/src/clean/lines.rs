//! A text as rules see it: its lines, with what each is and where it stands.

use kefu_core::Span;
use regex::Regex;

use crate::parser::{Block, BlockKind};

/// More of a line is not normalised; no rule that reads words looks at longer lines.
const MAX_PLAIN_BYTES: usize = 1_200;

/// What a line is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Heading,
    Prose,
    Item,
    Table,
    Code,
}

/// A line with something on it.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    /// Its bytes without white space at the ends.
    pub(super) span: Span,
    pub(super) raw: &'a str,
    /// Its normalised words without list marks.
    pub(super) plain: String,
    /// Characters that are not white space.
    pub(super) n_chars: usize,
    pub(super) kind: Kind,
    /// Number of the page it is on; pages are parted by form feeds.
    pub(super) page: usize,
    /// Characters of sentences above it.
    prose_before: usize,
}

/// A text as lines.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) text: &'a str,
    pub(super) lines: Vec<Line<'a>>,
    /// Characters that are not white space.
    pub(super) n_chars: usize,
    /// Characters of lines that are sentences.
    pub(super) n_prose: usize,
    pub(super) n_pages: usize,
}

impl<'a> Page<'a> {
    pub(super) fn new(text: &'a str, blocks: &[Block]) -> Self {
        let mut page = Self { text, lines: Vec::new(), n_chars: 0, n_prose: 0, n_pages: 1 };
        let mut blocks = blocks.iter().peekable();
        let mut start = 0;
        for piece in text.split_inclusive(['\n', '\u{c}']) {
            let end = start + piece.len();
            let raw = piece.trim();
            let at = start + (piece.len() - piece.trim_start().len());
            while blocks.next_if(|block| block.end <= at).is_some() {}
            if !raw.is_empty() {
                let kind = blocks.peek().filter(|b| b.start < at + raw.len()).map(|b| &b.kind);
                page.push(raw, at, kind);
            }
            page.n_pages += usize::from(piece.ends_with('\u{c}'));
            start = end;
        }
        page
    }

    fn push(&mut self, raw: &'a str, at: usize, kind: Option<&BlockKind>) {
        let kind = match kind {
            Some(BlockKind::Heading { .. }) => Kind::Heading,
            Some(BlockKind::ListItem) => Kind::Item,
            Some(BlockKind::TableHeader | BlockKind::TableRow) => Kind::Table,
            Some(BlockKind::Code) => Kind::Code,
            Some(BlockKind::Paragraph | BlockKind::Quote) | None if is_marked_heading(raw) => {
                Kind::Heading
            }
            Some(BlockKind::Paragraph | BlockKind::Quote) | None if is_marked_item(raw) => {
                Kind::Item
            }
            Some(BlockKind::Paragraph | BlockKind::Quote) | None => Kind::Prose,
        };
        let line = Line {
            span: Span { start: at, end: at + raw.len() },
            raw,
            plain: plain(raw),
            n_chars: n_chars(raw),
            kind,
            page: self.n_pages - 1,
            prose_before: self.n_prose,
        };
        self.n_chars += line.n_chars;
        self.n_prose += if line.is_sentence() { line.n_chars } else { 0 };
        self.lines.push(line);
    }

    /// Whether a line stands above what the text has to say.
    pub(super) fn is_head(&self, n: usize) -> bool {
        n < 20 && self.lines.get(n).is_some_and(|line| line.prose_before * 20 <= self.n_prose)
    }

    /// Whether a line stands below what the text has to say.
    pub(super) fn is_foot(&self, n: usize) -> bool {
        self.lines.get(n).is_some_and(|line| {
            let own = if line.is_sentence() { line.n_chars } else { 0 };
            let after = self.n_prose - line.prose_before - own;
            n + 40 >= self.lines.len() && after * 12 <= self.n_prose
        })
    }

    /// Head or foot.
    pub(super) fn is_edge(&self, n: usize) -> bool {
        self.is_head(n) || self.is_foot(n)
    }

    /// Bytes of a run of lines, ends included.
    pub(super) fn span(&self, first: usize, last: usize) -> Span {
        let start = self.lines.get(first).map_or(0, |line| line.span.start);
        Span { start, end: self.lines.get(last).map_or(start, |line| line.span.end) }
    }

    /// Runs of neighbouring lines, as first and last, for which something holds.
    pub(super) fn runs(&self, holds: impl Fn(usize, &Line<'a>) -> bool) -> Vec<(usize, usize)> {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for (n, line) in self.lines.iter().enumerate() {
            if !holds(n, line) {
                continue;
            }
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == n => *last = n,
                _ => runs.push((n, n)),
            }
        }
        runs
    }

    /// The heading that a line stands under, if the text has one above it.
    pub(super) fn heading_above(&self, n: usize) -> Option<&Line<'a>> {
        self.lines.get(..n)?.iter().rev().find(|line| line.kind == Kind::Heading)
    }
}

impl Line<'_> {
    /// Whether it is at least one whole sentence of some length.
    pub(super) fn is_sentence(&self) -> bool {
        let ends = |c: char| matches!(c, '。' | '.' | '!' | '?' | ';' | '！' | '？' | '；');
        let is_claim = ["©", "rights reserved", "版权所有"].iter().any(|w| self.plain.contains(w));
        self.n_chars >= 24
            && self.kind != Kind::Heading
            && !is_claim
            && self.raw.contains(ends)
            && (self.raw.contains(' ') || self.raw.chars().any(kefu_text::is_han))
    }

    /// Whether it could be a button, a menu entry or a caption rather than a statement.
    pub(super) fn is_label(&self) -> bool {
        let n_words = self.plain.split_whitespace().count();
        let says_more =
            |c: char| matches!(c, '。' | '!' | '?' | ';' | ',' | ':') || c.is_ascii_digit();
        !matches!(self.kind, Kind::Code | Kind::Table)
            && self.n_chars <= 24
            && n_words <= 4
            && !self.plain.contains(says_more)
            && !self.plain.ends_with('.')
    }
}

/// The normalised words of a line, without list marks.
pub(super) fn plain(raw: &str) -> String {
    let short = &raw[..raw.floor_char_boundary(MAX_PLAIN_BYTES)];
    let plain = kefu_text::shadow(short).text;
    plain.trim_matches(|c: char| c.is_whitespace() || "#*-•·◆■>".contains(c)).to_owned()
}

/// Whether a line of plain text is a heading in the way of Markdown.
fn is_marked_heading(raw: &str) -> bool {
    let title = raw.trim_start_matches('#');
    (1..=6).contains(&(raw.len() - title.len())) && title.starts_with(' ')
}

/// Whether a line of plain text is an entry of a list.
fn is_marked_item(raw: &str) -> bool {
    ["- ", "* ", "+ ", "• ", "· "].iter().any(|mark| raw.starts_with(mark))
}

/// Characters that are not white space.
pub(super) fn n_chars(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

#[expect(clippy::expect_used, reason = "the patterns are literals and tests compile them all")]
pub(super) fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("a valid pattern")
}
