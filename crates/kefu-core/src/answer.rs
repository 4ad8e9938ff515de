//! The answer to one question, and its record.

use crate::content::{Revision, Span};
use crate::ids::{AnswerId, ChunkId, ConversationId, DocumentId, TicketId};
use crate::language::Language;
use crate::release::ReleaseNo;
use crate::triage::EscalationReason;

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Answered from the documents.
    Answered,
    /// A question back to the customer.
    Clarify,
    /// No answer, for a stated [`Reason`].
    Abstained,
    /// Handed to a person.
    Escalated,
}

/// How the answer was made, cheapest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// A reviewed question–answer pair.
    Curated,
    /// Sentences of the documents, verbatim.
    Extractive,
    /// Written by a model and verified against the documents.
    Generated,
    /// No answer text from documents.
    None,
}

/// Why Kefu abstained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing was found at all.
    NoDocument,
    /// What was found does not support an answer.
    WeakEvidence,
    /// The documents contradict each other.
    Conflict,
    /// Not a question for this service.
    OutOfScope,
    /// Answering would be unsafe.
    Unsafe,
    /// No document is known to hold on the day asked about.
    AsOfUnknown,
}

macro_rules! wire_words {
    ($type:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// The word used on the wire and in records.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word of [`Self::as_str`].
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

wire_words!(Outcome {
    Answered => "answered", Clarify => "clarify", Abstained => "abstained", Escalated => "escalated",
});
wire_words!(Lane {
    Curated => "curated", Extractive => "extractive", Generated => "generated", None => "none",
});
wire_words!(Reason {
    NoDocument => "no_document", WeakEvidence => "weak_evidence", Conflict => "conflict",
    OutOfScope => "out_of_scope", Unsafe => "unsafe", AsOfUnknown => "as_of_unknown",
});

/// A quotation that supports the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// Number shown in the answer, from 1.
    pub label: u32,
    /// The quoted document.
    pub document_id: DocumentId,
    /// Its title.
    pub title: String,
    /// Its revision.
    pub revision: Revision,
    /// The quoted bytes, verbatim: `span` of the document's text at `revision`.
    pub quote: String,
    /// Where the quote stands in the document's text.
    pub span: Span,
    /// The document's address for customers.
    pub url: Option<String>,
}

/// One thing that a customer may have meant, offered by a question back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClarifyOption {
    /// What the customer reads, and may send back as their reply; never empty.
    pub label: String,
    /// The document it stands for.
    pub document_id: DocumentId,
}

/// How sure Kefu is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// Estimated probability that the answer is right, in 0..=1.
    pub value: f32,
    /// Whether the estimate was calibrated for these models and this pipeline.
    pub calibrated: bool,
    /// What `value` had to reach for an answer.
    pub threshold: f32,
}

/// Milliseconds spent per stage; zero where a stage did not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageTimings {
    /// Rules before retrieval.
    pub triage_ms: u32,
    /// Query encoding and both search legs.
    pub retrieve_ms: u32,
    /// Reranking.
    pub rerank_ms: u32,
    /// Choosing sentences.
    pub read_ms: u32,
    /// Generation, until its last token.
    pub generate_ms: u32,
    /// Until the first generated token.
    pub first_token_ms: u32,
    /// Checking generated text.
    pub verify_ms: u32,
    /// The whole answer.
    pub total_ms: u32,
}

/// A passage as it was ranked for an answer, for replay and audit.
#[derive(Clone, Debug, PartialEq)]
pub struct PassageTrace {
    /// The chunk.
    pub chunk_id: ChunkId,
    /// Its document.
    pub document_id: DocumentId,
    /// Final score; higher is better.
    pub score: f32,
    /// Rank in the dense leg, from 1.
    pub dense_rank: Option<u32>,
    /// Rank in the lexical leg, from 1.
    pub lexical_rank: Option<u32>,
    /// Raw score in the dense leg (cosine).
    pub dense_score: Option<f32>,
    /// Raw score in the lexical leg (BM25).
    pub lexical_score: Option<f32>,
}

/// One answer, append-only, with enough to explain it.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerRecord {
    /// Identity.
    pub id: AnswerId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// The customer's words; empty when the customer refused recording.
    pub question: String,
    /// What was searched for; empty when the customer refused recording.
    pub rewritten: String,
    /// Language of question and answer.
    pub language: Language,
    /// The release it was answered from.
    pub release: ReleaseNo,
    /// What became of it.
    pub outcome: Outcome,
    /// How the answer was made.
    pub lane: Lane,
    /// Why there is none.
    pub reason: Option<Reason>,
    /// The text shown; empty when the customer refused recording.
    pub answer: String,
    /// Its sources, by label.
    pub citations: Vec<Citation>,
    /// What a question back offers, in the order shown; empty with any other outcome, and where a
    /// courtesy was answered in kind.
    pub options: Vec<ClarifyOption>,
    /// Labels of the citations that say something else than the answer; of all that disagree,
    /// where Kefu abstained because of it.
    pub conflicting: Vec<u32>,
    /// How sure.
    pub confidence: Confidence,
    /// Named inputs of the decision, for calibration.
    pub features: Vec<(String, f32)>,
    /// Passages considered, best first.
    pub passages: Vec<PassageTrace>,
    /// Hand-over, when there was one.
    pub escalation: Option<(TicketId, EscalationReason)>,
    /// Embedder that was used, `id@hash`.
    pub embedder: Option<String>,
    /// Generator that was used, `id@hash`.
    pub generator: Option<String>,
    /// Version of the code path and prompts, for replay.
    pub pipeline: String,
    /// Time per stage.
    pub timings: StageTimings,
    /// When, milliseconds since the epoch, UTC.
    pub at_ms: i64,
    /// Whether the customer allowed recording.
    pub consent: bool,
}

impl AnswerRecord {
    /// Whether a courtesy was answered in kind: nothing was asked, nothing was tried.
    #[must_use]
    pub fn is_courtesy(&self) -> bool {
        self.outcome == Outcome::Clarify && self.options.is_empty()
    }
}
