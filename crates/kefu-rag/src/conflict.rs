//! Documents that contradict each other: the same sentence with another figure, or denied.
//!
//! Only versions of one document are compared: pages with the same title but for words such as
//! "policy" or a year, and under the same headings. Two products that differ are no conflict.

mod dating;
mod subject;

use std::collections::HashSet;

use kefu_core::DocumentId;
use kefu_text::Analyser;

use crate::facts::{Fact, FactKind, Facts};
use crate::negation;
use crate::rank::Ranked;
use crate::read::{Reading, Sentence};
use crate::term_weights::count;

pub(crate) use dating::{Dating, newest};
pub(crate) use subject::is_same;

/// Share of the words, figures and denials aside, that both sentences must have. One word of a
/// short sentence, such as "opened", makes it a rule for something else.
const SAME_WORDS: f32 = 0.85;
/// Words, figures aside, that both must have.
const MIN_WORDS: usize = 2;
const MIN_WORDS_DENIED: usize = 3;

/// The sentences of other documents that contradict the best one, best first.
pub(crate) fn rivals(ranked: &Ranked, reading: &Reading, analyser: &Analyser) -> Vec<Sentence> {
    let Some((best, others)) = reading.by_document.split_first() else { return Vec::new() };
    let passage = |sentence: &Sentence| &ranked.passages[sentence.passage_idx].passage;
    let text = |sentence: &Sentence| sentence.text(passage(sentence)).to_owned();
    let claim = Claim::of(&text(best), analyser);
    let contradicts = |other: &&Sentence| {
        subject::is_same(passage(best), passage(other))
            && claim.contradicts(&Claim::of(&text(other), analyser))
    };
    others.iter().filter(contradicts).cloned().collect()
}

/// The candidates without those of the documents named: versions of what was read do not make it
/// less sure. Gives the place of the passage read among them too.
pub(crate) fn without(
    ranked: &Ranked,
    read: usize,
    documents: &HashSet<&DocumentId>,
) -> (Ranked, usize) {
    let is_kept = |idx: usize| !documents.contains(&ranked.passages[idx].passage.document_id);
    let kept: Vec<usize> = (0..ranked.passages.len()).filter(|idx| is_kept(*idx)).collect();
    let place = kept.iter().position(|idx| *idx == read).unwrap_or(0);
    let passages = kept.into_iter().map(|idx| ranked.passages[idx].clone()).collect();
    let (weights, own) = (ranked.weights.clone(), ranked.own.clone());
    (Ranked { passages, weights, own }, place)
}

/// What a sentence says, as far as it can be compared.
struct Claim {
    /// Its words without figures and denials.
    words: HashSet<String>,
    facts: Facts,
    denies: bool,
}

impl Claim {
    fn of(text: &str, analyser: &Analyser) -> Self {
        // Chinese words reach over a denial: without it both sentences are cut alike.
        let affirmed = text.replace('不', "");
        let terms = analyser.content_terms(&affirmed).into_iter().map(|term| term.text);
        Self {
            words: terms.filter(|term| !is_figure(term) && !negation::denies(term)).collect(),
            facts: Facts::of(text),
            denies: negation::denies(text),
        }
    }

    fn contradicts(&self, other: &Self) -> bool {
        let n_shared = self.words.intersection(&other.words).count();
        let n_all = self.words.union(&other.words).count();
        let share = if n_all > 0 { count(n_shared) / count(n_all) } else { 0.0 };
        if self.denies != other.denies {
            return self.facts.same_as(&other.facts)
                && share >= SAME_WORDS
                && n_shared >= MIN_WORDS_DENIED;
        }
        share >= SAME_WORDS
            && n_shared >= MIN_WORDS
            && differ(&self.facts, &other.facts, n_shared == n_all)
    }
}

/// Whether figures of the same kinds and units stand against each other. A bare number may count
/// anything, so it needs the same words around it.
fn differ(mine: &Facts, theirs: &Facts, has_same_words: bool) -> bool {
    let only_mine: Vec<&Fact> = mine.firm().filter(|fact| !theirs.back(fact)).collect();
    let mut only_theirs: Vec<&Fact> = theirs.firm().filter(|fact| !mine.back(fact)).collect();
    if only_mine.is_empty() || only_mine.len() != only_theirs.len() {
        return false;
    }
    // Another day or year with other figures is another time, not another opinion.
    let has_date = only_mine.iter().any(|fact| is_date(fact));
    if has_date && (only_mine.len() > 1 || !has_same_words) {
        return false;
    }
    only_mine.iter().all(|fact| {
        let is_bare = fact.kind == FactKind::Number && fact.unit.is_none();
        let against = only_theirs.iter().position(|other| {
            other.kind == fact.kind && other.unit == fact.unit && is_date(other) == is_date(fact)
        });
        let found = against.map(|at| only_theirs.swap_remove(at));
        found.is_some() && (has_same_words || !is_bare)
    })
}

fn is_date(fact: &Fact) -> bool {
    let is_year = fact.kind == FactKind::Number && fact.unit.is_none() && fact.key.len() == 4;
    fact.kind == FactKind::Date || is_year
}

/// Whether a term is a number, in digits or in words, or a piece of one.
fn is_figure(term: &str) -> bool {
    const WORDS: &[&str] = &[
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelv",
        "fourteen", "fifteen", "twenti", "thirti", "forti", "fifti", "sixti", "nineti", "hundr",
        "thousand",
    ];
    term.chars().any(|c| c.is_ascii_digit() || "零一二两三四五六七八九十百千万".contains(c))
        || WORDS.contains(&term)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static ANALYSER: LazyLock<Analyser> = LazyLock::new(Analyser::new);

    fn contradict(a: &str, b: &str) -> bool {
        let claim = |text: &str| Claim::of(text, &ANALYSER);
        assert_eq!(claim(a).contradicts(&claim(b)), claim(b).contradicts(&claim(a)), "{a} | {b}");
        claim(a).contradicts(&claim(b))
    }

    #[test]
    fn other_figures_and_denials_contradict() {
        for (a, b) in [
            ("You can return items within 30 days.", "You can return items within 14 days."),
            ("The warranty is two years.", "The warranty is three years."),
            ("Standard shipping costs $4.99.", "Standard shipping costs $6.50."),
            ("The shop closes at 17:00 on weekdays.", "The shop closes at 19:00 on weekdays."),
            ("商品签收后7天内可以退货。", "商品签收后15天内可以退货。"),
            ("保修期为两年。", "保修期为三年。"),
            (
                "Sale items can be returned to the shop.",
                "Sale items cannot be returned to the shop.",
            ),
            ("定制商品支持七天内退货", "定制商品不支持七天内退货"),
        ] {
            assert!(contradict(a, b), "{a} | {b}");
        }
    }

    #[test]
    fn what_is_about_something_else_does_not() {
        for (a, b) in [
            ("You can return items within 30 days.", "You can return items within 30 days."),
            ("You can return items within 30 days.", "Sale items are returned within 14 days."),
            ("Express costs $14.99.", "Sea freight costs $2.50."),
            ("Delivery takes 3 days.", "Delivery costs $3."),
            ("In 2019 the company had 300 workers.", "In 2020 the company had 320 workers."),
            ("The fee was $5 on 1 May 2023.", "The fee was $6 on 1 May 2024."),
            ("Gift cards cannot be returned.", "Unused items can be returned within 30 days."),
            ("退款将在7个工作日内到账。", "换货将在3个工作日内寄出。"),
            ("Call us any time.", "Call us any time."),
        ] {
            assert!(!contradict(a, b), "{a} | {b}");
        }
    }
}
