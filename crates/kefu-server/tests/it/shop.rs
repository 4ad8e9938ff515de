//! A small shop: the whole service over fakes, asked in memory.

mod parser;
mod reply;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use kefu_core::ports::{CollectionSpec, Embedder, Generator, JobState, OutboxRecords as _};
use kefu_core::{Language, TenantId, Triage};
use kefu_desk::{
    Desk, DeskParts, DraftRules, Packages, Policy, Rules, RulesSettings, SimilarTickets,
};
use kefu_ingest::{IngestSettings, Ingestor, IngestorParts, Unobserved};
use kefu_rag::{AnswerSettings, Answerer, AnswererParts, GeneratePolicy};
use kefu_server::{
    Assistance, Authenticator, ChannelSpec, Channels, DeliveryPolicy, Endpoint, Metrics, Outreach,
    Readiness, ServerSettings, Service, ServiceParts, SuggestedQuestion, TeachMode,
};
use kefu_testkit::fakes::{
    FakeClock, FakeEmbedder, FakeGenerator, FakeSender, MemoryRecords, MemoryStore, Script,
};
use kefu_testkit::scopes;
use kefu_text::Analyser;
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) use reply::Reply;

pub(crate) const TENANT: &str = "acme";
pub(crate) const RETURNS_ID: &str = "returns/policy.md";
pub(crate) const RETURNS_PATH: &str = "/v1/documents/returns%2Fpolicy.md";
const RETURNS: &str = "# Returns\n\nYou can return any unused item within 30 days of delivery. \
    Gift cards cannot be returned.\n\nRefunds are paid to the original payment method within 5 \
    business days after the parcel arrives.";
const REFUND_ZH: &str =
    "# 退款说明\n\n退款将在收到退货后的7个工作日内原路退回。定制商品不支持退货。";
pub(crate) const RETURNS_QUESTION: &str = "How many days do I have to return an unused item?";

/// What a test can set before the shop opens.
pub(crate) struct Fittings {
    pub(crate) settings: ServerSettings,
    pub(crate) script: Script,
    pub(crate) triage: Arc<dyn Triage>,
    pub(crate) policy: Policy,
    pub(crate) readiness: Readiness,
    pub(crate) sources: Vec<kefu_ingest::SourceSpec>,
    pub(crate) teach: TeachMode,
    pub(crate) channels: Vec<ChannelSpec>,
    pub(crate) endpoints: Vec<Endpoint>,
}

pub(crate) struct Shop {
    pub(crate) service: Service,
    pub(crate) records: Arc<MemoryRecords>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) generator: Arc<FakeGenerator>,
    /// Keeps what other programs are told.
    pub(crate) sender: Arc<FakeSender>,
    pub(crate) readiness: Readiness,
    ingestor: Arc<Ingestor>,
    router: Router,
}

impl Shop {
    /// A shop with two documents published.
    pub(crate) async fn open() -> Self {
        Self::fitted(|_| {}).await
    }

    pub(crate) async fn fitted(fit: impl FnOnce(&mut Fittings)) -> Self {
        let mut fittings = Fittings {
            settings: settings(),
            script: Script::Refuse,
            triage: rules(),
            policy: Policy::unruled(),
            readiness: Readiness::ready(),
            sources: Vec::new(),
            teach: TeachMode::Direct,
            channels: Vec::new(),
            endpoints: Vec::new(),
        };
        fit(&mut fittings);
        let shop = Self::build(fittings);
        let operator = scopes::operator(TENANT);
        let tenant = |_| scopes::operator(TENANT);
        shop.ingestor.open_index(&operator, &tenant, &Unobserved).await.unwrap();
        shop.put(RETURNS_ID, RETURNS).await;
        shop.put("退款.md", REFUND_ZH).await;
        shop
    }

    fn build(fittings: Fittings) -> Self {
        let clock = Arc::new(FakeClock::at(1_700_000_000_000));
        let records = Arc::new(MemoryRecords::new(clock.clone()));
        let store = Arc::new(MemoryStore::new());
        let embedder: Arc<dyn Embedder> = Arc::new(FakeEmbedder::new(64, &[Language::ENGLISH]));
        let generator = Arc::new(FakeGenerator::new(&[Language::ENGLISH], fittings.script));
        let ingestor = Arc::new(Ingestor::new(IngestorParts {
            fetcher: None,
            clock: Arc::new(kefu_testkit::fakes::FakeClock::at(1_000_000)),
            parser: Arc::new(parser::PlainParser),
            records: records.clone(),
            store: store.clone(),
            embedder: Some(embedder.clone()),
            analyser: analyser(),
            collection: CollectionSpec { name: "shop".to_owned(), dimensions: Some(64) },
            settings: ingest_settings(),
        }));
        let policy = Arc::new(fittings.policy);
        let answerer = Answerer::new(AnswererParts {
            store: store.clone(),
            records: records.clone(),
            embedder: Some(embedder.clone()),
            generator: Some(generator.clone() as Arc<dyn Generator>),
            triage: fittings.triage.clone(),
            dispatcher: policy.clone(),
            clock: clock.clone(),
            calibration: None,
            reranker: None,
            analyser: analyser(),
            settings: answer_settings(),
        });
        let desk = DeskParts { records: records.clone(), clock: clock.clone(), policy };
        let desk = Arc::new(Desk::new(desk));
        let sender = Arc::new(FakeSender::answering(200));
        records.subscribe(fittings.endpoints.iter().map(Endpoint::subscription).collect());
        let service = Service::new(ServiceParts {
            sources: fittings.sources,
            answerer: Arc::new(answerer),
            desk: desk.clone(),
            ingestor: ingestor.clone(),
            records: records.clone(),
            store: store.clone(),
            clock: clock.clone(),
            authenticator: Arc::new(Authenticator::open(TenantId::new(TENANT).unwrap())),
            assistance: Assistance {
                packages: Arc::new(Packages::new(records.clone(), fittings.triage)),
                similar: Arc::new(SimilarTickets::new(records.clone(), Some(embedder), analyser())),
                draft_rules: Arc::new(DraftRules::new(&[])),
                teach: fittings.teach,
            },
            outreach: Outreach {
                sender: sender.clone(),
                endpoints: fittings.endpoints,
                channels: Channels::open(fittings.channels).unwrap(),
                policy: DeliveryPolicy {
                    max_attempts: 3,
                    first_retry: Duration::from_millis(10),
                    longest_retry: Duration::from_secs(1),
                    keep: Duration::from_secs(60),
                },
            },
            metrics: Metrics::install().unwrap(),
            readiness: fittings.readiness.clone(),
            settings: fittings.settings,
        })
        .unwrap();
        let router = service.router();
        let readiness = fittings.readiness;
        Self {
            service,
            records,
            desk,
            clock,
            store,
            generator,
            sender,
            readiness,
            ingestor,
            router,
        }
    }

    /// Puts a document in and works the job off.
    pub(crate) async fn put(&self, id: &str, text: &str) {
        let body = json!({"id": id, "text": text, "url": "https://shop.example/help"});
        let reply = self.post("/v1/documents", body).await;
        assert_eq!(reply.status, 202, "{}", reply.text());
        self.work().await;
    }

    /// Works off all waiting jobs, as the worker of a running service does.
    pub(crate) async fn work(&self) {
        let editor = scopes::editor(TENANT);
        while let Some(job) = self.ingestor.run_next_job(&editor).await.unwrap() {
            assert_eq!(job.state, JobState::Succeeded, "{job:?}");
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        Reply::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    pub(crate) async fn respond(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Request::delete(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(json_request(Method::POST, path, &body)).await
    }

    pub(crate) async fn ask(&self, question: &str) -> Value {
        self.post("/v1/answers", json!({"question": question})).await.ok()
    }
}

pub(crate) fn json_request(method: Method, path: &str, body: &Value) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

/// A question whose answer is wanted as events.
pub(crate) fn stream_request(body: &Value) -> Request<Body> {
    let mut request = json_request(Method::POST, "/v1/answers", body);
    request.headers_mut().insert("accept", "text/event-stream".parse().unwrap());
    request
}

fn settings() -> ServerSettings {
    ServerSettings {
        hosts: vec!["kefu.example".to_owned()],
        cors_origins: vec!["https://shop.example".to_owned()],
        max_body_bytes: 16_384,
        max_upload_bytes: 65_536,
        max_concurrent_requests: 8,
        max_streams: 4,
        request_timeout: Duration::from_secs(10),
        identity_secret: None,
        suggested_questions: vec![SuggestedQuestion {
            text: RETURNS_QUESTION.to_owned(),
            language: Language::ENGLISH,
        }],
    }
}

fn ingest_settings() -> IngestSettings {
    IngestSettings {
        default_state: kefu_core::DocumentState::Approved,
        keep_releases: 10,
        holder: "test".to_owned(),
        chunk_tokens: 100,
        words_first: false,
        embed_batch: 8,
        parse_concurrency: 1,
        keep_rules: kefu_ingest::KeepRules::default(),
        max_removed_share: 0.6,
        max_file_bytes: 65_536,
        max_document_bytes: 65_536,
        max_uploads: 100,
        max_upload_bytes: 65_536,
        max_queued_jobs: 10,
    }
}

fn answer_settings() -> AnswerSettings {
    AnswerSettings {
        top_k_per_leg: 20,
        rerank_depth: 10,
        cross_encoder_depth: 20,
        sentence_embed_depth: 8,
        answer_threshold: Some(0.3),
        conservative_threshold: 0.5,
        curated_threshold: 0.9,
        generate: GeneratePolicy::WhenNeeded,
        max_answer_tokens: 100,
        max_prompt_tokens: 600,
        max_question_bytes: 400,
        max_question_terms: 60,
        max_history_turns: 8,
    }
}

/// Making the rules takes a while, so all tests share them.
fn rules() -> Arc<Rules> {
    static RULES: OnceLock<Arc<Rules>> = OnceLock::new();
    let make = || Arc::new(Rules::new(RulesSettings { escalate_after_failures: 2 }));
    RULES.get_or_init(make).clone()
}

/// Loading the dictionary takes a while, so all tests share one.
fn analyser() -> Arc<Analyser> {
    static ANALYSER: OnceLock<Arc<Analyser>> = OnceLock::new();
    ANALYSER.get_or_init(|| Arc::new(Analyser::new())).clone()
}
