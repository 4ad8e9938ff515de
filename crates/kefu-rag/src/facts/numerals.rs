//! Numbers written in words: `seven`, `十五`, `两`.

use std::sync::LazyLock;

use regex::Regex;

use super::{Fact, FactKind, pattern, units};

const ENGLISH: &[(&str, u32)] = &[
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("fourteen", 14),
    ("fifteen", 15),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("ninety", 90),
];

static ENGLISH_WORD: LazyLock<Regex> = LazyLock::new(|| {
    let words: Vec<&str> = ENGLISH.iter().map(|(word, _)| *word).collect();
    pattern(&format!(r"(?-u:\b)({})(?-u:\b)", words.join("|")))
});
static CHINESE_WORD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[零〇一二两三四五六七八九十百千万]+"));

/// Adds the numbers that are written in words. They are certain only before a unit: `one of them`
/// and `一般` are no figures.
pub(super) fn read_words(text: &str, facts: &mut Vec<Fact>) {
    for found in ENGLISH_WORD.find_iter(text) {
        let value = ENGLISH.iter().find(|(word, _)| *word == found.as_str()).map(|(_, n)| *n);
        push(text, found.start(), found.end(), value, facts);
    }
    for found in CHINESE_WORD.find_iter(text) {
        push(text, found.start(), found.end(), chinese(found.as_str()), facts);
    }
}

fn push(text: &str, start: usize, end: usize, value: Option<u32>, facts: &mut Vec<Fact>) {
    let Some(value) = value else { return };
    let key = value.to_string();
    let unit = units::around(&text[..start], &text[end..], &key);
    facts.push(Fact { kind: FactKind::Number, key, unit, firm: unit.is_some() });
}

/// The value of a Chinese number; `None` for strings that are none, such as `一二三`.
fn chinese(word: &str) -> Option<u32> {
    let (mut total, mut section, mut digit) = (0_u32, 0_u32, None);
    for c in word.chars() {
        if let Some(value) = "零一二三四五六七八九".chars().position(|d| d == c) {
            if digit.is_some_and(|d| d != 0) {
                return None;
            }
            digit = u32::try_from(value).ok();
        } else {
            match c {
                '〇' => digit = Some(0),
                '两' => digit = Some(2),
                '万' => {
                    let below = section + digit.take().unwrap_or(0);
                    total = total.checked_add(below.max(1).checked_mul(10_000)?)?;
                    section = 0;
                }
                _ => {
                    let scale = match c {
                        '十' => 10,
                        '百' => 100,
                        _ => 1000,
                    };
                    section = section.checked_add(digit.take().unwrap_or(1).checked_mul(scale)?)?;
                }
            }
        }
    }
    total.checked_add(section)?.checked_add(digit.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_numbers_have_values() {
        for (word, value) in [
            ("十", 10),
            ("十五", 15),
            ("二十四", 24),
            ("两百", 200),
            ("一千零一", 1001),
            ("三万五千", 35_000),
            ("七", 7),
        ] {
            assert_eq!(chinese(word), Some(value), "{word}");
        }
        assert_eq!(chinese("一二三"), None);
    }
}
