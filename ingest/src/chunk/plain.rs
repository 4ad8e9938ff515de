//! What of the markup is left out of the index.

use std::borrow::Cow;

/// A text as it is indexed: as a reader takes it in, without the targets of its links.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    match kefu_text::readable(text) {
        Cow::Borrowed(text) => without_links(text),
        Cow::Owned(text) => Cow::Owned(without_links(&text).into_owned()),
    }
}

/// A text without the targets of its links, which say nothing to a reader: `[Returns](/r)` becomes
/// `Returns`. Everything else stays as it is.
fn without_links(text: &str) -> Cow<'_, str> {
    if !text.contains("](") {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(middle) = rest.find("](") {
        let (before, after) = (&rest[..middle], &rest[middle + 2..]);
        let open = before.rfind('[');
        let close = after.find(')').filter(|end| !after[..*end].contains('\n'));
        let (Some(open), Some(close)) = (open, close) else {
            plain.push_str(&rest[..middle + 2]);
            rest = after;
            continue;
        };
        plain.push_str(before[..open].trim_end_matches('!'));
        plain.push_str(&before[open + 1..]);
        rest = &after[close + 1..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_targets_go_and_their_words_stay() {
        for (text, expected) in [
            ("see [Returns](/r \"t\") and ![cup](c.png).", "see Returns and cup."),
            ("no links [here] (really)", "no links [here] (really)"),
            ("[half](open", "[half](open"),
            ("](x) [a](b)", "](x) a"),
        ] {
            assert_eq!(without_links(text), expected);
        }
    }
}
