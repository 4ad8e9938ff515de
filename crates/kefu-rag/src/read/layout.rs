//! Where a sentence stands on the page.

use kefu_core::Span;

/// What a sentence is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Prose,
    Heading,
    ListItem,
    TableRow,
    /// The row that names a table's columns.
    TableHead,
}

/// Where the sentence at `span` stands in `text`.
pub(super) fn place(text: &str, span: Span) -> Place {
    let line = line_at(text, span.start);
    let Some(whole) = line.of(text) else { return Place::Prose };
    let trimmed = whole.trim_start();
    if trimmed.starts_with('#') {
        return Place::Heading;
    }
    if trimmed.starts_with('|') {
        let next = text.get(line.end..).unwrap_or_default().trim_start_matches('\n');
        return if is_rule(next) { Place::TableHead } else { Place::TableRow };
    }
    let mark = trimmed.split_whitespace().next().unwrap_or_default();
    let numbered = mark.len() > 1
        && mark.trim_end_matches(['.', ')', '、', '）']).bytes().all(|b| b.is_ascii_digit())
        && mark.ends_with(['.', ')', '、', '）']);
    let bullet = matches!(mark, "-" | "*" | "+" | "•" | "·");
    if bullet || numbered {
        Place::ListItem
    } else if is_bare_heading(text, line, span) {
        Place::Heading
    } else {
        Place::Prose
    }
}

/// A short line of its own without a full stop, before more text: a heading that lost its mark.
/// `Phone: 123` is none.
fn is_bare_heading(text: &str, line: Span, span: Span) -> bool {
    const MAX_WORDS: usize = 12;
    const MAX_HAN: usize = 18;
    let words = span.of(text).unwrap_or_default();
    let whole_line = line.of(text).is_some_and(|line| line.trim().len() == words.len());
    let open_end = words.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | '）' | ']'));
    let is_short = words.split_whitespace().count() <= MAX_WORDS
        && words.chars().filter(|c| kefu_text::is_han(*c)).count() <= MAX_HAN;
    let says_something = words.contains([':', '：']) || words.bytes().any(|b| b.is_ascii_digit());
    let goes_on = text.get(line.end..).is_some_and(|rest| !rest.trim().is_empty());
    whole_line && open_end && is_short && !says_something && goes_on
}

/// The head row of the table that the row at `span` belongs to.
pub(super) fn table_head(text: &str, span: Span) -> Option<Span> {
    let mut line = line_at(text, span.start);
    while line.start > 0 {
        let above = line_at(text, line.start - 1);
        let words = above.of(text)?.trim();
        if !words.starts_with('|') {
            return None;
        }
        if is_rule(words) {
            let head = line_at(text, above.start.checked_sub(1)?);
            let raw = head.of(text)?;
            let is_bar = |c: char| c == '|' || c.is_whitespace();
            let start = head.start + (raw.len() - raw.trim_start_matches(is_bar).len());
            let end = head.start + raw.trim_end_matches(is_bar).len();
            return (start < end).then_some(Span { start, end });
        }
        line = above;
    }
    None
}

/// What stands between two quotes: a line break where the document has one between them, nothing
/// between Chinese sentences, a space otherwise.
pub(crate) fn joiner(before: &str, gap: Option<&str>, after: &str) -> &'static str {
    if gap.is_some_and(|gap| gap.contains('\n')) {
        return "\n";
    }
    let wide = |c: Option<char>| {
        c.is_some_and(|c| kefu_text::is_han(c) || "。！？；：，”」》）".contains(c))
    };
    if wide(before.chars().next_back()) && wide(after.chars().next()) { "" } else { " " }
}

fn line_at(text: &str, at: usize) -> Span {
    let start = text.get(..at).and_then(|head| head.rfind('\n')).map_or(0, |idx| idx + 1);
    let end = text.get(at..).and_then(|tail| tail.find('\n')).map_or(text.len(), |idx| at + idx);
    Span { start, end }
}

/// Whether a line is the rule below a table's head.
fn is_rule(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default().trim();
    line.starts_with('|') && line.contains('-') && line.chars().all(|c| "|-: ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_finds_its_head() {
        let text = "# Fees\n\n| Way | Price |\n| --- | --- |\n| Air | $9 |\n| Sea | $4 |\n";
        let at = text.find("Sea").map_or(0, |idx| idx);
        let row = Span { start: at, end: at + 8 };
        assert_eq!(place(text, row), Place::TableRow);
        assert_eq!(table_head(text, row).and_then(|head| head.of(text)), Some("Way | Price"));
        assert_eq!(place(text, Span { start: 2, end: 6 }), Place::Heading);
        let head = text.find("Way").map_or(0, |idx| idx);
        assert_eq!(place(text, Span { start: head, end: head + 3 }), Place::TableHead);
    }

    #[test]
    fn quotes_are_joined_as_their_script_does() {
        assert_eq!(joiner("退货期为七天。", Some(""), "运费自理。"), "");
        assert_eq!(joiner("It is free.", Some(" "), "It is fast."), " ");
        assert_eq!(joiner("One", Some("\n- "), "Two"), "\n");
        assert_eq!(joiner("It is free.", None, "It is fast."), " ");
    }
}
