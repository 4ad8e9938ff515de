//! The lines of a conversation that matter, each with its place.

use std::collections::HashSet;

use kefu_core::{Span, Speaker, SummaryLine, SummaryReason, Turn, TurnQuote};
use kefu_text::sentences;

use super::cues::{self, Signs};
use super::{MAX_LINE_BYTES, MAX_SUMMARY_LINES};

/// Lines shorter than this many letters and digits say nothing by themselves.
const MIN_LETTERS: usize = 3;
/// A chosen line is worth at least this much beside the lines before it.
const MIN_GAIN: f32 = 1.0;
/// Sentences looked at, the latest ones; conversations are longer only by accident.
const MAX_CANDIDATES: usize = 400;

/// A sentence that might be a line.
struct Candidate {
    at: usize,
    quote: TurnQuote,
    signs: Signs,
    details: Vec<String>,
}

/// The lines that matter, in the order in which they were said. Greetings and bare requests for a
/// person are left out, and so is what Kefu answered: that is told as what was tried.
pub(super) fn summarise(turns: &[Turn]) -> Vec<SummaryLine> {
    let mut candidates: Vec<Candidate> = turns.iter().flat_map(lines_of).collect();
    let n_too_many = candidates.len().saturating_sub(MAX_CANDIDATES);
    candidates.drain(..n_too_many);
    for (at, candidate) in candidates.iter_mut().enumerate() {
        candidate.at = at;
    }
    let mut chosen: Vec<(usize, SummaryReason)> = Vec::new();
    if let Some(matter) = matter(&candidates) {
        chosen.push((matter, SummaryReason::Matter));
    }
    let latest = candidates.iter().rev().find(|c| is_customer(c) && is_substance(c));
    if let Some(latest) = latest.filter(|latest| chosen.iter().all(|(at, _)| *at != latest.at)) {
        chosen.push((latest.at, SummaryReason::Latest));
    }
    while chosen.len() < MAX_SUMMARY_LINES {
        let Some(next) = best(&candidates, &chosen) else { break };
        chosen.push(next);
    }
    chosen.sort_by_key(|(at, _)| *at);
    let mut said = HashSet::new();
    chosen
        .into_iter()
        .map(|(at, reason)| SummaryLine { reason, quote: candidates[at].quote.clone() })
        .filter(|line| said.insert(bare(&line.quote.text)))
        .collect()
}

/// What the conversation is about: the customer's first line that asks or tells of a failure, else
/// their first line with substance, else their first line.
fn matter(candidates: &[Candidate]) -> Option<usize> {
    let own = || candidates.iter().filter(|candidate| is_customer(candidate));
    let asks = own().find(|c| {
        let is_about_something = c.signs.question || c.signs.failure.is_some();
        is_about_something && is_substance(c)
    });
    asks.or_else(|| own().find(|c| is_substance(c))).or_else(|| own().next()).map(|c| c.at)
}

/// The line that tells most that was not told yet.
fn best(
    candidates: &[Candidate],
    chosen: &[(usize, SummaryReason)],
) -> Option<(usize, SummaryReason)> {
    let told = |at: usize| chosen.iter().any(|(other, _)| *other == at);
    let known: HashSet<&str> = chosen
        .iter()
        .flat_map(|(at, _)| candidates[*at].details.iter().map(String::as_str))
        .collect();
    let texts: HashSet<String> =
        chosen.iter().map(|(at, _)| bare(&candidates[*at].quote.text)).collect();
    let n_of = |reason| chosen.iter().filter(|(_, known)| *known == reason).count();
    let mut best: Option<(f32, usize, SummaryReason)> = None;
    for candidate in candidates {
        if told(candidate.at) || texts.contains(&bare(&candidate.quote.text)) {
            continue;
        }
        let n_new = candidate.details.iter().filter(|d| !known.contains(d.as_str())).count();
        let worth = |is_there: bool, reason, first: f32| match (is_there, n_of(reason)) {
            (false, _) => 0.0,
            (true, 0) => first,
            (true, 1) => first / 2.0,
            (true, _) => first / 4.0,
        };
        let promise = worth(candidate.signs.promise.is_some(), SummaryReason::Promise, 2.5);
        let failure = worth(candidate.signs.failure.is_some(), SummaryReason::Failure, 2.0);
        let detail = 1.5 * f32::from(u8::try_from(n_new.min(4)).unwrap_or(4));
        let asked = if candidate.signs.question && is_customer(candidate) { 0.4 } else { 0.0 };
        let gain = promise + failure + detail + asked;
        let reason = if promise >= failure && promise >= detail && promise > 0.0 {
            SummaryReason::Promise
        } else if failure >= detail && failure > 0.0 {
            SummaryReason::Failure
        } else {
            SummaryReason::Detail
        };
        // Of equals the later one: it is nearer to how things stand.
        if gain >= MIN_GAIN && best.is_none_or(|(known, ..)| gain >= known) {
            best = Some((gain, candidate.at, reason));
        }
    }
    best.map(|(_, at, reason)| (at, reason))
}

fn lines_of(turn: &Turn) -> Vec<Candidate> {
    let whole = || Span { start: 0, end: turn.text.len() };
    let mut spans = match turn.speaker {
        Speaker::Customer | Speaker::Agent => sentences(&turn.text),
        Speaker::Assistant => Vec::new(),
    };
    if spans.is_empty() && turn.speaker == Speaker::Customer && !turn.text.trim().is_empty() {
        spans.push(whole());
    }
    let lines = spans.into_iter().filter_map(|span| candidate(turn, span));
    // People at the desk say much that is polite; what they promise and find out is kept.
    lines
        .filter(|line| {
            turn.speaker == Speaker::Customer
                || line.signs.promise.is_some()
                || !line.details.is_empty()
        })
        .collect()
}

fn candidate(turn: &Turn, span: Span) -> Option<Candidate> {
    let signs = cues::signs(span.of(&turn.text)?, turn.speaker);
    let sign = signs.detail.or(signs.failure).or(signs.promise);
    let sign = sign.map(|sign| Span { start: span.start + sign.start, end: span.start + sign.end });
    let span = cut(&turn.text, span, sign);
    let text = span.of(&turn.text)?;
    Some(Candidate {
        at: 0,
        details: cues::details(text),
        quote: TurnQuote {
            turn_id: turn.id.clone(),
            speaker: turn.speaker,
            agent: turn.agent.clone(),
            span,
            text: text.to_owned(),
        },
        signs,
    })
}

/// At most [`MAX_LINE_BYTES`] of a sentence, around what makes it matter.
pub(super) fn cut(text: &str, span: Span, sign: Option<Span>) -> Span {
    if span.len() <= MAX_LINE_BYTES {
        return span;
    }
    let middle = sign.map_or(span.start, |sign| sign.start + sign.len() / 2);
    let latest = span.end - MAX_LINE_BYTES;
    let start = middle.saturating_sub(MAX_LINE_BYTES / 2).clamp(span.start, latest);
    let start = text.ceil_char_boundary(start);
    Span { start, end: text.floor_char_boundary((start + MAX_LINE_BYTES).min(span.end)) }
}

fn is_customer(candidate: &Candidate) -> bool {
    candidate.quote.speaker == Speaker::Customer
}

fn is_substance(candidate: &Candidate) -> bool {
    let signs = &candidate.signs;
    let is_told = signs.failure.is_some() || signs.detail.is_some() || signs.promise.is_some();
    let n_letters = bare(&candidate.quote.text).chars().count();
    let has_words = n_letters >= MIN_LETTERS && (signs.question || n_letters >= 8);
    is_told || (has_words && !signs.handling)
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
