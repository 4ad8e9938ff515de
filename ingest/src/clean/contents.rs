//! Tables of contents.

use std::sync::LazyLock;

use kefu_core::Span;
use regex::Regex;

use super::lines::{Kind, Page, pattern};

static LEADERS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\S\s*(\.\s?){4,}\s*[ivxlc\d]{1,4}$|\S\s*([…·_]\s?){3,}\s*\d{1,4}$"));
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"TOC\s*\\[oO]\s*"?\d-\d"?(\s*\\[a-z])*|PAGEREF\s+_Toc\d+|HYPERLINK\s+\\l\s+"?_Toc\d+"#,
    )
});
/// The page of an entry in a field whose line ends were lost, then the next entry's number.
static FIELD_PAGE: LazyLock<Regex> = LazyLock::new(|| pattern(r" (\d{1,4})"));
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?P<title>(第[一二三四五六七八九十百\d]+[章节条部分]|\d+(\.\d+)*[.、\s]|[一二三四五六七八九十]+、|chapter \d+|section \d+|appendix [a-z]).*?\D)\s*(?P<page>\d{1,4})$",
    )
});
static LINK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^([-*+]|\d+\.)\s*\[[^\]]*\]\(#[^)\s]*\)\W{0,2}$"));
static TITLE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(目\s*录|目\s*次|table of contents|contents)\W*$"));

/// Fewer entries are no table.
const MIN_ENTRIES: usize = 3;
/// Longest entry of a table whose line ends were lost, in bytes.
const MAX_ENTRY_BYTES: usize = 700;

pub(super) fn find(page: &Page<'_>) -> Vec<Span> {
    let mut found = fields(page.text);
    let mut tables = page.runs(|_, line| line.kind != Kind::Code && LEADERS.is_match(&line.plain));
    tables.retain(|(first, last)| last - first + 1 >= MIN_ENTRIES);
    tables.extend(numbered(page));
    tables.extend(links(page));
    for (first, last) in tables {
        let has_title = first > 0 && TITLE.is_match(&page.lines[first - 1].plain);
        found.push(page.span(first - usize::from(has_title), last));
    }
    found
}

/// Lists of links to places of the same page, below which there is a page.
fn links(page: &Page<'_>) -> Vec<(usize, usize)> {
    let mut runs = page.runs(|_, line| LINK.is_match(line.raw));
    runs.retain(|(first, last)| last - first >= MIN_ENTRIES && last + 1 < page.lines.len());
    runs
}

/// Runs of numbered titles that end in page numbers which never go back, and most of which stand
/// again further down as headings.
fn numbered(page: &Page<'_>) -> Vec<(usize, usize)> {
    let entry = |n: usize| {
        let found = NUMBERED.captures(&page.lines[n].plain)?;
        let number: u32 = found.name("page")?.as_str().parse().ok()?;
        Some((found.name("title")?.as_str().trim().to_owned(), number))
    };
    let loose = |kind| matches!(kind, Kind::Prose | Kind::Item | Kind::Heading);
    let runs = page
        .runs(|_, line| line.n_chars <= 60 && loose(line.kind) && NUMBERED.is_match(&line.plain));
    let is_table = |(first, last): &(usize, usize)| {
        let entries: Vec<(String, u32)> = (*first..=*last).filter_map(entry).collect();
        let n_again = entries.iter().filter(|(title, _)| {
            page.lines[last + 1..].iter().any(|line| line.plain.starts_with(title.as_str()))
        });
        entries.len() > MIN_ENTRIES
            && entries.windows(2).all(|pair| pair[0].1 <= pair[1].1)
            && n_again.count() * 2 >= entries.len()
    };
    runs.into_iter().filter(is_table).collect()
}

/// Field codes of word processors with the entries after them. When the line ends of such a table
/// were lost, its page numbers run into the next titles, and it ends where its first title stands
/// again.
fn fields(text: &str) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for field in FIELD.find_iter(text) {
        if found.last().is_some_and(|last| field.start() < last.end) {
            continue;
        }
        let line_end = text[field.end()..].find('\n').map_or(text.len(), |n| field.end() + n);
        let entries = &text[field.end()..line_end];
        let end = if field.as_str().starts_with("TOC") {
            field.end() + end_of_entries(entries)
        } else {
            line_end
        };
        found.push(Span { start: field.start(), end });
    }
    found
}

fn end_of_entries(entries: &str) -> usize {
    let Some(first_page) = FIELD_PAGE.find(entries) else { return 0 };
    let mut end = 0;
    let mut n_entries = 0;
    for page in FIELD_PAGE.find_iter(entries) {
        if page.start() - end > MAX_ENTRY_BYTES {
            break;
        }
        end = page.end();
        n_entries += 1;
    }
    if n_entries < MIN_ENTRIES {
        return end;
    }
    // The numbers before the first title are the field's own.
    let title = entries[..first_page.start()].trim_start_matches(|c: char| c.is_ascii_digit());
    let again = entries[first_page.end()..].find(title).filter(|_| title.chars().count() >= 3);
    match again {
        Some(at) => first_page.end() + at,
        // The last number may have run into the text after it: it has as many digits as fit a
        // page.
        None => end,
    }
}
