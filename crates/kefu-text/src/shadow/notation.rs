//! What stands inside words without being a part of them: readings, hyphens at line ends, markup.

use super::gloss;
use super::hyphen;
use super::markup;

/// A stretch of the source that the shadow reads over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Notation {
    /// Bytes of the source.
    pub(super) len: usize,
    /// What a reader takes it for; `None` when it leaves no trace.
    pub(super) read_as: Option<char>,
}

/// The notation that begins with `c` at byte `at`.
#[inline]
pub(super) fn at(text: &str, at: usize, c: char) -> Option<Notation> {
    let silent = |len| Notation { len, read_as: None };
    match c {
        '(' | '（' => gloss::len(&text[..at], &text[at..]).map(silent),
        '-' | '\u{ad}' | '\u{2010}' => hyphen::len(&text[..at], &text[at..]).map(silent),
        '<' => markup::tag(&text[at..]),
        '&' => markup::entity(&text[at..]),
        _ => None,
    }
}
