//! The normalised copy of a text, with a map back to the source.

mod gloss;
mod hyphen;
mod markup;
mod notation;

use kefu_core::Span;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::script::simplified;
pub use notation::readable;

/// A text in the form in which texts are compared, with a map to the bytes it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadow {
    /// The normalised text.
    pub text: String,
    pieces: Vec<Piece>,
}

/// A stretch of the shadow and the stretch of the source it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    shadow: Span,
    source: Span,
    /// Characters correspond one to one with equal lengths, so offsets inside it carry over.
    /// Otherwise the piece maps as a whole.
    linear: bool,
}

/// Normalises a text: NFKC, lower case, simplified characters, straight quotes; zero-width and
/// direction marks removed, every run of white space one space.
///
/// Readings inside Chinese words (`優(yōu)化`), hyphens that break a word at a line end, and HTML
/// tags and entities are read over, so that words are found however they were written down.
#[must_use]
pub fn shadow(text: &str) -> Shadow {
    let mut shadow = Shadow { text: String::with_capacity(text.len()), pieces: Vec::new() };
    let mut chars = text.char_indices().peekable();
    let mut normal = String::new();
    while let Some((start, c)) = chars.next() {
        if let Some(notation) = notation::at(text, start, c) {
            let source = Span { start, end: start + notation.len };
            while chars.next_if(|(at, _)| *at < source.end).is_some() {}
            if let Some(c) = notation.read_as {
                shadow.push_cluster(source, c.encode_utf8(&mut [0; 4]));
            }
            continue;
        }
        if c.is_ascii() && chars.peek().is_none_or(|(_, next)| next.is_ascii()) {
            shadow.push_char(start, c);
            continue;
        }
        let mut end = start + c.len_utf8();
        while let Some((at, next)) = chars.next_if(|(_, next)| joins_previous(*next)) {
            end = at + next.len_utf8();
        }
        normal.clear();
        normal.extend(text[start..end].nfkc());
        let mut parts = normal.chars();
        match (parts.next(), parts.next()) {
            (Some(only), None) if only.len_utf8() == end - start => {
                shadow.push_char(start, only);
            }
            _ => shadow.push_cluster(Span { start, end }, &normal),
        }
    }
    shadow
}

/// Whether a character can change what stands before it under NFKC: combining marks, the vowels
/// and finals of Korean syllables, half-width voicing marks.
fn joins_previous(c: char) -> bool {
    is_combining_mark(c) || matches!(c, '\u{1160}'..='\u{11ff}' | '\u{ff9e}' | '\u{ff9f}')
}

impl Shadow {
    /// The bytes of the source that a span of the shadow stands for: always on character borders,
    /// never out of range. A span that cuts into a character which became several covers it whole.
    #[must_use]
    pub fn source_span(&self, span: Span) -> Span {
        let start = self.source_start(span.start);
        if span.is_empty() {
            return Span { start, end: start };
        }
        let last = self.pieces.partition_point(|piece| piece.shadow.start < span.end);
        let end = match last.checked_sub(1).and_then(|index| self.pieces.get(index)) {
            Some(piece) if piece.linear && span.end < piece.shadow.end => {
                piece.source.start + (span.end - piece.shadow.start)
            }
            Some(piece) => piece.source.end,
            None => start,
        };
        Span { start, end: end.max(start) }
    }

    fn source_start(&self, at: usize) -> usize {
        let index = self.pieces.partition_point(|piece| piece.shadow.end <= at);
        match self.pieces.get(index) {
            Some(piece) if piece.linear => {
                piece.source.start + at.saturating_sub(piece.shadow.start)
            }
            Some(piece) => piece.source.start,
            None => self.pieces.last().map_or(0, |piece| piece.source.end),
        }
    }

    /// Adds what one source character became under NFKC, as long in bytes as it was.
    fn push_char(&mut self, start: usize, c: char) {
        let source = Span { start, end: start + c.len_utf8() };
        let folded = fold(c);
        let lower = match folded {
            Some(c) if c.is_ascii() => Some(c.to_ascii_lowercase()),
            Some(c) => {
                let mut lower = c.to_lowercase();
                match (lower.next(), lower.next()) {
                    (Some(only), None) => Some(only),
                    _ => return self.push_cluster(source, &c.to_lowercase().to_string()),
                }
            }
            None => None,
        };
        let Some(c) = lower else { return };
        if c == ' ' && self.text.ends_with(' ') {
            return;
        }
        self.text.push(c);
        self.push_piece(source, c.len_utf8(), c.len_utf8() == source.len());
    }

    fn push_cluster(&mut self, source: Span, normal: &str) {
        let before = self.text.len();
        for c in normal.chars().filter_map(fold).flat_map(char::to_lowercase) {
            if c != ' ' || !self.text.ends_with(' ') {
                self.text.push(c);
            }
        }
        let n_bytes = self.text.len() - before;
        if n_bytes > 0 {
            self.push_piece(source, n_bytes, false);
        }
    }

    fn push_piece(&mut self, source: Span, n_bytes: usize, linear: bool) {
        let end = self.text.len();
        if let Some(last) = self.pieces.last_mut()
            && last.linear
            && linear
            && last.source.end == source.start
        {
            last.shadow.end = end;
            last.source.end = source.end;
        } else {
            self.pieces.push(Piece { shadow: Span { start: end - n_bytes, end }, source, linear });
        }
    }
}

/// One character after NFKC: `None` when it is invisible, a space for any white space.
fn fold(c: char) -> Option<char> {
    match c {
        c if c.is_whitespace() => Some(' '),
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => None,
        '‘' | '’' | 'ʼ' | '`' | '´' => Some('\''),
        '“' | '”' | '„' => Some('"'),
        c => Some(simplified(c)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source_of<'a>(text: &'a str, needle: &str) -> Option<&'a str> {
        let shadow = shadow(text);
        let start = shadow.text.find(needle)?;
        shadow.source_span(Span { start, end: start + needle.len() }).of(text)
    }

    #[test]
    fn texts_are_normalised() {
        for (text, expected) in [
            ("ＲＥＦＵＮＤ　Policy", "refund policy"),
            ("退貨　政策！", "退货 政策!"),
            ("zero\u{200b}width\u{202e}", "zerowidth"),
            ("a \t\n b", "a b"),
            ("I don’t “know”", "i don't \"know\""),
            ("①㎏ ﬁne", "1kg fine"),
            ("Cafe\u{301}", "café"),
            ("ﾊﾞｽ", "バス"),
            ("İstanbul", "i\u{307}stanbul"),
            ("優(yōu)化方案", "优化方案"),
            ("業（yè）務(wù)流程", "业务流程"),
            ("退货(refund)政策", "退货(refund)政策"),
            ("more infor-\n  mation", "more information"),
            ("a self-\nservice desk", "a self- service desk"),
            ("<b>7</b>&nbsp;天<br>内", "7 天 内"),
            ("R&D, 5 < 7 &amp; 9 > 8", "r&d, 5 < 7 & 9 > 8"),
        ] {
            assert_eq!(shadow(text).text, expected, "{text}");
        }
    }

    #[test]
    fn spans_lead_back_to_the_source() {
        assert_eq!(source_of("请看 退貨　政策。", "退货 政策"), Some("退貨　政策"));
        assert_eq!(source_of("重 5㎏ 左右", "5kg"), Some("5㎏"));
        assert_eq!(source_of("的優(yōu)化方案", "优化"), Some("優(yōu)化"));
        assert_eq!(source_of("的優(yōu)化方案", "优"), Some("優"));
        assert_eq!(source_of("的優(yōu)化方案", "化"), Some("化"));
        assert_eq!(source_of("all infor-\nmation here", "information"), Some("infor-\nmation"));
        assert_eq!(source_of("<b>7</b>&nbsp;天内", "7 天"), Some("7</b>&nbsp;天"));
        assert_eq!(source_of("重 5㎏ 左右", "5k"), Some("5㎏"));
        assert_eq!(source_of("a re\u{200b}fund b", "refund"), Some("re\u{200b}fund"));
        assert_eq!(source_of("x Cafe\u{301} y", "café"), Some("Cafe\u{301}"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn every_span_maps_to_a_valid_source_span(
            text in "[a-cＡ-Ｃ()（）ōu优業<>/&; 　\u{200b}退貨货㎏ﬁ…\u{301}İ’ﾊﾞ\\n\u{3000}𠮷]{0,24}",
            from in 0_usize..40,
            len in 0_usize..40,
        ) {
            let shadow = shadow(&text);
            let borders: Vec<usize> =
                shadow.text.char_indices().map(|(at, _)| at).chain([shadow.text.len()]).collect();
            let start = borders[from % borders.len()];
            let end = borders[(from + len) % borders.len()].max(start);
            let source = shadow.source_span(Span { start, end });
            let covered = source.of(&text);
            prop_assert!(covered.is_some());
            let again = super::shadow(covered.unwrap_or_default());
            let part = &shadow.text[start..end];
            prop_assert!(again.text.contains(part.trim()), "{part:?} not in {:?}", again.text);
        }

        #[test]
        fn normalising_twice_changes_nothing(text in "[a-zA-Z Ａ-Ｃ退貨。！０-９]{0,24}") {
            let once = shadow(&text).text;
            prop_assert_eq!(&shadow(&once).text, &once);
        }
    }
}
