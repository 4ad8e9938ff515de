//! The words of a text as numbers, without any model.

use kefu_text::{is_han, shadow, term_id};

/// Longer texts are judged by their beginning.
const MAX_BYTES: usize = 2_000;
/// Lengths of character sequences inside a Latin word, its ends included.
const SEQUENCES: std::ops::RangeInclusive<usize> = 3..=5;
/// Longest run of Chinese characters that counts as one feature.
const MAX_RUN: usize = 3;

/// What a text is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grams {
    /// Words, pairs of neighbouring words, and sequences of characters, with repetitions.
    pub(crate) all: Vec<u32>,
    /// Words alone; Chinese pairs of characters stand for words.
    pub(crate) words: Vec<u32>,
}

/// Takes a text apart. Case, width, script of Chinese and figures do not matter.
pub(crate) fn grams(text: &str) -> Grams {
    let words = words(text);
    let mut grams = Grams::default();
    let mut before: Option<&str> = None;
    for word in &words {
        if word.starts_with(is_han) {
            chinese(word, &mut grams);
        } else {
            let id = term_id(word);
            grams.words.push(id);
            grams.all.push(id);
            latin(word, &mut grams.all);
        }
        if let Some(before) = before {
            grams.all.push(term_id(&format!("{before} {word}")));
        }
        before = Some(word);
    }
    grams
}

/// The text in one form: equal for texts that differ in case, punctuation and spacing.
pub(crate) fn plain(text: &str) -> String {
    let text = &text[..text.floor_char_boundary(MAX_BYTES)];
    shadow(text).text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Latin words and runs of Chinese characters in order; digits are all the same.
pub(crate) fn words(text: &str) -> Vec<String> {
    let text = &text[..text.floor_char_boundary(MAX_BYTES)];
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in shadow(text).text.chars() {
        let parts = !c.is_alphanumeric() && c != '\'';
        let changes = word.chars().next_back().is_some_and(|last| is_han(last) != is_han(c));
        if (parts || changes) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_numeric() && !is_han(c) {
            word.push('0');
        } else if c.is_alphanumeric() {
            word.push(c);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn latin(word: &str, grams: &mut Vec<u32>) {
    let ends: Vec<char> = std::iter::once('<').chain(word.chars()).chain(['>']).collect();
    for n in SEQUENCES {
        let sequences = ends.windows(n).map(|sequence| sequence.iter().collect::<String>());
        grams.extend(sequences.map(|sequence| term_id(&format!("~{sequence}"))));
    }
}

fn chinese(run: &str, grams: &mut Grams) {
    let characters: Vec<char> = run.chars().collect();
    for n in 1..=MAX_RUN {
        for run in characters.windows(n) {
            let id = term_id(&run.iter().collect::<String>());
            grams.all.push(id);
            if n == 2.min(characters.len()) {
                grams.words.push(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_however_it_is_written() {
        assert_eq!(grams("Where's my REFUND?"), grams("where's my refund"));
        assert_eq!(grams("訂單 48213 退貨"), grams("订单10000退货！"));
        assert_eq!(plain("我想 退货。"), plain("我想退货"));
        assert_ne!(grams("refund"), grams("refunds"));
    }

    #[test]
    fn both_scripts_give_words() {
        assert_eq!(words("请帮我 track订单A1"), ["请帮我", "track", "订单", "a0"]);
        assert_eq!(grams("退").words.len(), 1);
        assert_eq!(grams("退货费").words.len(), 2);
        assert!(grams("?!").all.is_empty());
    }

    #[test]
    fn long_texts_are_cut() {
        assert!(grams(&"退货".repeat(5_000)).words.len() < 1_000);
    }
}
