//! When Kefu asks back: the question fits several things, they differ in what is asked, and it does
//! not say which is meant.
//!
//! A question back costs the customer a turn, so every test here errs towards answering.

mod reply;

use std::collections::HashSet;

use kefu_core::{ClarifyOption, Turn};
use kefu_text::Analyser;

use crate::asks::{self, Ask};
use crate::aspects::Aspect;
use crate::conflict;
use crate::facts::Facts;
use crate::find::Found;
use crate::follow_up;
use crate::negation;
use crate::rank::RankedPassage;
use crate::read::{Reading, Sentence};
use crate::term_weights::WeightedTerms;

pub(crate) use reply::{Reply, reply};

/// Options shown at most.
const MAX_OPTIONS: usize = 4;
/// A sentence this good, relative to the best, answers as well.
const CLOSE: f32 = 0.85;
/// The same for one that measures what is asked.
const CLOSE_IN_OTHER_WORDS: f32 = 0.6;
/// Share of the question's terms that each option's passage must have.
const MIN_COVERAGE: f32 = 0.75;
/// What says more, in words, is seldom ambiguous.
const MAX_MASS: f32 = 4.0;
/// The same for a question that only points at what it is about.
const MAX_POINTING_MASS: f32 = 2.5;
/// Fit of a sentence that has the figure asked for.
const HAS_FIGURE: f32 = 0.8;
/// Longest title that can be offered, in characters.
const MAX_LABEL_CHARS: usize = 60;

/// Terms that only ask, and that no answer has to have.
const ASKING: &[&str] = &[
    "much", "mani", "long", "far", "often", "soon", "old", "big", "多少", "多久", "多长", "多大",
    "多重", "多高", "几天", "几年", "时间",
];

/// What to ask back, two to four options, best first; `None` when the question is to be answered as
/// it stands. `turns` are those before the question.
pub(crate) fn options(
    found: &Found,
    reading: &Reading,
    turns: &[Turn],
    analyser: &Analyser,
) -> Option<Vec<ClarifyOption>> {
    let mass = follow_up::content_mass(&found.understood.text, analyser);
    // What points at something in a conversation points back.
    let text = &found.understood.text;
    let points_back = !turns.is_empty() && follow_up::leaning(text, analyser).points;
    if mass > MAX_MASS || points_back {
        return None;
    }
    let wanted = Wanted::of(found, analyser);
    let things = things(found, reading, &wanted)?;
    if !things_differ(&things, found, (&wanted, mass, turns))
        || named_before(&things, turns, analyser)
    {
        return None;
    }
    let options = things.iter().take(MAX_OPTIONS).map(|thing| ClarifyOption {
        label: label(thing.ranked).to_owned(),
        document_id: thing.ranked.passage.document_id.clone(),
    });
    Some(options.collect())
}

/// What the question wants of a thing.
struct Wanted {
    /// Its terms without those that only ask.
    terms: WeightedTerms,
    /// The measurable side it asks for, with all terms of that side.
    aspect: Option<(&'static Aspect, HashSet<String>)>,
}

impl Wanted {
    fn of(found: &Found, analyser: &Analyser) -> Self {
        let aspect = Aspect::asked(&found.understood.text);
        Self {
            terms: found.ranked.own.without(ASKING),
            aspect: aspect.map(|aspect| (aspect, aspect.terms(analyser))),
        }
    }

    /// Share of the terms that `has` holds for; words of one side of things stand for each other.
    fn share(&self, has: impl Fn(&str) -> bool) -> f32 {
        self.terms.share(|term| {
            let mut same = self.aspect.iter().filter(|(_, terms)| terms.contains(term));
            has(term) || same.any(|(_, terms)| terms.iter().any(|other| has(other)))
        })
    }

    /// Whether a sentence states the side asked for with a figure.
    fn is_measured_in(&self, text: &str) -> bool {
        self.aspect.as_ref().is_some_and(|(aspect, _)| {
            aspect.is_stated_in(text) && aspect.is_measured_in(&Facts::of(text))
        })
    }

    /// How good a sentence must be, relative to the best: one that measures what is asked may say
    /// so in other words than the question.
    fn enough(&self, text: &str) -> f32 {
        if self.is_measured_in(text) { CLOSE_IN_OTHER_WORDS } else { CLOSE }
    }
}

/// A document that answers as well as the best does.
struct Thing<'a> {
    ranked: &'a RankedPassage,
    sentence: &'a Sentence,
    /// Terms of its title that the other titles lack.
    own_terms: HashSet<&'a str>,
}

impl Thing<'_> {
    fn text(&self) -> &str {
        self.sentence.text(&self.ranked.passage)
    }
}

/// The documents that answer alike and are named alike by the question; `None` when there are not
/// two with titles of their own.
fn things<'a>(found: &'a Found, reading: &'a Reading, wanted: &Wanted) -> Option<Vec<Thing<'a>>> {
    let best = reading.by_document.first()?;
    let of = |sentence: &'a Sentence| (&found.ranked.passages[sentence.passage_idx], sentence);
    let has = |ranked: &RankedPassage, term: &str| {
        ranked.analysis.title_terms.contains(term)
            || ranked.analysis.terms.iter().any(|known| known.text == term)
    };
    let answers = |(ranked, sentence): &(&RankedPassage, &Sentence)| {
        sentence.score >= wanted.enough(sentence.text(&ranked.passage)) * best.score
            && wanted.share(|term| has(ranked, term)) >= MIN_COVERAGE
            && is_offerable(ranked)
    };
    let close: Vec<(&RankedPassage, &Sentence)> =
        reading.by_document.iter().map(of).filter(answers).collect();
    // The one that the question names best is meant, where it names one at all.
    let named =
        |ranked: &RankedPassage| wanted.terms.share(|t| ranked.analysis.title_terms.contains(t));
    let most = close.iter().map(|(ranked, _)| named(ranked)).fold(0.0, f32::max);
    let close: Vec<_> = close.into_iter().filter(|(r, _)| named(r) >= most - 0.01).collect();
    if close.len() < 2 || close.first()?.1.passage_idx != best.passage_idx {
        return None;
    }
    let in_all = |term: &str| close.iter().all(|(r, _)| r.analysis.title_terms.contains(term));
    let asked = |term: &str| wanted.terms.terms().iter().any(|known| known.text == term);
    let thing = |(ranked, sentence): &(&'a RankedPassage, &'a Sentence)| {
        let terms = ranked.analysis.title_terms.iter().map(String::as_str);
        let own_terms: HashSet<&str> = terms.filter(|term| !in_all(term)).collect();
        Thing { ranked, sentence, own_terms }
    };
    let things: Vec<Thing<'_>> = close.iter().map(thing).collect();
    let is_told_apart = things.iter().enumerate().all(|(at, thing)| {
        let mut others = things.iter().enumerate().filter(|(other, _)| *other != at);
        !thing.own_terms.is_empty()
            && !thing.own_terms.iter().any(|term| asked(term))
            && others.all(|(_, other)| {
                other.own_terms != thing.own_terms
                    && !conflict::is_same(&thing.ranked.passage, &other.ranked.passage)
            })
    });
    is_told_apart.then_some(things)
}

/// Whether the answer depends on which is meant.
fn things_differ(
    things: &[Thing<'_>],
    found: &Found,
    (wanted, mass, turns): (&Wanted, f32, &[Turn]),
) -> bool {
    let understood = &found.understood;
    let Some((first, others)) = things.split_first() else { return false };
    if asks::asks_a_figure(&understood.asks) && !understood.asks.contains(&Ask::Place) {
        let has_figure = |thing: &Thing<'_>| {
            thing.sentence.figure.is_some_and(|f| f >= HAS_FIGURE)
                || wanted.is_measured_in(thing.text())
        };
        let facts: Vec<Facts> = things.iter().map(|thing| asked_facts(thing, wanted)).collect();
        return things.iter().all(has_figure)
            && facts.windows(2).any(|pair| !pair[0].same_as(&pair[1]));
    }
    let says_all = |thing: &Thing<'_>| {
        let said = |term: &str| {
            thing.sentence.found.contains(term) || thing.ranked.analysis.title_terms.contains(term)
        };
        wanted.share(said) >= MIN_COVERAGE && !thing.sentence.found.is_empty()
    };
    if !things.iter().all(says_all) {
        return false;
    }
    let denies = |thing: &Thing<'_>| negation::denies(thing.text());
    if understood.asks.contains(&Ask::Permission) {
        return others.iter().any(|other| denies(other) != denies(first));
    }
    turns.is_empty()
        && mass <= MAX_POINTING_MASS
        && points(&understood.text)
        && others.iter().any(|other| other.text() != first.text())
}

/// The figures of the clauses that speak of what is asked, else those of the whole sentence.
fn asked_facts(thing: &Thing<'_>, wanted: &Wanted) -> Facts {
    let text = thing.text();
    let about = |clause: &&str| {
        let lower = kefu_text::shadow(clause).text;
        let mut terms = wanted.terms.terms().iter().map(|term| term.text.as_str());
        terms.any(|term| lower.contains(term))
            || wanted.aspect.as_ref().is_some_and(|(aspect, _)| aspect.is_stated_in(clause))
    };
    let clauses = text.split(['，', '；', ';']).flat_map(|part| part.split(", "));
    let clauses = clauses.flat_map(|part| part.split(" and "));
    let clauses: Vec<&str> = clauses.filter(about).collect();
    let of_clauses = Facts::of(&clauses.join(" ; "));
    if of_clauses.is_empty() { Facts::of(text) } else { of_clauses }
}

/// Whether the conversation spoke of one of them.
fn named_before(things: &[Thing<'_>], turns: &[Turn], analyser: &Analyser) -> bool {
    let mut earlier = turns.iter().flat_map(|turn| analyser.content_terms(&turn.text));
    earlier.any(|term| things.iter().any(|thing| thing.own_terms.contains(term.text.as_str())))
}

/// Whether a question points at something that it does not name, as in "How do I clean it?".
fn points(question: &str) -> bool {
    const ENGLISH: &[&str] = &["it", "this", "these", "they", "them"];
    const CHINESE: &[&str] = &["它", "这个", "这款", "这种", "这东西"];
    let text = kefu_text::shadow(question).text;
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| ENGLISH.contains(&word)) || CHINESE.iter().any(|word| text.contains(word))
}

/// Whether a title can stand in a list of choices. The title of a reviewed pair is a question.
fn is_offerable(ranked: &RankedPassage) -> bool {
    let label = label(ranked);
    ranked.passage.pair_answer.is_none()
        && !label.is_empty()
        && label.chars().count() <= MAX_LABEL_CHARS
        && !label.contains(['\n', '?', '？'])
}

fn label(ranked: &RankedPassage) -> &str {
    ranked.passage.title.trim()
}
