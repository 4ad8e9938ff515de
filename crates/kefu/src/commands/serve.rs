//! `kefu up` and `kefu serve`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use kefu_core::ReleaseNo;
use kefu_core::ports::ContentRecords;
use kefu_ingest::IngestOptions;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::UpArgs;
use crate::commands::ingest;
use crate::config::Layers;
use crate::output;
use crate::progress::IngestProgress;
use crate::wiring::{self, Engine, Parts, Place, scopes};

const SAMPLES: &str = "ingest/samples";

/// Fetches models, takes documents in and serves.
pub(crate) async fn up(args: &UpArgs, layers: &Layers, place: &Path) -> anyhow::Result<()> {
    let section = layers.settings.models.clone();
    tokio::task::spawn_blocking(move || wiring::pull_missing(&section))
        .await
        .context("fetching models was interrupted")??;
    let engine = Engine::open(layers, place, Parts::All).await?;
    let scope = scopes::editor(&layers.settings.tenant.default)?;
    let is_empty = engine.records.current(&scope).await?.release == ReleaseNo(0);
    let docs = match args.docs.as_slice() {
        [] if is_empty => samples(),
        given => given.to_vec(),
    };
    if !docs.is_empty() {
        let options = IngestOptions { publish: true, ..IngestOptions::default() };
        let progress = IngestProgress::new();
        let report = engine.ingestor.ingest(&scope, &docs, &options, &progress).await?;
        drop(progress);
        ingest::print(&report)?;
    } else if is_empty {
        output::note(format!(
            "there is no {SAMPLES} here and nothing was taken in before; \
             send documents with `kefu ingest PATH` or PUT /v1/documents/ID"
        ))?;
    }
    serve_engine(engine, layers).await
}

/// Serves what is there.
pub(crate) async fn serve(layers: &Layers, place: &Path) -> anyhow::Result<()> {
    serve_engine(Engine::open(layers, place, Parts::All).await?, layers).await
}

fn samples() -> Vec<PathBuf> {
    let samples = PathBuf::from(SAMPLES);
    if samples.is_dir() { vec![samples] } else { Vec::new() }
}

async fn serve_engine(mut engine: Engine, layers: &Layers) -> anyhow::Result<()> {
    let section = &layers.settings.server;
    let listener = TcpListener::bind(section.listen).await.with_context(|| {
        format!("cannot listen on {}; is another process there? try --listen", section.listen)
    })?;
    let address = format!("http://{}", listener.local_addr()?);
    if let Place::Data(data_dir) = &mut engine.place {
        data_dir.announce(&address)?;
    }
    let shutdown = CancellationToken::new();
    watch_signals(shutdown.clone())?;
    let service = wiring::service(&engine, &layers.settings)?;
    tracing::info!(address, "serving at {address}");
    greet(&address)?;
    kefu_server::serve(listener, service, shutdown, Duration::from_millis(section.grace_ms))
        .await
        .context("the service stopped unexpectedly")?;
    engine.shut_down().await?;
    tracing::info!("stopped");
    Ok(())
}

fn greet(address: &str) -> anyhow::Result<()> {
    let json = "-H 'content-type: application/json'";
    output::line(format!(
        "
Kefu is ready. Chat: {address}/   API: {address}/docs

  curl {address}/v1/answers {json} -d '{{\"question\":\"How long do I have to return something?\"}}'
  curl -N {address}/v1/answers {json} -H 'accept: text/event-stream' -d '{{\"question\":\"积分什么时候过期？\"}}'
  curl {address}/v1/answers {json} -d '{{\"question\":\"I want to talk to a person\"}}'
"
    ))
}

/// Ends serving at the first SIGTERM or SIGINT, and the process at the second.
fn watch_signals(shutdown: CancellationToken) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        next().await;
        tracing::info!("stopping; a second signal ends at once");
        shutdown.cancel();
        next().await;
        std::process::exit(1);
    });
    Ok(())
}
