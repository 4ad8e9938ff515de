//! What follows the end of an article: comments, related articles, the author's box.

use std::sync::LazyLock;

use kefu_core::Span;
use regex::Regex;

use super::lines::{Kind, Line, Page, pattern};

static END: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(文档评论|全部评论|网友评论|评论列表|comments?)\s*\(\d+\)$|^(相关(文档|文章|阅读|推荐|新闻|资讯)|推荐(阅读|文章)|延伸阅读|热门(文章|推荐)|猜你喜欢|热点关注|related (articles|posts|stories|news|content)|you (may|might) also (like|enjoy)|recommended for you|more (from|like) this|leave a (reply|comment)|about the author)\W*$",
    )
});
static REACHES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\d{3,4}-?\d{3,4}-?\d{3,4}|\S@\S|(客服|服务|投诉|咨询)(电话|热线|邮箱)|hotline|phone:")
});

/// Longer lines are content that happens to stand at the end.
const MAX_LINE_CHARS: usize = 60;

/// From a line that ends the article to the end of the text, when only short lines follow and
/// none of them is a heading or a way to reach somebody.
pub(super) fn find(page: &Page<'_>) -> Vec<Span> {
    let n_lines = page.lines.len();
    let is_end = |n: &usize| is_end_mark(&page.lines[*n]) && n_lines - n <= 40;
    let first = (0..n_lines).filter(is_end).find(|n| {
        let rest = &page.lines[n + 1..];
        let n_chars: usize = rest.iter().map(|line| line.n_chars).sum();
        let is_loose = |line: &Line<'_>| {
            is_end_mark(line)
                || (matches!(line.kind, Kind::Prose | Kind::Item)
                    && line.n_chars <= MAX_LINE_CHARS
                    && !REACHES.is_match(&line.plain))
        };
        n_chars * 5 <= page.n_chars && page.n_prose > 0 && rest.iter().all(is_loose)
    });
    first.map(|n| page.span(n, n_lines - 1)).into_iter().collect()
}

fn is_end_mark(line: &Line<'_>) -> bool {
    let plain = line.plain.trim_matches(|c: char| "【】[]《》「」:".contains(c));
    line.n_chars <= 24 && !matches!(line.kind, Kind::Code | Kind::Table) && END.is_match(plain)
}
