//! No number of a page may be lost, torn or glued to another.

use std::collections::HashMap;

use pdf_oxide::layout::TextChar;

/// Whether every number of the raw characters stands in the assembled text as often.
pub(super) fn survive(raw: &[TextChar], text: &str) -> bool {
    let mut left: HashMap<String, usize> = HashMap::new();
    let mut run = String::new();
    let mut of_run = None;
    for c in text.chars().chain([' ']) {
        let digit = digit(c);
        if digit.map(|(form, _)| form) != of_run && !run.is_empty() {
            *left.entry(std::mem::take(&mut run)).or_default() += 1;
        }
        of_run = digit.map(|(form, _)| form);
        run.extend(digit.map(|(_, plain)| plain));
    }
    runs(raw).iter().all(|run| match left.get_mut(run) {
        Some(n) if *n > 0 => {
            *n -= 1;
            true
        }
        _ => {
            if std::env::var("DBG").is_ok() {
                eprintln!("MISSING {run} of {:?} in {text}", runs(raw));
            }
            false
        }
    })
}

fn is_level(degrees: f32) -> bool {
    let degrees = degrees.rem_euclid(360.0);
    degrees < 1.0 || degrees > 359.0
}

/// Whether a digit stands on the line, above it or below it, and its plain form. The assembled
/// text may say a small digit of the raw characters by a raised or lowered one.
fn digit(c: char) -> Option<(u8, char)> {
    const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";
    const LOWERED: &str = "₀₁₂₃₄₅₆₇₈₉";
    let of = |digits: &str| digits.chars().position(|d| d == c);
    let plain = |value: usize| char::from_digit(u32::try_from(value).ok()?, 10);
    if c.is_ascii_digit() {
        return Some((0, c));
    }
    let (form, value) = of(RAISED).map(|v| (1, v)).or_else(|| of(LOWERED).map(|v| (2, v)))?;
    Some((form, plain(value)?))
}

/// Digits that touch on one baseline.
fn runs(raw: &[TextChar]) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut last: Option<&TextChar> = None;
    // Turned text is written span by span, apart from the lines.
    for c in raw.iter().filter(|c| is_level(c.rotation_degrees)) {
        let Some((_, plain)) = digit(c.char) else {
            // A drawn character parts two numbers; a space of no width between two digits of one
            // number does not.
            if !c.char.is_whitespace() {
                last = None;
            }
            continue;
        };
        let touches = |last: &TextChar| {
            let gap = c.bbox.x - (last.bbox.x + last.bbox.width);
            let size = last.font_size.max(c.font_size).max(1.0);
            gap.abs() < 0.15 * size
                && (last.bbox.y - c.bbox.y).abs() < 1.0
                && (last.font_size - c.font_size).abs() < 1.0
        };
        match runs.last_mut() {
            Some(run) if last.is_some_and(touches) => run.push(plain),
            _ => runs.push(plain.to_string()),
        }
        last = Some(c);
    }
    runs
}
