//! What the customer asked, and what of it is still open.

use kefu_core::{AnswerRecord, EscalationReason, Outcome, Span, Speaker, Turn, TurnQuote};
use kefu_text::sentences;

use super::cues;
use super::summary::cut;
use super::{HandoffInput, MAX_ASKED, customers};

/// The customer's questions and wishes, oldest first: of each turn the sentences that ask, else the
/// turn as a whole where Kefu took it for a question. Requests for a person and wishes to complain are no questions.
pub(super) fn questions(input: &HandoffInput<'_>) -> Vec<TurnQuote> {
    let is_courtesy =
        |turn: &&Turn| record_after(input, turn).is_some_and(AnswerRecord::is_courtesy);
    let mut found: Vec<TurnQuote> = customers(input.turns)
        .filter(|turn| !is_courtesy(turn))
        .flat_map(|turn| {
            let asking = asking(turn);
            if asking.is_empty() && was_read_as_question(input, turn) {
                whole(turn)
            } else {
                asking
            }
        })
        .collect();
    let n_too_many = found.len().saturating_sub(MAX_ASKED);
    found.drain(..n_too_many);
    found
}

/// The last question that got no answer; when all got one, the last: it did not help.
pub(super) fn open(input: &HandoffInput<'_>, asked: &[TurnQuote]) -> Option<TurnQuote> {
    let unanswered = asked.iter().rev().find(|quote| !is_answered(input, quote));
    unanswered.or(asked.last()).cloned()
}

fn asking(turn: &Turn) -> Vec<TurnQuote> {
    let spans = sentences(&turn.text).into_iter();
    let asks = |span: &Span| {
        let signs =
            span.of(&turn.text).map(|line| cues::signs(line, turn.speaker)).unwrap_or_default();
        let tells = signs.detail.is_some() || signs.failure.is_some();
        signs.question && (!signs.handling || tells)
    };
    spans.filter(asks).filter_map(|span| quote(turn, span)).collect()
}

/// A turn that Kefu tried to answer was a question, whatever its form.
fn was_read_as_question(input: &HandoffInput<'_>, turn: &Turn) -> bool {
    let signs = cues::signs(&turn.text, turn.speaker);
    match outcome_after(input, turn) {
        Some((Outcome::Escalated, Some(EscalationReason::LowConfidence))) => true,
        Some((Outcome::Escalated, _)) | None => {
            let tells = signs.detail.is_some() || signs.failure.is_some();
            tells && turn.text.chars().count() > 6
        }
        Some(_) => !signs.handling,
    }
}

fn whole(turn: &Turn) -> Vec<TurnQuote> {
    let start = turn.text.len() - turn.text.trim_start().len();
    let end = start + turn.text.trim().len();
    quote(turn, Span { start, end }).into_iter().collect()
}

fn quote(turn: &Turn, span: Span) -> Option<TurnQuote> {
    let span = cut(&turn.text, span, None);
    let text = span.of(&turn.text)?.to_owned();
    let agent = turn.agent.clone();
    Some(TurnQuote { turn_id: turn.id.clone(), speaker: turn.speaker, agent, span, text })
}

fn is_answered(input: &HandoffInput<'_>, quote: &TurnQuote) -> bool {
    let turn = input.turns.iter().find(|turn| turn.id == quote.turn_id);
    turn.and_then(|turn| outcome_after(input, turn))
        .is_some_and(|(outcome, _)| outcome == Outcome::Answered)
}

/// What came of a customer's turn: the answer record of the turn right after it. A person's reply
/// counts as an answer.
fn outcome_after(
    input: &HandoffInput<'_>,
    turn: &Turn,
) -> Option<(Outcome, Option<EscalationReason>)> {
    let at = input.turns.iter().position(|other| other.id == turn.id)?;
    let next = input.turns.get(at + 1)?;
    match next.speaker {
        Speaker::Agent => Some((Outcome::Answered, None)),
        Speaker::Customer => None,
        Speaker::Assistant => {
            let record = record_after(input, turn)?;
            Some((record.outcome, record.escalation.as_ref().map(|(_, reason)| *reason)))
        }
    }
}

fn record_after<'a>(input: &HandoffInput<'a>, turn: &Turn) -> Option<&'a AnswerRecord> {
    let at = input.turns.iter().position(|other| other.id == turn.id)?;
    let id = input.turns.get(at + 1)?.answer_id.as_ref()?;
    input.answers.iter().find(|record| &record.id == id)
}
