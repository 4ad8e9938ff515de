//! Cuts prose at its stops.

use kefu_core::Span;

use super::abbreviations::{Abbreviation, abbreviation, begins_sentences};
use crate::script::is_han;

/// The sentences of a stretch of prose; they tile it.
pub(crate) fn split(text: &str, block: Span) -> Vec<Span> {
    let Some(prose) = block.of(text) else { return Vec::new() };
    let mut found = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(c) = prose[at..].chars().next() {
        if !is_stop(c) {
            at += c.len_utf8();
            continue;
        }
        let stop = Stop::read(prose, start, at);
        at = stop.end;
        if stop.ends_sentence(prose) {
            found.push(Span { start, end: at }.shifted(block.start));
            start = at;
        }
    }
    if start < prose.len() {
        found.push(Span { start, end: prose.len() }.shifted(block.start));
    }
    found
}

fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | ';') || is_wide_stop(c)
}

/// Stops that need no space after them.
fn is_wide_stop(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '；' | '…' | '｡' | '．')
}

/// A run of stops with the quotes and brackets it closes.
struct Stop<'a> {
    /// The sentence before the run.
    before: &'a str,
    /// The stops themselves.
    marks: &'a str,
    /// Whether a quote or bracket closes after them.
    closes: bool,
    /// End of the run in the prose.
    end: usize,
}

impl<'a> Stop<'a> {
    fn read(prose: &'a str, sentence_start: usize, at: usize) -> Self {
        let before = &prose[sentence_start..at];
        let n_marks: usize =
            prose[at..].chars().take_while(|c| is_stop(*c)).map(char::len_utf8).sum();
        let marks = &prose[at..at + n_marks];
        let mut end = at + n_marks;
        let mut open_quote = before.matches('"').count() % 2 == 1;
        while let Some(c) = prose[end..].chars().next() {
            let closes = match c {
                '"' => std::mem::replace(&mut open_quote, false),
                '\'' => before.contains('\''),
                ')' | ']' | '}' | '”' | '’' | '』' | '」' | '》' | '】' | '）' | '〉' | '〕' => {
                    true
                }
                '*' | '_' | '~' | '`' => before.contains(c),
                _ => false,
            };
            if !closes {
                break;
            }
            end += c.len_utf8();
        }
        Self { before, marks, closes: end > at + n_marks, end }
    }

    fn ends_sentence(&self, prose: &str) -> bool {
        let rest = &prose[self.end..];
        let next = rest.trim_start().chars().next();
        let goes_on_low = next.is_some_and(char::is_lowercase);
        if self.marks.chars().any(is_wide_stop) {
            let only_dots = self.marks.chars().all(|c| c == '…');
            return !(only_dots && goes_on_low);
        }
        // `1.` or `?` alone is no sentence yet.
        if !self.before.chars().any(char::is_alphabetic) && self.marks.starts_with('.') {
            return false;
        }
        let after_han = self.before.chars().next_back().is_some_and(is_han);
        let is_free = rest.is_empty() || rest.starts_with(char::is_whitespace);
        let before_han = rest.chars().next().is_some_and(is_han);
        match self.marks {
            ";" => after_han,
            _ if !is_free => before_han && (after_han || !self.marks.starts_with('.')),
            "." => self.full_stop_ends(rest, goes_on_low),
            _ if self.closes || self.marks.starts_with("..") => !goes_on_low,
            _ => true,
        }
    }

    fn full_stop_ends(&self, rest: &str, goes_on_low: bool) -> bool {
        if goes_on_low {
            return false;
        }
        if self.closes {
            return true;
        }
        let word = self.before.rsplit(|c: char| !(c.is_alphanumeric() || c == '.')).next();
        let next = rest.trim_start();
        match abbreviation(&word.unwrap_or_default().to_ascii_lowercase()) {
            None => true,
            Some(Abbreviation::GoesOn) => next.is_empty(),
            Some(Abbreviation::BeforeNumber) => {
                !next.starts_with(|c: char| c.is_ascii_digit() || c == '#')
            }
            Some(Abbreviation::MayEnd) => {
                let next_word = next.split(|c: char| !c.is_alphanumeric()).next();
                next.is_empty() || next_word.is_some_and(begins_sentences)
            }
        }
    }
}
