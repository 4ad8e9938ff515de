//! Whether a clause denies something.

/// Phrases that hold a negative word and deny nothing; taken out first.
const HARMLESS: &[&str] = &[
    "no later than",
    "no more than",
    "no less than",
    "no fewer than",
    "not only",
    "no matter",
    "no problem",
    "why not",
    "whether or not",
    "是不是",
    "能不能",
    "可不可以",
    "要不要",
    "会不会",
    "有没有",
    "行不行",
    "好不好",
    "不仅",
    "不但",
    "不错",
    "不管",
    "不论",
    "无论",
    "不过",
    "不好意思",
    "对不起",
    "不同",
    "不超过",
    "不少于",
    "不晚于",
    "不低于",
    "不高于",
    "不迟于",
    "非常",
    "未来",
    "特别",
    "分别",
    "别的",
    "区别",
    "类别",
    "级别",
    "别人",
    "个别",
    "性别",
    "无线",
    "不锈钢",
    "除非",
];
const ENGLISH: &[&str] = &[
    "not",
    "no",
    "never",
    "none",
    "neither",
    "nor",
    "cannot",
    "without",
    "except",
    "excluding",
    "excluded",
    "unable",
    "non",
    "dont",
    "doesnt",
    "cant",
    "wont",
    "isnt",
    "arent",
    "ineligible",
    "unavailable",
    "refuse",
    "refuses",
    "prohibited",
    "forbidden",
];
const CHINESE: &[&str] =
    &["不", "没", "无", "未", "非", "勿", "别", "禁止", "谢绝", "除外", "拒绝"];

/// Whether the text denies something. Two denials count as one.
pub(crate) fn denies(text: &str) -> bool {
    let mut text = kefu_text::shadow(text).text.replace('’', "'");
    for phrase in HARMLESS {
        text = text.replace(phrase, " ");
    }
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '\'');
    CHINESE.iter().any(|sign| text.contains(sign))
        || words.any(|word| word.ends_with("n't") || ENGLISH.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::denies;

    #[test]
    fn denials_are_told_from_look_alikes() {
        for text in
            ["Gift cards cannot be returned", "we don’t ship there", "不支持退货", "赠品除外"]
        {
            assert!(denies(text), "{text}");
        }
        for text in ["no later than 5 pm", "能不能退货", "非常好", "You can return it", "notes"]
        {
            assert!(!denies(text), "{text}");
        }
    }
}
