//! Whether a question can be understood alone.

mod attributes;

use kefu_text::{Analyser, Term};

use attributes::without_attributes;

/// How much a question leans on what was said before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dependence {
    /// It names what it is about.
    Alone,
    /// It may lean on earlier turns.
    Light,
    /// It points back or is too short to be understood alone.
    Strong,
}

const POINTING_WORDS: &[&str] = &[
    "it", "its", "they", "them", "their", "that", "those", "these", "this", "he", "she", "him",
    "her", "his", "there", "one", "ones", "same", "else", "other", "another",
];
const OPENINGS: &[&str] = &[
    "and ",
    "also ",
    "but ",
    "then ",
    "so ",
    "or ",
    "what about",
    "how about",
    "what if",
    "ok",
    "actually",
    "yes",
    "no ",
    "no,",
    "那",
    "还有",
    "另外",
    "然后",
    "而且",
    "好的",
    "嗯",
    "哦",
    "是的",
    "不是",
    "对了",
];
const POINTING_CHINESE: &[&str] = &[
    "它", "他", "她", "这个", "那个", "这家", "那家", "这里", "那里", "那边", "这边", "该", "其",
    "这款", "那款", "上面", "刚才", "同样", "附近", "周边",
];

/// Content of fewer words than this cannot stand alone.
const SLIGHT: f32 = 2.5;

/// What the words of a question say of its need for earlier turns.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Leaning {
    pub(crate) dependence: Dependence,
    /// Its content without the words that only say what is asked of a thing, in words.
    pub(crate) topic_mass: f32,
    /// Content terms of that topic.
    pub(crate) topic: Vec<String>,
    /// Whether it says in words that it goes on from what was said before.
    pub(crate) points: bool,
}

impl Leaning {
    /// Whether it names a thing of its own, and does not point elsewhere.
    pub(crate) fn names_a_topic(&self) -> bool {
        !self.points && self.topic_mass >= 1.0
    }
}

/// Judges a question that has earlier turns.
pub(crate) fn leaning(question: &str, analyser: &Analyser) -> Leaning {
    let text = kefu_text::shadow(question).text;
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let points_back = words.any(|word| POINTING_WORDS.contains(&word))
        || POINTING_CHINESE.iter().any(|word| text.contains(word))
        || text.trim_end_matches(['?', '？', '!', '。', ' ']).ends_with('呢');
    let goes_on = OPENINGS.iter().any(|opening| text.starts_with(opening));
    let mass = mass(&analyser.content_terms(question));
    let topic = analyser.content_terms(&without_attributes(&text));
    let dependence = if names_something(question) && !points_back && mass >= SLIGHT {
        Dependence::Alone
    } else if points_back || goes_on || mass < SLIGHT {
        Dependence::Strong
    } else {
        Dependence::Light
    };
    Leaning {
        dependence,
        topic_mass: self::mass(&topic),
        topic: topic.into_iter().map(|term| term.text).collect(),
        points: points_back || goes_on,
    }
}

/// Content of a text in words.
pub(crate) fn content_mass(text: &str, analyser: &Analyser) -> f32 {
    mass(&analyser.content_terms(text))
}

/// Content in words; two Han characters count as one word.
fn mass(terms: &[Term]) -> f32 {
    let mut latin: Vec<&str> = Vec::new();
    let mut han: Vec<usize> = Vec::new();
    for term in terms {
        if term.text.chars().any(kefu_text::is_han) {
            han.extend(term.span.start..term.span.end);
        } else {
            latin.push(&term.text);
        }
    }
    latin.sort_unstable();
    latin.dedup();
    han.sort_unstable();
    han.dedup();
    // A Han character takes three bytes.
    crate::term_weights::count(latin.len()) + crate::term_weights::count(han.len()) / 6.0
}

/// Whether the text names a thing: a quoted title, a code, or a capitalised word inside it.
fn names_something(text: &str) -> bool {
    if text.contains(['《', '「', '“', '"']) {
        return true;
    }
    text.split_whitespace().skip(1).any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let capital = word.chars().next().is_some_and(char::is_uppercase);
        let code = word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_alphabetic());
        code || (capital && word.len() > 1 && !word.starts_with("I'"))
    })
}
