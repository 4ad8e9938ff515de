//! Triage and hand-over.
//!
//! [`Rules`] decides, before anything is retrieved, whether a person must take over; its knowledge
//! is the plain data under `rules/`. [`Desk`] is what people at the desk do with the tickets that
//! come of it, as an explicit state machine ([`step`]).

mod assist;
mod desk;
mod error;
mod handoff;
mod patterns;
mod triage;

pub use assist::{DraftRules, MAX_SIMILAR, Similar, SimilarTickets, Warning, soothing};
pub use desk::{
    ConversationView, Desk, DeskParts, MAX_AGENT_BYTES, MAX_TEXT_BYTES, MAX_TRANSCRIPT_TURNS,
    Stamp, TicketView, step,
};
pub use error::DeskError;
pub use handoff::{
    HandoffInput, MAX_ASKED, MAX_ATTEMPTS_TOLD, MAX_LINE_BYTES, MAX_MOOD_POINTS, MAX_SUMMARY_LINES,
    Packages, hand_off,
};
pub use kefu_text::detect as language_of;
pub use triage::{Rules, RulesSettings};
