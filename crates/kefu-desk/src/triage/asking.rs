//! Whether a sentence asks, with or without a question mark.

/// Words that begin a question or a request in English.
const ENGLISH_STARTS: [&str; 34] = [
    "how", "what", "whats", "when", "where", "which", "who", "whose", "can", "could", "do", "does",
    "did", "is", "are", "am", "will", "would", "may", "should", "why", "please", "tell", "show",
    "find", "set", "play", "give", "help", "hi", "hello", "id", "any", "was",
];
const CHINESE: [&str; 22] = [
    "怎么",
    "如何",
    "请问",
    "什么时候",
    "多久",
    "多少",
    "哪里",
    "哪个",
    "能不能",
    "可不可以",
    "吗",
    "怎样",
    "几天",
    "几点",
    "是否",
    "有没有",
    "为什么",
    "什么意思",
    "会不会",
    "什么原因",
    "是什么",
    "由谁",
];
/// Ends of English sentences that ask without a mark.
const ENGLISH_ENDS: [&str; 5] =
    ["is that right", "is that correct", "is that ok", "is that true", "is that normal"];
/// Questions that want no answer.
const RHETORICAL: [&str; 64] = [
    "这不是",
    "不就是",
    "怎么做生意",
    "好意思",
    "凭什么",
    "凭啥",
    "难道",
    "让我怎么",
    "让我们怎么",
    "谁负责",
    "谁承担",
    "怎么交代",
    "赔得起",
    "合理吗",
    "讲理",
    "有完没完",
    "你们是",
    "骗谁",
    "玩我",
    "耍人",
    "谁把",
    "找谁",
    "到底",
    "怎么负责",
    "这叫",
    "就是这么",
    "什么态度",
    "什么服务",
    "怎么敢",
    "怎么会",
    "怎么吃",
    "怎么还",
    "咋还",
    "怎么又",
    "怎么总",
    "怎么老",
    "怎么一直",
    "怎么这么",
    "怎么那么",
    "为什么总",
    "为什么老",
    "为什么一直",
    "还让不让",
    "负不负责",
    "累不累",
    "当人",
    "有啥用",
    "有什么用",
    "有何用",
    "干嘛用",
    "要券干嘛",
    "合规么",
    "合规吗",
    "合法吗",
    "像话吗",
    "谁受得了",
    "拿什么",
    "什么意思啊",
    "老师教",
    "吃干饭",
    "闹着玩",
    "谁教你们",
    "谁给你们",
    "要不要脸",
];

/// Judges the shadow of a sentence or clause; `first` is its first word.
pub(super) fn asks(text: &str, first: &str, has_question_mark: bool) -> bool {
    let in_english = !text.contains(kefu_text::is_han)
        && (ENGLISH_STARTS.contains(&first) || ENGLISH_ENDS.iter().any(|end| text.ends_with(end)));
    let in_chinese = || CHINESE.iter().any(|word| text.contains(word));
    (has_question_mark || in_english || in_chinese())
        && (text.contains("由谁") || !RHETORICAL.iter().any(|word| text.contains(word)))
}
