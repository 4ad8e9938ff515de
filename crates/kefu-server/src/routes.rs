//! Which path leads to which handler, and what stands around them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, Method, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, delete, get, post, put};
use kefu_core::ErrorKind;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;

use crate::extract::{IDEMPOTENCY_KEY, LAST_EVENT_ID};
use crate::handlers::{
    agents, answers, assist, channels, conversations, curation, customers, documents, faq,
    feedback, jobs, operations, overlays, pages, records, releases, retrieve, schemas, sources,
    teaching, tickets, uploads, webhooks,
};
use crate::middleware::{admit, edge, guard, panicked};
use crate::problem::{ApiError, Fault};
use crate::service::AppState;

/// A method, a path and their handler.
pub(crate) type Route = (Method, &'static str, MethodRouter<AppState>);

/// What programs call; every route waits for admission and is described in `/openapi.json`.
pub(crate) fn api_routes() -> Vec<Route> {
    vec![
        (Method::POST, "/v1/answers", post(answers::create_answer)),
        (Method::POST, "/v1/retrieve", post(retrieve::retrieve_passages)),
        (Method::POST, "/v1/assist", post(assist::create_assistance)),
        (Method::GET, "/v1/faq", get(faq::list_faq)),
        (Method::POST, "/v1/feedback", post(feedback::create_feedback)),
        (Method::GET, "/v1/conversations/{id}", get(conversations::read_conversation)),
        (Method::POST, "/v1/conversations/{id}/messages", post(conversations::create_message)),
        (Method::GET, "/v1/documents/{id}", get(documents::read_document)),
        (Method::DELETE, "/v1/documents/{id}", delete(documents::delete_document)),
        (Method::GET, "/v1/documents", get(documents::list_documents)),
        (Method::POST, "/v1/documents/{id}/state", post(curation::change_state)),
        (Method::POST, "/v1/documents/{id}/overlays", post(overlays::create_overlay)),
        (Method::GET, "/v1/overlays", get(overlays::list_overlays)),
        (Method::DELETE, "/v1/overlays/{id}", delete(overlays::delete_overlay)),
        (Method::POST, "/v1/pairs", post(curation::create_pair)),
        (Method::GET, "/v1/pairs", get(teaching::list_pairs)),
        (Method::GET, "/v1/sources", get(sources::list_sources)),
        (Method::POST, "/v1/sources/{id}/run", post(sources::run_source)),
        (Method::GET, "/v1/jobs", get(jobs::list_jobs)),
        (Method::GET, "/v1/jobs/{id}", get(jobs::read_job)),
        (Method::POST, "/v1/jobs/{id}/retry", post(jobs::retry_job)),
        (Method::GET, "/v1/releases", get(releases::list_releases)),
        (Method::POST, "/v1/releases/rollback", post(releases::roll_back)),
        (Method::POST, "/v1/releases/{n}/publish", post(releases::publish_release)),
        (Method::GET, "/v1/releases/{n}/diff/{other}", get(releases::compare_releases)),
        (Method::GET, "/v1/tickets", get(tickets::list_tickets)),
        (Method::GET, "/v1/tickets/{id}", get(tickets::read_ticket)),
        (Method::POST, "/v1/tickets/{id}/claim", post(tickets::claim_ticket)),
        (Method::POST, "/v1/tickets/{id}/reply", post(tickets::reply_ticket)),
        (Method::POST, "/v1/tickets/{id}/resolve", post(tickets::resolve_ticket)),
        (Method::POST, "/v1/tickets/{id}/reopen", post(tickets::reopen_ticket)),
        (Method::POST, "/v1/tickets/{id}/transfer", post(tickets::transfer_ticket)),
        (Method::POST, "/v1/tickets/{id}/return", post(tickets::return_ticket)),
        (Method::DELETE, "/v1/customers/{id}", delete(customers::erase_customer)),
        (Method::GET, "/v1/agents", get(agents::list_agents)),
        (Method::PUT, "/v1/agents/{agent}", put(agents::put_agent)),
        (Method::POST, "/v1/tickets/{id}/teach", post(teaching::teach)),
        (Method::GET, "/v1/schemas/handoff.json", get(schemas::handoff_schema)),
        (Method::GET, "/v1/webhooks/deliveries", get(webhooks::list_deliveries)),
        (Method::POST, "/v1/webhooks/deliveries/{id}/retry", post(webhooks::retry_delivery)),
        (Method::POST, "/v1/channels/{name}/webhook", post(channels::receive_message)),
        (Method::GET, "/v1/channels/{name}/webhook", get(channels::check_channel)),
        (Method::GET, "/v1/records/{answer_id}", get(records::read_record)),
    ]
}

/// Streams that stay open as long as somebody watches; they are admitted apart, so that they take
/// no permit from those who ask.
pub(crate) fn stream_routes() -> Vec<Route> {
    vec![
        (Method::GET, "/v1/tickets/events", get(tickets::watch_tickets)),
        (Method::GET, "/v1/conversations/{id}/events", get(conversations::watch_conversation)),
    ]
}

/// As [`api_routes`], with bodies that carry documents.
pub(crate) fn upload_routes() -> Vec<Route> {
    vec![
        (Method::POST, "/v1/documents", post(uploads::create_documents)),
        (Method::PUT, "/v1/documents/{id}", put(documents::put_document)),
    ]
}

/// What those who run the service ask; answered under any load and described.
pub(crate) fn operation_routes() -> Vec<Route> {
    vec![
        (Method::GET, "/livez", get(operations::livez)),
        (Method::GET, "/readyz", get(operations::readyz)),
        (Method::GET, "/metrics", get(operations::read_metrics)),
    ]
}

/// What browsers load; not described.
pub(crate) fn page_routes() -> Vec<Route> {
    let mut routes = pages::asset_routes();
    routes.push((Method::GET, "/openapi.json", get(pages::openapi_json)));
    routes
}

pub(crate) fn router(state: AppState) -> Router {
    let settings = &state.parts.settings;
    let uploads = join(upload_routes()).layer(DefaultBodyLimit::max(settings.max_upload_bytes));
    let api = join(api_routes())
        .layer(DefaultBodyLimit::max(settings.max_body_bytes))
        .merge(uploads)
        .route_layer(from_fn_with_state(state.clone(), admit));
    // Layers wrap what stands above them: the last one sees a request first.
    join(operation_routes())
        .merge(join(page_routes()))
        .merge(join(stream_routes()))
        .merge(api)
        .fallback(async || ApiError::plain(Fault::Kind(ErrorKind::NotFound)))
        .method_not_allowed_fallback(async || ApiError::plain(Fault::Method))
        .layer(from_fn_with_state(state.clone(), guard))
        .layer(cors(&state))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(edge))
        .with_state(state)
}

fn join(routes: Vec<Route>) -> Router<AppState> {
    routes.into_iter().fold(Router::new(), |router, (_, path, handler)| router.route(path, handler))
}

fn cors(state: &AppState) -> CorsLayer {
    let request_id = HeaderName::from_static("x-request-id");
    CorsLayer::new()
        .allow_origin(state.cors_origins.clone())
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            header::CONTENT_TYPE,
            header::ACCEPT,
            HeaderName::from_static(IDEMPOTENCY_KEY),
            HeaderName::from_static(LAST_EVENT_ID),
            request_id.clone(),
        ])
        .expose_headers([request_id, header::RETRY_AFTER, header::LOCATION])
}
