//! A small, exact Qdrant behind real gRPC: the calls that the adapter makes and no others.
//!
//! It is as strict as the server where the adapter could get it wrong: unknown collections and
//! vector names, wrong lengths, payload filters without an index, and keys are refused. Equal
//! scores come in the wrong order on purpose.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use qdrant_client::qdrant::collections_server::CollectionsServer;
use qdrant_client::qdrant::points_server::PointsServer;
use qdrant_client::qdrant::qdrant_server::{Qdrant, QdrantServer};
use qdrant_client::qdrant::{HealthCheckReply, HealthCheckRequest};
use tokio::runtime::{Builder, Runtime};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

use collection::Collection;

mod collection;
mod collections;
mod points;

/// A running server; it ends, with its connections, when this is dropped.
pub(crate) struct FakeQdrant {
    pub(crate) address: SocketAddr,
    state: State,
    runtime: Option<Runtime>,
}

#[derive(Clone, Default)]
struct State {
    collections: Arc<Mutex<HashMap<String, Collection>>>,
    delay_ms: Arc<AtomicU64>,
}

impl FakeQdrant {
    /// Listens on a free port; `api_key` is asked for when given.
    pub(crate) fn start(api_key: Option<&str>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let state = State::default();
        let expected = api_key.map(str::to_owned);
        let check = move |request: Request<()>| match &expected {
            Some(key) if request.metadata().get("api-key").is_none_or(|given| given != key) => {
                Err(Status::unauthenticated("Must provide an API key"))
            }
            _ => Ok(request),
        };
        let server = Server::builder()
            .add_service(QdrantServer::with_interceptor(state.clone(), check.clone()))
            .add_service(CollectionsServer::with_interceptor(state.clone(), check.clone()))
            .add_service(PointsServer::with_interceptor(state.clone(), check));
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
            server.serve_with_incoming(incoming).await.unwrap();
        });
        Self { address, state, runtime: Some(runtime) }
    }

    /// Every later call waits this long.
    pub(crate) fn delay(&self, by: Duration) {
        self.state.delay_ms.store(by.as_millis().try_into().unwrap(), Ordering::SeqCst);
    }

    /// Forgets a collection, as another client may make the server do.
    pub(crate) fn drop_collection(&self, name: &str) {
        self.state.collections.lock().unwrap().remove(name);
    }
}

impl Drop for FakeQdrant {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl State {
    async fn answer<T>(
        &self,
        collection: &str,
        work: impl FnOnce(&mut Collection) -> Result<T, Status>,
    ) -> Result<Response<T>, Status> {
        self.wait().await;
        let mut collections = self.collections.lock().unwrap();
        let missing = || Status::not_found(format!("Collection `{collection}` doesn't exist!"));
        work(collections.get_mut(collection).ok_or_else(missing)?).map(Response::new)
    }

    async fn wait(&self) {
        let delay_ms = self.delay_ms.load(Ordering::SeqCst);
        if delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        }
    }
}

/// Implements a service: the calls written out, and a refusal for each of the others.
macro_rules! service {
    ($service:ident { $($written:tt)* } unused { $($name:ident: $request:ident -> $reply:ident,)* }) => {
        #[tonic::async_trait]
        impl $service for super::State {
            $($written)*
            $(
                async fn $name(
                    &self,
                    _: tonic::Request<qdrant_client::qdrant::$request>,
                ) -> Result<tonic::Response<qdrant_client::qdrant::$reply>, tonic::Status> {
                    Err(tonic::Status::unimplemented(stringify!($name)))
                }
            )*
        }
    };
}
pub(crate) use service;

#[tonic::async_trait]
impl Qdrant for State {
    async fn health_check(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckReply>, Status> {
        self.wait().await;
        Ok(Response::new(HealthCheckReply::default()))
    }
}
