use kefu_core::{
    AnswerRecord, ChunkId, Citation, ClarifyOption, DocumentId, PassageTrace, Revision, Span,
    StageTimings,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::fault::{Fault, damaged};

/// The part of an answer record that is stored as JSON. Fields are only ever added, with a
/// default, so that old records stay readable.
#[derive(Serialize, Deserialize)]
pub(super) struct Body {
    pub(super) question: String,
    pub(super) rewritten: String,
    pub(super) answer: String,
    pub(super) calibrated: bool,
    #[serde(deserialize_with = "null_as_nan")]
    pub(super) threshold: f32,
    pub(super) features: Vec<(String, Number)>,
    pub(super) escalation_reason: Option<String>,
    pub(super) embedder: Option<String>,
    pub(super) generator: Option<String>,
    pub(super) pipeline: String,
    #[serde(default)]
    pub(super) conflicting: Vec<u32>,
    #[serde(default)]
    options: Vec<OptionBody>,
    citations: Vec<CitationBody>,
    passages: Vec<TraceBody>,
    timings: TimingsBody,
}

/// A number that survives JSON, which writes what is not finite as null.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Number(#[serde(deserialize_with = "null_as_nan")] pub(super) f32);

fn null_as_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f32::NAN))
}

#[derive(Serialize, Deserialize)]
struct CitationBody {
    label: u32,
    document_id: String,
    title: String,
    revision: String,
    quote: String,
    start: usize,
    end: usize,
    url: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct OptionBody {
    label: String,
    document_id: String,
}

#[derive(Serialize, Deserialize)]
struct TraceBody {
    chunk_id: String,
    document_id: String,
    score: Number,
    dense_rank: Option<u32>,
    lexical_rank: Option<u32>,
    dense_score: Option<f32>,
    lexical_score: Option<f32>,
}

#[derive(Serialize, Deserialize)]
struct TimingsBody {
    triage_ms: u32,
    retrieve_ms: u32,
    rerank_ms: u32,
    read_ms: u32,
    generate_ms: u32,
    first_token_ms: u32,
    verify_ms: u32,
    total_ms: u32,
}

impl Body {
    pub(super) fn of(record: &AnswerRecord) -> Self {
        let features = record.features.iter();
        Self {
            question: record.question.clone(),
            rewritten: record.rewritten.clone(),
            answer: record.answer.clone(),
            calibrated: record.confidence.calibrated,
            threshold: record.confidence.threshold,
            features: features.map(|(name, value)| (name.clone(), Number(*value))).collect(),
            escalation_reason: record.escalation.as_ref().map(|(_, r)| r.as_str().to_owned()),
            embedder: record.embedder.clone(),
            generator: record.generator.clone(),
            pipeline: record.pipeline.clone(),
            conflicting: record.conflicting.clone(),
            options: record.options.iter().map(OptionBody::of).collect(),
            citations: record.citations.iter().map(CitationBody::of).collect(),
            passages: record.passages.iter().map(TraceBody::of).collect(),
            timings: TimingsBody::of(record.timings),
        }
    }

    pub(super) fn citations(&self) -> Result<Vec<Citation>, Fault> {
        self.citations.iter().map(CitationBody::read).collect()
    }

    pub(super) fn options(&self) -> Result<Vec<ClarifyOption>, Fault> {
        self.options.iter().map(OptionBody::read).collect()
    }

    pub(super) fn passages(&self) -> Result<Vec<PassageTrace>, Fault> {
        self.passages.iter().map(TraceBody::read).collect()
    }

    pub(super) fn timings(&self) -> StageTimings {
        let TimingsBody {
            triage_ms,
            retrieve_ms,
            rerank_ms,
            read_ms,
            generate_ms,
            first_token_ms,
            verify_ms,
            total_ms,
        } = self.timings;
        StageTimings {
            triage_ms,
            retrieve_ms,
            rerank_ms,
            read_ms,
            generate_ms,
            first_token_ms,
            verify_ms,
            total_ms,
        }
    }
}

impl CitationBody {
    fn of(citation: &Citation) -> Self {
        Self {
            label: citation.label,
            document_id: citation.document_id.as_str().to_owned(),
            title: citation.title.clone(),
            revision: citation.revision.as_str().to_owned(),
            quote: citation.quote.clone(),
            start: citation.span.start,
            end: citation.span.end,
            url: citation.url.clone(),
        }
    }

    fn read(&self) -> Result<Citation, Fault> {
        Ok(Citation {
            label: self.label,
            document_id: document_id(&self.document_id)?,
            title: self.title.clone(),
            revision: Revision::parse(&self.revision).ok_or_else(|| damaged("a revision"))?,
            quote: self.quote.clone(),
            span: Span { start: self.start, end: self.end },
            url: self.url.clone(),
        })
    }
}

impl OptionBody {
    fn of(option: &ClarifyOption) -> Self {
        Self { label: option.label.clone(), document_id: option.document_id.as_str().to_owned() }
    }

    fn read(&self) -> Result<ClarifyOption, Fault> {
        Ok(ClarifyOption {
            label: self.label.clone(),
            document_id: document_id(&self.document_id)?,
        })
    }
}

impl TraceBody {
    fn of(trace: &PassageTrace) -> Self {
        Self {
            chunk_id: trace.chunk_id.to_string(),
            document_id: trace.document_id.as_str().to_owned(),
            score: Number(trace.score),
            dense_rank: trace.dense_rank,
            lexical_rank: trace.lexical_rank,
            dense_score: trace.dense_score,
            lexical_score: trace.lexical_score,
        }
    }

    fn read(&self) -> Result<PassageTrace, Fault> {
        Ok(PassageTrace {
            chunk_id: ChunkId::parse(&self.chunk_id).map_err(|_| damaged("a chunk id"))?,
            document_id: document_id(&self.document_id)?,
            score: self.score.0,
            dense_rank: self.dense_rank,
            lexical_rank: self.lexical_rank,
            dense_score: self.dense_score,
            lexical_score: self.lexical_score,
        })
    }
}

impl TimingsBody {
    fn of(timings: StageTimings) -> Self {
        let StageTimings {
            triage_ms,
            retrieve_ms,
            rerank_ms,
            read_ms,
            generate_ms,
            first_token_ms,
            verify_ms,
            total_ms,
        } = timings;
        Self {
            triage_ms,
            retrieve_ms,
            rerank_ms,
            read_ms,
            generate_ms,
            first_token_ms,
            verify_ms,
            total_ms,
        }
    }
}

fn document_id(text: &str) -> Result<DocumentId, Fault> {
    DocumentId::new(text).map_err(|_| damaged("a document id"))
}
