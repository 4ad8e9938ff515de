//! Menus, breadcrumbs and lists of links.

use std::sync::LazyLock;

use kefu_core::Span;
use regex::Regex;

use super::lines::{Kind, Line, Page, pattern};

static BREADCRUMB: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(您?的?(当前|所在|现在的?)?位置|you are here)\s*:?\s*(首页|home)?\s*(>|»|›|→|/|::).{1,120}$|^(首页|主页|home( ?page)?)\s*(>|»|›|→|/|::)\s*[^。.!?;]{1,100}$",
    )
});
static JUMP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\[?(skip to (main )?(content|navigation)|(back|return|go) to( the)? top|toggle (navigation|menu)|跳到(主要)?内容|跳至(正文|内容)|(返回|回到)(页面)?(顶部|页首))\W*(\(#\w*\))?$",
    )
});
static MENU_WORD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\[?(home|menu|search|sign ?in|log ?in|log ?out|sign ?up|register|my account|account|cart|basket|wish ?list|about( us)?|contact( us)?|careers|jobs|press|blog|news|site ?map|privacy( policy)?|terms( of (use|service))?|cookies?|imprint|legal|english|deutsch|languages?|help( center)?|products|services|solutions|首页|主页|网站首页|登录|注册|退出|搜索|菜单|购物车|我的(账户|账号|订单)|个人中心|关于我们|联系我们|加入我们|诚聘英才|网站地图|站点地图|友情链接|版权声明|隐私(政策|声明)|法律声明|免责声明|用户协议|产品中心|产品|解决方案|新闻中心|新闻动态|新闻|博客|客户案例|帮助中心|下载中心|简体中文|繁体中文|中文|查看往日报刊|相关网站导航|设为首页|加入收藏|更多)(\]\([^)]*\))?$",
    )
});
static LINK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\W{0,3}!?\[[^\]]*\]\([^)\s]*\)\W{0,2}$"));

/// Fewer entries are no menu.
const MIN_ENTRIES: usize = 3;

pub(super) fn find(page: &Page<'_>) -> Vec<Span> {
    let mut found = Vec::new();
    for (n, line) in page.lines.iter().enumerate() {
        let is_crumb = n < 12
            && page.is_head(n)
            && matches!(line.kind, Kind::Prose | Kind::Item)
            && BREADCRUMB.is_match(&line.plain);
        if is_crumb || JUMP.is_match(&line.plain) || (page.is_edge(n) && is_bar(line)) {
            found.push(line.span);
        }
    }
    let entries = page.runs(|n, line| page.is_edge(n) && is_entry(line));
    let menus = entries.into_iter().filter(|(first, last)| {
        let lines = &page.lines[*first..=*last];
        let n_known = lines.iter().filter(|line| MENU_WORD.is_match(&line.plain)).count();
        let n_links = lines.iter().filter(|line| LINK.is_match(line.raw)).count();
        let has_text = page.n_prose * 2 > page.n_chars;
        let is_menu = lines.len() >= MIN_ENTRIES && n_known >= 2 && n_known * 3 >= lines.len();
        // A short end of a page may be two words of its menu.
        let is_end = *last + 1 == page.lines.len() && n_known == lines.len() && n_known == 2;
        let is_list = lines.len() > MIN_ENTRIES && n_links == lines.len() && n_known >= 1;
        has_text && (is_menu || is_end || is_list)
    });
    found.extend(menus.map(|(first, last)| page.span(first, last)));
    found
}

fn is_entry(line: &Line<'_>) -> bool {
    matches!(line.kind, Kind::Prose | Kind::Item) && (line.is_label() || LINK.is_match(line.raw))
}

/// Several entries of a menu on one line.
fn is_bar(line: &Line<'_>) -> bool {
    if line.n_chars > 160 || line.kind != Kind::Prose {
        return false;
    }
    let separators = ['|', '·', '•', '\t', '/'];
    let parts: Vec<&str> =
        line.plain.split(separators).map(str::trim).filter(|part| !part.is_empty()).collect();
    let n_known = parts.iter().filter(|part| MENU_WORD.is_match(part)).count();
    parts.len() >= MIN_ENTRIES && n_known >= 2 && n_known * 2 >= parts.len()
}
