//! Cuts a shadow into runs of Han characters and runs of everything else that can be searched.

use kefu_core::Span;

use crate::script::is_han;

/// A run of searchable characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Han characters only.
    Han(Span),
    /// Letters and digits of other scripts, with single connectors between them.
    Word(Span),
}

/// The runs of a text, in order.
pub(crate) fn segments(text: &str) -> Vec<Segment> {
    let mut found = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let mut end = start + c.len_utf8();
        if is_han(c) {
            while let Some((at, next)) = chars.next_if(|(_, next)| is_han(*next)) {
                end = at + next.len_utf8();
            }
            found.push(Segment::Han(Span { start, end }));
        } else if is_word_char(c) {
            while let Some((at, next)) = chars.peek().copied() {
                let joined = is_connector(next)
                    && text[at + next.len_utf8()..].chars().next().is_some_and(is_word_char);
                if !is_word_char(next) && !joined {
                    break;
                }
                end = at + next.len_utf8();
                chars.next();
            }
            found.push(Segment::Word(Span { start, end }));
        }
    }
    found
}

pub(crate) fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() && !is_han(c) || ('\u{300}'..='\u{36f}').contains(&c)
}

/// Characters that hold a code, number, name or address together.
pub(crate) fn is_connector(c: char) -> bool {
    matches!(c, '-' | '_' | '\'' | '&' | '.' | ',' | '@' | ':' | '\u{2010}' | '\u{2011}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_follow_the_script_and_keep_codes_together() {
        let text = "退货sku-1234, 12,345元! a. b";
        let cut: Vec<&str> = segments(text)
            .into_iter()
            .filter_map(|segment| match segment {
                Segment::Han(span) | Segment::Word(span) => span.of(text),
            })
            .collect();
        assert_eq!(cut, ["退货", "sku-1234", "12,345", "元", "a", "b"]);
    }
}
