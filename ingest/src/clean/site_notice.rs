//! Notices of document-sharing sites about themselves, wrapped around somebody's text.

use std::sync::LazyLock;

use kefu_core::Span;
use regex::Regex;

use super::lines::{Kind, Line, Page, pattern};

/// Words of a site about the file it offers.
static ABOUT_FILE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(本|该|此)(文档|文件|资源|资料|站(所有)?(资源|内容|文档|只|不|仅))|(网友|用户|合作方|上传者).{0,10}上传|上传(者|用户|文档)|下载(后|次数|权益|本|前)|二次下载|侵权|侵犯.{0,10}(权|秘密)|版权申诉|文档(内容|会员|贡献者)|vip(文档|后|会员)|成为vip|压缩(文件|包)|(附件|图纸|预览).{0,10}(没有|需要|软件)|请.{0,4}联系上传者|权益(归|所有)|用于商业用途|uploaded by (a |our )?(users?|members?)|(this|the) (file|document) (was|is) (uploaded|provided|shared) by|report (a )?copyright|downloads? (of|are|is) .{0,30}(credits?|members?|premium)|copyright (infringement|complaint)",
    )
});

/// A list is such a notice when at least this many of its lines are.
const MIN_LINES: usize = 3;

/// A list at the head or the foot of a text, most of whose lines speak of the file and the site
/// that offers it, while the rest of the text does not.
pub(super) fn find(page: &Page<'_>) -> Vec<Span> {
    let is_notice = |line: &Line<'_>| ABOUT_FILE.is_match(&line.plain);
    let numbered = page.runs(|_, line| {
        matches!(line.kind, Kind::Prose | Kind::Item) && (is_numbered(line) || is_notice(line))
    });
    let n_notices = page.lines.iter().filter(|line| is_notice(line)).count();
    let found = numbered.into_iter().filter(|(first, last)| {
        let lines = &page.lines[*first..=*last];
        let n_own = lines.iter().filter(|line| is_notice(line)).count();
        let n_chars: usize = lines.iter().map(|line| line.n_chars).sum();
        let at_edge = *first < 12 || *last + 12 >= page.lines.len();
        let is_headed = *first > 0 && page.lines[*first - 1].kind == Kind::Heading && *first > 1;
        let n_elsewhere = n_notices - n_own;
        let n_others = page.lines.len() - lines.len();
        at_edge
            && !is_headed
            && n_own >= MIN_LINES
            && n_own * 5 >= lines.len() * 3
            && n_chars * 2 < page.n_chars
            && n_elsewhere * 6 <= n_others
    });
    found.map(|(first, last)| page.span(first, last)).collect()
}

fn is_numbered(line: &Line<'_>) -> bool {
    line.kind == Kind::Item || line.plain.starts_with(|c: char| c.is_ascii_digit())
}
