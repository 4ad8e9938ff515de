use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderValue;
use kefu_core::Language;
use kefu_core::ports::{Clock, Records, VectorStore};
use kefu_desk::Desk;
use kefu_ingest::{Ingestor, SourceSpec};
use kefu_rag::Answerer;
use thiserror::Error;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::answering::Repeats;
use crate::assistance::Assistance;
use crate::auth::Authenticator;
use crate::jobs::JobSignals;
use crate::live::Hub;
use crate::metrics::Metrics;
use crate::readiness::Readiness;
use crate::sources::SourceSignals;
use crate::webhooks::{Outreach, Secret};

/// What the service is made of.
pub struct ServiceParts {
    /// Answers questions.
    pub answerer: Arc<Answerer>,
    /// Works tickets.
    pub desk: Arc<Desk>,
    /// Takes documents in.
    pub ingestor: Arc<Ingestor>,
    /// What is looked at by itself, in order; ids differ.
    pub sources: Vec<SourceSpec>,
    /// Documents, conversations, tickets, jobs.
    pub records: Arc<dyn Records>,
    /// The index, for its health.
    pub store: Arc<dyn VectorStore>,
    /// Tells the time of feedback.
    pub clock: Arc<dyn Clock>,
    /// Says who asks.
    pub authenticator: Arc<Authenticator>,
    /// Help for people at the desk.
    pub assistance: Assistance,
    /// Who is told of what happens.
    pub outreach: Outreach,
    /// Numbers for `/metrics`.
    pub metrics: Metrics,
    /// Whether traffic should come here.
    pub readiness: Readiness,
    /// The rest.
    pub settings: ServerSettings,
}

/// Settings of the service.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// Names beside localhost and IP addresses that a `Host` header may carry.
    pub hosts: Vec<String>,
    /// Origins whose pages may call the API, such as `https://shop.example`.
    pub cors_origins: Vec<String>,
    /// Longest request body.
    pub max_body_bytes: usize,
    /// Longest request body that carries documents.
    pub max_upload_bytes: usize,
    /// API requests worked on at once; more are turned away.
    pub max_concurrent_requests: usize,
    /// Streams of events of the desk, and as many of conversations, that are open at once.
    pub max_streams: usize,
    /// Longest time for one API request.
    pub request_timeout: Duration,
    /// What sites sign their customers with; without one nobody can prove who they are.
    pub identity_secret: Option<Secret>,
    /// Questions offered to customers.
    pub suggested_questions: Vec<SuggestedQuestion>,
}

/// A question offered to customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestedQuestion {
    /// The question.
    pub text: String,
    /// The language it is in.
    pub language: Language,
}

/// A setting that the service cannot work with.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{key}: {value:?} {fault}")]
pub struct BadSetting {
    /// Which.
    pub key: &'static str,
    /// What it says.
    pub value: String,
    /// What is wrong with it.
    pub fault: &'static str,
}

/// The service, ready to be run by [`crate::serve`] or asked in memory through its router.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

/// What handlers and middleware see.
pub(crate) type AppState = Arc<Inner>;

pub(crate) struct Inner {
    pub(crate) parts: ServiceParts,
    pub(crate) cors_origins: Vec<HeaderValue>,
    /// One permit per API request in progress.
    pub(crate) permits: Arc<Semaphore>,
    /// Answers given lately, for callers who could not hear them.
    pub(crate) repeats: Repeats,
    /// One permit per open stream of the desk, and of conversations: neither can starve the other.
    pub(crate) desk_streams: Arc<Semaphore>,
    pub(crate) conversation_streams: Arc<Semaphore>,
    /// Passes news on to streams.
    pub(crate) hub: Arc<Hub>,
    /// Wakes the job worker, and those who wait for it.
    pub(crate) jobs: JobSignals,
    /// Wakes the worker of sources.
    pub(crate) source_signals: SourceSignals,
    /// Wakes those who deliver events.
    pub(crate) deliveries: Notify,
    /// Streams in progress and the job worker.
    pub(crate) tasks: TaskTracker,
    /// No new work is begun.
    pub(crate) stopping: CancellationToken,
    /// What is in progress ends now.
    pub(crate) ending: CancellationToken,
}

impl Service {
    /// Joins the parts. No task runs until [`crate::serve`]; documents that are put in before
    /// stay queued.
    ///
    /// # Errors
    /// [`BadSetting`] when an entry of `cors_origins` is no origin.
    pub fn new(parts: ServiceParts) -> Result<Self, BadSetting> {
        let origins = parts.settings.cors_origins.iter();
        let cors_origins = origins.map(|origin| origin_header(origin)).collect::<Result<_, _>>()?;
        let n_permits = parts.settings.max_concurrent_requests.min(Semaphore::MAX_PERMITS);
        let n_streams = parts.settings.max_streams.min(Semaphore::MAX_PERMITS);
        let hub = Hub::new();
        parts.records.watch(hub.clone());
        Ok(Self(Arc::new(Inner {
            parts,
            cors_origins,
            permits: Arc::new(Semaphore::new(n_permits)),
            repeats: Repeats::default(),
            desk_streams: Arc::new(Semaphore::new(n_streams)),
            conversation_streams: Arc::new(Semaphore::new(n_streams)),
            hub,
            jobs: JobSignals::new(),
            source_signals: SourceSignals::default(),
            deliveries: Notify::new(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            ending: CancellationToken::new(),
        })))
    }

    /// All routes with their middleware.
    pub fn router(&self) -> Router {
        crate::routes::router(Arc::clone(&self.0))
    }

    pub(crate) fn state(&self) -> &AppState {
        &self.0
    }
}

fn origin_header(origin: &str) -> Result<HeaderValue, BadSetting> {
    let bad = || BadSetting {
        key: "cors_origins",
        value: origin.to_owned(),
        fault: "is not an origin: write scheme and host, such as https://shop.example",
    };
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '*', '?', '#', ' ']) => {
            HeaderValue::from_str(origin).map_err(|_| bad())
        }
        _ => Err(bad()),
    }
}
