use async_trait::async_trait;
use kefu_core::ports::Embedder;
use kefu_core::{
    Citation, Confidence, DocumentId, Lane, Outcome, Reason, Revision, Signals, TriageOutcome,
};
use thiserror::Error;

use crate::dataset::{Example, GoldQuestion};

/// Something that can be asked.
#[async_trait]
pub trait Subject: Send + Sync {
    /// What is being evaluated, for the report.
    fn info(&self) -> SubjectInfo;

    /// Passages for a question with its history, best first, at most `top_k`.
    async fn retrieve(
        &self,
        question: &GoldQuestion,
        top_k: usize,
    ) -> Result<Vec<RankedPassage>, SubjectError>;

    /// Answers a question with its history, in a conversation of its own.
    async fn answer(&self, question: &GoldQuestion) -> Result<Reply, SubjectError>;

    /// The same, but nothing is withheld: whatever answer there is is given, with the confidence
    /// that it would have had.
    async fn answer_anyway(&self, question: &GoldQuestion) -> Result<Reply, SubjectError>;

    /// The same from one document alone.
    async fn answer_from(
        &self,
        question: &GoldQuestion,
        document_id: &str,
    ) -> Result<Reply, SubjectError>;

    /// What the subject was told and must not tell; empty when there is nothing.
    fn secret(&self) -> &'static str;

    /// A document's text at a revision, for checking quotes; `None` when the subject cannot tell,
    /// and an error when it should have been able to.
    async fn source_text(
        &self,
        document_id: &DocumentId,
        revision: &Revision,
    ) -> Result<Option<String>, SubjectError>;

    /// What triage reads from a text beside its verdict; a subject without triage reads nothing.
    fn signals(&self, example: &Example) -> Signals {
        let _ = example;
        Signals::default()
    }

    /// What the subject embeds questions with, for telling intents; `None` when it has nothing.
    fn encoder(&self) -> Option<&dyn Embedder> {
        None
    }

    /// Judges a text as triage would; `None` when the subject has no triage.
    fn assess(&self, example: &Example) -> Option<TriageOutcome>;
}

/// What is being evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectInfo {
    /// Version of the code path.
    pub pipeline: String,
    /// Embedder, `id@hash`.
    pub embedder: Option<String>,
    /// Generator, `id@hash`.
    pub generator: Option<String>,
    /// Cross-encoder, `id@hash`.
    pub reranker: Option<String>,
}

/// A passage in a ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankedPassage {
    /// Its document.
    pub document_id: DocumentId,
    /// Its text.
    pub text: String,
}

/// What came back for a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// What became of the question.
    pub outcome: Outcome,
    /// How the answer was made.
    pub lane: Lane,
    /// Why there is none.
    pub reason: Option<Reason>,
    /// What the customer reads.
    pub text: String,
    /// Its sources.
    pub citations: Vec<Citation>,
    /// How sure the subject is.
    pub confidence: Confidence,
    /// What confidence was made of, by name.
    pub features: Vec<(String, f32)>,
}

/// Asking failed; the question counts as a failure.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{detail}")]
pub struct SubjectError {
    /// The cause.
    pub detail: String,
}
