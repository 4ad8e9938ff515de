//! The package a person gets with a conversation: a pure function of what is on record.

mod asked;
mod cues;
mod packages;
mod summary;

use kefu_core::{
    AnswerRecord, Attempt, Conversation, Handoff, Mood, MoodPoint, Signals, Speaker,
    SuggestedReply, Ticket, Turn, TurnId,
};

pub use packages::Packages;

/// Questions of the customer at most, the latest ones.
pub const MAX_ASKED: usize = 10;
/// Attempts at most, the latest ones.
pub const MAX_ATTEMPTS_TOLD: usize = 10;
/// Turns whose mood is told at most, the latest ones.
pub const MAX_MOOD_POINTS: usize = 20;
/// Lines of a summary at most.
pub const MAX_SUMMARY_LINES: usize = 7;
/// Longest line of a summary or question, in bytes.
pub const MAX_LINE_BYTES: usize = 300;

/// What a package is made of.
#[derive(Clone, Copy, Debug)]
pub struct HandoffInput<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// Its conversation.
    pub conversation: &'a Conversation,
    /// The conversation's turns, oldest first.
    pub turns: &'a [Turn],
    /// The records of its answers, oldest first.
    pub answers: &'a [AnswerRecord],
    /// What triage reads from turns of the customer, oldest first.
    pub signals: &'a [(TurnId, Signals)],
    /// What a person might reply.
    pub suggested_reply: Option<&'a SuggestedReply>,
}

/// Puts a package together. Equal input gives an equal package; every quotation of a turn equals
/// the bytes it points to.
#[must_use]
pub fn hand_off(input: &HandoffInput<'_>) -> Handoff {
    let asked = asked::questions(input);
    let problem = input.signals.iter().rev().find_map(|(_, signals)| signals.problem);
    Handoff {
        conversation_id: input.conversation.id.clone(),
        ticket_id: input.ticket.id.clone(),
        reason: input.ticket.reason,
        language: input.ticket.language,
        channel: input.conversation.channel.clone(),
        customer: input.conversation.customer.clone(),
        problem: problem.map(|problem| problem.as_str().to_owned()),
        open_question: asked::open(input, &asked),
        asked,
        tried: tried(input),
        mood: mood(input.signals),
        summary: summary::summarise(input.turns),
        suggested_reply: input.suggested_reply.cloned(),
    }
}

fn tried(input: &HandoffInput<'_>) -> Vec<Attempt> {
    let turn_of = |record: &AnswerRecord| {
        let said = input.turns.iter().find(|turn| turn.answer_id.as_ref() == Some(&record.id));
        said.map(|turn| turn.id.clone())
    };
    // A record that only hands over tried nothing, and neither does a greeting.
    let is_try = |record: &&AnswerRecord| {
        record.outcome != kefu_core::Outcome::Escalated && !record.is_courtesy()
    };
    let tries: Vec<&AnswerRecord> = input.answers.iter().filter(is_try).collect();
    let latest = &tries[tries.len().saturating_sub(MAX_ATTEMPTS_TOLD)..];
    latest
        .iter()
        .map(|record| Attempt {
            answer_id: record.id.clone(),
            turn_id: turn_of(record),
            question: record.question.clone(),
            outcome: record.outcome,
            lane: record.lane,
            reason: record.reason,
            confidence: record.confidence,
            citations: record.citations.clone(),
            at_ms: record.at_ms,
        })
        .collect()
}

fn mood(signals: &[(TurnId, Signals)]) -> Mood {
    let latest = &signals[signals.len().saturating_sub(MAX_MOOD_POINTS)..];
    let points = latest
        .iter()
        .map(|(id, signals)| MoodPoint { turn_id: id.clone(), sentiment: signals.sentiment });
    let last = latest.last().map(|(_, signals)| signals);
    Mood {
        now: last.map_or(0.0, |signals| signals.sentiment),
        trend: last.map(|signals| signals.trend).unwrap_or_default(),
        points: points.collect(),
    }
}

/// The customer's turns that were kept, oldest first.
fn customers(turns: &[Turn]) -> impl DoubleEndedIterator<Item = &Turn> {
    turns.iter().filter(|turn| turn.speaker == Speaker::Customer && !turn.text.trim().is_empty())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests;
