//! The pairs and articles of a folder in memory, with the answer path over them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kefu_core::ports::{
    CollectionSpec, ContentRecords, DocumentChange, EmbedKind, Embedder, VectorStore,
};
use kefu_core::{
    Audience, Chunk, ChunkDraft, ChunkId, Document, DocumentId, DocumentKind, DocumentMeta,
    Escalation, EscalationReason, Language, Priority, ReleaseNo, Span, Triage, TriageInput,
    TriageOutcome,
};
use kefu_evals::{AnswererSubject, AnswererSubjectParts};
use kefu_rag::{AnswerSettings, Answerer, AnswererParts, GeneratePolicy, LanePreference};
use kefu_testkit::fakes::{FakeClock, FakeEmbedder, MemoryRecords, MemoryStore, PlainDispatcher};
use kefu_testkit::scopes;
use kefu_text::Analyser;

const TENANT: &str = "acme";
const COLLECTION: &str = "test";
const DIMENSIONS: usize = 256;

/// Everything that the folder's files hold, ready to be asked about.
pub(crate) async fn subject(documents: &Path) -> AnswererSubject {
    let clock = Arc::new(FakeClock::at(1_700_000_000_000));
    let records = Arc::new(MemoryRecords::new(clock.clone()));
    let store = Arc::new(MemoryStore::new());
    let embedder = Arc::new(FakeEmbedder::new(DIMENSIONS, &[Language::ENGLISH]));
    let analyser = Arc::new(Analyser::new());
    fill((&records, &store), &read(documents), (&embedder, &analyser)).await;
    let answerer = Answerer::new(AnswererParts {
        store,
        records: records.clone(),
        embedder: Some(embedder),
        generator: None,
        triage: Arc::new(NoTriage),
        dispatcher: Arc::new(PlainDispatcher),
        clock,
        calibration: None,
        reranker: None,
        analyser,
        settings: AnswerSettings {
            top_k_per_leg: 50,
            rerank_depth: 20,
            cross_encoder_depth: 20,
            sentence_embed_depth: 4,
            answer_threshold: None,
            conservative_threshold: 0.5,
            curated_threshold: 0.9,
            generate: GeneratePolicy::Never,
            max_answer_tokens: 96,
            max_prompt_tokens: 400,
            max_question_bytes: 4000,
            max_question_terms: 400,
            max_history_turns: 12,
        },
    });
    AnswererSubject::new(AnswererSubjectParts {
        answerer: Arc::new(answerer),
        records,
        triage: Arc::new(NoTriage),
        scope: scopes::customer(TENANT),
        content: None,
        reader: scopes::editor(TENANT),
        lane: LanePreference::Auto,
        timeout: Duration::from_secs(20),
        embedder: None,
        generator: None,
        reranker: None,
    })
}

/// Every question goes to the documents.
struct NoTriage;

impl Triage for NoTriage {
    fn assess(&self, _input: &TriageInput<'_>) -> TriageOutcome {
        TriageOutcome::Proceed
    }

    fn after_failures(&self, _n_failures: u32) -> Option<Escalation> {
        None
    }

    fn engine_failure(&self) -> Escalation {
        Escalation {
            reason: EscalationReason::EngineFailure,
            queue: "general".to_owned(),
            priority: Priority::Normal,
            rule: "test",
        }
    }
}

fn read(folder: &Path) -> Vec<Document> {
    let mut documents = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in text.lines() {
            documents.push(document(&serde_json::from_str(line).unwrap()));
        }
    }
    documents
}

fn document(row: &serde_json::Value) -> Document {
    let field = |name: &str| row[name].as_str().map(str::to_owned);
    let (title, text, kind) = match (field("question"), field("answer")) {
        (Some(question), Some(answer)) => {
            let text = format!("{question}\n\n{answer}");
            let answer = Span { start: text.len() - answer.len(), end: text.len() };
            (question, text, DocumentKind::Pair { answer })
        }
        _ => (field("title").unwrap(), field("text").unwrap(), DocumentKind::Article),
    };
    Document {
        id: DocumentId::new(field("id").unwrap()).unwrap(),
        kind,
        meta: DocumentMeta {
            title,
            language: kefu_text::detect(&text),
            url: None,
            audiences: BTreeSet::from([Audience::public()]),
            valid_from: None,
            valid_to: None,
            sections: Vec::new(),
            state: kefu_core::DocumentState::Approved,
        },
        text,
    }
}

async fn fill(
    (records, store): (&MemoryRecords, &MemoryStore),
    documents: &[Document],
    (embedder, analyser): (&FakeEmbedder, &Analyser),
) {
    let scope = scopes::operator(TENANT);
    let spec = CollectionSpec { name: COLLECTION.to_owned(), dimensions: Some(DIMENSIONS) };
    store.open(&spec).await.unwrap();
    store.mark_complete(COLLECTION).await.unwrap();
    let build = records.begin_build(&scope, "test", COLLECTION).await.unwrap();
    for document in documents {
        let chunk = chunk(document, build.release, (embedder, analyser)).await;
        store.upsert(&scope, COLLECTION, std::slice::from_ref(&chunk)).await.unwrap();
        let text_hash = chunk.draft.text_hash();
        let change = DocumentChange::Put {
            document: document.clone(),
            source: "test".to_owned(),
            cleaning: kefu_core::Cleaning::default(),
            source_text: kefu_core::SourceText::default(),
            chunks: vec![(chunk, text_hash)],
        };
        records.stage(&scope, &build, &[change]).await.unwrap();
    }
    records.publish(&scope, &build).await.unwrap();
}

async fn chunk(
    document: &Document,
    since: ReleaseNo,
    (embedder, analyser): (&FakeEmbedder, &Analyser),
) -> Chunk {
    let language = document.meta.language;
    let index_text = format!("{}\n{}", document.meta.title, document.text);
    let dense = if language == Language::ENGLISH {
        embedder.embed(EmbedKind::Passage, std::slice::from_ref(&index_text)).await.unwrap().pop()
    } else {
        None
    };
    Chunk {
        id: ChunkId::derive(&[document.id.as_str().as_bytes()]),
        document_id: document.id.clone(),
        audiences: document.meta.audiences.clone(),
        since,
        until: None,
        dense,
        sparse: analyser.encode_passage(&index_text),
        draft: ChunkDraft {
            ordinal: 0,
            span: Span { start: 0, end: document.text.len() },
            heading: String::new(),
            index_text,
            language,
            validity: document.meta.validity(),
            n_tokens: 10,
        },
    }
}
