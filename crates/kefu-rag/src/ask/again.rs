//! A question that was asked before under the same key: its answer is given again.

use kefu_core::ports::AskedBefore;
use kefu_core::{Outcome, Scope, TicketId};

use crate::answerer::AnswererParts;
use crate::dialogue::Dialogue;
use crate::error::RagError;
use crate::events::{AnswerEvent, AnswerObserver};
use crate::exchange::{Draft, HandOver, Times, Work, settle};
use crate::outcome::Answered;
use crate::question::Question;

/// What the question led to before; `None` when it is new, or when the records cannot tell.
pub(super) async fn again(
    parts: &AnswererParts,
    scope: &Scope,
    question: &Question,
    observer: &dyn AnswerObserver,
) -> Result<Option<Answered>, RagError> {
    let Some(key) = &question.key else { return Ok(None) };
    let before = parts.records.asked_before(scope, key).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "whether a question was asked before is not known");
        None
    });
    let Some(before) = before else { return Ok(None) };
    let answered = as_before(parts, scope, question, &before).await?;
    if !answered.text.is_empty() {
        observer.observe(AnswerEvent::Delta(answered.text.clone()));
    }
    Ok(Some(answered))
}

async fn as_before(
    parts: &AnswererParts,
    scope: &Scope,
    question: &Question,
    before: &AskedBefore,
) -> Result<Answered, RagError> {
    let records = &parts.records;
    let conversation = records.conversation(scope, &before.conversation_id).await?;
    let open = records.open_hand_over(scope, &conversation.id).await?;
    let Some(answer_id) = &before.answer_id else {
        // A person had the conversation: the turn was kept and Kefu was silent.
        let hand_over = match open {
            Some(open) => HandOver::Waiting { open, urgency: None },
            None => HandOver::None,
        };
        let language = conversation.language;
        let dialogue = Dialogue { conversation, turns: Vec::new(), told: Vec::new() };
        let draft = Draft::handed_over(hand_over, String::new(), Work::none());
        let now_ms = parts.clock.now_ms();
        let times = Times { asked_ms: now_ms, answered_ms: now_ms };
        return Ok(settle(question, &dialogue, language, (draft, times)).1);
    };
    let record = records.answer(scope, answer_id).await?;
    let ticket_id: Option<&TicketId> = record.escalation.as_ref().map(|(id, _)| id);
    let ticket = match ticket_id {
        // Customers may not read tickets.
        Some(id) => records.ticket(scope, id).await.ok(),
        None => None,
    };
    Ok(Answered {
        text: record.answer.clone(),
        hand_over: open.filter(|open| Some(&open.ticket_id) == ticket_id),
        ticket,
        conversation,
        call_back_ms: None,
        offer_human: record.outcome == Outcome::Abstained,
        record,
    })
}
