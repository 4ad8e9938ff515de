//! The language of a text by its scripts.

use kefu_core::Language;

use crate::analyser::is_english_stop_word;
use crate::script::{is_han, is_hangul, is_kana, is_latin};

/// Only this much is looked at: the language of a long text shows early.
const MAX_CHARS: usize = 20_000;

/// Tells the language by the share of scripts: Chinese, English, Japanese or Korean;
/// [`Language::UNDETERMINED`] for other scripts and for texts without letters.
///
/// Latin letters count as English. In mixed texts a Chinese character weighs as much as two
/// foreign words, since product names are often Latin, and English function words count double,
/// since nobody writes those inside a Chinese sentence: `iPhone 15 Pro 退货` is Chinese,
/// `What does 退货 mean?` is English.
#[must_use]
pub fn detect(text: &str) -> Language {
    let counts = Counts::of(text);
    let east_asian = counts.han + counts.kana + counts.hangul;
    if counts.other > east_asian * 2 + counts.latin_letters {
        return Language::UNDETERMINED;
    }
    if 2 * east_asian >= counts.latin_weight && east_asian > 0 {
        return counts.east_asian_language();
    }
    if counts.latin_letters > 0 { Language::ENGLISH } else { Language::UNDETERMINED }
}

#[derive(Default)]
struct Counts {
    han: usize,
    kana: usize,
    hangul: usize,
    other: usize,
    latin_letters: usize,
    latin_weight: usize,
}

impl Counts {
    fn of(text: &str) -> Self {
        let mut counts = Self::default();
        let mut word = String::new();
        for c in text.chars().take(MAX_CHARS) {
            if is_latin(c) {
                counts.latin_letters += 1;
                word.push(c.to_ascii_lowercase());
                continue;
            }
            counts.end_word(&mut word);
            if is_han(c) {
                counts.han += 1;
            } else if is_kana(c) {
                counts.kana += 1;
            } else if is_hangul(c) {
                counts.hangul += 1;
            } else if c.is_alphabetic() {
                counts.other += 1;
            }
        }
        counts.end_word(&mut word);
        counts
    }

    fn end_word(&mut self, word: &mut String) {
        if !word.is_empty() {
            self.latin_weight += if is_english_stop_word(word) { 2 } else { 1 };
            word.clear();
        }
    }

    /// A stray の in a Chinese shop name does not make a text Japanese.
    fn east_asian_language(&self) -> Language {
        let code = if self.hangul > self.han + self.kana {
            "ko"
        } else if self.kana * 4 >= self.han + self.kana {
            "ja"
        } else {
            "zh"
        };
        Language::from_code(code).unwrap_or(Language::UNDETERMINED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_by_script() {
        for (text, code) in [
            ("refund", "en"),
            ("How long does shipping take?", "en"),
            ("退货要多久？", "zh"),
            ("退貨政策", "zh"),
            ("iPhone 15 Pro 退货", "zh"),
            ("AirPods Pro 2 USB-C 保修", "zh"),
            ("转human", "zh"),
            ("What does 退货 mean?", "en"),
            ("can i 退货 this item", "en"),
            ("鲜の味外卖怎么退款", "zh"),
            ("返品はできますか", "ja"),
            ("반품 가능한가요?", "ko"),
            ("Можно вернуть товар?", "und"),
            ("12345 !?", "und"),
            ("", "und"),
            ("ＲＥＦＵＮＤ please", "en"),
        ] {
            assert_eq!(detect(text).code(), code, "{text}");
        }
    }
}
