//! Words that were mistyped, as far as they cannot be other words.

/// Shortest word that is mended.
const MIN_CHARS: usize = 6;
/// A letter left out makes another word too easily in shorter ones.
const MIN_CHARS_OMITTED: usize = 8;
/// Words that are one letter apart, as stems.
const OTHER_WORDS: &[(&str, &str)] =
    &[("contact", "contract"), ("potion", "portion"), ("through", "thorough")];

/// Whether `wrong` is `right` with two neighbouring letters swapped, a double letter single or a
/// single one doubled, or one letter inside a long word left out. Another letter in its place is
/// no typing error here: names of products differ like that.
pub(super) fn is_typo(wrong: &str, right: &str) -> bool {
    if OTHER_WORDS.contains(&(wrong, right)) {
        return false;
    }
    let (wrong, right): (Vec<char>, Vec<char>) = (wrong.chars().collect(), right.chars().collect());
    let is_plain = |word: &[char]| word.iter().all(char::is_ascii_alphabetic);
    let is_long = wrong.len().min(right.len()) >= MIN_CHARS;
    if !is_long || !is_plain(&wrong) || !is_plain(&right) || wrong.first() != right.first() {
        return false;
    }
    let same_head = wrong.iter().zip(&right).take_while(|(a, b)| a == b).count();
    match (&wrong[same_head..], &right[same_head..]) {
        ([a, b, rest @ ..], [c, d, others @ ..]) if wrong.len() == right.len() => {
            a == d && b == c && rest == others
        }
        (rest, [left_out, others @ ..]) if wrong.len() + 1 == right.len() && rest == others => {
            let is_double = same_head > 0 && right.get(same_head - 1) == Some(left_out);
            is_double || (right.len() >= MIN_CHARS_OMITTED && !others.is_empty())
        }
        ([doubled, rest @ ..], others) if wrong.len() == right.len() + 1 && rest == others => {
            same_head > 0 && wrong.get(same_head - 1) == Some(doubled)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_typo;

    #[test]
    fn slips_of_the_keyboard_are_told_from_other_words() {
        for (wrong, right) in [
            ("acount", "account"),
            ("incraese", "increase"),
            ("adddress", "address"),
            ("passwrd", "password"),
        ] {
            assert!(is_typo(wrong, right), "{wrong}");
        }
        for (other, right) in [
            ("county", "country"),
            ("contact", "contract"),
            ("merlin", "marlin"),
            ("form", "from"),
            ("decrease", "increase"),
            ("import", "imports"),
        ] {
            assert!(!is_typo(other, right), "{other}");
        }
    }
}
