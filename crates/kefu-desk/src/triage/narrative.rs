//! Whether a text tells what happened or asks what to do.

use super::asking;
use super::wording::words;

/// Counts of what makes a story and what makes a question.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Narrative {
    n_words: usize,
    n_han: usize,
    n_selves: usize,
    n_past: usize,
    n_sentences: usize,
    n_questions: usize,
    n_others: usize,
    ends_asking: bool,
    is_mild: bool,
    n_wishes: usize,
}

const SELVES: [&str; 11] = ["i", "my", "me", "we", "our", "us", "im", "ive", "mine", "id", "weve"];
const PAST: [&str; 58] = [
    "was", "were", "had", "did", "didnt", "got", "went", "told", "said", "took", "gave", "sent",
    "paid", "bought", "spoke", "tried", "found", "came", "left", "lost", "kept", "rang", "spent",
    "made", "broke", "been", "ive", "wasnt", "hasnt", "havent", "never", "wrote", "made", "held",
    "hung", "felt", "thought", "knew", "began", "became", "brought", "drove", "fell", "forgot",
    "heard", "let", "met", "put", "read", "ran", "saw", "sold", "stood", "threw", "woke", "wore",
    "charged", "swore",
];
/// The other side of a story.
const OTHERS: [&str; 12] = [
    "they",
    "them",
    "their",
    "he",
    "she",
    "company",
    "bank",
    "theyre",
    "theyve",
    "representative",
    "seller",
    "manager",
];
/// Who wants something says what happened to be helped with it.
const WISHES: [&str; 16] = [
    "want",
    "need",
    "would",
    "like",
    "can",
    "could",
    "please",
    "help",
    "how",
    "may",
    "should",
    "if",
    "looking",
    "wondering",
    "trying",
    "wish",
];
/// How plain an English statement is.
const PLAIN_ENGLISH: f32 = 0.3;
/// Words of those who grumble and want nothing done.
const MILD: [&str; 16] = [
    "有点",
    "有些",
    "稍",
    "略",
    "一点",
    "还行",
    "不太",
    "凑合",
    "点意思",
    "少了点",
    "总体",
    "还可以",
    "希望",
    "建议",
    "不够",
    "该翻新",
];
/// A text this long in words, or twice this in Han characters, is told at length.
const LONG_WORDS: f32 = 60.0;

/// Shorter texts state nothing yet.
const SHORT_WORDS: usize = 7;
/// From here on a statement is a full one.
const FULL_WORDS: f32 = 26.0;
/// What others did counts more than what befell one.
const OTHERS_SHARE: f32 = 0.4;

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
        self.n_han += n_han;
        self.n_words += words.iter().filter(|word| word.is_ascii()).count() + n_han / 2;
        self.n_selves += words.iter().filter(|word| is_in(word, &SELVES)).count()
            + sentence.text.matches('我').count();
        let is_past = |word: &String| {
            is_in(word, &PAST) || (word.len() > 4 && word.is_ascii() && word.ends_with("ed"))
        };
        self.n_others += words.iter().filter(|word| is_in(word, &OTHERS)).count();
        self.n_past += words.iter().filter(|word| is_past(word)).count()
            + sentence.text.matches(['了', '过', '没']).count();
        self.n_wishes += words.iter().filter(|word| is_in(word, &WISHES)).count();
        self.is_mild |= MILD.iter().any(|word| sentence.text.contains(word));
        let asks = asking::asks(sentence.text, first, sentence.has_question_mark);
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

    /// From 0 to 1.4: how fully it says, without asking, what happened to somebody.
    pub(super) fn stating(&self) -> f32 {
        if self.asks() || self.n_past == 0 || self.n_words < SHORT_WORDS {
            return 0.0;
        }
        let of_others = (count(self.n_others) / 3.0).min(1.0);
        (count(self.n_words) / FULL_WORDS).min(1.0) * (1.0 + OTHERS_SHARE * of_others)
    }

    /// From 0 to 1: how plainly it says something, asking nothing and without a softening word. Less
    /// in English, whose questions are often put as statements.
    pub(super) fn plainness(&self) -> f32 {
        match (self.n_questions > 0 || self.is_mild, self.n_han > 0) {
            (true, _) => 0.0,
            (false, true) => 1.0,
            (false, false) if self.n_wishes > 0 => 0.0,
            (false, false) => PLAIN_ENGLISH,
        }
    }

    /// Whether the text as a whole asks.
    pub(super) fn asks(&self) -> bool {
        self.n_questions * 2 >= self.n_sentences.max(1)
            || (self.ends_asking && self.n_sentences <= 8)
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
