//! The description of the API, made from the handlers and the table of errors.

use std::sync::LazyLock;

use kefu_api::{
    DeltaEvent, Problem, SourcesEvent, StateEvent, StatusEvent, TurnEvent, WebhookEvent,
};
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{Content, HeaderBuilder, Object, Ref, RefOr, ResponseBuilder, Type};

use crate::handlers::{
    agents, answers, assist, channels, conversations, curation, customers, documents, faq,
    feedback, jobs, operations, overlays, records, releases, retrieve, schemas, sources, teaching,
    tickets, uploads, webhooks,
};
use crate::problem::Fault;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kefu",
        description = "A support assistant that answers from your documents, shows its sources \
                       and knows when to call a person. Errors are problem documents; offsets are \
                       UTF-8 bytes; times are RFC 3339 in UTC.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        answers::create_answer,
        retrieve::retrieve_passages,
        assist::create_assistance,
        faq::list_faq,
        feedback::create_feedback,
        conversations::read_conversation,
        conversations::create_message,
        conversations::watch_conversation,
        uploads::create_documents,
        documents::list_documents,
        documents::read_document,
        documents::put_document,
        documents::delete_document,
        curation::change_state,
        overlays::create_overlay,
        overlays::list_overlays,
        overlays::delete_overlay,
        curation::create_pair,
        teaching::list_pairs,
        sources::list_sources,
        sources::run_source,
        jobs::list_jobs,
        jobs::read_job,
        jobs::retry_job,
        releases::list_releases,
        releases::roll_back,
        releases::publish_release,
        releases::compare_releases,
        tickets::list_tickets,
        tickets::read_ticket,
        tickets::claim_ticket,
        tickets::reply_ticket,
        tickets::resolve_ticket,
        tickets::reopen_ticket,
    agents::list_agents, agents::put_agent, channels::check_channel, channels::receive_message, customers::erase_customer, schemas::handoff_schema, teaching::teach, tickets::return_ticket, tickets::transfer_ticket, tickets::watch_tickets, webhooks::list_deliveries, webhooks::retry_delivery,
        records::read_record,
        operations::livez,
        operations::readyz,
        operations::read_metrics,
    ),
    components(schemas(
        Problem, StatusEvent, SourcesEvent, DeltaEvent, TurnEvent, StateEvent,
        WebhookEvent
    )),
    tags(
        (name = "questions", description = "Ask, look up, judge"),
        (name = "conversations", description = "Transcripts and further turns"),
        (name = "documents", description = "What answers are made from"),
        (name = "tickets", description = "Hand-overs to people"),
        (name = "agents", description = "People at the desk"),
        (name = "channels", description = "Programs that customers write through"),
        (name = "webhooks", description = "What other programs are told, and how that goes"),
        (name = "records", description = "What was kept of each answer"),
        (name = "operations", description = "Health and metrics"),
    )
)]
struct Described;

/// The OpenAPI 3.1 document of the service.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Described::openapi();
    if let Some(components) = document.components.as_mut() {
        for fault in Fault::all() {
            components.responses.insert(fault.entry().code.to_owned(), problem_response(fault));
        }
    }
    for (path, item) in &mut document.paths.paths {
        for operation in operations_of(item) {
            let possible: Vec<Fault> =
                Fault::all().filter(|fault| can_occur(path, operation, *fault)).collect();
            for entry in possible.into_iter().map(Fault::entry) {
                let place = Ref::from_response_name(entry.code);
                let status = entry.status.as_str().to_owned();
                operation.responses.responses.insert(status, RefOr::Ref(place));
            }
        }
    }
    document
}

/// The document as JSON text, made once.
pub(crate) fn document_json() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| document().to_json().unwrap_or_default());
    TEXT.as_str()
}

fn operations_of(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [item.get.as_mut(), item.post.as_mut(), item.put.as_mut(), item.delete.as_mut()]
        .into_iter()
        .flatten()
}

/// Faults of bodies need a body, and health checks have few ways to fail.
fn can_occur(path: &str, operation: &Operation, fault: Fault) -> bool {
    let code = fault.entry().code;
    if !path.starts_with("/v1/") {
        return path == "/readyz" && code == "unavailable";
    }
    match code {
        // One description per status: those of `forbidden` and `conflict` stand for these too.
        "method_not_allowed" | "identity_not_proven" | "idempotency_key_reused" => false,
        "unsupported_media_type" | "too_large" => operation.request_body.is_some(),
        "conflict" => {
            let changing = ["/tickets/", "/releases/", "/overlays", "/webhooks/"]
                .iter()
                .any(|part| path.contains(part));
            changing || path.ends_with("/messages") || path.ends_with("/webhook")
        }
        _ => true,
    }
}

fn problem_response(fault: Fault) -> RefOr<utoipa::openapi::Response> {
    let entry = fault.entry();
    let schema = Ref::from_schema_name("Problem");
    let mut response = ResponseBuilder::new()
        .description(format!("{}. {}", entry.title, entry.advice))
        .content("application/problem+json", Content::new(Some(schema)));
    if entry.retry_after_s.is_some() {
        let seconds = HeaderBuilder::new()
            .schema(Some(Object::with_type(Type::Integer)))
            .description(Some("Seconds to wait before the next try"));
        response = response.header("retry-after", seconds.build());
    }
    RefOr::T(response.build())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::routes::{api_routes, operation_routes, stream_routes, upload_routes};

    #[test]
    fn routes_and_descriptions_are_the_same_set() {
        let routes = [api_routes(), stream_routes(), upload_routes(), operation_routes()].concat();
        let served: BTreeSet<String> =
            routes.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
        let mut described = BTreeSet::new();
        for (path, item) in &document().paths.paths {
            let methods = [
                ("GET", item.get.is_some()),
                ("POST", item.post.is_some()),
                ("PUT", item.put.is_some()),
                ("DELETE", item.delete.is_some()),
            ];
            let present = methods.into_iter().filter(|(_, is_present)| *is_present);
            described.extend(present.map(|(method, _)| format!("{method} {path}")));
        }
        assert_eq!(served, described);
    }
}
