//! The HTTP service: routes, middleware, server-sent events, errors as problem+json, and the
//! pages that are built in.
//!
//! Handlers are thin: they take a request apart, call one use case and put the result into wire
//! types. Everything every route needs (request id, permit, deadline, error form, logging,
//! metrics) is done around them. [`Service`] joins the parts, [`serve`] runs them until shutdown.

mod answering;
mod assistance;
mod auth;
mod channels;
mod extract;
mod handlers;
mod identity;
mod jobs;
mod live;
mod metrics;
mod middleware;
mod openapi;
mod problem;
mod readiness;
mod routes;
mod serve;
mod service;
mod sources;
mod stream;
mod webhooks;

pub use assistance::{Assistance, TeachMode};
pub use auth::Authenticator;
pub use channels::{BadChannel, ChannelKind, ChannelSpec, Channels};
pub use identity::sign_customer;
pub use metrics::{Metrics, MetricsError};
pub use openapi::document as openapi_document;
pub use readiness::Readiness;
pub use serve::serve;
pub use service::{BadSetting, ServerSettings, Service, ServiceParts, SuggestedQuestion};
pub use webhooks::{
    DeliveryPolicy, Endpoint, EndpointKind, Outreach, SIGNATURE_HEADER, SIGNATURE_TOLERANCE_S,
    Secret, sign, verify,
};
