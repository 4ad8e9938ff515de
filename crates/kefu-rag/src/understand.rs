use std::collections::BTreeSet;

use kefu_core::{Conversation, Language, Speaker, Turn};
use kefu_text::Analyser;

use crate::asks::{self, Ask};
use crate::facts::Facts;
use crate::follow_up::{self, Dependence};
use crate::question::Question;
use crate::term_weights::QueryTerm;

/// A question ready to be searched for.
#[derive(Clone, Debug)]
pub(crate) struct Understood {
    /// The customer's words.
    pub(crate) text: String,
    /// Language of the answer.
    pub(crate) language: Language,
    /// Language the question is written in; decides which models may read it.
    pub(crate) written_in: Language,
    /// What the dense leg searches for: the question, behind the customer's last turn where it
    /// cannot be understood alone.
    pub(crate) rewritten: String,
    /// Texts of the lexical leg with their weights, the question first.
    pub(crate) weighted: Vec<(String, f32)>,
    /// Content terms of `weighted`, each once, with its highest weight.
    pub(crate) terms: Vec<QueryTerm>,
    /// Figures of the question.
    pub(crate) facts: Facts,
    /// What it asks for.
    pub(crate) asks: BTreeSet<Ask>,
    /// Whether earlier turns were used.
    pub(crate) is_follow_up: bool,
}

/// Weights of earlier turns, the latest first.
struct TurnWeights {
    customer: &'static [f32],
    other: &'static [f32],
    /// Weight of all earlier terms together, relative to the question's own, where passages and
    /// sentences are compared with the question.
    share: f32,
}

const ALONE: TurnWeights = TurnWeights { customer: &[], other: &[], share: 0.0 };
const STRONG: TurnWeights =
    TurnWeights { customer: &[0.6, 0.4, 0.25], other: &[0.4, 0.2], share: 0.5 };
const LIGHT: TurnWeights = TurnWeights { customer: &[0.35, 0.2], other: &[0.2, 0.1], share: 0.15 };
/// Longest earlier text that goes before the question for the dense leg, in bytes.
const MAX_DENSE_CONTEXT_BYTES: usize = 240;

/// Resolves a question against the conversation where it needs that.
pub(crate) fn understand(question: &Question, turns: &[Turn], analyser: &Analyser) -> Understood {
    let text = question.text.trim().to_owned();
    let customer: Vec<&str> = texts(turns, |speaker| speaker == Speaker::Customer);
    let other: Vec<&str> = texts(turns, |speaker| speaker != Speaker::Customer);
    let written_in = written_in(&text, &customer);

    let dependence = match (customer.is_empty(), other.is_empty()) {
        (true, true) => Dependence::Alone,
        _ => follow_up::dependence(&text, analyser),
    };
    let mut weighted = vec![(text.clone(), 1.0)];
    let mut rewritten = text.clone();
    let weights = match dependence {
        Dependence::Alone => ALONE,
        Dependence::Light => LIGHT,
        Dependence::Strong => STRONG,
    };
    let pairs = customer.iter().zip(weights.customer).chain(other.iter().zip(weights.other));
    weighted.extend(pairs.map(|(turn, weight)| ((*turn).to_owned(), *weight)));
    if dependence != Dependence::Alone
        && let Some(before) = customer.first()
    {
        rewritten = format!("{} {text}", tail(before, MAX_DENSE_CONTEXT_BYTES));
    }
    Understood {
        language: question.language.unwrap_or(written_in),
        written_in,
        rewritten,
        terms: query_terms(&weighted, weights.share, analyser),
        weighted,
        facts: Facts::of(&text),
        asks: asks::asks(asks::focus(&text)),
        is_follow_up: dependence != Dependence::Alone,
        text,
    }
}

/// Language of a customer's turn, for the stages before understanding.
pub(crate) fn language(
    question: &Question,
    conversation: &Conversation,
    turns: &[Turn],
) -> Language {
    if let Some(language) = question.language {
        return language;
    }
    let customer = texts(turns, |speaker| speaker == Speaker::Customer);
    let detected = kefu_text::detect(&question.text);
    if detected == Language::UNDETERMINED && customer.is_empty() {
        return match conversation.language {
            Language::UNDETERMINED => Language::ENGLISH,
            known => known,
        };
    }
    written_in(&question.text, &customer)
}

fn written_in(text: &str, customer: &[&str]) -> Language {
    std::iter::once(&text)
        .chain(customer)
        .map(|text| kefu_text::detect(text))
        .find(|language| *language != Language::UNDETERMINED)
        .unwrap_or(Language::ENGLISH)
}

/// Texts of the speakers wanted, the latest first. Turns kept without words are passed over.
fn texts(turns: &[Turn], wanted: impl Fn(Speaker) -> bool) -> Vec<&str> {
    let wanted = turns.iter().rev().filter(|turn| wanted(turn.speaker));
    wanted.map(|turn| turn.text.trim()).filter(|text| !text.is_empty()).collect()
}

fn tail(text: &str, max_bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(max_bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

fn query_terms(
    weighted: &[(String, f32)],
    earlier_share: f32,
    analyser: &Analyser,
) -> Vec<QueryTerm> {
    let mut terms: Vec<QueryTerm> = Vec::new();
    for (text, weight) in weighted {
        let mut found = analyser.content_terms(text);
        if found.is_empty() {
            // A question of stop words alone still says something.
            found = analyser.terms(text);
        }
        for term in found {
            match terms.iter_mut().find(|known| known.text == term.text) {
                Some(known) => known.weight = known.weight.max(*weight),
                None => terms.push(QueryTerm { text: term.text, weight: *weight }),
            }
        }
    }
    cap_earlier(&mut terms, earlier_share);
    if let Some((text, _)) = weighted.first() {
        damp_what_is_told(&mut terms, text, analyser);
    }
    terms
}

/// What the customer tells before asking says what it is about, but is not what they want to hear.
fn damp_what_is_told(terms: &mut [QueryTerm], text: &str, analyser: &Analyser) {
    const TOLD: f32 = 0.5;
    let focus = asks::focus(text);
    if focus.len() == text.len() {
        return;
    }
    let asked = analyser.content_terms(focus);
    if asked.is_empty() {
        return;
    }
    let is_told = |term: &&mut QueryTerm| asked.iter().all(|asked| asked.text != term.text);
    terms.iter_mut().filter(is_told).for_each(|term| term.weight *= TOLD);
}

/// Long turns have many terms; together they may not count more than their share.
fn cap_earlier(terms: &mut [QueryTerm], share: f32) {
    let is_own = |term: &QueryTerm| term.weight >= 1.0;
    let own: f32 = terms.iter().filter(|term| is_own(term)).map(|term| term.weight).sum();
    let earlier: f32 = terms.iter().filter(|term| !is_own(term)).map(|term| term.weight).sum();
    if earlier > own * share {
        let scale = own * share / earlier;
        terms.iter_mut().filter(|term| !is_own(term)).for_each(|term| term.weight *= scale);
    }
}
