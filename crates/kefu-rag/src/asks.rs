//! What kind of thing a question asks for.

mod fit;

use std::collections::BTreeSet;

pub(crate) use fit::{asks_a_figure, fit};

/// What an answer has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ask {
    Amount,
    Price,
    Date,
    Duration,
    Contact,
    Place,
    Person,
    Cause,
    Manner,
    Permission,
    Thing,
}

/// (what is asked, phrases that ask it), the more exact before the general ones.
const PHRASES: &[(Ask, &[&str])] = &[
    // "How much does it weigh" is no question of price.
    (Ask::Amount, &["weigh", "weighs", "weight", "重量"]),
    (
        Ask::Price,
        &[
            "how much does",
            "how much do",
            "how much is",
            "how much are",
            "what does it cost",
            "price",
            "cost",
            "fee",
            "多少钱",
            "价格",
            "价钱",
            "费用",
            "票价",
            "门票",
            "花费",
            "运费",
        ],
    ),
    (
        Ask::Duration,
        &[
            "how long",
            "how soon",
            "how many days",
            "how many hours",
            "how quickly",
            "how fast",
            "几天",
            "多久",
            "多长时间",
            "多少天",
            "几个工作日",
            "时长",
            "几小时",
        ],
    ),
    (
        Ask::Contact,
        &[
            "phone number",
            "telephone",
            "email address",
            "e-mail",
            "contact number",
            "hotline",
            "电话",
            "邮箱",
            "热线",
            "联系方式",
            "号码",
        ],
    ),
    (
        Ask::Date,
        &[
            "when",
            "what time",
            "what date",
            "what year",
            "which year",
            "what day",
            "opening hours",
            "什么时候",
            "何时",
            "几点",
            "哪年",
            "哪一年",
            "哪天",
            "几月",
            "几号",
            "时间",
            "年份",
        ],
    ),
    (
        Ask::Amount,
        &[
            "how many",
            "how much",
            "what percentage",
            "how big",
            "how large",
            "how heavy",
            "how tall",
            "how far",
            "how old",
            "多少",
            "几个",
            "几次",
            "几",
            "多大",
            "多高",
            "多重",
            "多远",
            "百分之几",
        ],
    ),
    (
        Ask::Place,
        &[
            "where",
            "what address",
            "which city",
            "哪里",
            "哪儿",
            "在哪",
            "地址",
            "什么地方",
            "何处",
        ],
    ),
    (Ask::Person, &["who", "whose", "whom", "谁", "哪位"]),
    (Ask::Cause, &["why", "what reason", "为什么", "为何", "原因"]),
    (Ask::Manner, &["how", "what should i do", "怎么", "如何", "怎样", "步骤"]),
    (
        Ask::Permission,
        &[
            "can",
            "could",
            "may",
            "am i allowed",
            "is it possible",
            "do you",
            "does",
            "is",
            "are",
            "吗",
            "能不能",
            "可以",
            "能否",
            "是否",
            "可否",
        ],
    ),
    (Ask::Thing, &["what", "which", "什么", "哪些", "哪个", "哪"]),
];

/// What the text asks for, in its words; empty when it asks nothing recognisable.
pub(crate) fn asks(text: &str) -> BTreeSet<Ask> {
    let text = spaced(text);
    let mut rest = text.clone();
    let mut found = BTreeSet::new();
    for (ask, phrases) in PHRASES {
        for phrase in *phrases {
            if contains_phrase(&rest, phrase) {
                found.insert(*ask);
                rest = rest.replace(phrase, " ");
            }
        }
    }
    // "how long does it take to …" asks for a duration; the helping verb asks nothing by itself.
    if found.len() > 1 {
        found.remove(&Ask::Permission);
    }
    found
}

/// The clause that asks: customers often tell something first ("It was delivered on Monday, when
/// can I …"). The whole text when no clause of several asks.
pub(crate) fn focus(text: &str) -> &str {
    const BORDERS: [char; 12] = [',', '.', ';', '!', '，', '。', '；', '！', '~', '…', '\n', '、'];
    let is_border = |(at, c): &(usize, char)| {
        // A point or comma inside a number is no border.
        let next = text[at + c.len_utf8()..].chars().next();
        BORDERS.contains(c) && !(c.is_ascii() && next.is_some_and(|n| !n.is_whitespace()))
    };
    let mut end = text.len();
    let borders: Vec<(usize, char)> = text.char_indices().filter(is_border).collect();
    for (at, c) in borders.into_iter().rev() {
        let clause = &text[at + c.len_utf8()..end];
        if !asks(clause).is_empty() {
            return clause.trim();
        }
        if asks(&text[..at]).is_empty() {
            return text;
        }
        end = at;
    }
    text[..end].trim()
}

/// Lower case with a space at both ends and for every sign, so that words can be found whole.
fn spaced(text: &str) -> String {
    let shadow = kefu_text::shadow(text).text;
    let words: String =
        shadow.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { ' ' }).collect();
    format!(" {} ", words.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn contains_phrase(spaced: &str, phrase: &str) -> bool {
    if phrase.is_ascii() {
        spaced.contains(&format!(" {phrase} "))
    } else {
        spaced.contains(phrase)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_questions_are_recognised() {
        for (question, ask) in [
            ("How much is shipping?", Ask::Price),
            ("How long does delivery take?", Ask::Duration),
            ("退货需要几天？", Ask::Duration),
            ("客服电话是多少？", Ask::Contact),
            ("When was it founded?", Ask::Date),
            ("Where is your shop?", Ask::Place),
            ("怎么申请退款", Ask::Manner),
            ("Can I return a gift card?", Ask::Permission),
        ] {
            assert!(asks(question).contains(&ask), "{question}: {:?}", asks(question));
        }
    }

    #[test]
    fn the_asking_clause_is_found_behind_what_is_told() {
        for (text, clause) in [
            ("电话是010-6288，你知道在哪里吗？", "你知道在哪里吗？"),
            ("It cost $4.99, when does it arrive?", "when does it arrive?"),
            ("How much is it? Thanks", "How much is it? Thanks"),
            ("Tell me about lamps, please", "Tell me about lamps, please"),
            ("How much is the lamp, the blue one", "How much is the lamp"),
        ] {
            assert_eq!(focus(text), clause);
        }
    }
}
