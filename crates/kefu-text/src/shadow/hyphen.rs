//! Words broken at the end of a line.

/// First and last parts of compounds that are written with their hyphen, so that a line end after
/// it breaks no word.
const COMPOUND_HEADS: [&str; 36] = [
    "all", "anti", "before", "check", "cross", "door", "end", "follow", "full", "half", "high",
    "in", "long", "low", "mid", "multi", "non", "off", "on", "one", "opt", "out", "over", "part",
    "post", "pre", "real", "self", "short", "sign", "single", "third", "three", "two", "up",
    "well",
];
const COMPOUND_TAILS: [&str; 12] =
    ["and", "based", "by", "day", "free", "in", "of", "off", "out", "the", "to", "up"];

/// Bytes of a hyphen and line end that break a word, with the indentation of the next line.
///
/// `infor-` and `mation` on the next line are one word; `self-` and `service` stay two.
pub(super) fn len(before: &str, rest: &str) -> Option<usize> {
    let hyphen = rest.chars().next()?;
    let after = &rest[hyphen.len_utf8()..];
    let line = after.trim_start_matches([' ', '\t']);
    let next = line.strip_prefix("\r\n").or_else(|| line.strip_prefix('\n'))?;
    let word = next.trim_start_matches([' ', '\t', '\u{3000}']);
    let head = trailing_word(before);
    let tail = leading_word(word);
    let joins = match hyphen {
        '\u{ad}' => true,
        _ => {
            head.len() > 1
                && tail.len() > 1
                && head.bytes().next_back().is_some_and(|b| b.is_ascii_lowercase())
                && !COMPOUND_HEADS.contains(&head.to_ascii_lowercase().as_str())
                && !COMPOUND_TAILS.contains(&tail)
        }
    };
    (joins && !tail.is_empty()).then_some(rest.len() - word.len())
}

/// The longest word looked at, in bytes.
const MAX_WORD_BYTES: usize = 40;

/// Letters at the end of a text, when nothing but a space, a bracket or a quote stands before them.
fn trailing_word(text: &str) -> &str {
    let is_letter = |b: &u8| b.is_ascii_alphabetic();
    let n = text.bytes().rev().take(MAX_WORD_BYTES).take_while(is_letter).count();
    let word = &text[text.len() - n..];
    let border = text[..text.len() - n].chars().next_back();
    let is_word = border.is_none_or(|c| c.is_whitespace() || "([\"'“‘".contains(c));
    if is_word { word } else { "" }
}

fn leading_word(text: &str) -> &str {
    let n = text.bytes().take(MAX_WORD_BYTES).take_while(u8::is_ascii_lowercase).count();
    &text[..n]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joins(text: &str) -> bool {
        let at = text.find(['-', '\u{ad}']).unwrap_or_default();
        len(&text[..at], &text[at..]).is_some()
    }

    #[test]
    fn broken_words_are_told_from_compounds() {
        for text in
            ["infor-\nmation", "(deliv-\r\n  ery times)", "re\u{ad}\nfund", "the ship-\n ping"]
        {
            assert!(joins(text), "{text}");
        }
        for text in [
            "self-\nservice",
            "opt-\nout",
            "SKU-\nnumber",
            "E07-\nerror",
            "tamper-\nProof",
            "a -\nlist",
            "hand-made",
            "pick-\nup",
            "non-food-\nitems",
            "end-",
        ] {
            assert!(!joins(text), "{text}");
        }
    }
}
