//! A question read for what it asks, so that two can be compared part by part.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use kefu_text::{Analyser, is_han};

use super::lexicon::{Lexicon, Role, Want};
use super::parts::{self, Part, PartKind};
use super::settle::settle;

/// Who acts in a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Actor {
    Customer,
    Company,
}

/// A word with a meaning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Word {
    /// The name that it shares with its synonyms.
    pub(super) key: String,
    /// Whether a list knows it; else a Chinese one is a run of characters whose borders say little.
    pub(super) known: bool,
}

/// What a question asks.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub(super) is_chinese: bool,
    pub(super) asks: BTreeSet<Want>,
    /// In order.
    pub(super) words: Vec<Word>,
    /// Words that a list knows or that are not Chinese, by name as they were written.
    pub(super) forms: BTreeMap<String, String>,
    /// Words that something changes: denied, before, without, from.
    pub(super) tied: BTreeSet<(String, String)>,
    /// Words behind a preposition.
    pub(super) attached: BTreeSet<String>,
    pub(super) must: bool,
    /// Whether it asks about what has happened.
    pub(super) past: bool,
    pub(super) actor: Option<Actor>,
}

/// Parts of 能不能.
const CHOICE_PARTS: usize = 3;
/// What a denial ties a word with.
const NOT: &str = "not";
/// A Chinese word is told by its first characters where something is tied to it.
const TIE_CHARS: usize = 2;
/// What is counted by no more than its number, as in 一张身份证.
const CLASSIFIERS: &str = "个张台件部条份位只名款种";
/// What may stand behind 怎么办.
const PARTICLES: &str = "呢啊呀吧了才好";

static ENGLISH_LIST: &str = include_str!("english.txt");
static CHINESE: LazyLock<Lexicon> = LazyLock::new(|| {
    Lexicon::parse(include_str!("chinese.txt"), |phrase| {
        phrase.chars().filter(|c| !c.is_whitespace()).map(String::from).collect()
    })
});

static ENGLISH: LazyLock<Lexicon> = LazyLock::new(|| {
    let analyser = Analyser::new();
    Lexicon::parse(ENGLISH_LIST, |phrase| {
        let cut = |word| match word {
            "_" => vec!["_".to_owned()],
            _ => parts::english(word, &analyser).into_iter().map(|part| part.key).collect(),
        };
        phrase.split_whitespace().flat_map(cut).collect()
    })
});

impl Reading {
    /// Reads a question.
    pub(super) fn of(text: &str, analyser: &Analyser) -> Self {
        let is_chinese = text.chars().any(is_han);
        let (parts, lexicon) = if is_chinese {
            (parts::chinese(text), &*CHINESE)
        } else {
            (parts::english(text, analyser), &*ENGLISH)
        };
        let mut reader = Reader::new(is_chinese);
        reader.read(&parts, lexicon);
        reader.finish()
    }
}

struct Reader {
    reading: Reading,
    /// Unknown Chinese characters next to each other.
    run: String,
    /// What ties the next word.
    ties: Vec<String>,
    /// Whether a preposition stands before the words at hand.
    attaches: bool,
    /// Whether the customer says what they want.
    wishes: bool,
    /// Whether the last part was a number, or a question for one.
    counts: bool,
}

impl Reader {
    fn new(is_chinese: bool) -> Self {
        let reading = Reading { is_chinese, ..Reading::default() };
        Self {
            reading,
            run: String::new(),
            ties: Vec::new(),
            attaches: false,
            wishes: false,
            counts: false,
        }
    }

    fn read(&mut self, parts: &[Part], lexicon: &Lexicon) {
        let keys: Vec<&str> = parts.iter().map(|part| part.key.as_str()).collect();
        let mut done = vec![false; parts.len()];
        let mut at = 0;
        while let (Some(part), Some(rest)) = (parts.get(at), keys.get(at..)) {
            if done.get(at).copied().unwrap_or_default() {
                at += 1;
            } else if part.kind == PartKind::Border {
                self.end_run();
                self.attaches = false;
                self.tie("");
                at += 1;
            } else if is_choice(rest) && lexicon.at(rest).is_none_or(|(len, _)| len < CHOICE_PARTS)
            {
                self.end_run();
                self.ask(Want::Yes);
                at += 2;
            } else if self.counts && is_classifier(part) {
                at += 1;
                self.counts = false;
            } else if let Some((place, role)) = lexicon.parted_at(rest) {
                self.take(role, &part.key);
                if let Some(done) = done.get_mut(at + place) {
                    *done = true;
                }
                at += 1;
            } else if let Some((len, role)) = known(lexicon, rest) {
                self.end_run();
                self.reading.past |= *role == Role::Auxiliary && is_perfect(&parts[at..]);
                self.take(role, &rest[..len].join(" "));
                at += len;
            } else {
                self.unknown(part);
                at += 1;
            }
        }
        self.end_run();
    }

    fn take(&mut self, role: &Role, form: &str) {
        self.counts = false;
        self.attaches &= matches!(role, Role::Nothing | Role::Word(_));
        match role {
            Role::Nothing => {}
            Role::Auxiliary => self.ask_if_first(),
            Role::Asks(want) => self.ask(*want),
            Role::Not => self.ties.push(NOT.to_owned()),
            Role::Wishes => self.wishes = true,
            Role::Must => {
                self.ask_if_first();
                self.reading.must = true;
            }
            Role::Me => _ = self.reading.actor.get_or_insert(Actor::Customer),
            Role::You => _ = self.reading.actor.get_or_insert(Actor::Company),
            Role::Ties(name) => self.ties.push(name.clone()),
            Role::Attaches => self.attaches = true,
            Role::Word(name) => {
                let is_new = !self.reading.words.iter().any(|word| word.key == *name);
                self.reading.forms.insert(name.clone(), form.to_owned());
                self.tie(name);
                if is_new {
                    self.reading.words.push(Word { key: name.clone(), known: true });
                }
            }
        }
    }

    fn unknown(&mut self, part: &Part) {
        self.counts = part.kind == PartKind::Number;
        if part.kind == PartKind::Han {
            self.run.push_str(&part.key);
            return;
        }
        self.end_run();
        self.tie(&part.key);
        self.reading.forms.insert(part.key.clone(), part.key.clone());
        self.reading.words.push(Word { key: part.key.clone(), known: true });
    }

    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        if !run.is_empty() {
            self.tie(&run);
            self.reading.words.push(Word { key: run, known: false });
        }
    }

    fn tie(&mut self, key: &str) {
        let key: String = if self.reading.is_chinese {
            key.chars().take(TIE_CHARS).collect()
        } else {
            key.into()
        };
        self.reading.tied.extend(self.ties.drain(..).map(|name| (name, key.clone())));
        if self.attaches {
            self.reading.attached.insert(key);
        }
    }

    fn ask(&mut self, want: Want) {
        self.counts = want == Want::Amount;
        let asks_already = self.reading.asks.iter().any(|asked| *asked != Want::Yes);
        if want == Want::When && asks_already {
            self.attaches = true;
        } else {
            self.reading.asks.insert(want);
        }
    }

    fn ask_if_first(&mut self) {
        let reading = &self.reading;
        if reading.words.is_empty() && reading.asks.is_empty() && reading.actor.is_none() {
            self.reading.asks.insert(Want::Yes);
        }
    }

    fn finish(mut self) -> Reading {
        // What was left to deny is denied of the whole.
        self.attaches = false;
        self.tie("");
        settle(&mut self.reading, self.wishes);
        self.reading
    }
}

/// `have used`, `have I used`.
fn is_perfect(parts: &[Part]) -> bool {
    const HAVE: [&str; 3] = ["have", "has", "had"];
    let mut next = parts.iter();
    next.next().is_some_and(|part| HAVE.contains(&part.key.as_str()))
        && next.take(2).any(|part| part.is_past)
}

/// `能不能`: a question for yes or no, before the word that it repeats.
fn is_choice(keys: &[&str]) -> bool {
    matches!(keys, [first, "不" | "没", again, ..] if first == again)
}

fn is_classifier(part: &Part) -> bool {
    part.kind == PartKind::Han && CLASSIFIERS.contains(part.key.as_str())
}

/// The phrase at the head. 怎么办 asks what to do only at the end of a clause: 怎么办卡 asks how.
fn known<'a>(lexicon: &'a Lexicon, keys: &[&str]) -> Option<(usize, &'a Role)> {
    let (len, role) = lexicon.at(keys)?;
    let goes_on = || {
        let next = keys.get(len).copied().unwrap_or_default();
        keys.get(len - 1) == Some(&"办") && !next.is_empty() && !PARTICLES.contains(next)
    };
    if *role == Role::Asks(Want::Do) && goes_on() {
        return lexicon.at(keys.get(..len - 1)?);
    }
    Some((len, role))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, asks: &[Want], words: &[&str]) {
        let reading = Reading::of(text, &Analyser::new());
        let keys: Vec<&str> = reading.words.iter().map(|word| word.key.as_str()).collect();
        assert_eq!(reading.asks, asks.iter().copied().collect(), "{text}");
        assert_eq!(keys, words, "{text}");
    }

    #[test]
    fn politeness_and_function_words_say_nothing() {
        check(
            "Hi, could you please tell me how to send an item back? Thanks!",
            &[Want::How],
            &["return", "item"],
        );
        check("你好，请问怎么申请退款？谢谢", &[Want::How], &["申请", "退款"]);
        check("支不支持无线充电", &[Want::Yes], &["无线", "充电"]);
    }

    #[test]
    fn what_is_asked_for_is_one_thing_in_many_words() {
        check("What does shipping cost?", &[Want::Price], &["ship"]);
        check("How much is the shipping fee?", &[Want::Price], &["ship"]);
        check("怎么办卡", &[Want::How], &["卡"]);
        check("卡丢了怎么办呢", &[Want::Do], &["卡", "丢失"]);
    }
}
