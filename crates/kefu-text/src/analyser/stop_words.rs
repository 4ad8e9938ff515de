//! Words too common to search for.

use std::collections::HashSet;
use std::sync::LazyLock;

static ENGLISH: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("stop_words_en.txt").split_whitespace().collect());
static CHINESE: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("stop_words_zh.txt").split_whitespace().collect());

/// Whether a lower-case word, apostrophes left out, is a function word in English or Chinese.
pub(crate) fn is_stop_word(word: &str) -> bool {
    if word.is_ascii() { is_english_stop_word(word) } else { CHINESE.contains(word) }
}

/// Whether a lower-case word is an English function word.
pub(crate) fn is_english_stop_word(word: &str) -> bool {
    ENGLISH.contains(word)
}
