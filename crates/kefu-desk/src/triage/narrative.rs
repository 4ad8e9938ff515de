//! Whether a text tells what happened or asks what to do.

use super::wording::words;

/// Counts of what makes a story and what makes a question.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Narrative {
    n_words: usize,
    n_selves: usize,
    n_past: usize,
    n_sentences: usize,
    n_questions: usize,
    begins_asking: bool,
    ends_asking: bool,
}

const SELVES: [&str; 11] = ["i", "my", "me", "we", "our", "us", "im", "ive", "mine", "id", "weve"];
const PAST: [&str; 60] = [
    "was", "were", "had", "did", "didnt", "got", "went", "told", "said", "took", "gave", "sent",
    "paid", "bought", "spoke", "tried", "found", "came", "left", "lost", "kept", "rang", "spent",
    "made", "broke", "been", "has", "have", "ive", "wasnt", "hasnt", "havent", "never", "wrote",
    "made", "held", "hung", "felt", "thought", "knew", "began", "became", "brought", "drove",
    "fell", "forgot", "heard", "let", "met", "put", "read", "ran", "saw", "sold", "stood", "threw",
    "woke", "wore", "charged", "swore",
];
const ASKING: [&str; 34] = [
    "how", "what", "whats", "when", "where", "which", "who", "whose", "can", "could", "do", "does",
    "did", "is", "are", "am", "will", "would", "may", "should", "why", "please", "tell", "show",
    "find", "set", "play", "give", "help", "hi", "hello", "id", "any", "was",
];
const CHINESE_ASKING: [&str; 20] = [
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
];
/// Questions that want no answer.
const RHETORICAL: [&str; 26] = [
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
];
/// A text this long in words, or twice this in Han characters, is told at length.
const LONG_WORDS: f32 = 60.0;

impl Narrative {
    pub(super) fn of(shadow: &str) -> Self {
        let mut story = Self::default();
        for sentence in sentences(shadow) {
            story.add(&sentence);
        }
        story
    }

    fn add(&mut self, sentence: &Sentence<'_>) {
        let words: Vec<String> = words(sentence.text).into_iter().flatten().collect();
        let Some(first) = words.first() else { return };
        let is_in = |word: &str, list: &[&str]| list.contains(&word);
        let n_han = sentence.text.chars().filter(|c| kefu_text::is_han(*c)).count();
        self.n_words += words.iter().filter(|word| word.is_ascii()).count() + n_han / 2;
        self.n_selves += words.iter().filter(|word| is_in(word, &SELVES)).count()
            + sentence.text.matches('我').count();
        let is_past = |word: &String| {
            is_in(word, &PAST) || (word.len() > 4 && word.is_ascii() && word.ends_with("ed"))
        };
        self.n_past += words.iter().filter(|word| is_past(word)).count()
            + sentence.text.matches(['了', '过', '没']).count();
        let asks = sentence.has_question_mark
            || (n_han == 0 && is_in(first, &ASKING))
            || (n_han > 0 && CHINESE_ASKING.iter().any(|word| sentence.text.contains(word)));
        let asks = asks && !RHETORICAL.iter().any(|word| sentence.text.contains(word));
        if self.n_sentences == 0 {
            self.begins_asking = asks;
        }
        self.n_sentences += 1;
        self.n_questions += usize::from(asks);
        self.ends_asking = asks;
    }

    /// From 0 to 1: how much somebody tells what happened to them, at length.
    pub(super) fn telling(&self) -> f32 {
        if self.n_words == 0 {
            return 0.0;
        }
        let at_length = (count(self.n_words) / LONG_WORDS).min(1.0);
        let of_self = (count(self.n_selves) / 3.0).min(1.0);
        let of_past = (count(self.n_past) / 4.0).min(1.0);
        at_length * (of_self + of_past) / 2.0
    }

    /// Whether it says, without asking, what happened to somebody.
    pub(super) fn states(&self) -> bool {
        !self.asks() && self.n_past > 0 && self.n_words >= 4
    }

    /// Whether the text as a whole asks.
    pub(super) fn asks(&self) -> bool {
        self.n_questions * 2 >= self.n_sentences.max(1)
            || (self.ends_asking && self.n_sentences <= 4)
    }
}

struct Sentence<'a> {
    text: &'a str,
    has_question_mark: bool,
}

fn sentences(shadow: &str) -> Vec<Sentence<'_>> {
    let ends = |c: char| matches!(c, '.' | '!' | '?' | '。' | '\n' | ';');
    shadow
        .split_inclusive(ends)
        .filter(|text| text.chars().any(char::is_alphanumeric))
        .map(|text| Sentence { text, has_question_mark: text.ends_with('?') })
        .collect()
}

fn count(n: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "some thousand words at most")]
    let n = n as f32;
    n
}
