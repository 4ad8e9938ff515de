//! Advertising that was put into a page: strings of keywords, and offers with a number to call.

use std::sync::LazyLock;

use kefu_core::Span;
use regex::Regex;

use super::lines::{Kind, Page, pattern};

static KEYWORD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"一区|二区|三区|欧美|国产|亚洲|精品|无码|高清|视频|在线|成人|激情|免费观看|麻豆|赌场|博彩|娱乐城|彩票|棋牌|百家乐|时时彩|开户|casino|slots?\b|betting|poker|porn|xxx|viagra|cialis|escort|replica|payday|backlinks?",
    )
});
static OFFER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(收购|代写|代发|代办|代开|刷单|兼职|加盟|求购|出售).{0,30}(qq|微信|vx|wx|电话|whatsapp|telegram)\s*[:号]?\s*[\w+-]{5,}",
    )
});

/// Keywords alone prove nothing: there must be several in a line that lists and says nothing, at
/// the head or foot of the page.
pub(super) fn find(page: &Page<'_>) -> Vec<Span> {
    let is_spam = |n: usize| {
        let line = &page.lines[n];
        if line.kind == Kind::Code || line.n_chars > 400 || !page.is_edge(n) {
            return false;
        }
        let parts: Vec<&str> =
            line.plain.split([',', '、', '|', ';']).filter(|p| !p.trim().is_empty()).collect();
        let n_hits = KEYWORD.find_iter(&line.plain).count();
        let n_with = parts.iter().filter(|part| KEYWORD.is_match(part)).count();
        let lists =
            parts.len() >= 3 && n_hits >= 4 && n_with * 5 >= parts.len() * 4 && !ends(&line.plain);
        let offers = line.n_chars <= 60 && n < 5 && OFFER.is_match(&line.plain);
        lists || offers
    };
    let spam = page.runs(|n, _| is_spam(n));
    spam.into_iter().map(|(first, last)| page.span(first, last)).collect()
}

fn ends(text: &str) -> bool {
    text.ends_with(['。', '.', '!', '?'])
}
