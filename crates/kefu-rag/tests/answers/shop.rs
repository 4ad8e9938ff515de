//! A small shop with everything that answers its customers' questions.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use kefu_core::ports::{
    CollectionSpec, ContentRecords, DocumentChange, EmbedKind, Embedder, Generator, VectorStore,
};
use kefu_core::{
    Audience, Chunk, ChunkDraft, ChunkId, Deadline, Document, DocumentId, DocumentKind,
    DocumentMeta, Escalation, EscalationReason, Language, Priority, Reason, Refusal, ReleaseNo,
    Span, Triage, TriageInput, TriageOutcome,
};
use kefu_rag::{
    AnswerEvent, AnswerObserver, AnswerSettings, Answered, Answerer, AnswererParts, GeneratePolicy,
    LanePreference, Question, RagError,
};
use kefu_testkit::fakes::{
    FakeClock, FakeEmbedder, FakeGenerator, MemoryRecords, MemoryStore, PlainDispatcher, Script,
};
use kefu_testkit::scopes;
use kefu_text::Analyser;

pub(crate) const TENANT: &str = "acme";
const COLLECTION: &str = "test";
const DIMENSIONS: usize = 256;

/// Its dictionary takes a while to load.
static ANALYSER: LazyLock<Arc<Analyser>> = LazyLock::new(|| Arc::new(Analyser::new()));

pub(crate) const RETURNS: &str = "# Returns\n\nYou can return any unused item within 30 days of delivery. Gift cards cannot be returned.\n\nRefunds are paid to the original payment method within 5 business days after the parcel arrives.";
pub(crate) const SHIPPING: &str = "# Shipping\n\nStandard shipping takes 3-5 business days and costs $4.99. Orders above $50 ship free.\n\n| Way | Time | Price |\n| --- | --- | --- |\n| Express courier | 1 day | $14.99 |\n| Sea freight | 30 days | $2.50 |\n";
pub(crate) const LAMP: &str = "# Aurora desk lamp\n\nThe Aurora desk lamp has a warranty of two years. It weighs 1.2 kg and costs $89.\n";
pub(crate) const KETTLE: &str = "# Brook kettle\n\nThe Brook kettle has a warranty of three years. It holds 1.7 litres and costs $59.\n";
pub(crate) const REFUND_ZH: &str = "# 退款说明\n\n退款将在收到退货后的7个工作日内原路退回。定制商品不支持退货。\n\n客服热线是400-123-4567，服务时间为每天9:00至21:00。";
/// As scraped pages write it: with readings inside the words.
pub(crate) const FILTER_ZH: &str = "# 濾芯更換\n\n濾芯的優(yōu)化更換(huàn)週期是六個月。用戶可以在應(yīng)用裡查看濾芯的剩餘壽命。";
/// Held until the middle of the year of the shop's clock.
const HOURS_OLD: &str = "The showroom closes at 17:00 on weekdays.\n";
/// Holds since.
const HOURS_NEW: &str = "The showroom closes at 19:00 on weekdays.\n";
const PAIR_QUESTION: &str = "Do you ship to Canada?";
pub(crate) const PAIR_ANSWER: &str =
    "Yes, we ship to Canada for $12. Customs fees are paid by you.";

/// What a test can set.
pub(crate) struct Fittings {
    pub(crate) script: Option<Script>,
    pub(crate) generate: GeneratePolicy,
    pub(crate) embedder: bool,
}

pub(crate) const QUOTING: Fittings =
    Fittings { script: None, generate: GeneratePolicy::Never, embedder: true };

pub(crate) fn generating(pieces: &[&str]) -> Fittings {
    let pieces = pieces.iter().map(|piece| (*piece).to_owned()).collect();
    Fittings { script: Some(Script::Say(pieces)), generate: GeneratePolicy::Always, embedder: true }
}

pub(crate) struct Shop {
    pub(crate) answerer: Answerer,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) records: Arc<MemoryRecords>,
    pub(crate) embedder: Arc<FakeEmbedder>,
    pub(crate) generator: Arc<FakeGenerator>,
    pub(crate) documents: Vec<Document>,
}

impl Shop {
    pub(crate) async fn open(fittings: Fittings) -> Self {
        Self::with(fittings, |_| {}).await
    }

    /// A shop of which something is put together otherwise.
    pub(crate) async fn with(fittings: Fittings, change: impl FnOnce(&mut AnswererParts)) -> Self {
        Self::stocked((fittings, documents()), change).await
    }

    /// A shop with documents of its own that quotes.
    pub(crate) async fn of(documents: Vec<Document>) -> Self {
        Self::stocked((QUOTING, documents), |_| {}).await
    }

    async fn stocked(
        (fittings, documents): (Fittings, Vec<Document>),
        change: impl FnOnce(&mut AnswererParts),
    ) -> Self {
        let clock = Arc::new(FakeClock::at(1_700_000_000_000));
        let records = Arc::new(MemoryRecords::new(clock.clone()));
        let store = Arc::new(MemoryStore::new());
        let embedder = Arc::new(FakeEmbedder::new(DIMENSIONS, &[Language::ENGLISH]));
        let script = fittings.script.unwrap_or(Script::Refuse);
        let generator = Arc::new(FakeGenerator::new(&[Language::ENGLISH], script));
        let analyser = Arc::clone(&ANALYSER);
        fill(&records, &store, &documents, (&FakeEmbedder::new(DIMENSIONS, &[]), &analyser)).await;
        let mut parts = AnswererParts {
            store: store.clone(),
            records: records.clone(),
            embedder: fittings.embedder.then(|| embedder.clone() as Arc<dyn Embedder>),
            generator: Some(generator.clone() as Arc<dyn Generator>),
            triage: Arc::new(Rules),
            dispatcher: Arc::new(PlainDispatcher),
            clock,
            calibration: None,
            reranker: None,
            analyser,
            settings: AnswerSettings {
                top_k_per_leg: 20,
                rerank_depth: 16,
                cross_encoder_depth: 20,
                sentence_embed_depth: 8,
                // The fake embedder's cosines are lower than a real one's.
                answer_threshold: Some(0.4),
                conservative_threshold: 0.5,
                curated_threshold: 0.9,
                generate: fittings.generate,
                max_answer_tokens: 100,
                max_prompt_tokens: 600,
                max_question_bytes: 400,
                max_question_terms: 60,
                max_history_turns: 8,
            },
        };
        change(&mut parts);
        let answerer = Answerer::new(parts);
        Self { answerer, store, records, embedder, generator, documents }
    }

    pub(crate) async fn ask(&self, question: &Question) -> Answered {
        self.try_ask(question).await.expect("an answer")
    }

    pub(crate) async fn try_ask(&self, question: &Question) -> Result<Answered, RagError> {
        self.watch(question).await.0
    }

    /// Asks and checks on the way that the stream and the result agree.
    pub(crate) async fn watch(
        &self,
        question: &Question,
    ) -> (Result<Answered, RagError>, Vec<AnswerEvent>) {
        let watcher = Watcher::default();
        let outcome = self.answerer.ask(&scopes::customer(TENANT), question, &watcher).await;
        let events = watcher.events.into_inner().unwrap();
        if let Ok(answered) = &outcome {
            let streamed: String = events
                .iter()
                .filter_map(|event| match event {
                    AnswerEvent::Delta(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect();
            assert_eq!(streamed, answered.text, "deltas must add up to the text");
            self.check_citations(answered);
        }
        (outcome, events)
    }

    fn check_citations(&self, answered: &Answered) {
        for citation in &answered.record.citations {
            let document =
                self.documents.iter().find(|d| d.id == citation.document_id).expect("a document");
            assert_eq!(citation.span.of(&document.text), Some(citation.quote.as_str()));
            assert_eq!(citation.revision, document.revision());
        }
    }
}

#[derive(Default)]
pub(crate) struct Watcher {
    events: Mutex<Vec<AnswerEvent>>,
}

impl AnswerObserver for Watcher {
    fn observe(&self, event: AnswerEvent) {
        self.events.lock().unwrap().push(event);
    }
}

/// A question with nothing special about it.
pub(crate) fn question(text: &str) -> Question {
    Question {
        text: text.to_owned(),
        conversation_id: None,
        history: Vec::new(),
        key: None,
        customer: kefu_core::Customer::default(),
        channel: "web".to_owned(),
        language: None,
        as_of: None,
        documents: None,
        consent_record: true,
        lane: LanePreference::Auto,
        deadline: Deadline::after(Duration::from_secs(20)),
        answer_anyway: false,
        rehearsal: None,
    }
}

/// The next question of the same conversation.
pub(crate) fn next(answered: &Answered, text: &str) -> Question {
    Question { conversation_id: Some(answered.conversation.id.clone()), ..question(text) }
}

/// Hands over whoever says "human" or "人工", and after two failures.
struct Rules;

impl Rules {
    fn escalation(reason: EscalationReason) -> Escalation {
        Escalation { reason, queue: "general".to_owned(), priority: Priority::Normal, rule: "test" }
    }
}

impl Triage for Rules {
    fn assess(&self, input: &TriageInput<'_>) -> TriageOutcome {
        if input.text.contains("human") || input.text.contains("人工") {
            TriageOutcome::Escalate(Self::escalation(EscalationReason::HumanRequested))
        } else if input.text.contains("your instructions") {
            TriageOutcome::Refuse(Refusal { reason: Reason::Unsafe, rule: "test" })
        } else {
            TriageOutcome::Proceed
        }
    }

    fn after_failures(&self, n_failures: u32) -> Option<Escalation> {
        (n_failures >= 2).then(|| Self::escalation(EscalationReason::LowConfidence))
    }

    fn engine_failure(&self) -> Escalation {
        Self::escalation(EscalationReason::EngineFailure)
    }
}

fn documents() -> Vec<Document> {
    let pair_text = format!("{PAIR_QUESTION}\n\n{PAIR_ANSWER}");
    let answer = Span { start: pair_text.len() - PAIR_ANSWER.len(), end: pair_text.len() };
    let pair = DocumentKind::Pair { answer };
    let held = |id: &str, text: &str, from: Option<&str>, to: Option<&str>| {
        let mut held = document(id, "Showroom hours", text, DocumentKind::Article);
        held.meta.valid_from = from.map(str::to_owned);
        held.meta.valid_to = to.map(str::to_owned);
        held
    };
    vec![
        held("hours-old", HOURS_OLD, None, Some("2023-06-30")),
        held("hours-new", HOURS_NEW, Some("2023-07-01"), None),
        document("returns", "Returns", RETURNS, DocumentKind::Article),
        document("shipping", "Shipping", SHIPPING, DocumentKind::Article),
        document("lamp", "Aurora desk lamp", LAMP, DocumentKind::Article),
        document("kettle", "Brook kettle", KETTLE, DocumentKind::Article),
        document("refund-zh", "退款说明", REFUND_ZH, DocumentKind::Article),
        document("filter-zh", "濾芯更換", FILTER_ZH, DocumentKind::Article),
        document("faq-canada", PAIR_QUESTION, &pair_text, pair),
    ]
}

/// An approved article without dates.
pub(crate) fn article(id: &str, title: &str, text: &str) -> Document {
    document(id, title, text, DocumentKind::Article)
}

fn document(id: &str, title: &str, text: &str, kind: DocumentKind) -> Document {
    Document {
        id: DocumentId::new(id).unwrap(),
        kind,
        text: text.to_owned(),
        meta: DocumentMeta {
            title: title.to_owned(),
            language: kefu_text::detect(text),
            url: Some(format!("https://acme.example/{id}")),
            audiences: BTreeSet::from([Audience::public()]),
            valid_from: None,
            valid_to: None,
            sections: Vec::new(),
            state: kefu_core::DocumentState::Approved,
        },
    }
}

async fn fill(
    records: &MemoryRecords,
    store: &MemoryStore,
    documents: &[Document],
    (embedder, analyser): (&FakeEmbedder, &Analyser),
) {
    let scope = scopes::operator(TENANT);
    let spec = CollectionSpec { name: COLLECTION.to_owned(), dimensions: Some(DIMENSIONS) };
    store.open(&spec).await.unwrap();
    store.mark_complete(COLLECTION).await.unwrap();
    let build = records.begin_build(&scope, "test", COLLECTION).await.unwrap();
    for document in documents {
        let mut chunks = Vec::new();
        for (ordinal, span) in blocks(document).into_iter().enumerate() {
            let ordinal = u32::try_from(ordinal).unwrap();
            chunks
                .push(chunk(document, (ordinal, span), build.release, (embedder, analyser)).await);
        }
        store.upsert(&scope, COLLECTION, &chunks).await.unwrap();
        let keyed =
            chunks.into_iter().map(|chunk| (chunk.clone(), chunk.draft.text_hash())).collect();
        let source = "test".to_owned();
        let change = DocumentChange::Put {
            document: document.clone(),
            source,
            cleaning: kefu_core::Cleaning::default(),
            source_text: kefu_core::SourceText::default(),
            chunks: keyed,
        };
        records.stage(&scope, &build, &[change]).await.unwrap();
    }
    records.publish(&scope, &build).await.unwrap();
}

/// One chunk per paragraph, so that a citation's place in the document is not its place in the
/// chunk; a pair stays whole.
fn blocks(document: &Document) -> Vec<Span> {
    if matches!(document.kind, DocumentKind::Pair { .. }) {
        return vec![Span { start: 0, end: document.text.len() }];
    }
    let text = document.text.as_str();
    let mut start = 0;
    let mut blocks = Vec::new();
    for part in text.split_inclusive("\n\n") {
        let span = Span { start, end: start + part.len() };
        start = span.end;
        if !part.starts_with('#') {
            blocks.push(span);
        }
    }
    blocks
}

async fn chunk(
    document: &Document,
    (ordinal, span): (u32, Span),
    since: ReleaseNo,
    (embedder, analyser): (&FakeEmbedder, &Analyser),
) -> Chunk {
    let text = span.of(&document.text).unwrap();
    let index_text = format!("{}\n{text}", document.meta.title);
    let language = kefu_text::detect(text);
    let dense = if language == Language::ENGLISH {
        embedder.embed(EmbedKind::Passage, std::slice::from_ref(&index_text)).await.unwrap().pop()
    } else {
        None
    };
    Chunk {
        id: ChunkId::derive(&[document.id.as_str().as_bytes(), &ordinal.to_le_bytes()]),
        document_id: document.id.clone(),
        audiences: document.meta.audiences.clone(),
        since,
        until: None,
        dense,
        sparse: analyser.encode_passage(&index_text),
        draft: ChunkDraft {
            ordinal,
            span,
            heading: String::new(),
            index_text,
            language,
            validity: document.meta.validity(),
            n_tokens: 10,
        },
    }
}
