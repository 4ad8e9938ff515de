//! Weighed signs, read from the rule files.

use super::matcher::Matcher;
use super::pattern::{Script, TAKEN_OUT, compile};
use super::rule_file::translated;
use super::wording::{compact, words};

/// The compiled signs.
pub(super) struct Signs {
    /// What is harmless and taken out before the lighter signs are looked for.
    unless: Option<Matcher>,
    signs: Vec<Sign>,
}

struct Sign {
    name: &'static str,
    weight: f32,
    regex: Matcher,
}

impl Signs {
    /// Compiles a file; lines with a mistake are left out and logged. A test sees to it that there
    /// are none.
    pub(super) fn compile(file: &'static str, script: Script) -> Self {
        let (signs, problems) = Self::read(file, script);
        for problem in problems {
            tracing::error!(problem, "a sign of attacks was left out");
        }
        signs
    }

    pub(super) fn read(file: &'static str, script: Script) -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let mut all = Self { unless: None, signs: Vec::new() };
        for (head, patterns) in translated(file, script, &mut problems) {
            match compile(&patterns.join("|")) {
                Ok(regex) if head == "unless" => all.unless = Some(regex),
                Ok(regex) => {
                    match head.split_once(' ').and_then(|(w, n)| Some((w.parse().ok()?, n))) {
                        Some((weight, name)) => all.signs.push(Sign { name, weight, regex }),
                        None => problems.push(format!("no weight: {head}")),
                    }
                }
                Err(error) => problems.push(error),
            }
        }
        (all, problems)
    }

    /// The signs in a wording, heaviest first as in the file.
    pub(super) fn find(&self, wording: &str) -> Vec<(&'static str, f32)> {
        let left = match &self.unless {
            Some(unless) => unless.replace_all(wording, TAKEN_OUT),
            None => wording.into(),
        };
        let found = self.signs.iter().filter(|sign| sign.regex.is_match(&left));
        found.map(|sign| (sign.name, sign.weight)).collect()
    }
}

/// A text in the forms that signs of both languages are looked for in.
pub(super) struct SignText {
    spaced: String,
    unspaced: String,
}

impl SignText {
    pub(super) fn of(shadow: &str) -> Self {
        Self { spaced: spaced(shadow), unspaced: unspaced(shadow) }
    }
}

/// The signs of both languages: customers mix them.
pub(super) struct SignPair {
    english: Signs,
    chinese: Signs,
}

impl SignPair {
    pub(super) fn compile(english: &'static str, chinese: &'static str) -> Self {
        Self {
            english: Signs::compile(english, Script::Spaced),
            chinese: Signs::compile(chinese, Script::Unspaced),
        }
    }

    /// The English signs found, then the Chinese ones, with names and weights.
    pub(super) fn find(&self, text: &SignText) -> [Vec<(&'static str, f32)>; 2] {
        [self.english.find(&text.spaced), self.chinese.find(&text.unspaced)]
    }

    /// The signs found in either language.
    pub(super) fn find_all(&self, text: &SignText) -> Vec<(&'static str, f32)> {
        self.find(text).concat()
    }
}

/// English words each in angle brackets, clauses between `|`. Letters set apart one by one are
/// read together.
pub(super) fn spaced(shadow: &str) -> String {
    let mut text = String::from("|");
    let mut letters = String::new();
    let flush = |letters: &mut String, text: &mut String| {
        if !letters.is_empty() {
            text.push_str(&format!("<{letters}>"));
            letters.clear();
        }
    };
    for word in words(shadow) {
        let Some(word) = word else {
            flush(&mut letters, &mut text);
            text.push('|');
            continue;
        };
        let is_letter = word.len() == 1 && word.is_ascii() && !matches!(word.as_str(), "a" | "i");
        if is_letter {
            letters.push_str(&word);
            continue;
        }
        flush(&mut letters, &mut text);
        let word = if word.is_ascii() { plain(&word) } else { "_".to_owned() };
        text.push('<');
        text.push_str(&word);
        text.push('>');
    }
    flush(&mut letters, &mut text);
    text.push('|');
    text
}

/// Digits that stand for letters within a word, put back.
fn plain(word: &str) -> String {
    let n_digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_disguised = n_digits > 0
        && n_digits * 2 <= word.len()
        && word.len() > 3
        && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '1' || c == '0')
        && word.ends_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '3' | '5' | '7'));
    if !is_disguised {
        return word.to_owned();
    }
    let letter = |c: char| match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        other => other,
    };
    word.chars().map(letter).collect()
}

/// Letters of all scripts without spaces, clauses between `|`; nothing where no Chinese stands.
pub(super) fn unspaced(shadow: &str) -> String {
    if !shadow.contains(kefu_text::is_han) {
        return "|".to_owned();
    }
    let compact = compact(shadow);
    format!("|{compact}|")
}
