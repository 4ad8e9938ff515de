//! Replies that name a place in a list: "2", "the second one", "第二个".

const ENGLISH: [&[&str]; 4] = [
    &["1", "1st", "first", "one"],
    &["2", "2nd", "second", "two"],
    &["3", "3rd", "third", "three"],
    &["4", "4th", "fourth", "four"],
];
const CHINESE: [&[&str]; 4] = [&["1", "一"], &["2", "二", "两"], &["3", "三"], &["4", "四"]];
/// Words that stand beside a place and say nothing.
const FILLING: &[&str] = &[
    "the", "number", "no", "option", "one", "please", "it", "its", "s", "is", "i", "mean", "want",
    "choose", "take", "my", "question", "about", "thanks", "that",
];
const FILLING_CHINESE: &[&str] = &[
    "第", "个", "款", "种", "项", "号", "选", "我要", "我想", "问", "是", "那", "的", "吧", "我",
    "说",
];

/// The place, from 0, that a reply of nothing but a place names in a list of `n_options`.
pub(super) fn place(reply: &str, n_options: usize) -> Option<usize> {
    let text = kefu_text::shadow(reply).text;
    let found = if let Some(rest) = without(&text, &["最后一", "最后", "last"]) {
        is_filling(&rest).then_some(n_options.checked_sub(1)?)
    } else if text.chars().any(kefu_text::is_han) {
        let named = (0..CHINESE.len()).filter_map(|at| Some((at, without(&text, CHINESE[at])?)));
        named.filter(|(_, rest)| is_filling(rest)).map(|(at, _)| at).next()
    } else {
        let words: Vec<&str> = words(&text).collect();
        let names = |at: &usize| {
            let is_rest = |word: &&str| ENGLISH[*at].contains(word) || FILLING.contains(word);
            words.iter().any(|word| ENGLISH[*at].contains(word)) && words.iter().all(is_rest)
        };
        // "the second one" names the second: the first is looked for last.
        (0..ENGLISH.len()).rev().find(names)
    };
    found.filter(|place| *place < n_options)
}

/// The text without the first of the words that it has; `None` when it has none.
fn without(text: &str, words: &[&str]) -> Option<String> {
    let word = words.iter().find(|word| text.contains(**word))?;
    Some(text.replacen(word, " ", 1))
}

fn is_filling(text: &str) -> bool {
    let mut text = text.to_owned();
    for word in FILLING_CHINESE {
        text = text.replace(word, " ");
    }
    words(&text).all(|word| FILLING.contains(&word))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_place_is_told_from_other_words_with_numbers() {
        let second = [
            "2",
            "2.",
            "#2",
            "option 2",
            "the second one",
            "Second, please",
            "第二个",
            "第2个",
            "二",
            "2号",
            "选2",
            "我说的是第二个",
        ];
        for text in second {
            assert_eq!(place(text, 3), Some(1), "{text}");
        }
        for text in ["the last one", "最后一个", "3", "third"] {
            assert_eq!(place(text, 3), Some(2), "{text}");
        }
        for text in ["1", "first", "the first one", "第一个"] {
            assert_eq!(place(text, 3), Some(0), "{text}");
        }
        let others = [
            "4",
            "the first two weeks",
            "2 lamps and 1 kettle",
            "第二天能到吗",
            "no",
            "none",
            "",
            "last week",
            "10",
        ];
        for text in others {
            assert_eq!(place(text, 3), None, "{text}");
        }
    }
}
