//! Text whose characters were lost when it was read with the wrong encoding.

use std::sync::LazyLock;

use kefu_core::Span;
use regex::Regex;

use super::lines::{Kind, Page, pattern};

/// What lost bytes turn into: the replacement character, what GBK makes of it, and UTF-8 read as
/// Latin-1.
static LOST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[\u{fffd}]+|(锟斤拷)+锟?|(烫烫)+烫?|(屯屯)+屯?|(â€[™œ\u{9d}“”˜¦¢\u{80}-\u{9f}]|Ã[\u{80}-\u{bf}]|Â[\u{a0}-\u{bf}])+",
    )
});

/// Runs of lost characters that are left out where the line around them can be read.
const MIN_RUN_CHARS: usize = 3;

/// A line that is mostly lost goes as a whole; long runs go from lines that can be read.
pub(super) fn find(page: &Page<'_>) -> Vec<Span> {
    let mut found = Vec::new();
    for line in page.lines.iter().filter(|line| line.kind != Kind::Code) {
        let runs: Vec<_> = LOST.find_iter(line.raw).collect();
        let n_lost: usize = runs.iter().map(|run| run.as_str().chars().count()).sum();
        if n_lost * 4 >= line.n_chars && n_lost >= MIN_RUN_CHARS {
            found.push(line.span);
            continue;
        }
        let long = runs.iter().filter(|run| run.as_str().chars().count() >= MIN_RUN_CHARS);
        let is_letter = |run: &&regex::Match<'_>| !run.as_str().starts_with(['â', 'Ã', 'Â']);
        found.extend(
            long.filter(is_letter)
                .map(|run| Span { start: run.start(), end: run.end() }.shifted(line.span.start)),
        );
    }
    found
}
