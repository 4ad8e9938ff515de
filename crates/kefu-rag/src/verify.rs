//! Whether a generated sentence is in the passages.
//!
//! A sentence stays only if one passage has every figure, code and name of it and some one or two
//! sentences there carry its words with the same denial and the same conditions. The quotes are made from that support,
//! never from what the model says it used.

use std::collections::HashSet;
use std::sync::Arc;

use kefu_core::Span;
use kefu_text::Analyser;

use crate::addressed;
use crate::conditions::{self, Condition, Stated};
use crate::facts::Facts;
use crate::negation;
use crate::prompt::Shown;
use crate::rank::RankedPassage;

/// Share of a sentence's content terms that its support must have.
const MIN_SUPPORT: f32 = 0.6;

/// What supports a generated sentence.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Support {
    pub(crate) passage_idx: usize,
    /// Spans of the passage's text, in order.
    pub(crate) spans: Vec<Span>,
}

/// The passages a model was shown, prepared for checking.
pub(crate) struct Evidence {
    analyser: Arc<Analyser>,
    passages: Vec<EvidencePassage>,
    question_terms: HashSet<String>,
    /// Lower-case words of the question; naming what was asked about is no invention.
    question: String,
}

struct EvidencePassage {
    passage_idx: usize,
    facts: Facts,
    sentences: Vec<EvidenceSentence>,
    lower: String,
    title_terms: HashSet<String>,
}

struct EvidenceSentence {
    span: Span,
    text: String,
    terms: HashSet<String>,
    facts: Facts,
    conditions: Vec<Condition>,
}

impl EvidencePassage {
    /// Splits what was shown; sentences addressed to the assistant support nothing.
    fn of(
        shown: Shown,
        visible: &str,
        (above, title_terms): (&str, HashSet<String>),
        (question, analyser): (&str, &Analyser),
    ) -> Self {
        let foreign = addressed::foreign(visible, question, analyser);
        let sentences = kefu_text::sentences(visible).into_iter();
        let sentences = sentences.filter(|span| !foreign.contains(span)).map(|span| {
            let text = span.of(visible).unwrap_or_default().to_owned();
            let terms = terms(&text, analyser);
            let facts = Facts::of(&text);
            let conditions = conditions::of(&text, analyser);
            let span = span.shifted(shown.span.start);
            EvidenceSentence { span, text, terms, facts, conditions }
        });
        Self {
            passage_idx: shown.passage_idx,
            facts: Facts::of(visible),
            sentences: sentences.collect(),
            lower: lower(&format!("{above}\n{visible}")),
            title_terms,
        }
    }
}

impl Evidence {
    /// Prepares what was shown of each passage.
    pub(crate) fn new(
        shown: &[Shown],
        passages: &[RankedPassage],
        question: &str,
        analyser: Arc<Analyser>,
    ) -> Self {
        let prepare = |shown: &Shown| {
            let ranked = passages.get(shown.passage_idx)?;
            let visible = shown.span.of(&ranked.passage.text)?;
            let above = format!("{}\n{}", ranked.passage.title, ranked.passage.heading);
            let title_terms = ranked.analysis.title_terms.clone();
            let titled = (above.as_str(), title_terms);
            Some(EvidencePassage::of(*shown, visible, titled, (question, &analyser)))
        };
        let passages = shown.iter().filter_map(prepare).collect();
        let question_terms = terms(question, &analyser);
        Self { analyser, passages, question_terms, question: lower(question) }
    }

    /// What supports the sentence; `None` when nothing does, or when it claims nothing.
    pub(crate) fn support(&self, sentence: &str) -> Option<Support> {
        let claim = Claim {
            sentence: sentence.to_owned(),
            terms: terms(sentence, &self.analyser),
            facts: Facts::of(sentence),
            names: names(sentence),
            denies: negation::denies(sentence),
        };
        if claim.terms.is_empty() {
            return None;
        }
        let found = self.passages.iter().filter_map(|passage| self.in_passage(passage, &claim));
        found.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, s)| s)
    }

    fn keeps_conditions(&self, window: &[EvidenceSentence], claim: &Claim) -> bool {
        let Some(main) = main_sentence(window, claim) else { return true };
        let stated = Stated {
            sentence: &claim.sentence,
            terms: &claim.terms,
            denies: claim.denies,
            asked: &self.question_terms,
        };
        main.conditions.iter().all(|condition| conditions::is_kept(condition, &stated))
    }

    fn in_passage(&self, passage: &EvidencePassage, claim: &Claim) -> Option<(f32, Support)> {
        if !passage.facts.back_all(&claim.facts) {
            return None;
        }
        let known = |name: &String| passage.lower.contains(name) || self.question.contains(name);
        if !claim.names.iter().all(known) {
            return None;
        }
        let (share, idx, width) = best_window(passage, claim)?;
        if share < MIN_SUPPORT {
            return None;
        }
        let window = &passage.sentences[idx..idx + width];
        if !denial_agrees(window, claim, &self.analyser) {
            return None;
        }
        if !self.keeps_conditions(window, claim) {
            return None;
        }
        let mut spans: Vec<Span> = window.iter().map(|sentence| sentence.span).collect();
        for fact in claim.facts.firm() {
            let cited = |s: &EvidenceSentence| spans.contains(&s.span) && s.facts.back(fact);
            if !passage.sentences.iter().any(cited) {
                // A figure that no single sentence holds was put together: not supported.
                let holder = passage.sentences.iter().find(|s| s.facts.back(fact))?;
                spans.push(holder.span);
            }
        }
        spans.sort_unstable();
        Some((share, Support { passage_idx: passage.passage_idx, spans }))
    }
}

/// The sentence of the window that says most of the claim must not limit it by a condition that
/// the claim dropped.
fn main_sentence<'a>(
    window: &'a [EvidenceSentence],
    claim: &Claim,
) -> Option<&'a EvidenceSentence> {
    let shared = |s: &EvidenceSentence| s.terms.intersection(&claim.terms).count();
    window.iter().reduce(|best, next| if shared(next) > shared(best) { next } else { best })
}

struct Claim {
    sentence: String,
    terms: HashSet<String>,
    facts: Facts,
    names: Vec<String>,
    denies: bool,
}

/// The one or two neighbouring sentences that carry most of the claim: (share, first, width).
/// Two are taken only where they carry clearly more than one.
fn best_window(passage: &EvidencePassage, claim: &Claim) -> Option<(f32, usize, usize)> {
    const WORTH_A_SECOND: f32 = 0.15;
    let share = |idx: usize, width: usize| {
        let window = passage.sentences.get(idx..idx + width)?;
        let has = |term: &&String| {
            window.iter().any(|s| s.terms.contains(*term)) || passage.title_terms.contains(*term)
        };
        // Terms of the title support, but cannot carry a claim alone.
        let own = claim.terms.iter().any(|t| window.iter().any(|s| s.terms.contains(t)));
        let n_found = crate::term_weights::count(claim.terms.iter().filter(has).count());
        own.then(|| (n_found / crate::term_weights::count(claim.terms.len()), idx, width))
    };
    let best = |width: usize| {
        (0..passage.sentences.len())
            .filter_map(|idx| share(idx, width))
            .reduce(|best, next| if next.0 > best.0 { next } else { best })
    };
    match (best(1), best(2)) {
        (Some(one), Some(two)) if two.0 >= one.0 + WORTH_A_SECOND => Some(two),
        (Some(one), _) => Some(one),
        (None, two) => two,
    }
}

/// Whether claim and support deny and affirm the same, clause by clause, each seen from the clause
/// of the support that says most of it: "30 days, but gift cards cannot be returned" affirms the 30
/// days.
fn denial_agrees(window: &[EvidenceSentence], claim: &Claim, analyser: &Analyser) -> bool {
    let weighed = |text: &str| -> Vec<(HashSet<String>, bool)> {
        let weigh = |clause| (terms(clause, analyser), negation::denies(clause));
        clauses(text).map(weigh).collect()
    };
    let support: Vec<_> = window.iter().flat_map(|sentence| weighed(&sentence.text)).collect();
    let mut claimed = weighed(&claim.sentence).into_iter().filter(|(terms, _)| !terms.is_empty());
    claimed.all(|(terms, denies)| {
        let shared = |known: &HashSet<String>| known.intersection(&terms).count();
        let most = support
            .iter()
            .map(|(known, known_denies)| (shared(known), *known_denies))
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        match most {
            Some((n_shared, known_denies)) if n_shared > 0 => known_denies == denies,
            _ => !denies,
        }
    })
}

fn clauses(text: &str) -> impl Iterator<Item = &str> {
    let commas = text.split([',', ';', '，', '；', '、', '。']);
    commas.flat_map(|part| part.split(" but "))
}

/// Capitalised words inside an English sentence, in lower case.
fn names(sentence: &str) -> Vec<String> {
    let is_name = |word: &&str| {
        let capital = word.chars().next().is_some_and(|c| c.is_ascii_uppercase());
        capital && word.len() > 1 && !matches!(*word, "I'm" | "I'll" | "I've")
    };
    let trim = |word: &'_ str| {
        word.trim_matches(|c: char| !c.is_alphanumeric()).trim_end_matches("'s").to_owned()
    };
    let words: Vec<String> = sentence.split_whitespace().skip(1).map(trim).collect();
    words.iter().map(String::as_str).filter(is_name).map(str::to_ascii_lowercase).collect()
}

fn lower(text: &str) -> String {
    kefu_text::shadow(text).text
}

fn terms(text: &str, analyser: &Analyser) -> HashSet<String> {
    analyser.content_terms(text).into_iter().map(|term| term.text).collect()
}

#[cfg(test)]
mod tests;
