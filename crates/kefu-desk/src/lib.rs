//! Triage and hand-over.
//!
//! [`Rules`] decides, before anything is retrieved, whether a person must take over; its knowledge
//! is the plain data under `rules/`. [`Desk`] is what people at the desk do with the tickets that
//! come of it, as an explicit state machine ([`step`]); [`Policy`] says where a hand-over goes, who
//! gets it and by when it must be answered.

mod desk;
mod error;
mod hours;
mod policy;
mod triage;

pub use desk::{
    AgentUpdate, ConversationView, Desk, DeskParts, MAX_AGENT_BYTES, MAX_TEXT_BYTES,
    MAX_TRANSCRIPT_TURNS, Stamp, Ticked, TicketView, step,
};
pub use error::DeskError;
pub use hours::{Holidays, HoursError, WorkingHours, Zone};
pub use policy::{Assign, Conditions, Policy, Queue, Route, TRIAGE_QUEUES};
pub use triage::{Rules, RulesSettings};
