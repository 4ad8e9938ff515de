//! Headers, footers and page numbers.

use std::collections::HashMap;
use std::sync::LazyLock;

use kefu_core::Span;
use regex::Regex;

use super::lines::{Kind, Line, Page, pattern};

static PAGE_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(-|–|—|\[)?\s*(page\s*)?\d{1,4}\s*((of|/)\s*\d{1,4})?\s*(-|–|—|\])?$|^第\s*\d{1,4}\s*页\s*(/?,?\s*共\s*\d{1,4}\s*页)?$",
    )
});
static SAYS_PAGE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^page\s*\d|^第\s*\d{1,4}\s*页|^[-–—]\s*\d{1,4}\s*[-–—]$"));
static PREVIEW: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?P<name>.{2,80}?)[_\s-]*(第\s*\d{1,4}\s*页|page\s*\d{1,4})$"));
static DIGITS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d+"));

/// Lines at either end of a page that may be its header or footer.
const MAX_END_LINES: usize = 2;
/// Texts of fewer pages repeat nothing.
const MIN_PAGES: usize = 3;

pub(super) fn find(page: &Page<'_>) -> Vec<Span> {
    let mut found = page_numbers(page);
    found.extend(previews(page));
    if page.n_pages >= MIN_PAGES {
        found.extend(repeated(page));
    }
    found
}

/// Lines that are a page number and say so, or stand at the end of a page.
fn page_numbers(page: &Page<'_>) -> Vec<Span> {
    let loose = |line: &Line<'_>| matches!(line.kind, Kind::Prose | Kind::Item);
    let says: Vec<usize> = (0..page.lines.len())
        .filter(|n| {
            let line = &page.lines[*n];
            loose(line) && PAGE_NUMBER.is_match(&line.plain) && says_page(line)
        })
        .collect();
    let ends = page_ends(page).into_iter();
    let bare = ends.filter(|n| {
        let line = &page.lines[*n];
        page.n_pages >= MIN_PAGES && loose(line) && PAGE_NUMBER.is_match(&line.plain)
    });
    let several = says.len() >= 2;
    let says = says.into_iter().filter(|_| several);
    says.chain(bare).map(|n| page.lines[n].span).collect()
}

fn says_page(line: &Line<'_>) -> bool {
    SAYS_PAGE.is_match(&line.plain) || SAYS_PAGE.is_match(line.raw)
}

/// Captions of page pictures: the same name with one page number after another.
fn previews(page: &Page<'_>) -> Vec<Span> {
    let name = |line: &Line<'_>| {
        let found = PREVIEW.captures(&line.plain)?;
        Some(found.name("name")?.as_str().to_owned())
    };
    let runs = page.runs(|_, line| line.n_chars <= 90 && PREVIEW.is_match(&line.plain));
    let is_series = |(first, last): &(usize, usize)| {
        let first_name = name(&page.lines[*first]);
        last - first >= 2 && page.lines[*first..=*last].iter().all(|line| name(line) == first_name)
    };
    runs.into_iter().filter(is_series).map(|(first, last)| page.span(first, last)).collect()
}

/// Lines at the ends of pages that most pages have, numbers aside.
fn repeated(page: &Page<'_>) -> Vec<Span> {
    let ends = page_ends(page);
    let form = |n: usize| match page.lines[n].plain.as_str() {
        // The numbers of a sentence are what it says.
        sentence if sentence.ends_with(['。', '.', '!', '?', ';']) => sentence.to_owned(),
        label => DIGITS.replace_all(label, "0").into_owned(),
    };
    let mut pages: HashMap<String, Vec<usize>> = HashMap::new();
    for n in &ends {
        pages.entry(form(*n)).or_default().push(page.lines[*n].page);
    }
    let is_repeated = |n: &usize| {
        let on = pages.get(&form(*n)).map(|on| {
            let mut on = on.clone();
            on.dedup();
            on.len()
        });
        page.lines[*n].n_chars <= 120
            && on.is_some_and(|on| on >= MIN_PAGES && on * 5 >= page.n_pages * 3)
    };
    ends.into_iter().filter(is_repeated).map(|n| page.lines[n].span).collect()
}

/// Numbers of the first and last lines of each page.
fn page_ends(page: &Page<'_>) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut first = 0;
    for lines in page.lines.chunk_by(|a, b| a.page == b.page) {
        let last = first + lines.len();
        let tail = last.saturating_sub(MAX_END_LINES).max((first + MAX_END_LINES).min(last));
        ends.extend(first..(first + MAX_END_LINES).min(last));
        ends.extend(tail..last);
        first = last;
    }
    ends
}
