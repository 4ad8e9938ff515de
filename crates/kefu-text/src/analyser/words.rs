//! Terms of a run of letters and digits.

use kefu_core::Span;
use rust_stemmers::Stemmer;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::Token;
use super::segments::is_connector;
use super::stop_words::is_stop_word;

/// Adds the terms of one run: numbers as numbers, the whole of a code without its hyphens, and
/// its parts between connectors and at borders of letters and digits.
pub(crate) fn word_tokens(stemmer: &Stemmer, text: &str, run: Span, tokens: &mut Vec<Token>) {
    // A comma joins only the groups of a number; elsewhere a space was forgotten.
    let raw = &text[run.start..run.end];
    if raw.contains(',') && number(raw).is_none() {
        for part in parts_at(raw, run.start, |c| c == ',') {
            word_tokens(stemmer, text, part, tokens);
        }
        return;
    }
    if let Some(number) = number(raw) {
        push_number(&number, run, tokens);
        return;
    }
    let raw = raw.strip_suffix("'s").unwrap_or(raw);
    let run = Span { start: run.start, end: run.start + raw.len() };
    let parts = parts_of(raw, run.start);
    if raw.chars().any(|c| matches!(c, '.' | '@' | ':')) {
        push(stemmer, &Whole { form: raw, is_word: true }, run, tokens);
    } else {
        let joined: String = raw.chars().filter(|c| !is_connector(*c)).collect();
        let is_all_digits = joined.bytes().all(|b| b.is_ascii_digit());
        let form = if is_all_digits { raw } else { joined.as_str() };
        push(stemmer, &Whole { form, is_word: true }, run, tokens);
    }
    if parts.len() < 2 {
        return;
    }
    for part in parts {
        let form = &text[part.start..part.end];
        // A lone letter cut off a code says nothing: the `e` of `e1603`.
        if form.chars().nth(1).is_some() || form.starts_with(|c: char| c.is_numeric()) {
            push(stemmer, &Whole { form, is_word: false }, part, tokens);
        }
    }
}

struct Whole<'a> {
    form: &'a str,
    is_word: bool,
}

fn push(stemmer: &Stemmer, whole: &Whole<'_>, span: Span, tokens: &mut Vec<Token>) {
    let form = without_accents(whole.form);
    let is_stop = is_stop_word(&form);
    let stems = form.len() > 2 && form.bytes().all(|b| b.is_ascii_alphabetic());
    let text = if stems { stemmer.stem(&form).into_owned() } else { form };
    tokens.push(Token { text, span, is_word: whole.is_word, is_pair: false, is_stop });
}

fn without_accents(form: &str) -> String {
    if form.is_ascii() {
        return form.to_owned();
    }
    let bare: String = form.nfd().filter(|c| !is_combining_mark(*c)).collect();
    if bare.is_empty() { form.to_owned() } else { bare }
}

/// A plain number without its thousands separators; `None` for anything else.
fn number(raw: &str) -> Option<String> {
    let (whole, fraction) = match raw.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (raw, None),
    };
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(',');
    let head = groups.next().filter(|head| is_digits(head))?;
    let n_groups = whole.split(',').count();
    let grouped = n_groups == 1 || head.len() <= 3;
    if !grouped || !groups.all(|group| group.len() == 3 && is_digits(group)) {
        return None;
    }
    let whole = whole.replace(',', "");
    match fraction {
        None => Some(whole),
        Some(fraction) if is_digits(fraction) => Some(format!("{whole}.{fraction}")),
        Some(_) => None,
    }
}

/// A number as it stands and, when it ends in zeros after the point, without them.
fn push_number(number: &str, span: Span, tokens: &mut Vec<Token>) {
    let mut add = |text: &str, is_word| {
        let (is_pair, is_stop) = (false, false);
        tokens.push(Token { text: text.to_owned(), span, is_word, is_pair, is_stop });
    };
    add(number, true);
    if number.contains('.') {
        let short = number.trim_end_matches('0').trim_end_matches('.');
        if short != number {
            add(short, false);
        }
    }
}

/// Parts between connectors, then at borders of letters and digits.
fn parts_of(raw: &str, offset: usize) -> Vec<Span> {
    let mut parts = Vec::new();
    for piece in parts_at(raw, offset, is_connector) {
        let text = &raw[piece.start - offset..piece.end - offset];
        let mut start = piece.start;
        let mut was_digit = None;
        for (at, c) in text.char_indices() {
            let is_digit = c.is_numeric();
            if was_digit.is_some_and(|was| was != is_digit) {
                parts.push(Span { start, end: piece.start + at });
                start = piece.start + at;
            }
            was_digit = Some(is_digit);
        }
        parts.push(Span { start, end: piece.end });
    }
    parts
}

fn parts_at(raw: &str, offset: usize, is_border: impl Fn(char) -> bool) -> Vec<Span> {
    raw.split(is_border)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let start = part.as_ptr() as usize - raw.as_ptr() as usize;
            Span { start, end: start + part.len() }.shifted(offset)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_their_separators_and_nothing_else() {
        assert_eq!(number("12,345").as_deref(), Some("12345"));
        assert_eq!(number("1,234,567.50").as_deref(), Some("1234567.50"));
        assert_eq!(number("007").as_deref(), Some("007"));
        assert_eq!(number("12,34"), None);
        assert_eq!(number("5.4.5"), None);
        assert_eq!(number("1603a"), None);
    }
}
