use crate::agent::Agent;
use crate::language::Language;
use crate::ticket::{SlaTargets, TicketSignals};
use crate::triage::{Escalation, Priority};

/// A hand-over before it has a place.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// What triage proposes.
    pub escalation: &'a Escalation,
    /// What triage saw beside.
    pub signals: &'a TicketSignals,
    /// The customer's language.
    pub language: Language,
    /// Where the conversation takes place.
    pub channel: &'a str,
    /// The customer's tier.
    pub tier: Option<&'a str>,
    /// The time, milliseconds since the epoch, UTC.
    pub now_ms: i64,
}

/// Where a hand-over goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Into which queue.
    pub queue: String,
    /// How urgent; never less than triage proposed.
    pub priority: Priority,
    /// Who gets it at once; `None` leaves it in the queue.
    pub assignee: Option<String>,
    /// When its clocks run out.
    pub targets: SlaTargets,
    /// What the customer is told of the wait.
    pub wait: Wait,
}

/// When a person will be there, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Somebody has it already, or it is within working hours and nobody is known to be missing.
    Short,
    /// Outside of working hours.
    Closed(Option<CallBack>),
    /// Within working hours, but nobody is there who could take it.
    Unstaffed(Option<CallBack>),
}

impl Wait {
    /// By when the customer may expect a person, where that is worth saying.
    #[must_use]
    pub fn call_back(&self) -> Option<&CallBack> {
        match self {
            Self::Short => None,
            Self::Closed(call_back) | Self::Unstaffed(call_back) => call_back.as_ref(),
        }
    }
}

/// By when the customer may expect a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallBack {
    /// Milliseconds since the epoch, UTC.
    pub at_ms: i64,
    /// How far the clocks it is said by are ahead of UTC then.
    pub offset_seconds: i32,
    /// Their time zone, an IANA name.
    pub time_zone: String,
}

/// Decides where hand-overs go: the same case with the same agents goes to the same place. Takes
/// no time worth mentioning and cannot fail.
pub trait Dispatcher: Send + Sync {
    /// The place for `case`; `agents` are all that are known, as the records tell of them.
    fn place(&self, case: &Case<'_>, agents: &[Agent]) -> Placement;
}
