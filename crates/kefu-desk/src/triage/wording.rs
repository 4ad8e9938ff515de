//! A customer's words in the form that patterns are matched against.

use std::borrow::Cow;

use kefu_text::{is_han, shadow};

/// Longer texts are judged by their beginning and end, so that triage stays quick.
const MAX_HEAD_BYTES: usize = 2_000;
const MAX_TAIL_BYTES: usize = 800;
const GIST_HEAD_BYTES: usize = 1_300;
const GIST_TAIL_BYTES: usize = 600;

/// The text with clause borders marked, and the text as a whole without polite wrapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wording {
    /// Clauses between `|`; English words each in angle brackets.
    pub(crate) clauses: String,
    /// Without fillers and without clause borders.
    pub(crate) bare: String,
}

/// The shadow of a text's beginning and end.
pub(crate) fn bounded_shadow(text: &str) -> String {
    if text.len() <= MAX_HEAD_BYTES + MAX_TAIL_BYTES {
        return shadow(text).text;
    }
    let head = &text[..text.floor_char_boundary(MAX_HEAD_BYTES)];
    let tail = &text[text.ceil_char_boundary(text.len() - MAX_TAIL_BYTES)..];
    shadow(&format!("{head}\n|{tail}")).text
}

/// The beginning and end of a shadow, enough to tell moods and matters by.
pub(crate) fn gist(shadow: &str) -> Cow<'_, str> {
    if shadow.len() <= GIST_HEAD_BYTES + GIST_TAIL_BYTES {
        return Cow::Borrowed(shadow);
    }
    let head = &shadow[..shadow.floor_char_boundary(GIST_HEAD_BYTES)];
    let tail = &shadow[shadow.ceil_char_boundary(shadow.len() - GIST_TAIL_BYTES)..];
    Cow::Owned(format!("{head}\n{tail}"))
}

/// Cantonese characters as Mandarin writes the same words.
const CANTONESE: [(char, &str); 15] = [
    ('冇', "没"),
    ('咗', "了"),
    ('唔', "不"),
    ('嘅', "的"),
    ('喺', "在"),
    ('佢', "他"),
    ('啲', "些"),
    ('嘢', "东西"),
    ('睇', "看"),
    ('畀', "给"),
    ('乜', "什么"),
    ('咁', "这么"),
    ('嚟', "来"),
    ('係', "是"),
    ('咩', "什么"),
];

/// A shadow with Cantonese turns written as in Mandarin.
pub(crate) fn standard(shadow: &str) -> Cow<'_, str> {
    let meant = |c: char| CANTONESE.iter().find(|(cantonese, _)| *cantonese == c);
    if !shadow.contains(|c| meant(c).is_some()) {
        return Cow::Borrowed(shadow);
    }
    let mut text = String::with_capacity(shadow.len());
    for c in shadow.chars() {
        match meant(c) {
            Some((_, mandarin)) => text.push_str(mandarin),
            None => text.push(c),
        }
    }
    Cow::Owned(text)
}

/// Letters and digits only: equal for texts that differ in punctuation and case.
pub(crate) fn bare(shadow: &str) -> String {
    shadow.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Words of a shadow in order; `None` stands for a clause border. Apostrophes are dropped, runs of
/// Han characters are words.
pub(crate) fn words(shadow: &str) -> Vec<Option<String>> {
    let mut words: Vec<Option<String>> = Vec::new();
    let mut word = String::new();
    let flush = |word: &mut String, words: &mut Vec<Option<String>>| {
        if !word.is_empty() {
            words.push(Some(std::mem::take(word)));
        }
    };
    for c in shadow.chars() {
        if c.is_alphanumeric() {
            if word.chars().next_back().is_some_and(|last| is_han(last) != is_han(c)) {
                flush(&mut word, &mut words);
            }
            word.push(c);
        } else if c != '\'' {
            flush(&mut word, &mut words);
            if is_border(c) && !matches!(words.last(), None | Some(None)) {
                words.push(None);
            }
        }
    }
    flush(&mut word, &mut words);
    words
}

/// Letters of all scripts without spaces, `|` for what ends a clause.
pub(crate) fn compact(shadow: &str) -> String {
    let kept = |c: char| match c {
        c if c.is_alphanumeric() => Some(c),
        c if is_border(c) => Some('|'),
        _ => None,
    };
    shadow.chars().filter_map(kept).collect()
}

/// Whether a character parts clauses.
pub(crate) fn is_border(c: char) -> bool {
    matches!(
        c,
        '.' | ',' | ';' | ':' | '!' | '?' | '(' | ')' | '|' | '。' | '、' | '…' | '~' | '—' | '\n'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_their_wrapping() {
        let found: Vec<String> =
            words("i don't, 转human!!").into_iter().map(|w| w.unwrap_or("|".to_owned())).collect();
        assert_eq!(found, ["i", "dont", "|", "转", "human", "|"]);
    }

    #[test]
    fn long_texts_keep_both_ends() {
        let text = format!("{}投诉", "长".repeat(9_000));
        let shadow = bounded_shadow(&text);
        assert!(shadow.len() < 5_000 && shadow.ends_with("投诉"));
    }
}
