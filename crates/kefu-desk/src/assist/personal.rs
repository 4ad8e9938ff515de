//! Personal data in a draft: payment cards, Chinese identity numbers, telephone numbers, addresses
//! of mail.

use std::sync::LazyLock;

use kefu_core::Span;
use kefu_text::shadow;

use crate::patterns::Pattern;

/// Runs of digits with the marks people put between them, and what may be part of them.
static NUMBER: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::any_of([r"\+?\d(?:[ .()-]{0,2}\d){7,20}x?"]));
static MAIL: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::any_of([r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"])
});

/// Personal data in the shadow of a draft that stands in none of the known texts.
pub(super) fn unknown(draft: &str, known: &[&str]) -> Vec<Span> {
    let known: Vec<String> = known.iter().map(|text| shadow(text).text).collect();
    let digits_known: Vec<String> = known.iter().map(|text| digits(text)).collect();
    let numbers = NUMBER.find_iter(draft).filter(|span| {
        let text = span.of(draft).unwrap_or_default();
        let is_new = || !digits_known.iter().any(|known| known.contains(&digits(text)));
        is_apart(draft, *span) && is_personal(text) && is_new()
    });
    let mails = MAIL.find_iter(draft).filter(|span| {
        let text = span.of(draft).unwrap_or_default();
        !known.iter().any(|known| known.contains(text))
    });
    numbers.chain(mails).collect()
}

/// Whether a number stands by itself and not inside a longer word or code.
fn is_apart(text: &str, span: Span) -> bool {
    let before = text[..span.start].chars().next_back();
    let after = text[span.end..].chars().next();
    let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '#');
    !before.is_some_and(joins) && !after.is_some_and(joins)
}

fn is_personal(text: &str) -> bool {
    let number = digits(text);
    is_card(&number) || is_identity(&number) || is_telephone(text, &number)
}

/// 13 to 19 digits whose last one is the check digit by Luhn's rule, of a network that issues cards.
fn is_card(number: &str) -> bool {
    let is_issued = number.starts_with(['3', '4', '5', '6']);
    if !(13..=19).contains(&number.len()) || !is_issued || number.contains('x') {
        return false;
    }
    let doubled = |(at, digit): (usize, u32)| match at % 2 {
        0 => digit,
        _ if digit > 4 => digit * 2 - 9,
        _ => digit * 2,
    };
    let digits = number.chars().rev().filter_map(|c| c.to_digit(10));
    digits.enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}

/// 18 places, a plausible day of birth, and the check character of GB 11643.
fn is_identity(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if number.len() != 18 {
        return false;
    }
    let year = number.get(6..10).and_then(|text| text.parse::<u32>().ok());
    let month = number.get(10..12).and_then(|text| text.parse::<u32>().ok());
    let day = number.get(12..14).and_then(|text| text.parse::<u32>().ok());
    let is_day = matches!((year, month, day), (Some(1900..=2099), Some(1..=12), Some(1..=31)));
    let digits = number.chars().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let check = "10x98765432".chars().nth(usize::try_from(sum % 11).unwrap_or(0));
    is_day && number.chars().next_back() == check
}

/// A mobile number of China, or one that is written as an international one.
fn is_telephone(text: &str, number: &str) -> bool {
    let local = number.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or(number);
    let is_mobile = local.len() == 11
        && local.starts_with('1')
        && local.chars().nth(1).is_some_and(|c| ('3'..='9').contains(&c));
    is_mobile || (text.starts_with('+') && (8..=15).contains(&number.len()))
}

/// Digits, and the `x` that an identity number may end with.
fn digits(text: &str) -> String {
    let chars = text.chars();
    chars.filter(|c| c.is_ascii_digit() || *c == 'x').collect()
}
