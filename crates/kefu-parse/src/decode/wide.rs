//! Text in units of two and four bytes.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Bytes looked at to tell what a file without a byte order mark is.
const SAMPLE_BYTES: usize = 64 << 10;

/// The text of a UTF-32 file: one with a byte order mark, or one whose every unit is a character.
pub(super) fn utf32(bytes: &[u8]) -> Option<String> {
    let (little, rest) = match bytes {
        [0xff, 0xfe, 0, 0, rest @ ..] => (true, rest),
        [0, 0, 0xfe, 0xff, rest @ ..] => (false, rest),
        [a, b, c, d, ..] if (*c, *d) == (0, 0) && (*a, *b) != (0, 0) => (true, bytes),
        [0, b, c, d, ..] if (*b, *c, *d) != (0, 0, 0) && bytes.len() % 4 == 0 => (false, bytes),
        _ => return None,
    };
    if rest.len() % 4 != 0 {
        return None;
    }
    let units = rest.as_chunks::<4>().0.iter();
    let unit = |unit: &[u8; 4]| {
        if little { u32::from_le_bytes(*unit) } else { u32::from_be_bytes(*unit) }
    };
    let text: Option<String> = units.map(|bytes| char::from_u32(unit(bytes))).collect();
    text.filter(|text| is_text(text))
}

/// The byte order of a UTF-16 file without a mark that holds NUL bytes.
pub(super) fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    if bytes.len() % 2 != 0 {
        return None;
    }
    let sample = bytes.get(..SAMPLE_BYTES).unwrap_or(bytes);
    // The order in which the more characters are ordinary ones.
    let share = |encoding: &'static Encoding| {
        let (text, had_errors) = encoding.decode_without_bom_handling(sample);
        let is_good = !had_errors || sample.len() < bytes.len();
        let n_plain = text.chars().filter(|c| is_ordinary(*c)).count();
        (is_good && is_text(&text))
            .then_some((n_plain * 100 / text.chars().count().max(1), encoding))
    };
    let found = [UTF_16LE, UTF_16BE].into_iter().filter_map(share);
    found.max_by_key(|(percent, _)| *percent).filter(|(percent, _)| *percent > 80).map(|f| f.1)
}

fn is_text(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

/// Characters that texts in the languages of customers are made of.
fn is_ordinary(c: char) -> bool {
    matches!(u32::from(c),
        0x09..=0x0d | 0x20..=0x17f | 0x370..=0x4ff | 0x2010..=0x2040 | 0x3000..=0x30ff
        | 0x4e00..=0x9fff | 0xac00..=0xd7a3 | 0xff00..=0xff65)
}
