//! Cookie banners.

use std::sync::LazyLock;

use kefu_core::Span;
use regex::Regex;

use super::lines::{Kind, Page, pattern};

static NOTICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(we|this (web)?site|our partners) (and .{0,30})?uses? cookies|by (continuing|using|clicking).{0,60}(agree|accept|consent).{0,40}cookies?|(本站|本网站|我们).{0,12}使用.{0,10}cookies?|继续(浏览|使用).{0,30}(同意|接受).{0,20}cookies?|cookies?.{0,40}(继续浏览|点击.{0,6}(同意|接受))",
    )
});
static BUTTON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\[?(accept( all)?( cookies)?|reject( all)?( cookies)?|decline|allow all|got it|ok|i (agree|accept)|cookie (settings|preferences|policy)|manage (cookies|preferences|choices)|(全部)?(接受|同意|拒绝)(全部)?(cookies?)?|我(知道|同意|接受)了?|cookie\s*(设置|偏好|政策)|管理(偏好|cookie))\W*$",
    )
});
static BUTTON_INSIDE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(accept all|reject all|manage preferences|cookie settings)\b|全部接受|接受全部|全部拒绝|(accept|同意|接受)\s*[|/]\s*(reject|decline|拒绝)",
    )
});

/// A notice about cookies with its buttons, at the head or foot of a page that has nothing else to
/// say about cookies.
pub(super) fn find(page: &Page<'_>) -> Vec<Span> {
    let n_about = page.lines.iter().filter(|line| line.plain.contains("cookie")).count();
    let mut found = Vec::new();
    for (n, line) in page.lines.iter().enumerate() {
        let is_notice = line.kind != Kind::Code
            && line.n_chars <= 500
            && (page.is_edge(n) || n < 3)
            && NOTICE.is_match(&line.plain);
        let is_topic = page
            .heading_above(n)
            .is_some_and(|h| ["cookie", "privacy", "隐私"].iter().any(|w| h.plain.contains(w)));
        if !is_notice || is_topic {
            continue;
        }
        let buttons = page.lines[n + 1..].iter().take(6);
        let n_buttons = buttons.take_while(|next| BUTTON.is_match(&next.plain)).count();
        let has_buttons = n_buttons > 0 || BUTTON_INSIDE.is_match(&line.plain);
        let n_own = page.lines[n..=n + n_buttons].iter();
        let n_own = n_own.filter(|line| line.plain.contains("cookie")).count();
        if has_buttons && n_about <= n_own + 1 {
            found.push(page.span(n, n + n_buttons));
        }
    }
    found
}
