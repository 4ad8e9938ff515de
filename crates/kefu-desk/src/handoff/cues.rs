//! Signs that a line matters, English and Chinese.

use std::sync::LazyLock;

use kefu_core::{Span, Speaker};

use crate::patterns::Pattern;

/// Order numbers, amounts, dates, times, error codes: what a person would have to ask for again.
static DETAIL: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::any_of([
        // Codes with digits in them, and long numbers.
        r"#\s?\d{3,}",
        r"\b[A-Za-z]{1,6}[-_]?\d{2,}[A-Za-z0-9-]*",
        r"\d{5,}",
        // Amounts.
        r"[$€£¥￥]\s?\d[\d,]*(?:\.\d+)?",
        r"\d[\d,]*(?:\.\d+)?\s?(?:元|块钱?|美元|欧元|人民币|dollars?|bucks|usd|rmb|cny|euros?|pounds?)",
        // Days and times.
        r"\d{4}-\d{1,2}-\d{1,2}",
        r"\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?\b",
        r"\d{1,2}\s?月\s?\d{1,2}\s?[日号]",
        r"(?i)\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.? \d{1,2}\b",
        r"(?i)\b\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b",
        r"(?i)\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
        r"(?:星期|周|礼拜)[一二三四五六日天]",
        r"(?i)\b(?:yesterday|last (?:week|month|night))\b|昨天|前天|上周|上个月",
        r"\d{1,2}:\d{2}",
        r"(?i)\b\d+ (?:days?|weeks?|months?|hours?)\b|[\d一二两三四五六七八九十]+\s?个?(?:天|周|星期|月|小时)",
        // Where to reach somebody.
        r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}",
    ])
});

static FAILURE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::any_of([
        r"(?i)\b(?:broken?|damaged|defective|faulty|leak(?:s|ing|ed)?|crash(?:es|ed|ing)?|cracked|missing|lost|stuck|late|delayed|refused|rejected|declined|cancell?ed|expired|scratched|torn|empty|useless)\b",
        r"(?i)\b(?:doesn'?t|don'?t|didn'?t|won'?t|can'?t|cannot|couldn'?t|isn'?t|never|not) (?:\w+ ){0,2}(?:work(?:ing|ed)?|arrive[ds]?|receive[ds]?|get|got|open|start|turn|charge|connect|log|load|come|came|refund(?:ed)?|fit|show|reply|replied|answer(?:ed)?)\b",
        r"(?i)\b(?:error|fail(?:s|ed|ure)?|wrong|twice|problem|issue|overcharged|double[- ]charged|still (?:waiting|no|not)|no (?:answer|reply|response|refund))\b",
        r"坏|破损|裂|漏|碎|丢|错|失败|报错|异常|故障|卡住|死机|打不开|开不了|用不了|连不上|登不上|登录不了|充不进|没反应|没收到|没到|未到|没退|未退|不退|拒绝|少了|缺|发错|重复扣|多扣|被扣|超时|延误|延迟|一直没|还没|还是没|迟迟|不能用|不能|无法|没人(?:理|回|管)",
    ])
});

/// What a person at the desk says will be done.
static GIVEN: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::any_of([
        r"(?i)\b(?:i|we|they|you)(?:'ll| will| shall| am going to| are going to)\b",
        r"(?i)\b(?:promise|guarantee|within (?:\d+|a|two|three|five|seven|ten|the next))\b",
        r"答应|承诺|保证|会(?:为|给|帮|把|尽快|在|于|有|由)|将(?:为|给|在|于|会|由)|马上|尽快|之?内(?:处理|退|发|回复|到|联系)",
    ])
});

/// What the customer says was promised to them.
static REPORTED: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::any_of([
        r"(?i)\b(?:promised|guaranteed|agreed to|assured|was told|were told|been told)\b",
        r"(?i)\b(?:you|they|he|she|support|agent|colleague)s? (?:said|told me|promised|claimed)\b",
        r"答应|承诺|保证过|说好|说过|(?:你们|客服|他们|店家|商家|卖家)(?:之前|上次|昨天)?(?:跟我|告诉我|和我)?说",
    ])
});

static HANDLING: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::any_of([
        r"(?i)\b(?:human|real person|person|people|agent|representative|operator|someone|somebody|supervisor|manager|customer (?:service|support))\b",
        r"人工|真人|客服|转接|专员|主管|经理",
        r"(?i)\b(?:complain|complaints?|grievance)\b|投诉|举报|维权",
    ])
});

static QUESTION: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::any_of([
        r"[?？]",
        r"(?i)^\s*(?:and |but |so |hi,? |hello,? )?(?:how|what|when|where|which|who|whose|why|can|could|do|does|did|is|are|am|was|were|will|would|should|may|must|has|have)\b",
        r"(?i)\b(?:please (?:tell|explain|help|send|check|cancel|change|refund)|i (?:want|need|would like|'d like) to|how (?:do|can|much|many|long))\b",
        r"吗|呢$|么$|怎么|如何|什么|多少|几天|几个|多久|哪里|哪个|哪些|为什么|能不能|可不可以|是否|是不是|有没有|请问|想问|我想|我要|帮我",
    ])
});

/// Bytes of the first sign of each kind in a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    pub(super) detail: Option<Span>,
    pub(super) failure: Option<Span>,
    pub(super) promise: Option<Span>,
    pub(super) question: bool,
    /// Asks for a person or to complain: how it is handled, not what it is about.
    pub(super) handling: bool,
}

pub(super) fn signs(line: &str, speaker: Speaker) -> Signs {
    let promised = if speaker == Speaker::Agent { &GIVEN } else { &REPORTED };
    Signs {
        detail: DETAIL.find(line),
        failure: FAILURE.find(line),
        promise: promised.find(line),
        question: QUESTION.is_match(line),
        handling: HANDLING.is_match(line),
    }
}

/// The details of a line, without white space and case, each once.
pub(super) fn details(line: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for detail in DETAIL.find_iter(line) {
        let text = detail.of(line).unwrap_or_default();
        let bare: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
        let bare = bare.to_lowercase();
        if !bare.is_empty() && !found.contains(&bare) {
            found.push(bare);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_seen_in_both_languages() {
        for pattern in [&DETAIL, &FAILURE, &GIVEN, &REPORTED, &HANDLING, &QUESTION] {
            assert!(pattern.is_sound());
        }
        let signs = |line: &str| super::signs(line, Speaker::Customer);
        for line in [
            "My order #48213 is not here",
            "I paid $129.50 on March 3",
            "订单号 A20260311 到现在",
            "扣了我 299 元",
            "3月5日下的单",
            "write to ana@example.org",
        ] {
            assert!(signs(line).detail.is_some(), "{line}");
        }
        for line in ["the kettle doesn't turn on", "I was charged twice", "水壶坏了", "钱一直没退"]
        {
            assert!(signs(line).failure.is_some(), "{line}");
        }
        for line in ["You said it would come on Friday", "I was told to wait", "你们说好三天内到"]
        {
            assert!(signs(line).promise.is_some(), "{line}");
        }
        for line in ["We'll send a new one", "我们会在三天内退款", "Within 3 days you get it back"]
        {
            assert!(super::signs(line, Speaker::Agent).promise.is_some(), "{line}");
        }
        for line in ["thanks a lot", "好的谢谢"] {
            assert_eq!(signs(line), Signs::default(), "{line}");
        }
        assert!(signs("多久能退款").question && signs("转人工").handling);
    }

    #[test]
    fn details_are_told_apart() {
        assert_eq!(details("A-1001 and a-1001, then $20"), ["a1001", "20"]);
    }
}
