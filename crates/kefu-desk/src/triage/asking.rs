//! Whether a sentence asks, with or without a question mark.

/// Words that begin a question or a request in English.
const ENGLISH_STARTS: [&str; 34] = [
    "how", "what", "whats", "when", "where", "which", "who", "whose", "can", "could", "do", "does",
    "did", "is", "are", "am", "will", "would", "may", "should", "why", "please", "tell", "show",
    "find", "set", "play", "give", "help", "hi", "hello", "id", "any", "was",
];
const CHINESE: [&str; 28] = [
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
    "请教",
    "想了解",
    "先了解",
    "想确认",
    "想知道",
    "想问",
];
/// Ends of English sentences that ask without a mark.
const ENGLISH_ENDS: [&str; 5] =
    ["is that right", "is that correct", "is that ok", "is that true", "is that normal"];
/// Questions that want no answer.
const RHETORICAL: [&str; 80] = [
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
    "怎么别",
    "怎么还能",
    "怎么连",
    "怎么也",
    "怎么就",
    "怎么都",
    "怎么把我",
    "怎么读我",
    "怎么查我",
    "复读机",
    "放假了",
    "睡着了",
    "是死的",
    "是摆设",
    "瞎了",
    "聋了",
    "私下",
    "谁给",
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

/// Asks why something is not yet so, which is no question with words of long waiting beside it.
const STILL_NOT: [&str; 4] = ["怎么还", "咋还", "怎么才", "为什么还"];
const SO_LONG: [&str; 7] = ["都", "已经", "催", "好久", "这么久", "好几", "足足"];

/// Judges the shadow of a sentence or clause; `first` is its first word.
pub(super) fn asks(text: &str, first: &str, has_question_mark: bool) -> bool {
    let in_english = !text.contains(kefu_text::is_han)
        && (ENGLISH_STARTS.contains(&first) || ENGLISH_ENDS.iter().any(|end| text.ends_with(end)));
    // 能退不, 可以换不
    let ends_open =
        || text.ends_with('不') && ["能", "可以", "会", "行"].iter().any(|w| text.contains(w));
    let in_chinese = || CHINESE.iter().any(|word| text.contains(word)) || ends_open();
    (has_question_mark || in_english || in_chinese())
        && (text.contains("由谁") || !is_rhetorical(text))
}

fn is_rhetorical(text: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has(&RHETORICAL) || (has(&STILL_NOT) && has(&SO_LONG))
}
