//! Whether two passages are about the same thing.

use kefu_core::Passage;

/// Words of titles that tell versions or kinds of a page apart, and not what it is about.
const ENGLISH: &[&str] = &[
    "policy",
    "faq",
    "guide",
    "page",
    "version",
    "v",
    "old",
    "new",
    "updated",
    "update",
    "revised",
    "term",
    "condition",
    "rule",
    "information",
    "info",
    "help",
    "about",
    "our",
    "the",
    "and",
    "overview",
    "summary",
    "notice",
    "archived",
    "archive",
    "previous",
    "current",
    "latest",
    "copy",
    "edition",
    "year",
    "of",
    "from",
    "since",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const CHINESE: &[&str] = &[
    "常见问题",
    "最新",
    "新版",
    "旧版",
    "版本",
    "修订",
    "更新",
    "政策",
    "规则",
    "说明",
    "须知",
    "问答",
    "指南",
    "条款",
    "帮助",
    "公告",
    "通知",
    "关于",
    "版",
    "年",
    "月",
    "日",
];

/// Whether both have the same title and headings, but for words that tell versions apart. A
/// passage without headings may stand against one with some. Reviewed pairs have the question as
/// their title.
pub(crate) fn is_same(a: &Passage, b: &Passage) -> bool {
    let titles = (subject(&a.title), subject(&b.title));
    let headings = |passage: &Passage, title: &str| -> String {
        let parts = passage.heading.split(" > ").map(subject);
        parts.filter(|part| part != title).collect::<Vec<_>>().join(" ").trim().to_owned()
    };
    let (mine, theirs) = (headings(a, &titles.0), headings(b, &titles.1));
    let is_equal = titles.0 == titles.1 && (!titles.0.is_empty() || a.title == b.title);
    is_equal
        && a.document_id != b.document_id
        && a.language == b.language
        && (mine == theirs || mine.is_empty() || theirs.is_empty())
}

/// What a title is about.
fn subject(title: &str) -> String {
    let mut text = kefu_text::shadow(title).text;
    for word in CHINESE {
        text = text.replace(word, " ");
    }
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .map(|word| if word.is_ascii() { singular(word) } else { word.to_owned() })
        .filter(|word| !word.is_empty() && !ENGLISH.contains(&word.as_str()))
        .filter(|word| !is_version(word));
    words.collect::<Vec<_>>().join(" ")
}

fn singular(word: &str) -> String {
    match word.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => word.strip_suffix('s').unwrap_or(word).to_owned(),
    }
}

/// A year, or a number such as that of "v2".
fn is_version(word: &str) -> bool {
    let digits = word.strip_prefix('v').unwrap_or(word);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let is_year =
        is_number && digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"));
    is_number && (is_year || word.starts_with('v'))
}

#[cfg(test)]
mod tests {
    use super::subject;

    #[test]
    fn versions_of_a_page_have_one_subject() {
        for title in
            ["Returns policy 2023", "Return policies (2024)", "Our returns policy v2", "Returns"]
        {
            assert_eq!(subject(title), "return", "{title}");
        }
        for title in ["退货政策（2023版）", "退货规则（旧版）", "退货"] {
            assert_eq!(subject(title), "退货", "{title}");
        }
        assert_ne!(subject("Returns in Germany"), subject("Returns in France"));
        assert_ne!(subject("Model 100"), subject("Model 200"));
        assert_ne!(subject("退货政策"), subject("换货政策"));
    }
}
