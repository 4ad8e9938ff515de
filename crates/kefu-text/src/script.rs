//! Scripts of characters, and the folding of traditional characters.

use std::collections::HashMap;
use std::sync::LazyLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;

/// Whether a character is a Chinese (Han) ideograph.
#[must_use]
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{4e00}'..='\u{9fff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}'
        | '々' | '〇')
}

/// Whether a character is Japanese kana, half-width forms included.
pub(crate) fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{ff66}'..='\u{ff9d}')
}

/// Whether a character is Korean, single letters included.
pub(crate) fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}')
}

/// Whether a character is a Latin letter, accented and full-width ones included.
pub(crate) fn is_latin(c: char) -> bool {
    c.is_alphabetic()
        && matches!(c,
            '\u{0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{ff21}'..='\u{ff3a}'
            | '\u{ff41}'..='\u{ff5a}')
}

/// Characters whose single-character conversion would damage ordinary simplified words
/// (著名, 乾坤, 藉口 are written so in both scripts).
const KEPT: [char; 3] = ['著', '乾', '藉'];

/// The simplified form of one character.
///
/// Characters are folded one by one rather than by phrase: what a character becomes then never
/// depends on its neighbours, so a part of a text folds as the whole does, and offsets hold.
pub(crate) fn simplified(c: char) -> char {
    if !is_han(c) {
        return c;
    }
    TO_SIMPLIFIED.get(&c).copied().unwrap_or(c)
}

static TO_SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    // The table is compiled in, so loading it cannot fail; without it characters stay as they are.
    let Ok(converter) = OpenCC::from_config(BuiltinConfig::T2s) else {
        return HashMap::new();
    };
    let ideographs = ('\u{3400}'..='\u{9fff}').chain('\u{20000}'..='\u{2ffff}');
    ideographs
        .filter(|c| is_han(*c) && !KEPT.contains(c))
        .filter_map(|c| {
            let mut buffer = [0; 4];
            let converted = converter.convert(c.encode_utf8(&mut buffer));
            let mut chars = converted.chars();
            match (chars.next(), chars.next()) {
                (Some(simple), None) if simple != c => Some((c, simple)),
                _ => None,
            }
        })
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_characters_fold_to_simplified_ones() {
        let fold = |text: &str| text.chars().map(simplified).collect::<String>();
        assert_eq!(fold("退貨與退款政策說明"), "退货与退款政策说明");
        assert_eq!(fold("轉人工客服"), "转人工客服");
        assert_eq!(fold("著名的乾坤"), "著名的乾坤");
        assert_eq!(fold("refund 12"), "refund 12");
    }

    #[test]
    fn scripts_are_told_apart() {
        assert!(is_han('客') && is_han('𠮷') && !is_han('。') && !is_han('a'));
        assert!(is_kana('の') && is_kana('ア') && !is_kana('字'));
        assert!(is_hangul('한') && !is_hangul('字'));
        assert!(is_latin('é') && is_latin('Ａ') && !is_latin('1') && !is_latin('я'));
    }
}
