//! Triage and hand-over.
//!
//! [`Rules`] decides, before anything is retrieved, whether a person must take over; its knowledge
//! is the plain data under `rules/`. [`Desk`] is what people at the desk do with the tickets that
//! come of it, as an explicit state machine ([`step`]).

mod desk;
mod error;
mod intents;
mod triage;

pub use desk::{
    ConversationView, Desk, DeskParts, MAX_AGENT_BYTES, MAX_TEXT_BYTES, MAX_TRANSCRIPT_TURNS,
    Stamp, TicketView, step,
};
pub use error::DeskError;
pub use intents::{
    CrossValidation, ExampleVectors, FitObserver, FitReport, Guess, IntentCatalogue, IntentError,
    IntentHead, IntentSpec, MIN_EXAMPLES, N_FOLDS, OutsideScore, cross_validate,
};
pub use triage::{Rules, RulesSettings};
