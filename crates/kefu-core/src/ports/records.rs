//! The records store, split by aggregate. It is the truth; the vector index is derived from it.

mod content;
mod conversations;
mod desk;
mod jobs;
mod lessons;
mod links;
mod outbox;
mod overlays;
mod sources;

pub use content::{
    BuildDocument, Collected, ContentRecords, CurrentContent, DocumentChange, DocumentDelta,
    DocumentFilter, DocumentSummary, ExpectedPoint, OpenChunk, StoredDocument, VectorKey,
};
pub use conversations::{
    AnswerRecords, AskedBefore, Committed, ConversationRecords, Exchange, Feedback,
    FeedbackRecords, KEEP_KEYS_MS, NUMBER_HERE, Raised,
};
pub use desk::{
    AgentRecords, CustomerRecords, Erased, NamedStep, StepKey, TicketFilter, TicketRecords,
    TicketTransition,
};
pub use jobs::{Job, JobFile, JobFileState, JobProgress, JobRecords, JobState, NewJob};
pub use lessons::{LessonRecords, ResolvedTicket};
pub use links::{CLAIM_TIMEOUT_MS, Claim, Link, LinkRecords};
pub use outbox::{
    AttemptOutcome, Delivery, DeliveryFilter, DeliveryState, OutboxRecords, Subscription,
};
pub use overlays::{OverlayFilter, OverlayRecords, StoredOverlay};
pub use sources::{PageRecord, SourceOutcome, SourceRecords, SourceRun};

use std::sync::Arc;

use async_trait::async_trait;

use super::watcher::Watcher;
use crate::error::RecordsError;

/// A page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where to go on; `None` at the end.
    pub next_cursor: Option<String>,
}

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Items at most, 1..=500.
    pub limit: usize,
    /// `next_cursor` of the page before; opaque.
    pub cursor: Option<String>,
}

/// Everything the records store offers.
#[async_trait]
pub trait Records:
    ContentRecords
    + OverlayRecords
    + SourceRecords
    + ConversationRecords
    + AnswerRecords
    + TicketRecords
    + AgentRecords
    + CustomerRecords
    + FeedbackRecords
    + JobRecords
    + OutboxRecords
    + LessonRecords
    + LinkRecords
{
    /// Whether reads and writes work now.
    async fn health(&self) -> Result<(), RecordsError>;

    /// Has `watcher` told of every change that is committed from now on, after those given before.
    fn watch(&self, watcher: Arc<dyn Watcher>);
}
