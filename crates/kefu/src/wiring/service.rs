//! The HTTP service of an open engine.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use kefu_core::TenantId;
use kefu_core::ports::SystemClock;
use kefu_ingest::{SourceSpec, read_source_file};
use kefu_server::{
    Authenticator, Metrics, Readiness, Secret, ServerSettings, Service, ServiceParts,
    SuggestedQuestion,
};

use super::{Engine, outreach};
use crate::config::Settings;

/// Joins an engine's parts into a service.
pub(crate) fn service(engine: &Engine, settings: &Settings) -> anyhow::Result<Service> {
    warn_of_claims(settings);
    let tenant = TenantId::new(settings.tenant.default.as_str())
        .context("tenant.default cannot name a tenant")?;
    let parts = ServiceParts {
        answerer: Arc::clone(&engine.answerer),
        desk: Arc::clone(&engine.desk),
        ingestor: Arc::clone(&engine.ingestor),
        sources: configured_sources(settings)?,
        records: engine.records.clone(),
        store: Arc::clone(&engine.store),
        clock: Arc::new(SystemClock),
        authenticator: Arc::new(Authenticator::open(tenant)),
        assistance: outreach::assistance(engine, settings),
        outreach: outreach::outreach(settings)?,
        metrics: Metrics::install()?,
        readiness: Readiness::ready(),
        settings: server_settings(settings),
    };
    Ok(Service::new(parts)?)
}

/// Routes by tier are for customers that somebody vouches for.
fn warn_of_claims(settings: &Settings) {
    if settings.chat.identity_secret.0.is_empty() && settings.desk.routes_by_tier() {
        tracing::warn!(
            "desk.routes ask for tiers, but without chat.identity_secret no customer's tier is \
             proven and these routes take nobody"
        );
    }
}

/// Sources of all source files of the configuration; their ids must differ.
pub(crate) fn configured_sources(settings: &Settings) -> anyhow::Result<Vec<SourceSpec>> {
    let mut specs: Vec<SourceSpec> = Vec::new();
    for file in &settings.sources.files {
        for spec in read_source_file(file).context("sources.files")? {
            if specs.iter().any(|known| known.id == spec.id) {
                bail!("sources.files: two sources are called {:?}", spec.id);
            }
            specs.push(spec);
        }
    }
    Ok(specs)
}

fn server_settings(settings: &Settings) -> ServerSettings {
    let server = &settings.server;
    ServerSettings {
        hosts: server.hosts.clone(),
        cors_origins: server.cors_origins.clone(),
        max_body_bytes: server.max_body_bytes,
        max_upload_bytes: settings.ingest.max_upload_bytes,
        max_concurrent_requests: server.max_concurrent_requests,
        max_streams: settings.desk.max_streams,
        request_timeout: Duration::from_millis(server.request_timeout_ms),
        identity_secret: Some(settings.chat.identity_secret.0.as_str())
            .filter(|secret| !secret.is_empty())
            .map(Secret::new),
        suggested_questions: server
            .suggested_questions
            .iter()
            .map(|text| suggested(text))
            .collect(),
    }
}

fn suggested(text: &str) -> SuggestedQuestion {
    SuggestedQuestion { text: text.to_owned(), language: kefu_text::detect(text) }
}
