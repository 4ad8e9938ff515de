//! Cuts a text into paragraphs, list items, headings and table rows.

use kefu_core::Span;

use crate::script::is_han;

/// A stretch of text that no sentence leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// One sentence as it stands: a heading, a table row, a line of code.
    Whole(Span),
    /// To be cut at its stops.
    Prose(Span),
}

/// Lines of this width may have been broken by an editor, so the sentence may go on in the next.
const WRAPPED_WIDTH: std::ops::RangeInclusive<usize> = 40..=130;

/// The blocks of a text, in order.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Span> = None;
    let mut in_item = false;
    let mut in_code = false;
    let mut offset = 0;
    for raw in text.split_inclusive('\n') {
        let after_text = !in_item && open.is_some_and(|span| may_wrap(&text[span.start..span.end]));
        let line = Line::read(raw.trim_end_matches(['\n', '\r']), offset, after_text);
        offset += raw.len();
        if line.kind == Kind::Fence {
            in_code = !in_code;
        }
        let goes_on = !in_code
            && line.kind == Kind::Prose
            && open.is_some_and(|span| is_wrapped(&text[span.start..span.end], line.body));
        if goes_on && let Some(span) = &mut open {
            span.end = line.span.end;
            continue;
        }
        found.extend(open.take().map(Block::Prose));
        match line.kind {
            Kind::Fence => {}
            _ if in_code => found.push(Block::Whole(line.span)),
            Kind::Whole => found.push(Block::Whole(line.span)),
            Kind::Prose | Kind::Item => {
                open = Some(line.span);
                in_item = line.kind == Kind::Item;
            }
        }
    }
    found.extend(open.map(Block::Prose));
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Prose,
    Item,
    Whole,
    Fence,
}

struct Line<'a> {
    kind: Kind,
    span: Span,
    body: &'a str,
}

impl<'a> Line<'a> {
    /// Reads a line and takes its marks off. `after_text` tells whether a sentence may be
    /// unfinished: then `7.` is more likely its end, wrapped, than an item.
    fn read(line: &'a str, offset: usize, after_text: bool) -> Self {
        let mut body = line.trim_start();
        let mut kind = Kind::Prose;
        if body.starts_with("```") || body.starts_with("~~~") {
            kind = Kind::Fence;
        }
        while kind != Kind::Whole && kind != Kind::Fence {
            if let Some(rest) = heading(body) {
                body = rest.trim_end_matches('#').trim_end();
                kind = Kind::Whole;
            } else if let Some(rest) = quote(body).or_else(|| item(body, after_text)) {
                body = rest;
                kind = Kind::Item;
            } else {
                break;
            }
            body = body.trim_start();
        }
        if kind != Kind::Fence && (body.starts_with('|') || body.contains(" | ")) {
            body = body.trim_start_matches('|').trim_end().trim_end_matches('|').trim();
            kind = Kind::Whole;
        }
        let start = offset + (body.as_ptr() as usize - line.as_ptr() as usize);
        Self { kind, span: Span { start, end: start + body.len() }, body }
    }
}

fn heading(body: &str) -> Option<&str> {
    let rest = body.trim_start_matches('#');
    let level = body.len() - rest.len();
    ((1..=6).contains(&level) && rest.starts_with([' ', '\t'])).then_some(rest)
}

fn quote(body: &str) -> Option<&str> {
    body.strip_prefix('>')
}

/// What follows a list mark: a bullet, a number, a box to tick.
fn item(body: &str, after_text: bool) -> Option<&str> {
    let spaced = |rest: &&str| rest.starts_with([' ', '\t', '\u{3000}']);
    if let Some(rest) = body.strip_prefix(['-', '*', '+', '•', '·', '●', '○', '▪', '–', '◦'])
    {
        let rest = Some(rest).filter(spaced)?;
        let unticked = rest.trim_start();
        let boxed = ["[ ]", "[x]", "[X]"].iter().find_map(|mark| unticked.strip_prefix(mark));
        return Some(boxed.filter(spaced).unwrap_or(rest));
    }
    let rest = body.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = &body[..body.len() - rest.len()];
    if digits.is_empty() || digits.len() > 3 || (after_text && digits != "1") {
        // A Chinese enumeration mark is unmistakable.
        let marked = !digits.is_empty() && digits.len() <= 3;
        return rest.strip_prefix('、').filter(|_| marked);
    }
    let marked = rest.strip_prefix(['.', ')']).filter(spaced);
    marked.or_else(|| rest.strip_prefix(['、', '．', '）']))
}

/// Whether a sentence may go on in the line `next` after a paragraph that ends with `text`.
fn is_wrapped(text: &str, next: &str) -> bool {
    !next.trim().is_empty() && (may_wrap(text) || next.starts_with(char::is_lowercase))
}

/// Whether the last line of a paragraph looks as if an editor broke it in the middle.
fn may_wrap(text: &str) -> bool {
    let line = text.rsplit('\n').next().unwrap_or(text).trim_end();
    if line.ends_with([',', '，', '、', '-']) {
        return true;
    }
    let ends = line.ends_with(['.', '!', '?', ':', '。', '！', '？', '：', '；']);
    let width: usize = line.chars().map(|c| if is_han(c) { 2 } else { 1 }).sum();
    !ends && WRAPPED_WIDTH.contains(&width)
}
