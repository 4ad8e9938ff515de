//! Tags and entities of HTML that were left in a text.

use super::notation::Notation;

/// Tags that only dress the words around them.
const INLINE: [&str; 22] = [
    "a", "abbr", "b", "big", "cite", "em", "font", "i", "ins", "kbd", "label", "mark", "nobr",
    "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "wbr",
];
/// Tags that part the words around them.
const BLOCK: [&str; 33] = [
    "article", "br", "button", "center", "dd", "details", "div", "dl", "dt", "footer", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hr", "img", "li", "main", "nav", "ol", "p", "section",
    "summary", "table", "tbody", "td", "th", "thead", "tr", "ul",
];
const MAX_TAG_BYTES: usize = 300;
const MAX_ENTITY_BYTES: usize = 10;

/// The tag at the head of a text that begins with `<`.
pub(super) fn tag(rest: &str) -> Option<Notation> {
    let bytes = rest.as_bytes();
    let name_start = if bytes.get(1) == Some(&b'/') { 2 } else { 1 };
    let n_name = bytes[name_start..].iter().take(8).take_while(|b| b.is_ascii_alphanumeric());
    let name_end = name_start + n_name.count();
    let name = rest[name_start..name_end].to_ascii_lowercase();
    let read_as = if INLINE.contains(&name.as_str()) {
        None
    } else if BLOCK.contains(&name.as_str()) {
        Some(' ')
    } else {
        return None;
    };
    let tail = bytes[name_end..].iter().take(MAX_TAG_BYTES);
    let n_tail = tail.take_while(|b| !matches!(b, b'<' | b'>' | b'\n')).count();
    let end = name_end + n_tail;
    let attributes = rest.get(name_end..end)?.trim().trim_end_matches('/').trim_end();
    let is_tag = attributes.is_empty() || attributes.contains('=');
    (is_tag && bytes.get(end) == Some(&b'>')).then_some(Notation { len: end + 1, read_as })
}

/// The entity at the head of a text that begins with `&`.
pub(super) fn entity(rest: &str) -> Option<Notation> {
    let head = rest.as_bytes().iter().take(MAX_ENTITY_BYTES);
    let end = 1 + head.skip(1).position(|b| *b == b';')?;
    let read_as = match rest.get(1..end)? {
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" | "ldquo" | "rdquo" => '"',
        "apos" | "lsquo" | "rsquo" => '\'',
        "middot" => '·',
        "mdash" | "ndash" => '-',
        "hellip" => '…',
        "yen" => '¥',
        "euro" => '€',
        "pound" => '£',
        "times" => '×',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        number => numbered(number.strip_prefix('#')?)?,
    };
    Some(Notation { len: end + 1, read_as: Some(read_as) })
}

fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|c| !c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_from_signs() {
        let read = |text| tag(text).map(|tag| (tag.len, tag.read_as));
        assert_eq!(read("<b>x"), Some((3, None)));
        assert_eq!(read("</span >x"), Some((8, None)));
        assert_eq!(read("<br/>x"), Some((5, Some(' '))));
        assert_eq!(read("<td class=\"a\">x"), Some((14, Some(' '))));
        for text in ["<7 days", "<b", "<a and b> c", "<model>", "< b>", "<b\n>", "<", "<b<i>"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn entities_are_read() {
        let read = |text| entity(text).map(|entity| (entity.len, entity.read_as));
        assert_eq!(read("&nbsp;x"), Some((6, Some(' '))));
        assert_eq!(read("&#39;s"), Some((5, Some('\''))));
        assert_eq!(read("&#x9000;"), Some((8, Some('退'))));
        for text in ["&", "& more;", "&foo;", "&#0;", "&#xd800;", "&退货;", "R&D"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
