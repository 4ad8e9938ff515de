//! A small list of words in both languages, so that a question finds documents in the other one.

use std::sync::LazyLock;

use kefu_core::Language;

/// One line of the list: names of one thing.
struct Entry {
    english: Vec<&'static str>,
    chinese: Vec<&'static str>,
}

static ENTRIES: LazyLock<Vec<Entry>> =
    LazyLock::new(|| include_str!("bilingual.txt").lines().filter_map(entry).collect());

/// Phrases of more than one English word, which are matched before their words.
const PHRASES: &[&str] = &[
    "gift card",
    "credit card",
    "debit card",
    "log in",
    "sign in",
    "signing in",
    "log out",
    "sign out",
    "sign up",
    "set up",
    "text message",
    "customer service",
    "how long",
    "how much",
    "due date",
    "washing machine",
];

/// Names in the other language of what the text speaks of; `None` when the list knows none.
/// Names, codes and figures are the same in both and need no list.
pub(crate) fn translated(text: &str, language: Language) -> Option<String> {
    let shadow = kefu_text::shadow(text).text;
    let found: Vec<&str> = if language == Language::CHINESE {
        let is_meant = |entry: &&Entry| entry.chinese.iter().any(|name| shadow.contains(name));
        ENTRIES.iter().filter(is_meant).flat_map(|entry| entry.english.iter().copied()).collect()
    } else {
        let words = words(&shadow);
        let is_meant = |entry: &&Entry| entry.english.iter().any(|name| words.contains(name));
        ENTRIES.iter().filter(is_meant).flat_map(|entry| entry.chinese.iter().copied()).collect()
    };
    (!found.is_empty()).then(|| found.join(" "))
}

fn entry(line: &'static str) -> Option<Entry> {
    let (english, chinese) = line.split_once('|')?;
    let chinese = chinese.split_whitespace().collect();
    (!line.starts_with('#')).then(|| Entry { english: words(english), chinese })
}

/// The words of an English text, those of a phrase together.
fn words(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let phrase = PHRASES.iter().find(|phrase| {
            rest.strip_prefix(**phrase)
                .is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphanumeric()))
        });
        let len = match phrase {
            Some(phrase) => phrase.len(),
            None => rest.find(|c: char| !is_word_char(c)).unwrap_or(rest.len()),
        };
        if len > 0 {
            found.push(&rest[..len]);
        }
        let skipped = if len > 0 { len } else { first.len_utf8() };
        rest = &rest[skipped..];
    }
    found
}

fn is_word_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_question_speaks_of_is_named_in_the_other_language() {
        let chinese = translated("How do I return a damaged parcel?", Language::ENGLISH);
        let chinese = chinese.unwrap_or_default();
        assert!(["退货", "损坏", "包裹"].iter().all(|name| chinese.contains(name)), "{chinese}");
        let english = translated("礼品卡多久過期？", Language::CHINESE).unwrap_or_default();
        assert!(["gift card", "expire"].iter().all(|name| english.contains(name)), "{english}");
        assert_eq!(translated("iPhone15 5G", Language::ENGLISH), None);
    }

    #[test]
    fn a_phrase_is_not_its_words() {
        let found = translated("Can I sign in?", Language::ENGLISH).unwrap_or_default();
        assert_eq!(found, "登录");
    }

    #[test]
    fn every_line_names_both() {
        assert!(ENTRIES.len() > 100);
        for entry in ENTRIES.iter() {
            assert!(!entry.english.is_empty() && !entry.chinese.is_empty());
            let is_han = |name: &&str| name.chars().all(kefu_text::is_han);
            assert!(entry.chinese.iter().all(is_han), "{:?}", entry.chinese);
        }
    }
}
