use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use kefu_core::{Conversation, Language, Speaker, Turn};
use kefu_text::Analyser;

use crate::asks::{self, Ask};
use crate::bilingual;
use crate::facts::Facts;
use crate::follow_up::{self, Dependence, Leaning};
use crate::question::Question;
use crate::term_weights::QueryTerm;

/// A question ready to be searched for, read alone or as a part of its conversation.
#[derive(Clone, Debug)]
pub(crate) struct Understood {
    /// The customer's words.
    pub(crate) text: String,
    /// Language of the answer.
    pub(crate) language: Language,
    /// Language the question is written in; decides which models may read it.
    pub(crate) written_in: Language,
    /// What the dense leg searches for: the question, before the latest turns where it is read as
    /// a part of them.
    pub(crate) rewritten: String,
    /// Texts of the lexical leg with their weights: the question, then its names in the other
    /// language or the turns, latest first.
    pub(crate) weighted: Vec<(String, f32)>,
    /// Content terms of the question, each once.
    pub(crate) own: Vec<QueryTerm>,
    /// Content terms of `weighted`, each once, with its highest weight.
    pub(crate) searched: Vec<QueryTerm>,
    /// The same, where passages and sentences are compared with the question: earlier turns
    /// together have a small share.
    pub(crate) terms: Vec<QueryTerm>,
    /// Content terms of what was said to the customer, in order, with the turn's weight.
    pub(crate) said: Vec<(Vec<String>, f32)>,
    /// Figures of the question.
    pub(crate) facts: Facts,
    /// What it asks for.
    pub(crate) asks: BTreeSet<Ask>,
    /// Whether earlier turns are used.
    pub(crate) is_follow_up: bool,
}

/// The ways to read a question. Which one finds what was meant shows only in what is found.
#[derive(Clone, Debug)]
pub(crate) struct Readings {
    pub(crate) alone: Arc<Understood>,
    /// With the turns before it, when there are any.
    pub(crate) in_context: Option<InContext>,
    /// With its names in the other language, when there are any: for documents in that language.
    pub(crate) translated: Option<Arc<Understood>>,
}

/// A question as a part of its conversation.
#[derive(Clone, Debug)]
pub(crate) struct InContext {
    pub(crate) understood: Arc<Understood>,
    pub(crate) leaning: Leaning,
    /// Content terms of all earlier turns.
    pub(crate) earlier_terms: HashSet<String>,
}

/// A turn counts this much of the next one: Chinese conversations of the kind measured move on to
/// another thing every few turns, English ones stay with their page.
const TURN_DECAY: f32 = 0.85;
const TURN_DECAY_CHINESE: f32 = 0.65;
/// What a name in the other language counts: a list says less than the customer's own words.
const TRANSLATED_WEIGHT: f32 = 0.4;
/// Longest text of the dense leg when it holds earlier turns, in bytes.
const MAX_DENSE_BYTES: usize = 900;
/// Weight of all earlier terms together, relative to the question's own, where passages and
/// sentences are compared with the question.
const EARLIER_SHARE_STRONG: f32 = 0.5;
const EARLIER_SHARE: f32 = 0.15;

/// How much a turn counts relative to the one after it.
pub(crate) fn turn_decay(language: Language) -> f32 {
    if language == Language::CHINESE { TURN_DECAY_CHINESE } else { TURN_DECAY }
}

/// Reads a question alone and, where there are earlier turns, in their context.
pub(crate) fn understand(question: &Question, turns: &[Turn], analyser: &Analyser) -> Readings {
    let text = question.text.trim().to_owned();
    let customer: Vec<&str> = texts(turns, |speaker| speaker == Speaker::Customer);
    let written_in = written_in(&text, &customer);
    let own = (text.clone(), 1.0);
    let terms = query_terms(std::slice::from_ref(&own), analyser);
    let alone = Understood {
        language: question.language.unwrap_or(written_in),
        written_in,
        rewritten: text.clone(),
        terms: compared(terms.clone(), &text, 0.0, analyser),
        own: terms.clone(),
        searched: terms,
        weighted: vec![own],
        said: Vec::new(),
        facts: Facts::of(&text),
        asks: asks::asks(asks::focus(&text)),
        is_follow_up: false,
        text,
    };
    let in_context = in_context(&alone, turns, analyser);
    let translated = translated(&alone, analyser);
    Readings { alone: Arc::new(alone), in_context, translated }
}

fn translated(alone: &Understood, analyser: &Analyser) -> Option<Arc<Understood>> {
    let names = bilingual::translated(&alone.text, alone.written_in)?;
    let mut understood = alone.clone();
    understood.weighted.push((names, TRANSLATED_WEIGHT));
    understood.searched = query_terms(&understood.weighted, analyser);
    Some(Arc::new(understood))
}

fn in_context(alone: &Understood, turns: &[Turn], analyser: &Analyser) -> Option<InContext> {
    let latest_first: Vec<&Turn> =
        turns.iter().rev().filter(|turn| !turn.text.trim().is_empty()).collect();
    if latest_first.is_empty() {
        return None;
    }
    let leaning = follow_up::leaning(&alone.text, analyser);
    if !leaning.points && changes_language(alone.written_in, &latest_first) {
        return None;
    }
    let decay = turn_decay(alone.written_in);
    let mut understood = alone.clone();
    let mut earlier_terms = HashSet::new();
    let mut weight = 1.0;
    for turn in latest_first {
        let text = turn.text.trim();
        if understood.rewritten.len() < MAX_DENSE_BYTES {
            let room = MAX_DENSE_BYTES - understood.rewritten.len();
            understood.rewritten.push('\n');
            understood.rewritten.push_str(head(text, room));
        }
        let terms: Vec<String> =
            analyser.content_terms(text).into_iter().map(|term| term.text).collect();
        earlier_terms.extend(terms.iter().cloned());
        if turn.speaker != Speaker::Customer {
            understood.said.push((terms, weight));
        }
        understood.weighted.push((text.to_owned(), weight));
        weight *= decay;
    }
    let share = match leaning.dependence {
        Dependence::Strong => EARLIER_SHARE_STRONG,
        Dependence::Light | Dependence::Alone => EARLIER_SHARE,
    };
    understood.searched = query_terms(&understood.weighted, analyser);
    understood.terms = compared(understood.searched.clone(), &alone.text, share, analyser);
    understood.is_follow_up = true;
    Some(InContext { understood: Arc::new(understood), leaning, earlier_terms })
}

/// Whether the customer's last turn was in another language: who changes it says all anew.
fn changes_language(written_in: Language, latest_first: &[&Turn]) -> bool {
    let last = latest_first.iter().find(|turn| turn.speaker == Speaker::Customer);
    let before = last.map_or(Language::UNDETERMINED, |turn| kefu_text::detect(&turn.text));
    before != Language::UNDETERMINED && before != written_in
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
    // An order number or an "OK" goes on in the language that was spoken before.
    let spoken: Vec<&str> =
        customer.iter().copied().filter(|text| shows_its_language(text)).collect();
    match spoken.split_first() {
        Some((latest, before)) if !shows_its_language(&question.text) => written_in(latest, before),
        _ => written_in(&question.text, &customer),
    }
}

/// Words of Latin letters alone that make a text English rather than a code or a nod.
const FEWEST_WORDS: usize = 2;

/// Whether a text says enough to tell its language by.
fn shows_its_language(text: &str) -> bool {
    let is_word = |word: &&str| word.len() > 1 && word.chars().all(char::is_alphabetic);
    let words = text.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
    text.chars().any(kefu_text::is_han) || words.filter(is_word).count() >= FEWEST_WORDS
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

fn head(text: &str, max_bytes: usize) -> &str {
    let mut end = text.len().min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Content terms of the texts, each once, with its highest weight; the first text's terms first.
fn query_terms(weighted: &[(String, f32)], analyser: &Analyser) -> Vec<QueryTerm> {
    let mut terms: Vec<QueryTerm> = Vec::new();
    let mut place: HashMap<String, usize> = HashMap::new();
    for (idx, (text, weight)) in weighted.iter().enumerate() {
        let mut found = analyser.content_terms(text);
        if found.is_empty() && idx == 0 {
            // A question of stop words alone still says something.
            found = analyser.terms(text);
        }
        for term in found {
            match place.get(&term.text) {
                Some(at) => terms[*at].weight = terms[*at].weight.max(*weight),
                None => {
                    place.insert(term.text.clone(), terms.len());
                    terms.push(QueryTerm { text: term.text, weight: *weight, is_own: idx == 0 });
                }
            }
        }
    }
    terms
}

/// The terms as passages and sentences are compared with the question.
fn compared(
    mut terms: Vec<QueryTerm>,
    text: &str,
    earlier_share: f32,
    analyser: &Analyser,
) -> Vec<QueryTerm> {
    cap_earlier(&mut terms, earlier_share);
    damp_what_is_told(&mut terms, text, analyser);
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
    let own: f32 = terms.iter().filter(|term| term.is_own).map(|term| term.weight).sum();
    let earlier: f32 = terms.iter().filter(|term| !term.is_own).map(|term| term.weight).sum();
    if earlier > own * share {
        let scale = own * share / earlier;
        terms.iter_mut().filter(|term| !term.is_own).for_each(|term| term.weight *= scale);
    }
}
