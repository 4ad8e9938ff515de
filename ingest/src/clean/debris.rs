//! Remains of markup, styles and scripts on lines of their own.

use std::sync::LazyLock;

use kefu_core::Span;
use regex::Regex;

use super::lines::{Kind, Line, Page, n_chars, pattern};

static TAG: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"</?[a-zA-Z][a-zA-Z0-9]{0,14}(\s+[\w:-]+\s*=\s*("[^"<>]*"|'[^'<>]*'))*\s*/?>|<!--|-->|&[a-z]{2,6};|&#x?[0-9a-fA-F]{1,6};"#,
    )
});
static STYLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^[.#@*]?[\w-]+([\s,>:.#*]+[\w-]+)*\s*\{[^{}]*(:[^{}]*;?)*\}?$|^[a-z-]{3,30}\s*:\s*[^;:。]{1,60};$|^\}+;?$",
    )
});
static SCRIPT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^(var|let|const)\s+[\w$]+\s*=|\bfunction\s*\w*\s*\([^)]*\)\s*\{|^(document|window|jquery|\$)\s*[.(].*[;{(]$|^//\s*(<!\[cdata\[|\]\]>)|^(<!\[cdata\[|\]\]>)|addeventlistener\(|^\(?(function|\(\)\s*=>)|^\}\s*\)?\s*\(?.*\)?;$|^s\.parentnode\."#,
    )
});

/// Longer lines of code are looked at no further.
const MAX_CHARS: usize = 400;

pub(super) fn find(page: &Page<'_>) -> Vec<Span> {
    let is_code = |line: &Line<'_>| {
        let raw = line.raw.to_lowercase();
        line.n_chars <= MAX_CHARS && (STYLE.is_match(&raw) || SCRIPT.is_match(&raw))
    };
    let is_loose = |line: &Line<'_>| line.kind == Kind::Prose;
    // One line that looks like code may be an example; two beside each other outside of a code
    // block were left over.
    let code = page.runs(|_, line| is_loose(line) && (is_code(line) || is_tags(line)));
    // Tags between two paragraphs are left: index and shadow read over them, and taking them out
    // would only part what belongs together.
    let is_left_over = |(first, last): &(usize, usize)| {
        let lines = &page.lines[*first..=*last];
        let is_edge = page.is_edge(*first) && page.is_edge(*last);
        (is_edge && lines.iter().all(is_tags))
            || lines.iter().filter(|line| is_code(line)).count() >= 2
    };
    code.into_iter().filter(is_left_over).map(|(first, last)| page.span(first, last)).collect()
}

/// A line of nothing but tags and entities.
fn is_tags(line: &Line<'_>) -> bool {
    line.n_chars <= 4 * MAX_CHARS
        && line.raw.starts_with(['<', '&', '-'])
        && TAG.is_match(line.raw)
        && n_chars(&TAG.replace_all(line.raw, "")) == 0
}
