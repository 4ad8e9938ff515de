//! Wire types of Kefu's HTTP service and their conversions from and to the domain.
//!
//! Domain types are not serialisable; what crosses the wire has its twin here. Requests refuse
//! unknown fields and are checked as a whole: every fault is reported with the name of its field.
//! Offsets into texts are UTF-8 bytes, points in time are RFC 3339 in UTC.

mod agents;
mod answers;
mod assist;
mod checks;
mod conversations;
mod customers;
mod documents;
mod events;
mod faq;
mod feedback;
mod handoff;
mod jobs;
mod listing;
mod operations;
mod outgoing;
mod problem;
mod records;
mod releases;
mod retrieve;
mod sources;
mod teach;
mod tickets;
mod time;
mod words;

pub use agents::{AgentList, AgentRequest, AgentResponse, CheckedAgent};
pub use answers::{
    AnswerParts, AnswerRequest, AnswerResponse, Ask, Citation, Clarify, ClarifyOption, Confidence,
    Consent, Customer, Escalation, Filter, HistoryTurn, Models, Proof, Timings,
};
pub use assist::{
    AssistRequest, AssistResponse, CheckedAssist, DraftWarning, SimilarTicket, Soothing,
};
pub use checks::{FieldError, InvalidFields};
pub use conversations::{
    ConversationResponse, Message, MessageRequest, MessageResponse, TurnResponse, WatchQuery,
};
pub use customers::{CustomerResponse, ErasedResponse};
pub use documents::{
    ChangeStateRequest, CheckedDocument, CheckedOverlay, CheckedPair, CorrectionResponse,
    DocumentItem, DocumentResponse, ListDocumentsQuery, ListOverlaysQuery, NewDocument,
    OverlayAccepted, OverlayKind, OverlayRequest, OverlayResponse, OverlayState, PairRequest,
    PutDocument, ReadDocumentQuery, RemovalResponse, SectionDays, UploadForm, WaitQuery,
};
pub use events::{DeltaEvent, SourcesEvent, StateEvent, StatusEvent, TurnEvent};
pub use faq::{FaqItem, FaqQuery, FaqResponse};
pub use feedback::{CheckedFeedback, FeedbackCreated, FeedbackItem, FeedbackRequest};
pub use handoff::{
    AttemptResponse, HANDOFF_SCHEMA, HandoffResponse, MoodPoint, MoodResponse, Quoted,
    SuggestedReplyResponse, SummaryLine,
};
pub use jobs::{JobFileResponse, JobProgressResponse, JobResponse};
pub use listing::{Listing, PageQuery};
pub use operations::{Live, Ready};
pub use outgoing::{DeliveryQuery, DeliveryResponse, EVENT_SCHEMA, WebhookEvent};
pub use problem::Problem;
pub use records::{Feature, PassageTraceResponse, RecordResponse};
pub use releases::{
    DocumentDiffResponse, FieldChangeResponse, PublishRequest, ReleaseDiffResponse,
    ReleaseResponse, RollbackRequest,
};
pub use retrieve::{PassageResponse, RetrieveRequest, RetrieveResponse};
pub use sources::{
    ListedSource, RunSourceRequest, SourceResponse, SourceRunOutcome, SourceRunResponse,
    SourceState, Sources,
};
pub use teach::{
    CheckedLesson, EvalRow, KnownPair, LessonResponse, ListPairsQuery, PairsForm, TeachOutcome,
    TeachRequest, TeachResponse,
};
pub use tickets::{
    ClaimRequest, MAX_REPLY_BYTES, ReopenRequest, ReplyRequest, ResolveRequest, ReturnRequest,
    SentimentResponse, SlaResponse, TicketDetail, TicketQuery, TicketResponse, TicketStepResponse,
    TransferRequest,
};
pub use time::day_after;
pub use words::{
    ConversationState, DeliveryState, DocumentChange, DocumentKind, DocumentState,
    EscalationReason, HistoryRole, JobFileState, JobState, Lane, LanePreference, MessageRole,
    Outcome, Presence, Priority, Reason, ReleaseState, SlaState, Speaker, SummaryReason, Thumbs,
    TicketStatus, Trend,
};
