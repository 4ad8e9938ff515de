use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kefu_core::ports::{CurrentContent, Embedder, Records};
use kefu_core::{
    Deadline, DocumentId, Revision, Scope, Signals, Speaker, Triage, TriageInput, TriageOutcome,
};
use kefu_rag::{
    Answerer, HistoryTurn, LanePreference, PIPELINE_VERSION, Question, SYSTEM_PROMPT, Unobserved,
};

use crate::dataset::{Example, GoldQuestion, TurnRole};
use crate::subject::{RankedPassage, Reply, Subject, SubjectError, SubjectInfo};

/// The real answer path, asked question by question on behalf of one scope.
pub struct AnswererSubject {
    parts: AnswererSubjectParts,
    encoder: Option<Arc<dyn Embedder>>,
}

/// What an [`AnswererSubject`] is made of.
pub struct AnswererSubjectParts {
    /// The answer path.
    pub answerer: Arc<Answerer>,
    /// Where the documents' texts are, for checking quotes.
    pub records: Arc<dyn Records>,
    /// The rules before retrieval, for the triage suite.
    pub triage: Arc<dyn Triage>,
    /// On whose behalf questions are asked. A customer's scope measures what customers get.
    pub scope: Scope,
    /// Content to ask instead of what is published; then nothing is recorded either.
    pub content: Option<CurrentContent>,
    /// On whose behalf the sources' texts are read, for checking quotes.
    pub reader: Scope,
    /// How answers should be made.
    pub lane: LanePreference,
    /// Time for one question.
    pub timeout: Duration,
    /// Embedder in use, `id@hash`.
    pub embedder: Option<String>,
    /// Generator in use, `id@hash`.
    pub generator: Option<String>,
    /// Cross-encoder in use, `id@hash`.
    pub reranker: Option<String>,
}

impl AnswererSubject {
    /// Wraps the answer path.
    #[must_use]
    pub fn new(parts: AnswererSubjectParts) -> Self {
        Self { parts, encoder: None }
    }

    /// Tells intents with an embedder, in the triage suite.
    #[must_use]
    pub fn encoding_with(self, encoder: Option<Arc<dyn Embedder>>) -> Self {
        Self { encoder, ..self }
    }

    /// The question as a customer's page would send it: the language is left to be detected.
    fn question(&self, gold: &GoldQuestion) -> Question {
        let history = gold.history.iter().map(|turn| HistoryTurn {
            speaker: match turn.role {
                TurnRole::User => Speaker::Customer,
                TurnRole::Assistant => Speaker::Assistant,
            },
            text: turn.text.clone(),
        });
        Question {
            text: gold.text.clone(),
            conversation_id: None,
            history: history.collect(),
            key: None,
            customer: kefu_core::Customer::default(),
            channel: "eval".to_owned(),
            language: None,
            as_of: gold.as_of.clone(),
            documents: None,
            consent_record: true,
            lane: self.parts.lane,
            deadline: Deadline::after(self.parts.timeout),
            answer_anyway: false,
            rehearsal: self.parts.content.clone(),
        }
    }

    async fn ask(&self, question: &Question) -> Result<Reply, SubjectError> {
        let answered = self.parts.answerer.ask(&self.parts.scope, question, &Unobserved).await;
        let answered = answered.map_err(failed)?;
        let record = answered.record;
        Ok(Reply {
            outcome: record.outcome,
            lane: record.lane,
            reason: record.reason,
            text: answered.text,
            citations: record.citations,
            confidence: record.confidence,
            features: record.features,
        })
    }
}

#[async_trait]
impl Subject for AnswererSubject {
    fn info(&self) -> SubjectInfo {
        SubjectInfo {
            pipeline: PIPELINE_VERSION.to_owned(),
            embedder: self.parts.embedder.clone(),
            generator: self.parts.generator.clone(),
            reranker: self.parts.reranker.clone(),
        }
    }

    async fn retrieve(
        &self,
        question: &GoldQuestion,
        top_k: usize,
    ) -> Result<Vec<RankedPassage>, SubjectError> {
        let question = self.question(question);
        let found = self.parts.answerer.retrieve(&self.parts.scope, &question, top_k).await;
        let found = found.map_err(failed)?;
        let ranked = found.passages.into_iter().map(|scored| RankedPassage {
            document_id: scored.passage.document_id,
            text: scored.passage.text,
        });
        Ok(ranked.collect())
    }

    async fn answer(&self, question: &GoldQuestion) -> Result<Reply, SubjectError> {
        self.ask(&self.question(question)).await
    }

    async fn answer_anyway(&self, question: &GoldQuestion) -> Result<Reply, SubjectError> {
        self.ask(&Question { answer_anyway: true, ..self.question(question) }).await
    }

    async fn answer_from(
        &self,
        question: &GoldQuestion,
        document_id: &str,
    ) -> Result<Reply, SubjectError> {
        let document_id = DocumentId::new(document_id).map_err(failed)?;
        let documents = Some(BTreeSet::from([document_id]));
        self.ask(&Question { answer_anyway: true, documents, ..self.question(question) }).await
    }

    fn secret(&self) -> &'static str {
        SYSTEM_PROMPT
    }

    async fn source_text(
        &self,
        document_id: &DocumentId,
        revision: &Revision,
    ) -> Result<Option<String>, SubjectError> {
        let records = &self.parts.records;
        let stored = records.document(&self.parts.reader, document_id, Some(revision)).await;
        stored.map(|stored| Some(stored.document.text)).map_err(failed)
    }

    fn signals(&self, example: &Example) -> Signals {
        let input = TriageInput { text: &example.text, language: example.language, history: &[] };
        self.parts.triage.signals(&input)
    }

    fn encoder(&self) -> Option<&dyn Embedder> {
        self.encoder.as_deref()
    }

    fn assess(&self, example: &Example) -> Option<TriageOutcome> {
        let input = TriageInput { text: &example.text, language: example.language, history: &[] };
        Some(self.parts.triage.assess(&input))
    }
}

fn failed(error: impl std::error::Error) -> SubjectError {
    SubjectError { detail: error.to_string() }
}
