//! What Kefu needs from the outside, as object-safe traits held behind `Arc<dyn _>`.
//!
//! Reads and writes of customer or company data take a [`Scope`](crate::Scope) first. Models hold
//! no data and take none. Dropping a future abandons the call: reads stop as soon as their thread
//! notices, writes either happen whole or not at all.

mod clock;
mod dispatcher;
mod embedder;
mod entailment;
mod fetcher;
mod generator;
mod records;
mod reranker;
mod sender;
mod store;
mod watcher;

pub use clock::{Clock, SystemClock};
pub use dispatcher::{CallBack, Case, Dispatcher, Placement, Wait};
pub use embedder::{EmbedKind, Embedder, EmbedderInfo, TokenVectors};
pub use entailment::{Entailment, EntailmentScores};
pub use fetcher::{FetchError, FetchRequest, Fetched, FetchedPage, Fetcher, Validators};
pub use generator::{
    FinishReason, GenerateEvent, GenerateRequest, GenerateStream, Generator, GeneratorInfo,
    PromptMessage, PromptRole,
};
pub use records::{
    AgentRecords, AnswerRecords, AskedBefore, AttemptOutcome, BuildDocument, CLAIM_TIMEOUT_MS,
    Claim, Collected, Committed, ContentRecords, ConversationRecords, CurrentContent,
    CustomerRecords, Delivery, DeliveryFilter, DeliveryState, DocumentChange, DocumentDelta,
    DocumentFilter, DocumentSummary, Erased, Exchange, ExpectedPoint, Feedback, FeedbackRecords,
    Job, JobFile, JobFileState, JobProgress, JobRecords, JobState, KEEP_KEYS_MS, LessonRecords,
    Link, LinkRecords, NUMBER_HERE, NamedStep, NewJob, OpenChunk, OutboxRecords, OverlayFilter,
    OverlayRecords, Page, PageRecord, PageRequest, Raised, Records, ResolvedTicket, SourceOutcome,
    SourceRecords, SourceRun, StepKey, StoredDocument, StoredOverlay, Subscription, TicketFilter,
    TicketRecords, TicketTransition, VectorKey,
};
pub use reranker::{Reranker, RerankerInfo};
pub use sender::{SendError, SendMethod, SendReply, SendRequest, Sender};
pub use store::{CollectionSpec, Hit, Leg, LegQuery, OpenOutcome, StoredPoint, VectorStore};
pub use watcher::{Change, Watcher};
