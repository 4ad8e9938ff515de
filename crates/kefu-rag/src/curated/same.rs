//! Whether two questions ask the same.

use std::collections::BTreeSet;

use super::lexicon::Want;
use super::reading::{Reading, Word};
use super::typos::is_typo;

/// How two questions that ask the same differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sameness {
    /// One word is mistyped.
    Typo,
    /// Some words are synonyms.
    Synonyms,
    /// Order, inflection, politeness and function words only.
    Form,
}

/// "Yes, thank you" and "Yes, it is" have the same word and ask nothing.
const MIN_WORDS_OF_NO_QUESTION: usize = 2;

/// How `asked` and `known` ask the same; `None` when they do not. `is_word` tells words that
/// occur elsewhere, so that they are no typing errors.
pub(super) fn same(
    asked: &Reading,
    known: &Reading,
    is_word: &dyn Fn(&str) -> bool,
) -> Option<Sameness> {
    let agrees = asked.is_chinese == known.is_chinese
        && known.words.len() >= if known.asks.is_empty() { MIN_WORDS_OF_NO_QUESTION } else { 1 }
        && asked.asks == known.asks
        && asked.past == known.past
        && must_agrees(asked, known)
        && actors_agree(asked, known);
    if !agrees {
        return None;
    }
    let sameness = if words_agree(&asked.words, &known.words) {
        if asked.forms == known.forms { Sameness::Form } else { Sameness::Synonyms }
    } else {
        let (wrong, right) = one_apart(asked, known)?;
        let form = asked.forms.get(wrong)?;
        if asked.is_chinese || !is_typo(form, known.forms.get(right)?) || is_word(form) {
            return None;
        }
        let mended = mended(asked, wrong, right);
        return (ties_agree(&mended, known) && order_agrees(&mended.words, &known.words))
            .then_some(Sameness::Typo);
    };
    (ties_agree(asked, known) && order_agrees(&asked.words, &known.words)).then_some(sameness)
}

/// "When must I pay" is not "when can I pay"; "how long does it need to take" is how long it takes.
fn must_agrees(asked: &Reading, known: &Reading) -> bool {
    let matters = asked.asks.is_empty()
        || [Want::Yes, Want::When, Want::What].iter().any(|want| asked.asks.contains(want));
    !matters || asked.must == known.must
}

/// An actor that only one of them names is understood.
fn actors_agree(asked: &Reading, known: &Reading) -> bool {
    match (asked.actor, known.actor) {
        (Some(asked), Some(known)) => asked == known,
        _ => true,
    }
}

fn ties_agree(asked: &Reading, known: &Reading) -> bool {
    let only_here =
        |here: &BTreeSet<String>, there: &BTreeSet<String>| here.difference(there).next().is_some();
    // "Of A for B" and "of B for A" have the same words; a preposition more or less is harmless.
    let is_swapped =
        only_here(&asked.attached, &known.attached) && only_here(&known.attached, &asked.attached);
    asked.tied == known.tied && !is_swapped
}

fn words_agree(asked: &[Word], known: &[Word]) -> bool {
    let sorted = |words: &[Word]| {
        let mut keys: Vec<Word> = words.to_vec();
        keys.sort();
        keys
    };
    sorted(asked) == sorted(known) || runs_agree(asked, known)
}

/// Chinese words that no list knows may be cut otherwise when something stands between them: they
/// have the same characters, and the runs of one stand whole in the other.
fn runs_agree(asked: &[Word], known: &[Word]) -> bool {
    let known_words = |words: &[Word]| -> Vec<String> {
        let mut keys: Vec<String> =
            words.iter().filter(|word| word.known).map(|word| word.key.clone()).collect();
        keys.sort();
        keys
    };
    fn runs(words: &[Word]) -> Vec<&str> {
        words.iter().filter(|word| !word.known).map(|word| word.key.as_str()).collect()
    }
    let chars = |runs: &[&str]| {
        let mut chars: Vec<char> = runs.concat().chars().collect();
        chars.sort_unstable();
        chars
    };
    let (asked_runs, known_runs) = (runs(asked), runs(known));
    let whole_in = |runs: &[&str], others: &[&str]| {
        let text = others.join("|");
        runs.iter().all(|run| text.contains(run))
    };
    known_words(asked) == known_words(known)
        && chars(&asked_runs) == chars(&known_runs)
        && (whole_in(&asked_runs, &known_runs) || whole_in(&known_runs, &asked_runs))
}

/// One word may stand elsewhere, and the whole may begin with its end; more than that may swap who
/// does what.
fn order_agrees(asked: &[Word], known: &[Word]) -> bool {
    let mut lengths = vec![0_usize; known.len() + 1];
    for word in asked {
        let mut diagonal = 0;
        for (place, other) in known.iter().enumerate() {
            let above = lengths[place + 1];
            lengths[place + 1] =
                if word == other { diagonal + 1 } else { above.max(lengths[place]) };
            diagonal = above;
        }
    }
    let longest = lengths.last().copied().unwrap_or_default();
    let is_recut = asked.len() != known.len();
    is_recut || longest + 1 >= asked.len() || is_turned(asked, known)
}

/// `For a lamp, how long is the warranty` against `how long is the warranty for a lamp`.
fn is_turned(asked: &[Word], known: &[Word]) -> bool {
    asked.len() == known.len()
        && (1..asked.len()).any(|at| {
            let (tail, head) = (&asked[at..], &asked[..at]);
            known.starts_with(tail) && known.ends_with(head)
        })
}

/// The only word of each that the other lacks.
fn one_apart<'a>(asked: &'a Reading, known: &'a Reading) -> Option<(&'a str, &'a str)> {
    fn only<'a>(here: &'a [Word], there: &[Word]) -> Option<&'a str> {
        let mut missing = here.iter().filter(|word| !there.contains(word));
        let first = missing.next()?;
        missing.next().is_none().then_some(first.key.as_str())
    }
    (asked.words.len() == known.words.len())
        .then(|| Some((only(&asked.words, &known.words)?, only(&known.words, &asked.words)?)))?
}

fn mended(asked: &Reading, wrong: &str, right: &str) -> Reading {
    let mend = |key: &str| if key == wrong { right.to_owned() } else { key.to_owned() };
    let mut mended = asked.clone();
    mended.words.iter_mut().for_each(|word| word.key = mend(&word.key));
    mended.attached = asked.attached.iter().map(|key| mend(key)).collect();
    mended.tied = asked.tied.iter().map(|(name, key)| (name.clone(), mend(key))).collect();
    mended
}
