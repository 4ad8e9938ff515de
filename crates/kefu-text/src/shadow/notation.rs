//! What stands inside words without being a part of them: readings, hyphens at line ends, markup.

use std::borrow::Cow;

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

/// A text as a reader takes it in: without readings inside words, hyphens that break a word at a
/// line end, tags and entities. Everything else stays as it is, byte for byte.
#[must_use]
pub fn readable(text: &str) -> Cow<'_, str> {
    let mut read = String::new();
    let mut copied = 0;
    for (start, c) in text.char_indices() {
        if start < copied {
            continue;
        }
        if let Some(notation) = at(text, start, c) {
            read.push_str(&text[copied..start]);
            read.extend(notation.read_as);
            copied = start + notation.len;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    read.push_str(&text[copied..]);
    Cow::Owned(read)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_without_notation() {
        assert_eq!(readable("優(yōu)化的<b>方案</b>&nbsp;A"), "優化的方案 A");
        assert_eq!(readable("the infor-\n  mation (MIT)"), "the information (MIT)");
        assert!(matches!(readable("退货(refund) < 7 天"), Cow::Borrowed(_)));
        assert_eq!(readable("<br>"), " ");
    }
}
