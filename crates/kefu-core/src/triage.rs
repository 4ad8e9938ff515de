//! The decision taken before retrieval: may Kefu answer, must a person, or nobody?

mod intent;
mod signals;

use crate::answer::Reason;
use crate::conversation::Turn;
use crate::language::Language;

pub use intent::{Intent, IntentSource, IntentVerdict};
pub use signals::{ProblemKind, Risk, Signals, Trend, Urgency, UrgencyLevel};

/// Why a person is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EscalationReason {
    /// The customer asked for one.
    HumanRequested,
    /// The customer complains.
    Complaint,
    /// Money or account safety is at stake.
    MoneySafety,
    /// Kefu could not answer, repeatedly.
    LowConfidence,
    /// Abuse or self-harm.
    Abuse,
    /// The conversation goes round in circles.
    Loop,
    /// A part of Kefu failed.
    EngineFailure,
}

impl EscalationReason {
    /// The word used on the wire and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HumanRequested => "human_requested",
            Self::Complaint => "complaint",
            Self::MoneySafety => "money_safety",
            Self::LowConfidence => "low_confidence",
            Self::Abuse => "abuse",
            Self::Loop => "loop",
            Self::EngineFailure => "engine_failure",
        }
    }

    /// All reasons.
    pub const ALL: [Self; 7] = [
        Self::HumanRequested,
        Self::Complaint,
        Self::MoneySafety,
        Self::LowConfidence,
        Self::Abuse,
        Self::Loop,
        Self::EngineFailure,
    ];
}

/// How urgent a ticket is; later variants come first in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// When there is time.
    Low,
    /// In order.
    Normal,
    /// Before the ordinary ones.
    High,
    /// At once.
    Urgent,
}

impl Priority {
    /// The word used on the wire and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// All priorities, least urgent first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Urgent];
}

/// What triage is told of a customer's turn.
#[derive(Clone, Debug)]
pub struct TriageInput<'a> {
    /// The customer's words.
    pub text: &'a str,
    /// Their language.
    pub language: Language,
    /// Earlier turns, oldest first.
    pub history: &'a [Turn],
}

/// A decision to hand over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// Why.
    pub reason: EscalationReason,
    /// Where to.
    pub queue: String,
    /// How urgent.
    pub priority: Priority,
    /// Name of the rule that decided, for records and debugging; never customer text.
    pub rule: &'static str,
}

/// The outcome of triage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TriageOutcome {
    /// Kefu may try to answer.
    Proceed,
    /// A person takes over, now.
    Escalate(Escalation),
    /// Kefu does not try to answer.
    Refuse(Refusal),
}

/// A decision not to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// Name of the rule that decided, for debugging; never customer text.
    pub rule: &'static str,
}

/// What a turn is that asks nothing of the documents and tells nothing, by rank: who thanks and takes leave takes
/// leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Courtesy {
    /// Says hello, or that there is a question to come.
    Greeting,
    /// Takes note.
    Noted,
    /// Asks whether it talks to a machine.
    Identity,
    /// Says thanks.
    Thanks,
    /// Says goodbye.
    Farewell,
}

impl Courtesy {
    /// All of them, by rank.
    pub const ALL: [Self; 5] =
        [Self::Greeting, Self::Noted, Self::Identity, Self::Thanks, Self::Farewell];

    /// The word in rules.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Noted => "noted",
            Self::Identity => "identity",
            Self::Thanks => "thanks",
            Self::Farewell => "farewell",
        }
    }
}

/// Decides from rules and small classifiers, never from a generator; takes well under 5 ms and
/// cannot fail.
pub trait Triage: Send + Sync {
    /// Judges a customer's turn before anything is retrieved.
    fn assess(&self, input: &TriageInput<'_>) -> TriageOutcome;

    /// What else can be told from a customer's turn, whatever was decided about it. Rules that know
    /// nothing of it say [`Signals::default`].
    fn signals(&self, input: &TriageInput<'_>) -> Signals {
        let _ = input;
        Signals::default()
    }

    /// What a customer's turn wants, as a class for routing; `vector` is the turn as the embedder in
    /// use reads a question, where it does. Never decides whether the turn is answered. `None`
    /// where no intents are configured.
    fn intent(&self, text: &str, vector: Option<&[f32]>) -> Option<IntentVerdict> {
        let _ = (text, vector);
        None
    }

    /// Whether a customer's turn is nothing but a courtesy, so that there is nothing to look for.
    fn courtesy(&self, text: &str) -> Option<Courtesy> {
        let _ = text;
        None
    }

    /// A customer's turn without the greeting it begins with and the thanks and regards it ends with: a
    /// part of `text`, all of it where it is nothing else.
    fn matter<'a>(&self, text: &'a str) -> &'a str {
        text
    }

    /// Judges after Kefu failed to answer `n_failures` times in a row (this time included):
    /// `Some` hands over, `None` lets Kefu offer a person.
    fn after_failures(&self, n_failures: u32) -> Option<Escalation>;

    /// The hand-over for a part of Kefu that failed.
    fn engine_failure(&self) -> Escalation;
}
