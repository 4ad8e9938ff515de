//! What people at the desk are helped with, beside the tickets themselves.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use kefu_core::{
    ConversationId, Deadline, Handoff, Outcome, Scope, Speaker, SuggestedReply, Ticket, Turn,
};
use kefu_desk::{DraftRules, Packages, SimilarTickets};
use kefu_rag::{HistoryTurn, LanePreference, Question};

use crate::service::AppState;

/// Time for finding a reply to suggest; a package is not held up longer.
const TIME_TO_SUGGEST: Duration = Duration::from_secs(3);
/// Earlier turns a suggestion is found beside.
const MAX_HISTORY: usize = 8;
/// A suggestion with less of the confidence that customers' answers need is not shown.
const MIN_SHARE: f32 = 0.5;

/// Help for people at the desk.
pub struct Assistance {
    /// Makes hand-off packages.
    pub packages: Arc<Packages>,
    /// Finds resolved tickets.
    pub similar: Arc<SimilarTickets>,
    /// Checks drafts.
    pub draft_rules: Arc<DraftRules>,
    /// What becomes of a taught pair.
    pub teach: TeachMode,
}

/// What becomes of a pair that somebody teaches from a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeachMode {
    /// It is a draft until an editor approves it.
    Review,
    /// It goes live with the next release.
    Direct,
}

/// The package of a ticket from these turns, with a reply to suggest where one is found in time;
/// `None` when the records cannot give one, which is logged: the ticket is worth more than its
/// package.
pub(crate) async fn package(
    state: &AppState,
    scope: &Scope,
    (ticket, turns): (&Ticket, &[Turn]),
) -> Option<Handoff> {
    let packages = &state.parts.assistance.packages;
    let package = packages.of(scope, ticket, turns).await.inspect_err(|error| {
        tracing::warn!(ticket.id = %ticket.id, %error, "hand-off package could not be made");
    });
    let mut package = package.ok()?;
    if let Some(open) = &package.open_question {
        let at = turns.iter().position(|turn| turn.id == open.turn_id).unwrap_or(turns.len());
        package.suggested_reply = suggest(state, scope, (&open.text, &turns[..at])).await;
    }
    Some(package)
}

/// What Kefu would answer; `None` when it knows nothing, is too slow, or a part of it is broken.
pub(crate) async fn suggest(
    state: &AppState,
    scope: &Scope,
    (text, before): (&str, &[Turn]),
) -> Option<SuggestedReply> {
    let question = question(text, before);
    let suggested = state.parts.answerer.suggest(scope, &question).await;
    let suggested = suggested
        .inspect_err(|error| tracing::info!(%error, "no reply could be suggested"))
        .ok()?;
    let record = suggested.record;
    let is_sure = record.confidence.value >= record.confidence.threshold * MIN_SHARE;
    let is_useful = record.outcome == Outcome::Answered && is_sure && !suggested.text.is_empty();
    is_useful.then_some(SuggestedReply {
        text: suggested.text,
        citations: record.citations,
        confidence: record.confidence,
    })
}

/// A question asked from the desk.
pub(crate) fn question(text: &str, before: &[Turn]) -> Question {
    let kept = before.iter().filter(|turn| !turn.text.is_empty());
    let turns: Vec<HistoryTurn> = kept
        .map(|turn| HistoryTurn {
            // To the answer path a person's words are what the company said.
            speaker: match turn.speaker {
                Speaker::Customer => Speaker::Customer,
                Speaker::Assistant | Speaker::Agent => Speaker::Assistant,
            },
            text: turn.text.clone(),
        })
        .collect();
    Question {
        text: text.to_owned(),
        conversation_id: None::<ConversationId>,
        history: turns[turns.len().saturating_sub(MAX_HISTORY)..].to_vec(),
        key: None,
        customer: kefu_core::Customer::default(),
        channel: "desk".to_owned(),
        language: None,
        as_of: None,
        documents: None::<BTreeSet<_>>,
        consent_record: true,
        lane: LanePreference::Extractive,
        deadline: Deadline::after(TIME_TO_SUGGEST),
        answer_anyway: true,
        rehearsal: None,
    }
}
