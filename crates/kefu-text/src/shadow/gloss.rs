//! Readings in brackets after a Chinese character: the `(yōu)` of `優(yōu)化`.

use pinyin::ToPinyinMulti;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::script::is_han;

/// A syllable has at most six letters, and a tone mark may be a character of its own.
const MAX_SYLLABLE_CHARS: usize = 7;

/// Bytes of a reading that begins with the bracket at the head of `rest`.
///
/// It must be one syllable that the character right before it can be read as, whatever the tone.
/// Without a tone mark an English word in brackets looks the same, so then it must also stand
/// inside a word, with Chinese right after it.
pub(super) fn len(before: &str, rest: &str) -> Option<usize> {
    let character = before.chars().next_back().filter(|c| is_han(*c))?;
    let open = rest.chars().next()?;
    let inside = &rest[open.len_utf8()..];
    let (end, close) = inside
        .char_indices()
        .take(MAX_SYLLABLE_CHARS + 1)
        .find(|(_, c)| !c.is_alphabetic() && !is_combining_mark(*c))?;
    let is_closed = matches!((open, close), ('(' | '（', ')' | '）'));
    let (letters, has_tone) = plain(&inside[..end]);
    if !is_closed || letters.is_empty() || !reads_as(character, &letters) {
        return None;
    }
    let after = &inside[end + close.len_utf8()..];
    let is_inside_word = after.chars().next().is_some_and(is_han);
    (has_tone || is_inside_word).then_some(rest.len() - after.len())
}

/// A syllable without its marks, `ü` as `u`, and whether it had a tone mark.
fn plain(syllable: &str) -> (String, bool) {
    let is_tone = |c: char| matches!(c, '\u{300}' | '\u{301}' | '\u{304}' | '\u{30c}' | '\u{306}');
    let has_tone = syllable.nfd().any(is_tone);
    let letters = syllable.nfd().filter(|c| !is_combining_mark(*c));
    (letters.map(|c| if c == 'v' { 'u' } else { c }).collect(), has_tone)
}

fn reads_as(character: char, letters: &str) -> bool {
    character.to_pinyin_multi().is_some_and(|readings| {
        readings.into_iter().any(|reading| plain(reading.plain()).0 == letters)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        let at = text.find(['(', '（'])?;
        len(&text[..at], &text[at..]).map(|len| &text[at..at + len])
    }

    #[test]
    fn readings_are_found() {
        for (text, reading) in [
            ("優(yōu)化方案", "(yōu)"),
            ("業（yè）務", "（yè）"),
            ("行(háng)业", "(háng)"),
            ("重(chong)庆", "(chong)"),
            ("绿(lǜ)", "(lǜ)"),
            ("旅(lv)行", "(lv)"),
            ("監(jia\u{304}n)督", "(jia\u{304}n)"),
            ("质(zhi\u{300})。", "(zhi\u{300})"),
            ("嗯(ńg)", "(ńg)"),
        ] {
            assert_eq!(found(text), Some(reading), "{text}");
        }
    }

    #[test]
    fn other_brackets_are_left_alone() {
        for text in [
            "退货(refund)政策",
            "麻省理工(MIT)",
            "单位(kg)",
            "你(you)好",
            "套餐(plan)说明",
            "龙(long)",
            "优(yōu",
            "优 (yōu)",
            "a(a)好",
            "方案(A)和",
            "咖啡(café)厅",
            "电话(tel)号码",
            "是(sí)",
            "(yōu)",
            "优()化",
            "优(you hua)化",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
