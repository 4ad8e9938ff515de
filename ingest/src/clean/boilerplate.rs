//! Lines that sites put around every article: copyright, licence numbers, share buttons, links to
//! the next article, and the site's own contact lines beside them.

use std::sync::LazyLock;

use kefu_core::Span;
use regex::Regex;

use super::lines::{Kind, Line, Page, pattern};

static COPYRIGHT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(©|copyright\s*(©|\(c\)|:|by|\d{4})|\(c\)\s*\d{4}|版权所有|著作权所有)|©\s*(19|20)\d\d|copyright\s*(©|\(c\))|(all rights reserved|版权所有|保留所有权利|未经(书面)?授权.{0,12}(转载|复制))\W*$",
    )
});
static LICENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"icp\s*[备证]\s*\d{4,}|公网安备\s*\d{6,}|营业执照.{0,6}[\da-z]{10,}")
});
static CREDIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\W{0,2}(责任)?编辑\s*:\s*\S{1,12}\W{0,2}$|(如若|如需|若)?转载.{0,6}请?注明(出处|来源)|^原文(链接|地址)\s*:|^(原创文章|本文(转载)?(自|来源))\W.{0,80}(转载|http)|^(this (article|post) was )?originally published (at|on)\b.{0,80}$",
    )
});
static NEXT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(«|<|←)?\s*(上一[篇页章]|下一[篇页章]|previous (post|article|page|story)|next (post|article|page|story))\s*([:>»→].{0,60}|(下一[篇页章]|next (post|article|page))\W*)?$",
    )
});
static SHARE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(\W*(分享(到|至)?|share( this)?( (article|page|post|story))?( (on|via|to))?|tweet( this)?|follow us( on)?|关注我们|微博|新浪微博|微信|朋友圈|qq(空间|好友)?|豆瓣|facebook|twitter|x|linkedin|pinterest|whatsapp|reddit|email|e-mail|print|打印|copy link|复制链接)\W*)+$",
    )
});
static SHARE_WORD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"分享|share|tweet|follow us|关注我们|copy link|复制链接"));
static NEWSLETTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(subscribe( now)? to|sign up (for|to)|join|get) (our|the|free)? ?.{0,30}(newsletter|mailing list|email updates)|^订阅(我们的?)?.{0,10}(邮件|资讯|周刊|推送|电子报)",
    )
});
static WIDGET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(文档评论|发表评论|提交评论|我要评论|评论|点赞|举报|查看更多|展开全文|阅读全文|继续免费阅读|下载本?文档|文档简介|文档贡献者|实名认证|\+ ?关注|\d+/\d+|\d*[万亿]?vip精品文档|已阅读\d+页.{0,20}|comments?( \(\d+\))?|leave a (comment|reply)|post comment|read more|load more|show more)\W*\d*\W*$",
    )
});
static CONTACT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^((客服|联系|服务|咨询|举报|投诉)?(电话|热线|邮箱|方式|qq|微信)|(公司)?地址|传真|邮编|tel(ephone)?|phone|fax|e-?mail|address|hotline)\W{0,3}[:\s].{3,80}$",
    )
});

/// Longer lines say something.
const MAX_CHARS: usize = 150;

pub(super) fn find(page: &Page<'_>) -> Vec<Span> {
    let mut found: Vec<bool> = (0..page.lines.len()).map(|n| is_boilerplate(page, n)).collect();
    absorb_contacts(page, &mut found);
    let runs = page.runs(|n, _| found.get(n).copied().unwrap_or_default());
    runs.into_iter().map(|(first, last)| page.span(first, last)).collect()
}

fn is_boilerplate(page: &Page<'_>, n: usize) -> bool {
    let line = &page.lines[n];
    if line.n_chars > MAX_CHARS || !is_loose(line) || !page.is_edge(n) {
        return false;
    }
    let is_foot = page.is_foot(n);
    is_owner(page, n)
        || NEXT.is_match(&line.plain)
        || (is_foot && CREDIT.is_match(&line.plain))
        || (SHARE.is_match(&line.plain) && SHARE_WORD.is_match(&line.plain))
        || (WIDGET.is_match(&line.plain) && line.n_chars <= 24 && is_page_furniture(page, n))
        || (is_foot && is_sign_up(page, n))
}

/// A line that says whose site it is. A page about copyright says so in sentences, or often.
fn is_owner(page: &Page<'_>, n: usize) -> bool {
    let line = &page.lines[n];
    let says = |line: &Line<'_>| {
        LICENCE.is_match(&line.plain) || (COPYRIGHT.is_match(&line.plain) && line.n_chars <= 120)
    };
    let others = page.lines.iter().enumerate();
    let is_topic = others
        .filter(|(other, _)| !page.is_foot(*other) && *other > 2)
        .filter(|(_, line)| line.plain.contains("copyright") || line.plain.contains("版权"))
        .count();
    page.is_foot(n) && says(line) && is_topic < 2
}

/// One such word alone may be anything; two near each other are the frame of a page.
fn is_page_furniture(page: &Page<'_>, n: usize) -> bool {
    let near = n.saturating_sub(8)..(n + 9).min(page.lines.len());
    let n_near = page.lines[near].iter().filter(|line| WIDGET.is_match(&line.plain)).count();
    n_near >= 2 && page.n_prose > 0
}

fn is_sign_up(page: &Page<'_>, n: usize) -> bool {
    let about = |line: &&Line<'_>| line.plain.contains("newsletter") || line.plain.contains("订阅");
    let is_topic = page.heading_above(n).is_some_and(|heading| about(&heading));
    let n_about = page.lines.iter().filter(about).count();
    NEWSLETTER.is_match(&page.lines[n].plain) && !is_topic && n_about <= 2
}

/// Contact lines right beside a line that says whose site it is belong to the site, unless they
/// stand under a heading: then they are what the document says.
fn absorb_contacts(page: &Page<'_>, found: &mut [bool]) {
    let anchors: Vec<usize> =
        (0..found.len()).filter(|n| found[*n] && is_owner(page, *n)).collect();
    for anchor in anchors {
        let above = (0..anchor).rev().take_while(|n| is_beside(page, *n)).last();
        if let Some(first) = above {
            let is_headed = first > 0 && page.lines[first - 1].kind == Kind::Heading;
            if !is_headed {
                found[first..anchor].fill(true);
            }
        }
        for n in (anchor + 1..found.len()).take_while(|n| is_beside(page, *n)) {
            found[n] = true;
        }
    }
}

fn is_beside(page: &Page<'_>, n: usize) -> bool {
    let line = &page.lines[n];
    let says_whose = COPYRIGHT.is_match(&line.plain) || LICENCE.is_match(&line.plain);
    is_loose(line)
        && line.n_chars <= MAX_CHARS
        && page.is_foot(n)
        && (CONTACT.is_match(&line.plain) || says_whose)
}

fn is_loose(line: &Line<'_>) -> bool {
    matches!(line.kind, Kind::Prose | Kind::Item)
}
