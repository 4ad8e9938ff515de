use std::future::IntoFuture;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::jobs::run_worker;
use crate::live::run_desk;
use crate::service::{AppState, Service};
use crate::sources::run_sources;
use crate::webhooks::run_deliveries;

/// Part of the grace that is kept for telling clients why they are cut off.
const FAREWELL: Duration = Duration::from_secs(1);

/// How often raw observations are folded into the metrics.
const FOLD_METRICS: Duration = Duration::from_secs(5);

/// Serves until `shutdown` is cancelled, then says it is not ready, stops accepting, lets what is
/// in progress finish, and near the end of `grace` ends the rest with an error that says so.
/// Returns within `grace`.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    shutdown: CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    let state = Arc::clone(service.state());
    state.tasks.spawn(run_worker(Arc::clone(&state)));
    state.tasks.spawn(run_sources(Arc::clone(&state)));
    state.tasks.spawn(run_desk(Arc::clone(&state)));
    state.tasks.spawn(run_deliveries(Arc::clone(&state)));
    state.tasks.spawn(fold_metrics(Arc::clone(&state)));
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = %error, "connection keeps its send delay");
        }
    });
    let server = axum::serve(listener, service.router())
        .with_graceful_shutdown(state.stopping.clone().cancelled_owned())
        .into_future();
    tokio::pin!(server);

    let result = tokio::select! {
        result = &mut server => Some(result),
        () = shutdown.cancelled() => None,
    };
    state.parts.readiness.set_not_ready("shutting down");
    state.stopping.cancel();
    state.tasks.close();
    let farewell = FAREWELL.min(grace / 4);
    let finished = async {
        let result = match result {
            Some(result) => result,
            None => server.as_mut().await,
        };
        state.tasks.wait().await;
        result
    };
    tokio::pin!(finished);
    if let Ok(result) = tokio::time::timeout(grace - farewell, &mut finished).await {
        return result;
    }
    tracing::warn!("ending what is still in progress");
    state.ending.cancel();
    match tokio::time::timeout(farewell, &mut finished).await {
        Ok(result) => result,
        Err(_) => {
            tracing::warn!("some connections did not close in time");
            Ok(())
        }
    }
}

async fn fold_metrics(state: AppState) {
    while !state.stopping.is_cancelled() {
        state.parts.metrics.fold();
        tokio::select! {
            () = state.stopping.cancelled() => return,
            () = tokio::time::sleep(FOLD_METRICS) => {}
        }
    }
}
