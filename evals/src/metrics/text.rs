//! Comparing an answer with a reference answer.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::{real, share};

/// Whether the reference stands in the text, without regard to compatibility forms (NFKC), case
/// and white space. Words and numbers must stand whole: `4` is not in `1943`, `30` is not in
/// `30.5`.
pub(crate) fn contains(text: &str, reference: &str) -> bool {
    let spaces = if reference.chars().any(is_han) { Spaces::Removed } else { Spaces::Single };
    let reference = normalise(reference, spaces);
    let text = normalise(text, spaces);
    if reference.is_empty() {
        return false;
    }
    text.match_indices(&reference).any(|(start, found)| {
        let (before, after) = (&text[..start], &text[start + found.len()..]);
        begins_whole(before, found) && ends_whole(found, after)
    })
}

/// Harmonic mean of precision and recall over words (without English articles and punctuation)
/// and single Han characters, each counted as often as it occurs in both.
pub(crate) fn token_f1(text: &str, reference: &str) -> f64 {
    let (given, wanted) = (tokens(text), tokens(reference));
    if given.is_empty() || wanted.is_empty() {
        return share(given == wanted);
    }
    2.0 * real(n_shared(&given, &wanted)) / real(given.len() + wanted.len())
}

/// Share of the reference's tokens, as for [`token_f1`], that are in the text.
pub(crate) fn token_recall(text: &str, reference: &str) -> f64 {
    let (given, wanted) = (tokens(text), tokens(reference));
    if wanted.is_empty() { 0.0 } else { real(n_shared(&given, &wanted)) / real(wanted.len()) }
}

/// Tokens as for [`token_f1`].
pub(crate) fn count_tokens(text: &str) -> usize {
    tokens(text).len()
}

fn n_shared(given: &[String], wanted: &[String]) -> usize {
    let mut open: HashMap<&str, usize> = HashMap::new();
    for token in wanted {
        *open.entry(token).or_default() += 1;
    }
    let mut n_shared = 0_usize;
    for token in given {
        if let Some(left) = open.get_mut(token.as_str()).filter(|left| **left > 0) {
            *left -= 1;
            n_shared += 1;
        }
    }
    n_shared
}

/// Whether both have the same words in the same order.
pub(crate) fn exact_match(text: &str, reference: &str) -> bool {
    tokens(text) == tokens(reference)
}

/// Words, where a run of letters and digits is one; Han characters are not words.
pub(crate) fn count_words(text: &str) -> usize {
    text.split(|c: char| !c.is_alphanumeric() || is_han(c)).filter(|word| !word.is_empty()).count()
}

/// Characters that are not white space.
pub(crate) fn count_characters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut in_word = false;
    for c in text.nfkc().flat_map(char::to_lowercase) {
        let word_part = c.is_alphanumeric() && !is_han(c);
        match tokens.last_mut() {
            Some(word) if word_part && in_word => word.push(c),
            _ if word_part || is_han(c) => tokens.push(c.to_string()),
            _ => {}
        }
        in_word = word_part;
    }
    tokens.retain(|token| !matches!(token.as_str(), "a" | "an" | "the"));
    tokens
}

#[derive(Clone, Copy)]
enum Spaces {
    /// Chinese is written without spaces; those in a text are layout.
    Removed,
    Single,
}

fn normalise(text: &str, spaces: Spaces) -> String {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let words: Vec<&str> = folded.split_whitespace().collect();
    words.join(match spaces {
        Spaces::Removed => "",
        Spaces::Single => " ",
    })
}

fn begins_whole(before: &str, found: &str) -> bool {
    let Some(first) = found.chars().next() else { return false };
    let mut back = before.chars().rev();
    splits(first, back.next(), back.next())
}

fn ends_whole(found: &str, after: &str) -> bool {
    let Some(last) = found.chars().next_back() else { return false };
    let mut ahead = after.chars();
    splits(last, ahead.next(), ahead.next())
}

/// Whether a word or number ends between `edge` and its neighbour (and the one after that).
fn splits(edge: char, neighbour: Option<char>, second: Option<char>) -> bool {
    let Some(neighbour) = neighbour else { return true };
    if is_han(edge) || !edge.is_alphanumeric() {
        return true;
    }
    let in_number = edge.is_ascii_digit()
        && matches!(neighbour, '.' | ',')
        && second.is_some_and(|c| c.is_ascii_digit());
    let in_word = neighbour.is_alphanumeric() && !is_han(neighbour);
    !in_number && !in_word
}

pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_f1(text: &str, reference: &str, by_hand: f64) {
        let measured = token_f1(text, reference);
        assert!((measured - by_hand).abs() < 1e-12, "{text:?}: {measured} is not {by_hand}");
    }

    #[test]
    fn containment_ignores_form_case_and_space() {
        assert!(contains("Within **30  Days**\nof delivery", "30 days"));
        assert!(contains("退款在 3 个工作日\n内到账", "3个工作日内"));
        assert!(contains("费用为１０％", "10%"));
        assert!(contains("故障代码E07表示", "e07"));
    }

    #[test]
    fn containment_respects_words_and_numbers() {
        assert!(!contains("in 1943", "4"));
        assert!(!contains("30.5 kg", "30"));
        assert!(!contains("1,229 Wh", "229 Wh"));
        assert!(!contains("130 天内", "30 天内"));
        assert!(!contains("scarfs", "scarf"));
        assert!(contains("It costs 30, or 40.", "30"));
        assert!(contains("It costs 40.", "40"));
        assert!(!contains("anything", " "));
    }

    #[test]
    fn f1_counts_shared_words() {
        // Shared: silver, label. 2 * 2 / (3 + 4).
        check_f1("The silver metal label", "a silver label under it", 4.0 / 7.0);
        check_f1("30 days", "30 days.", 1.0);
        check_f1("no", "yes", 0.0);
        check_f1("", "yes", 0.0);
        // A word that is said twice is shared once when the reference says it once.
        check_f1("free free", "free", 2.0 / 3.0);
    }

    #[test]
    fn f1_counts_shared_characters_of_chinese() {
        // 7 天 内 against 15 天 内 可 退: shared 天 and 内. 2 * 2 / (3 + 5).
        check_f1("7 天内", "15 天内可退", 0.5);
        check_f1("退货。", "退货", 1.0);
    }

    #[test]
    fn exact_match_is_over_words() {
        assert!(exact_match("The 30 Days.", "30 days"));
        assert!(!exact_match("30 days at most", "30 days"));
    }

    #[test]
    fn lengths_are_counted_by_script() {
        assert_eq!(count_words("It's free: 30 days."), 5);
        assert_eq!(count_characters("满 99 元"), 4);
    }
}
