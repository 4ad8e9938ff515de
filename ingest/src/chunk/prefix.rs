//! The line above a chunk's text in the index: title and headings.

use super::Budget;
use super::units::cut;

/// The prefix may take this part of the budget, so that long titles leave room for text.
const SHARE: usize = 3;

/// Headings to show: those of the path that do not just repeat the title.
pub(super) fn headings(title: &str, path: &[String]) -> Vec<String> {
    let same = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
    path.iter().filter(|h| !h.is_empty() && !same(h, title)).cloned().collect()
}

/// The fullest prefix that fits its share: title and all headings, title and the innermost one,
/// or as much of the innermost as there is room for.
pub(super) fn fit(title: &str, headings: &[String], budget: &Budget<'_>) -> String {
    let limit = limit(budget);
    let innermost = headings.last().map_or(title, String::as_str);
    let join = |parts: &[&str]| {
        let parts: Vec<&str> = parts.iter().copied().filter(|p| !p.is_empty()).collect();
        parts.join(" > ")
    };
    let mut all = vec![title];
    all.extend(headings.iter().map(String::as_str));
    let mut candidates = vec![join(&all)];
    if !headings.is_empty() {
        candidates.push(join(&[title, innermost]));
    }
    let fitting = candidates.into_iter().find(|c| budget.tokens(c) <= limit);
    fitting.unwrap_or_else(|| {
        let end = cut(innermost, limit, budget);
        innermost[..end].trim_end().to_owned()
    })
}

/// The prefix of a section's first chunk, which also names headings without a body of their own
/// when they fit the share.
pub(super) fn with_orphans(prefix: &str, orphans: &[String], budget: &Budget<'_>) -> String {
    let longer = format!("{prefix}\n{}", orphans.join("\n"));
    let fits = !orphans.is_empty() && budget.tokens(&longer) <= limit(budget);
    if fits { longer } else { prefix.to_owned() }
}

fn limit(budget: &Budget<'_>) -> usize {
    (budget.max_tokens.saturating_sub(budget.n_special()) / SHARE).max(1)
}
