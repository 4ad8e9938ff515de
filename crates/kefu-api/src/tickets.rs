//! `/v1/tickets`.

mod request;

use kefu_core::ports::{PageRequest, TicketFilter};
use kefu_core::{Handoff, SlaTarget, Ticket, TicketStep, Turn};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::checks::{Faults, InvalidFields};
use crate::conversations::TurnResponse;
use crate::customers::CustomerResponse;
use crate::handoff::HandoffResponse;
use crate::listing::PageQuery;
use crate::time::rfc3339;
use crate::words::{EscalationReason, Priority, SlaState, TicketStatus, Trend};

pub use request::{
    ClaimRequest, ReopenRequest, ReplyRequest, ResolveRequest, ReturnRequest, TransferRequest,
};

pub(crate) const MAX_AGENT_BYTES: usize = 200;
/// Longest reply or note, in bytes.
pub const MAX_REPLY_BYTES: usize = 8_000;

/// A hand-over to people.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TicketResponse {
    /// Its id.
    pub ticket_id: String,
    /// What people call it.
    #[schema(example = "K-1042")]
    pub number: String,
    /// The conversation handed over.
    pub conversation_id: String,
    /// Whose it is, where the caller said so.
    pub customer: Option<CustomerResponse>,
    /// Where the conversation takes place.
    pub channel: String,
    /// Why.
    pub reason: EscalationReason,
    /// The class of the problem, such as `refund`.
    pub problem: Option<String>,
    /// The class of the wish.
    pub intent: Option<String>,
    /// The customer's mood.
    pub sentiment: Option<SentimentResponse>,
    /// Where it was put.
    pub queue: String,
    /// How urgent.
    pub priority: Priority,
    /// Where it stands.
    pub status: TicketStatus,
    /// The customer's language.
    pub language: String,
    /// The customer's words that caused it, shortened.
    pub subject: String,
    /// Who has it.
    pub assignee: Option<String>,
    /// Since when the customer waits for a person's words; null after a reply.
    pub waiting_since: Option<String>,
    /// By when somebody should have answered and solved it.
    pub sla: SlaResponse,
    /// When it was opened.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
}

/// A customer's mood.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct SentimentResponse {
    /// The last turn, from -1 (furious) to 1 (delighted).
    pub now: f32,
    /// Over the last turns.
    pub trend: Trend,
}

/// The clocks of a ticket, counted in working hours.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SlaResponse {
    /// By when a person should have answered.
    pub first_response_due: Option<String>,
    /// By when it should be solved.
    pub resolution_due: Option<String>,
    /// When a person first answered.
    pub first_responded: Option<String>,
    /// How it stands now.
    pub state: SlaState,
}

impl TicketResponse {
    /// The wire form of a ticket at a point in time, milliseconds since the epoch, UTC.
    #[must_use]
    pub fn at(now_ms: i64, ticket: Ticket) -> Self {
        let due = |target: Option<SlaTarget>| target.map(|target| rfc3339(target.due_ms));
        Self {
            ticket_id: ticket.id.to_string(),
            number: ticket.number.to_string(),
            conversation_id: ticket.conversation_id.to_string(),
            customer: CustomerResponse::of(ticket.customer),
            channel: ticket.channel,
            reason: ticket.reason.into(),
            problem: ticket.signals.problem,
            intent: ticket.signals.intent,
            sentiment: ticket.signals.sentiment.map(|mood| SentimentResponse {
                now: f32::from(mood.now_percent) / 100.0,
                trend: mood.trend.into(),
            }),
            queue: ticket.queue,
            priority: ticket.priority.into(),
            status: ticket.status.into(),
            language: ticket.language.code().to_owned(),
            subject: ticket.subject,
            assignee: ticket.assignee,
            waiting_since: ticket.waiting_since_ms.map(rfc3339),
            sla: SlaResponse {
                first_response_due: due(ticket.sla.first_response),
                resolution_due: due(ticket.sla.resolution),
                first_responded: ticket.sla.first_responded_ms.map(rfc3339),
                state: ticket.sla.state(now_ms).into(),
            },
            created_at: rfc3339(ticket.created_at_ms),
            updated_at: rfc3339(ticket.updated_at_ms),
        }
    }
}

/// A ticket with its conversation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TicketDetail {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketResponse,
    /// The conversation's turns, oldest first.
    pub transcript: Vec<TurnResponse>,
    /// What happened to the ticket, oldest first.
    pub history: Vec<TicketStepResponse>,
    /// Whether Kefu can bring what a person writes to where the customer is; false for a channel of
    /// the configuration without `reply_url`.
    pub delivers_replies: bool,
    /// What a person needs to go on; null where only the ticket itself was asked for.
    pub handoff: Option<HandoffResponse>,
}

/// One step of a ticket's life.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TicketStepResponse {
    /// `open`, `claim`, `reply`, `transfer`, `return`, `resolve`, `reopen`, `assign`, `release`,
    /// `tick` or `erase`.
    pub action: String,
    /// Who did it; null for Kefu.
    pub actor: Option<String>,
    /// The status after it.
    pub status: TicketStatus,
    /// Who had the ticket after it.
    pub assignee: Option<String>,
    /// A note for colleagues.
    pub note: Option<String>,
    /// When.
    pub at: String,
}

impl From<TicketStep> for TicketStepResponse {
    fn from(step: TicketStep) -> Self {
        Self {
            action: step.action,
            actor: step.actor,
            status: step.status.into(),
            assignee: step.assignee,
            note: step.note,
            at: rfc3339(step.at_ms),
        }
    }
}

impl TicketDetail {
    /// The wire form of a ticket with its conversation and history.
    #[must_use]
    pub fn new(ticket: TicketResponse, transcript: Vec<Turn>, history: Vec<TicketStep>) -> Self {
        Self {
            ticket,
            transcript: transcript.into_iter().map(Into::into).collect(),
            history: history.into_iter().map(Into::into).collect(),
            delivers_replies: true,
            handoff: None,
        }
    }

    /// Adds the hand-off package.
    #[must_use]
    pub fn with_handoff(self, package: Option<Handoff>) -> Self {
        Self { handoff: package.map(Into::into), ..self }
    }
}

/// Which tickets.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TicketQuery {
    /// Only with this status.
    #[param(inline)]
    pub status: Option<TicketStatus>,
    /// Only of this queue.
    pub queue: Option<String>,
    /// Only what this agent has or had last.
    pub assignee: Option<String>,
    /// Only this urgent.
    #[param(inline)]
    pub priority: Option<Priority>,
    /// Only in this language.
    #[param(example = "zh")]
    pub language: Option<String>,
    /// Only for this reason.
    #[param(inline)]
    pub reason: Option<EscalationReason>,
    /// Items at most, 1 to 500; 50 when left out.
    #[serde(default, deserialize_with = "crate::listing::from_text")]
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl TicketQuery {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`InvalidFields`] naming `limit` or `language`.
    pub fn check(self) -> Result<(TicketFilter, PageRequest), InvalidFields> {
        let page = PageQuery { limit: self.limit, cursor: self.cursor }.check()?;
        let mut faults = Faults::default();
        let language = faults.language("language", self.language.as_deref());
        let filter = TicketFilter {
            status: self.status.map(Into::into),
            queue: self.queue,
            assignee: self.assignee,
            priority: self.priority.map(Into::into),
            language,
            reason: self.reason.map(Into::into),
        };
        faults.or((filter, page))
    }
}
