//! Domain types and ports of Kefu.
//!
//! This crate performs no IO, starts no task and knows no wire format. Engines implement the
//! traits of [`ports`]; use cases are written against them; only the `kefu` binary joins the two.

pub mod agent;
pub mod answer;
pub mod content;
pub mod conversation;
pub mod customer;
pub mod deadline;
pub mod diff;
pub mod error;
pub mod event;
pub mod handoff;
pub mod ids;
pub mod language;
pub mod lesson;
pub mod overlay;
pub mod ports;
pub mod release;
pub mod scope;
pub mod sla;
pub mod structure;
pub mod ticket;
pub mod triage;
pub mod validity;
pub mod vector;

pub use agent::{Agent, Presence};
pub use answer::{
    AnswerRecord, Citation, ClarifyOption, Confidence, Lane, Outcome, PassageTrace, Reason,
    StageTimings,
};
pub use content::{
    Chunk, ChunkDraft, Cleaning, Document, DocumentKind, DocumentMeta, DocumentState, Passage,
    Removal, Revision, Span,
};
pub use conversation::{Conversation, ConversationState, Speaker, Turn};
pub use customer::{Customer, MAX_ATTRIBUTES, OtherCustomer};
pub use deadline::Deadline;
pub use error::{ErrorKind, ModelError, RecordsError, StoreError};
pub use event::{DeskEvent, EventKind, TicketMark};
pub use handoff::{
    Attempt, Handoff, Mood, MoodPoint, SuggestedReply, SummaryLine, SummaryReason, TurnQuote,
};
pub use ids::{
    AnswerId, ChunkId, ConversationId, DeliveryId, DocumentId, EventId, FeedbackId, JobId,
    LessonId, OverlayId, TenantId, TicketId, TurnId,
};
pub use language::Language;
pub use lesson::Lesson;
pub use overlay::{Correction, Overlay, OverlayAction, OverlayStatus};
pub use release::{
    Build, Drift, PointChange, PointerMove, PointerTarget, Release, ReleaseNo, ReleaseState,
    Undone, Visibility,
};
pub use scope::{Audience, Authority, Role, Scope};
pub use sla::{SlaState, SlaTarget, TicketSla};
pub use structure::{Block, BlockKind, SourceText};
pub use ticket::{
    OpenHandOver, Sentiment, SlaTargets, Ticket, TicketEvent, TicketNumber, TicketSignals,
    TicketStatus, TicketStep, TransferTo,
};
pub use triage::{
    Courtesy, Escalation, EscalationReason, Intent, IntentSource, IntentVerdict, Priority,
    ProblemKind, Refusal, Risk, Signals, Trend, Triage, TriageInput, TriageOutcome, Urgency,
    UrgencyLevel,
};
pub use validity::{SectionValidity, Validity};
pub use vector::SparseVector;
