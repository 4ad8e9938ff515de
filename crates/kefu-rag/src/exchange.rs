//! What a question leaves behind: one exchange in the records.

use kefu_core::ports::{Exchange, Placement, Raised};
use kefu_core::{
    AnswerId, AnswerRecord, Citation, ClarifyOption, Confidence, ConversationState,
    EscalationReason, IntentVerdict, Lane, Language, OpenHandOver, Outcome, PassageTrace, Reason,
    ReleaseNo, Speaker, StageTimings, Ticket, TicketId, TicketNumber, TicketSignals, TicketSla,
    TicketStatus, Turn, TurnId,
};

use crate::decide::uncalibrated;
use crate::dialogue::Dialogue;
use crate::messages::{self, Message};
use crate::outcome::Answered;
use crate::question::Question;

/// Version of the answer path and its prompts. Raise it with any change that can change an answer.
pub const PIPELINE_VERSION: &str = "3";

/// Longest subject of a ticket, in characters.
const MAX_SUBJECT_CHARS: usize = 500;

/// Who is to help the customer.
#[derive(Clone, Debug)]
pub(crate) enum HandOver {
    /// Nobody but Kefu.
    None,
    /// A person, by a new ticket.
    Open(Box<NewTicket>),
    /// The person who has the conversation already; nothing but the customer's turn is kept, and
    /// what it makes of the ticket.
    Waiting { open: OpenHandOver, urgency: Option<Raised> },
}

/// A ticket that is to be opened.
#[derive(Clone, Debug)]
pub(crate) struct NewTicket {
    pub(crate) id: TicketId,
    /// What it is about, where the turn that opened it does not say.
    pub(crate) about: Option<String>,
    pub(crate) reason: EscalationReason,
    pub(crate) signals: TicketSignals,
    pub(crate) placement: Placement,
}

/// An answer before it is recorded.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) outcome: Outcome,
    pub(crate) lane: Lane,
    pub(crate) reason: Option<Reason>,
    pub(crate) text: String,
    pub(crate) citations: Vec<Citation>,
    /// What a question back offers.
    pub(crate) options: Vec<ClarifyOption>,
    /// Labels of the citations that say something else.
    pub(crate) conflicting: Vec<u32>,
    pub(crate) confidence: Confidence,
    pub(crate) hand_over: HandOver,
    pub(crate) work: Work,
}

/// What was done for an answer, for its record.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) rewritten: String,
    pub(crate) release: ReleaseNo,
    pub(crate) features: Vec<(String, f32)>,
    pub(crate) passages: Vec<PassageTrace>,
    pub(crate) embedder: Option<String>,
    pub(crate) generator: Option<String>,
    /// What the customer's turn wants, for routing.
    pub(crate) intent: Option<IntentVerdict>,
    pub(crate) timings: StageTimings,
}

impl Work {
    /// Nothing was done yet.
    pub(crate) fn none() -> Self {
        Self {
            rewritten: String::new(),
            release: ReleaseNo(0),
            features: Vec::new(),
            passages: Vec::new(),
            embedder: None,
            generator: None,
            intent: None,
            timings: StageTimings::default(),
        }
    }
}

impl Draft {
    /// What a lane gives with its citations, without anything that is particular to an outcome.
    pub(crate) fn new(
        (outcome, lane): (Outcome, Lane),
        (text, citations): (String, Vec<Citation>),
        confidence: Confidence,
        work: Work,
    ) -> Self {
        Self {
            outcome,
            lane,
            reason: None,
            text,
            citations,
            options: Vec::new(),
            conflicting: Vec::new(),
            confidence,
            hand_over: HandOver::None,
            work,
        }
    }

    /// A hand-over with its text.
    pub(crate) fn handed_over(hand_over: HandOver, text: String, work: Work) -> Self {
        let kind = (Outcome::Escalated, Lane::None);
        let draft = Self::new(kind, (text, Vec::new()), uncalibrated(0.0, 0.0), work);
        Self { hand_over, ..draft }
    }
}

/// When a question came and when its answer was ready, milliseconds since the epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) asked_ms: i64,
    pub(crate) answered_ms: i64,
}

/// Puts question and draft together: what is written, and what the caller gets. Without consent
/// no word of the conversation goes into the records.
pub(crate) fn settle(
    question: &Question,
    dialogue: &Dialogue,
    language: Language,
    (draft, times): (Draft, Times),
) -> (Exchange, Answered) {
    let keep = |text: &str| if question.consent_record { text.to_owned() } else { String::new() };
    let turn = |speaker, text: &str, answer_id| Turn {
        id: TurnId::generate(),
        speaker,
        agent: None,
        text: keep(text),
        at_ms: if speaker == Speaker::Customer { times.asked_ms } else { times.answered_ms },
        answer_id,
    };
    let answer_id = AnswerId::generate();
    let ticket = ticket(question, dialogue, language, (&draft.hand_over, times));
    let call_back_ms = match &draft.hand_over {
        HandOver::Open(new) => new.placement.wait.call_back().map(|call_back| call_back.at_ms),
        HandOver::None | HandOver::Waiting { .. } => None,
    };

    let mut turns: Vec<Turn> = Vec::new();
    if ticket.is_some() && question.consent_record {
        turns.extend(dialogue.told.iter().cloned());
    }
    turns.push(turn(Speaker::Customer, question.text.trim(), None));
    let is_waiting = matches!(draft.hand_over, HandOver::Waiting { .. });
    if !is_waiting {
        turns.push(turn(Speaker::Assistant, &draft.text, Some(answer_id.clone())));
    }

    let mut conversation = dialogue.conversation.clone();
    conversation.language = language;
    if let Some(ticket) = &ticket {
        conversation.state = match ticket.status {
            TicketStatus::Claimed => ConversationState::Human,
            TicketStatus::Open | TicketStatus::Resolved => ConversationState::Queued,
        };
        conversation.ticket_id = Some(ticket.id.clone());
        conversation.n_failures = 0;
    } else if !is_waiting {
        conversation.state = ConversationState::Bot;
        conversation.ticket_id = None;
        conversation.n_failures = match draft.outcome {
            // A question back or a refusal of misuse is neither a success nor a failure.
            Outcome::Clarify => conversation.n_failures,
            Outcome::Abstained if draft.reason == Some(Reason::Unsafe) => conversation.n_failures,
            Outcome::Abstained => conversation.n_failures.saturating_add(1),
            Outcome::Answered | Outcome::Escalated => 0,
        };
    }

    let (escalation, hand_over, urgency) = match &draft.hand_over {
        HandOver::None => (None, None, None),
        HandOver::Open(new) => {
            (Some((new.id.clone(), new.reason)), ticket.as_ref().map(OpenHandOver::from), None)
        }
        HandOver::Waiting { open, urgency } => {
            (Some((open.ticket_id.clone(), open.reason)), Some(open.clone()), urgency.clone())
        }
    };
    let record = AnswerRecord {
        id: answer_id,
        conversation_id: conversation.id.clone(),
        question: keep(question.text.trim()),
        rewritten: keep(&draft.work.rewritten),
        language,
        release: draft.work.release,
        outcome: draft.outcome,
        lane: draft.lane,
        reason: draft.reason,
        answer: keep(&draft.text),
        citations: draft.citations,
        options: draft.options,
        conflicting: draft.conflicting,
        confidence: draft.confidence,
        features: draft.work.features,
        passages: draft.work.passages,
        escalation,
        embedder: draft.work.embedder,
        generator: draft.work.generator,
        pipeline: PIPELINE_VERSION.to_owned(),
        timings: draft.work.timings,
        at_ms: times.answered_ms,
        consent: question.consent_record,
    };
    let exchange = Exchange {
        conversation: conversation.clone(),
        turns,
        answer: (!is_waiting).then(|| record.clone()),
        ticket: ticket.clone(),
        urgency,
        key: question.key.clone().filter(|_| question.consent_record),
    };
    let offer_human = draft.outcome == Outcome::Abstained;
    let text = draft.text;
    let answered =
        Answered { record, text, conversation, ticket, hand_over, call_back_ms, offer_human };
    (exchange, answered)
}

fn ticket(
    question: &Question,
    dialogue: &Dialogue,
    language: Language,
    (hand_over, times): (&HandOver, Times),
) -> Option<Ticket> {
    let HandOver::Open(new) = hand_over else { return None };
    let subject = if question.consent_record {
        let about = new.about.as_ref().unwrap_or(&question.text);
        about.trim().chars().take(MAX_SUBJECT_CHARS).collect()
    } else {
        messages::text(language, Message::NotKept)
    };
    let Placement { queue, priority, assignee, targets, .. } = new.placement.clone();
    let mut sla = TicketSla {
        first_response: targets.first_response,
        resolution: targets.resolution,
        ..TicketSla::default()
    };
    sla.alarm_at_ms = sla.next_mark(times.answered_ms);
    let conversation = &dialogue.conversation;
    Some(Ticket {
        id: new.id.clone(),
        number: TicketNumber::NONE,
        conversation_id: conversation.id.clone(),
        customer: conversation.customer.clone(),
        channel: conversation.channel.clone(),
        reason: new.reason,
        queue,
        priority,
        status: if assignee.is_some() { TicketStatus::Claimed } else { TicketStatus::Open },
        language,
        subject,
        assignee,
        signals: new.signals.clone(),
        waiting_since_ms: Some(times.asked_ms),
        sla,
        created_at_ms: times.answered_ms,
        updated_at_ms: times.answered_ms,
    })
}
