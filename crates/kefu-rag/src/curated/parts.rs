//! A question cut into words, or into characters where it is Chinese.

use kefu_text::{Analyser, is_han};

/// A word, a number, a character, or a border that nothing reaches over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// As it is compared: a stem, a number in figures.
    pub(super) key: String,
    pub(super) kind: PartKind,
    /// Whether it ends as English words of the past do.
    pub(super) is_past: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartKind {
    Word,
    Number,
    Han,
    Border,
}

impl Part {
    fn new(key: impl Into<String>, kind: PartKind) -> Self {
        Self { key: key.into(), kind, is_past: false }
    }
}

const SHORT_FORMS: &[(&str, &str)] = &[
    ("can't", "can not"),
    ("cannot", "can not"),
    ("won't", "will not"),
    ("shan't", "shall not"),
    ("n't", " not"),
    ("i'm", "i am"),
    ("'re ", " are "),
    ("'ve ", " have "),
    ("'ll ", " will "),
    ("'d ", " would "),
    ("what's", "what is"),
    ("where's", "where is"),
    ("when's", "when is"),
    ("how's", "how is"),
    ("who's", "who is"),
    ("it's", "it is"),
    ("that's", "that is"),
    ("there's", "there is"),
    ("'s ", " "),
    ("s' ", "s "),
    ("etc.", "etc"),
];

const NUMBERS: &[&str] = &[
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
];

/// Function words that are names in capitals.
const CAPITALS: &[&str] = &["us", "it", "who", "am", "is", "or", "in", "do", "can", "may", "will"];

const BEFORE_MONTHS: &[&str] = &[
    "in", "of", "by", "until", "till", "from", "since", "befor", "after", "this", "next", "last",
    "to", "earli", "late", "mid", "and", "between",
];

/// Signs that are a part of what is meant, as in `C++` or `50%`.
pub(super) const TELLING_SIGNS: &str = "+#%$€£¥&@°";

/// Cuts a text that is written in English.
pub(super) fn english(text: &str, analyser: &Analyser) -> Vec<Part> {
    let names = names(text);
    let mut text = format!("{} ", kefu_text::shadow(text).text.replace('’', "'"));
    for (short, long) in SHORT_FORMS {
        text = text.replace(short, long);
    }
    let mut parts: Vec<Part> = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let start = at;
        while chars.get(at).is_some_and(|c| c.is_alphanumeric()) || is_point(&chars, at) {
            at += 1;
        }
        if at > start {
            let word: String = chars[start..at].iter().filter(|c| **c != ',').collect();
            parts.push(if names.contains(&word) {
                Part::new(named(&word), PartKind::Word)
            } else {
                word_part(&word, analyser)
            });
            continue;
        }
        if TELLING_SIGNS.contains(*c) {
            parts.push(Part::new(*c, PartKind::Word));
        } else if ",.;:!?()".contains(*c) {
            parts.push(Part::new("", PartKind::Border));
        }
        at += 1;
    }
    name_month(&mut parts);
    parts
}

/// Function words in capitals within a text that is not: `US`, `IT`, `WHO`.
fn names(text: &str) -> Vec<String> {
    if !text.chars().any(char::is_lowercase) {
        return Vec::new();
    }
    let words = text.split(|c: char| !c.is_alphanumeric());
    let is_name = |word: &&str| word.len() > 1 && word.chars().all(char::is_uppercase);
    let lower = words.filter(is_name).map(str::to_lowercase);
    lower.filter(|word| CAPITALS.contains(&word.as_str())).collect()
}

fn named(word: &str) -> String {
    if word == "us" { "usa".to_owned() } else { word.to_uppercase() }
}

/// The month of May, by what stands beside it.
fn name_month(parts: &mut [Part]) {
    for at in 0..parts.len() {
        let beside = |at: Option<usize>| at.and_then(|at| parts.get(at));
        let is_number = |part: Option<&Part>| part.is_some_and(|p| p.kind == PartKind::Number);
        let before = beside(at.checked_sub(1));
        let is_month = before.is_some_and(|part| BEFORE_MONTHS.contains(&part.key.as_str()))
            || is_number(before)
            || is_number(beside(at.checked_add(1)));
        if let Some(part) = parts.get_mut(at)
            && part.key == "may"
            && is_month
        {
            part.key = "May".to_owned();
        }
    }
}

/// Whether a point or comma stands inside a number.
fn is_point(chars: &[char], at: usize) -> bool {
    let digit =
        |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    chars.get(at).is_some_and(|c| matches!(c, '.' | ','))
        && digit(at.checked_sub(1))
        && digit(at.checked_add(1))
}

fn word_part(word: &str, analyser: &Analyser) -> Part {
    if let Some(value) = NUMBERS.iter().position(|name| *name == word) {
        return Part::new(value.to_string(), PartKind::Number);
    }
    if word.chars().any(|c| c.is_ascii_digit()) {
        return Part::new(word, PartKind::Number);
    }
    // Its stem would be the auxiliary.
    if word == "doing" {
        return Part::new(word, PartKind::Word);
    }
    let stem = analyser.terms(word).into_iter().next().map_or_else(|| word.to_owned(), |t| t.text);
    Part { is_past: word.ends_with("ed"), ..Part::new(stem, PartKind::Word) }
}

/// Cuts a text that is written in Chinese, perhaps with Latin names.
pub(super) fn chinese(text: &str) -> Vec<Part> {
    let chars: Vec<char> = kefu_text::shadow(text).text.chars().collect();
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        if let Some((value, len)) = numeral(&chars[at..]) {
            parts.push(Part::new(value.to_string(), PartKind::Number));
            at += len;
            continue;
        }
        if is_han(*c) {
            parts.push(Part::new(*c, PartKind::Han));
            at += 1;
            continue;
        }
        let start = at;
        while chars.get(at).is_some_and(|c| c.is_alphanumeric() && !is_han(*c))
            || is_point(&chars, at)
        {
            at += 1;
        }
        if at > start {
            let word: String = chars[start..at].iter().filter(|c| **c != ',').collect();
            let is_number = word.chars().any(|c| c.is_ascii_digit());
            parts.push(Part::new(word, if is_number { PartKind::Number } else { PartKind::Word }));
            continue;
        }
        if TELLING_SIGNS.contains(*c) {
            parts.push(Part::new(*c, PartKind::Word));
        } else if !c.is_whitespace() {
            parts.push(Part::new("", PartKind::Border));
        }
        at += 1;
    }
    parts
}

const DIGITS: &str = "零一二三四五六七八九";
const SCALES: &[(char, u32)] = &[('十', 10), ('百', 100), ('千', 1_000), ('万', 10_000)];
/// What is counted; elsewhere 一 and its like are parts of words.
const COUNTED: &str = "天日年月周岁次张个台件元块折步级号米部条份位名只款公小分秒人层间晚辆家种";

/// A number in characters before something counted: its value and its length.
fn numeral(chars: &[char]) -> Option<(u32, usize)> {
    let (mut total, mut digit, mut len) = (0_u32, None, 0);
    for c in chars {
        let c = if *c == '两' { '二' } else { *c };
        if let Some(value) = DIGITS.chars().position(|d| d == c) {
            digit = Some(u32::try_from(value).ok()?);
        } else if let Some((_, scale)) = SCALES.iter().find(|(name, _)| *name == c) {
            total = total.checked_add(digit.take().unwrap_or(1).checked_mul(*scale)?)?;
        } else {
            break;
        }
        len += 1;
    }
    let counts = chars.get(len).is_some_and(|c| COUNTED.contains(*c));
    (len > 0 && counts).then(|| (total + digit.unwrap_or(0), len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_numbers_are_figures_only_where_something_is_counted() {
        let keys = |text: &str| -> Vec<String> {
            chinese(text).into_iter().map(|part| part.key).collect()
        };
        assert_eq!(keys("三十天"), ["30", "天"]);
        assert_eq!(keys("十八岁"), ["18", "岁"]);
        assert_eq!(keys("两张"), ["2", "张"]);
        assert_eq!(keys("一般"), ["一", "般"]);
        assert_eq!(keys("S5 8.0"), ["s5", "8.0"]);
    }

    #[test]
    fn english_short_forms_and_signs_are_read() {
        let parts = english("What's the C++ fee? I don't know 1,000.5", &Analyser::new());
        let keys: Vec<&str> = parts.iter().map(|part| part.key.as_str()).collect();
        let expected =
            ["what", "is", "the", "c", "+", "+", "fee", "", "i", "do", "not", "know", "1000.5"];
        assert_eq!(keys, expected);
    }
}
