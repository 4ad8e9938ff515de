//! All parts of one installation, opened together.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use kefu_core::Triage;
use kefu_core::ports::{
    CollectionSpec, ContentRecords, Embedder, JobRecords, OutboxRecords, Records, SystemClock,
    VectorStore,
};
use kefu_desk::{Desk, DeskParts, Rules, RulesSettings};
use kefu_fetch::WebFetcher;
use kefu_ingest::{IngestSettings, Ingestor, IngestorParts, PipeParser};
use kefu_rag::{Answerer, AnswererParts};
use kefu_records::SqliteRecords;
use kefu_store::{EdgeSettings, EdgeStore, QdrantSettings, QdrantStore};
use kefu_text::{ANALYSER_VERSION, Analyser};

use super::calibration::calibration;
use super::models::{self, LoadedModels, Wanted};
use super::{intents, outreach, scopes, settings};
use crate::config::{Layers, Settings, StoreKind};
use crate::data_dir::DataDir;
use crate::progress::IngestProgress;

/// Which models a command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parts {
    /// Taking documents in: no generator.
    Content,
    /// Answering.
    All,
}

/// Where an engine keeps its state.
pub(crate) enum Place {
    /// The installation's data directory.
    Data(DataDir),
    /// A folder that is thrown away, for evaluations.
    Scratch(tempfile::TempDir),
}

impl Place {
    fn records_path(&self) -> PathBuf {
        match self {
            Self::Data(dir) => dir.records_path(),
            Self::Scratch(dir) => dir.path().join("records.sqlite"),
        }
    }

    fn index_dir(&self) -> PathBuf {
        match self {
            Self::Data(dir) => dir.index_dir(),
            Self::Scratch(dir) => dir.path().join("index"),
        }
    }
}

/// One installation, open.
pub(crate) struct Engine {
    pub(crate) records: Arc<SqliteRecords>,
    pub(crate) store: Arc<dyn VectorStore>,
    pub(crate) answerer: Arc<Answerer>,
    pub(crate) ingestor: Arc<Ingestor>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) triage: Arc<dyn Triage>,
    pub(crate) analyser: Arc<Analyser>,
    pub(crate) models: LoadedModels,
    pub(crate) place: Place,
    tenant: String,
}

impl Engine {
    /// Opens an installation in its data directory.
    pub(crate) async fn open(layers: &Layers, place: &Path, parts: Parts) -> anyhow::Result<Self> {
        Self::open_at(&layers.settings, Place::Data(DataDir::hold(place)?), parts).await
    }

    /// Opens an installation anywhere. The index is rebuilt from the records if a crash or a
    /// change of the embedder left it behind.
    pub(crate) async fn open_at(
        settings: &Settings,
        place: Place,
        parts: Parts,
    ) -> anyhow::Result<Self> {
        intents::check_routes(settings)?;
        let wanted = if parts == Parts::All { Wanted::All } else { Wanted::Embedder };
        let section = settings.models.clone();
        let loading = tokio::task::spawn_blocking(move || models::load(&section, wanted));
        let analysing = tokio::task::spawn_blocking(Analyser::new);
        let rules =
            RulesSettings { escalate_after_failures: settings.desk.escalate_after_failures };
        let compiling = tokio::task::spawn_blocking(move || Rules::new(rules));
        let clock = Arc::new(SystemClock);
        let records = Arc::new(SqliteRecords::open(&place.records_path(), clock.clone())?);
        if matches!(place, Place::Data(_)) {
            records.subscribe(outreach::subscriptions(settings)?);
        }
        let store = open_store(settings, &place).await?;
        let models = loading.await.context("loading the models was interrupted")??;
        let analyser = Arc::new(analysing.await.context("loading the analyser was interrupted")?);
        let shared: Arc<dyn Records> = records.clone();
        let ingestor = Arc::new(Ingestor::new(IngestorParts {
            parser: Arc::new(PipeParser::new(settings::parser_settings(&settings.ingest)?)),
            records: shared.clone(),
            store: store.clone(),
            embedder: models.embedder.clone(),
            analyser: analyser.clone(),
            fetcher: Some(Arc::new(WebFetcher::new(settings::fetcher_settings(settings)?))),
            clock: clock.clone(),
            collection: collection(models.embedder.as_deref()),
            settings: IngestSettings {
                // What is measured must be whole.
                words_first: settings.ingest.words_first && matches!(place, Place::Data(_)),
                ..settings::ingest_settings(&settings.ingest, settings.releases.keep)?
            },
        }));
        let rules = compiling.await.context("loading the rules was interrupted")?;
        let intents = intents::head(&settings.desk.intents, models.embedder.as_deref()).await?;
        let rules = rules.telling_intents(intents);
        let triage: Arc<dyn Triage> = Arc::new(rules);
        let policy = Arc::new(settings.desk.policy().map_err(anyhow::Error::msg)?);
        let id_of_embedder = models.embedder.as_ref().map(|model| model.info().id.as_str());
        let id_of_generator = models.generator.as_ref().map(|model| model.info().id.as_str());
        let id_of_reranker = models.reranker.as_ref().map(|model| model.info().id.as_str());
        let binding = kefu_rag::binding(id_of_embedder, id_of_generator, id_of_reranker);
        let answerer = Arc::new(Answerer::new(AnswererParts {
            calibration: match parts {
                Parts::All => calibration(&settings.answer.calibration, &binding)?,
                Parts::Content => None,
            },
            store: store.clone(),
            records: shared.clone(),
            embedder: models.embedder.clone(),
            generator: models.generator.clone(),
            reranker: models.reranker.clone(),
            triage: triage.clone(),
            dispatcher: policy.clone(),
            clock: clock.clone(),
            analyser: analyser.clone(),
            settings: settings::answer_settings(&settings.answer),
        }));
        let desk = Arc::new(Desk::new(DeskParts { records: shared, clock, policy }));
        let tenant = settings.tenant.default.clone();
        let engine = Self {
            records,
            store,
            answerer,
            ingestor,
            desk,
            triage,
            analyser,
            models,
            place,
            tenant,
        };
        engine.open_index().await?;
        engine.requeue_jobs().await?;
        Ok(engine)
    }

    /// Jobs that a killed process was working on wait again.
    async fn requeue_jobs(&self) -> anyhow::Result<()> {
        for tenant in self.records.tenants(&scopes::operator(&self.tenant)?).await? {
            let n_jobs = self.records.requeue_running(&scopes::editor(tenant.as_str())?).await?;
            if n_jobs > 0 {
                tracing::info!(n_jobs, tenant = %tenant, "jobs of a killed process wait again");
            }
        }
        Ok(())
    }

    async fn open_index(&self) -> anyhow::Result<()> {
        let operator = scopes::operator(&self.tenant)?;
        let progress = IngestProgress::new();
        self.ingestor.open_index(&operator, &scopes::operator_of, &progress).await?;
        Ok(())
    }

    /// Throws the index away and writes it anew from the records.
    pub(crate) async fn rebuild_index(&self) -> anyhow::Result<()> {
        let name = collection(self.models.embedder.as_deref()).name;
        self.store.discard(&name).await?;
        self.open_index().await
    }

    /// Finishes what is queued and lets go of files.
    pub(crate) async fn shut_down(self) -> anyhow::Result<()> {
        self.store.close_store().await.context("the index was not closed cleanly")
    }
}

/// The records database of a data directory.
pub(crate) fn open_records(data_dir: &DataDir) -> anyhow::Result<SqliteRecords> {
    Ok(SqliteRecords::open(&data_dir.records_path(), Arc::new(SystemClock))?)
}

async fn open_store(settings: &Settings, place: &Place) -> anyhow::Result<Arc<dyn VectorStore>> {
    let section = &settings.store;
    let kind = match place {
        // What is thrown away must not be written to a server that others use.
        Place::Scratch(_) => StoreKind::Edge,
        Place::Data(_) => section.kind,
    };
    let store: Arc<dyn VectorStore> = match kind {
        StoreKind::Edge => {
            let edge = EdgeSettings {
                n_query_threads: section.query_threads,
                max_waiting: section.max_waiting,
                min_free_bytes: section.min_free_bytes,
                max_log_bytes: section.max_log_bytes,
            };
            Arc::new(EdgeStore::open(place.index_dir(), &edge)?)
        }
        StoreKind::Qdrant => Arc::new(
            QdrantStore::connect(QdrantSettings {
                url: section.url.clone(),
                api_key: (!section.api_key.is_empty()).then(|| section.api_key.clone()),
                timeout: Duration::from_millis(section.timeout_ms),
                n_shards: section.n_shards,
                n_replicas: section.n_replicas,
            })
            .await?,
        ),
    };
    Ok(store)
}

/// The collection holds vectors of one embedder and terms of one analyser; another of either is
/// another collection.
fn collection(embedder: Option<&dyn Embedder>) -> CollectionSpec {
    let info = embedder.map(Embedder::info);
    let id = info.map_or("lexical", |info| info.id.as_str());
    let safe = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name = format!("kefu-{id}-{ANALYSER_VERSION}").chars().map(safe).collect();
    CollectionSpec { name, dimensions: info.map(|info| info.dimensions) }
}
