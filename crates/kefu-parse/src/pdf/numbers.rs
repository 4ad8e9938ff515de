//! No number of a page may be lost, torn or glued to another.

use std::collections::HashMap;

use pdf_oxide::layout::TextChar;

/// Whether every number of the raw characters stands in the assembled text as often.
pub(super) fn survive(raw: &[TextChar], text: &str) -> bool {
    let mut left: HashMap<&str, usize> = HashMap::new();
    for run in text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()) {
        *left.entry(run).or_default() += 1;
    }
    runs(raw).iter().all(|run| match left.get_mut(run.as_str()) {
        Some(n) if *n > 0 => {
            *n -= 1;
            true
        }
        _ => false,
    })
}

/// Digits that touch on one baseline.
fn runs(raw: &[TextChar]) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut last: Option<&TextChar> = None;
    for c in raw {
        if !c.char.is_ascii_digit() {
            // A drawn character parts two numbers; a space of no width between two digits of one
            // number does not.
            if !c.char.is_whitespace() {
                last = None;
            }
            continue;
        }
        let touches = |last: &TextChar| {
            let gap = c.bbox.x - (last.bbox.x + last.bbox.width);
            let size = last.font_size.max(c.font_size).max(1.0);
            gap.abs() < 0.15 * size
                && (last.bbox.y - c.bbox.y).abs() < 1.0
                && (last.font_size - c.font_size).abs() < 1.0
        };
        match runs.last_mut() {
            Some(run) if last.is_some_and(touches) => run.push(c.char),
            _ => runs.push(c.char.to_string()),
        }
        last = Some(c);
    }
    runs
}
