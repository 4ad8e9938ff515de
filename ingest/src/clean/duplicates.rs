//! Blocks that stand in a text twice.

use std::collections::HashMap;

use kefu_core::Span;

use super::lines::{Kind, Line, Page};

/// Shorter blocks may repeat for a reason.
const MIN_CHARS: usize = 60;
/// Under another heading only so many blocks in a row are a copy; fewer are the same rule for
/// another thing.
const MIN_RUN: usize = 3;

/// Later copies of long lines: prose under the same heading, or a run that was copied whole. One
/// entry may well stand in two lists.
pub(super) fn find(page: &Page<'_>) -> Vec<Span> {
    let mut seen: HashMap<&str, (usize, usize)> = HashMap::new();
    let mut copies: Vec<Option<usize>> = Vec::with_capacity(page.lines.len());
    let mut same_section: Vec<bool> = Vec::with_capacity(page.lines.len());
    let mut section = 0;
    for (n, line) in page.lines.iter().enumerate() {
        section += usize::from(line.kind == Kind::Heading);
        let first = if may_be_copy(line) { seen.get(line.raw).copied() } else { None };
        copies.push(first.map(|(at, _)| at));
        same_section.push(first.is_some_and(|(_, own)| own == section));
        if first.is_none() && may_be_copy(line) {
            seen.insert(line.raw, (n, section));
        }
    }
    let mut found = Vec::new();
    let mut n = 0;
    while n < copies.len() {
        let run = run_at(&copies, n);
        if run >= MIN_RUN {
            found.push(page.span(n, n + run - 1));
        } else {
            let is_prose = |n: &usize| page.lines[*n].kind == Kind::Prose;
            let alone = (n..n + run).filter(|n| same_section[*n] && is_prose(n));
            found.extend(alone.map(|n| page.lines[n].span));
        }
        n += run.max(1);
    }
    found
}

fn may_be_copy(line: &Line<'_>) -> bool {
    matches!(line.kind, Kind::Prose | Kind::Item)
        && line.n_chars >= MIN_CHARS
        && line.raw.contains(char::is_alphabetic)
}

/// How many lines from here on copy lines that follow each other as well.
fn run_at(copies: &[Option<usize>], n: usize) -> usize {
    let Some(first) = copies.get(n).copied().flatten() else { return 0 };
    let follows = |(k, copy): &(usize, &Option<usize>)| **copy == Some(first + k);
    copies[n..].iter().enumerate().take_while(follows).count()
}
