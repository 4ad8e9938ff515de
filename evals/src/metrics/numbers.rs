//! Numbers of an answer that its sources do not say.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// Numbers of `answer` that stand in none of `sources`, in one way of writing: thousands
/// separators and zeros after the decimals are dropped. Labels such as `[2]` are not numbers of
/// the answer. Numbers in words are not seen.
pub(crate) fn unsupported<'a>(
    answer: &str,
    sources: impl IntoIterator<Item = &'a str>,
) -> BTreeSet<String> {
    let known: BTreeSet<String> = sources.into_iter().flat_map(numbers).collect();
    numbers(&without_labels(answer)).into_iter().filter(|number| !known.contains(number)).collect()
}

fn numbers(text: &str) -> BTreeSet<String> {
    let chars: Vec<char> = text.nfkc().collect();
    let digit = |index: usize| chars.get(index).is_some_and(char::is_ascii_digit);
    let mut found = BTreeSet::new();
    let mut at = 0;
    while at < chars.len() {
        if !digit(at) {
            at += 1;
            continue;
        }
        let mut number = String::new();
        let mut has_point = false;
        loop {
            match chars.get(at) {
                Some(c) if c.is_ascii_digit() => number.push(*c),
                Some(',') if !has_point && is_group(&chars, at) => {}
                Some('.') if !has_point && digit(at + 1) => {
                    has_point = true;
                    number.push('.');
                }
                _ => break,
            }
            at += 1;
        }
        found.insert(plain(&number));
    }
    found
}

/// Whether the comma at `comma` parts thousands: exactly three digits follow.
fn is_group(chars: &[char], comma: usize) -> bool {
    let digit = |index: usize| chars.get(index).is_some_and(char::is_ascii_digit);
    (1..=3).all(|step| digit(comma + step)) && !digit(comma + 4)
}

fn plain(number: &str) -> String {
    if number.contains('.') {
        return number.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    number.to_owned()
}

fn without_labels(answer: &str) -> String {
    let mut text = String::with_capacity(answer.len());
    let mut rest = answer;
    while let Some(open) = rest.find('[') {
        let (before, from) = rest.split_at(open);
        text.push_str(before);
        let n_digits = from[1..].bytes().take_while(u8::is_ascii_digit).count();
        let is_label = n_digits > 0 && from[1 + n_digits..].starts_with(']');
        let cut = if is_label { n_digits + 2 } else { 1 };
        text.push(if is_label { ' ' } else { '[' });
        rest = &from[cut..];
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(answer: &str, source: &str, expected: &[&str]) {
        let found = unsupported(answer, [source]);
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{answer}");
    }

    #[test]
    fn numbers_are_compared_by_value() {
        check("It costs £4.50 and holds 1,229 Wh.", "4.5, 1229", &[]);
        check("It costs £5.", "£4.50", &["5"]);
        check("費用１０元", "10 元", &[]);
        check("2026-07-01", "from 2026-07-02", &["01"]);
    }

    #[test]
    fn parts_of_numbers_do_not_support() {
        check("30 days", "130 days or 30.5", &["30"]);
        check("1,2 and 3", "12,3", &["1", "2"]);
    }

    #[test]
    fn labels_are_not_numbers() {
        check("Free [1][2] of charge", "Free of charge", &[]);
        check("See [3 and 4]", "nothing", &["3", "4"]);
    }
}
