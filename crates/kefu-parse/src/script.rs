//! What scripts ask of white space: Han text has none between its characters.

/// Whether lines that end or begin with this character are joined without a space.
pub(crate) fn is_dense(c: char) -> bool {
    matches!(u32::from(c),
        0x2E80..=0x2FDF   // radicals
        | 0x3000..=0x30FF // punctuation, kana
        | 0x3105..=0x312F // bopomofo
        | 0x31A0..=0x31FF
        | 0x3200..=0x4DBF
        | 0x4E00..=0x9FFF
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE4F // vertical forms
        | 0xFF00..=0xFF65 // full-width forms
        | 0x20000..=0x3FFFF)
}

/// Cells that a character takes on a terminal.
pub(crate) fn width(c: char) -> usize {
    if is_dense(c) || matches!(u32::from(c), 0xAC00..=0xD7A3) { 2 } else { 1 }
}

/// Joins the next line of a paragraph to what is there: nothing between two characters of a dense
/// script, one space elsewhere.
pub(crate) fn join_line(text: &mut String, line: &str) {
    let (before, after) = (text.chars().next_back(), line.chars().next());
    if let (Some(before), Some(after)) = (before, after)
        && !(is_dense(before) && is_dense(after))
        && !before.is_whitespace()
    {
        text.push(' ');
    }
    text.push_str(line);
}

/// One line: every run of white space that holds a line break is treated as a break between
/// lines, every other run is one space.
pub(crate) fn flow(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if let Some(first) = words.next() {
            join_line(&mut out, first);
            for word in words {
                out.push(' ');
                out.push_str(word);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_lines_join_without_a_space_and_latin_ones_with_one() {
        assert_eq!(flow("商品签收\n之日起"), "商品签收之日起");
        assert_eq!(flow("within\n  thirty  days"), "within thirty days");
        assert_eq!(flow("退款需要\n3 天"), "退款需要 3 天");
        assert_eq!(flow("请注意，\n退货"), "请注意，退货");
        assert_eq!(flow(" \n\n"), "");
    }
}
