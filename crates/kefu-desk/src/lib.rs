//! Triage and hand-over.
//!
//! [`Rules`] decides, before anything is retrieved, whether a person must take over; its knowledge
//! is the plain data under `rules/`. [`Desk`] is what people at the desk do with the tickets that
//! come of it, as an explicit state machine ([`step`]); [`Policy`] says where a hand-over goes, who
//! gets it and by when it must be answered.

mod assist;
mod desk;
mod error;
mod handoff;
mod hours;
mod intents;
mod patterns;
mod policy;
mod text_head;
mod triage;

pub use assist::{DraftRules, MAX_SIMILAR, Similar, SimilarTickets, Warning, soothing};
pub use desk::{
    Act, AgentUpdate, ConversationView, Desk, DeskParts, MAX_AGENT_BYTES, MAX_TEXT_BYTES,
    MAX_TRANSCRIPT_TURNS, Stamp, Ticked, TicketView, step,
};
pub use error::DeskError;
pub use handoff::{
    HandoffInput, MAX_ASKED, MAX_ATTEMPTS_TOLD, MAX_LINE_BYTES, MAX_MOOD_POINTS, MAX_SUMMARY_LINES,
    Packages, hand_off,
};
pub use hours::{Holidays, HoursError, WorkingHours, Zone};
pub use intents::{
    CrossValidation, ExampleVectors, FitObserver, FitReport, Guess, IntentCatalogue, IntentError,
    IntentHead, IntentSpec, MIN_EXAMPLES, N_FOLDS, OutsideScore, cross_validate,
};
pub use kefu_text::detect as language_of;
pub use policy::{Assign, Conditions, Policy, Queue, Route, TRIAGE_QUEUES};
pub use text_head::{LabelReport, LabelledText, TextFitReport, TextHead, TextHeadSettings};
pub use triage::{Rules, RulesSettings};
