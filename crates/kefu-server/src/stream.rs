//! What all streams of events have in common.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_core::Stream;
use serde::Serialize;

/// A comment goes out after this much silence, so that proxies keep the connection and a client
/// that has gone is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// A client whose stream broke comes back after this time.
pub(crate) const RECONNECT: Duration = Duration::from_secs(2);

/// The response that sends `events` as they come.
pub(crate) fn respond<S>(events: S) -> Response
where
    S: Stream<Item = Result<Event, Infallible>> + Send + 'static,
{
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    let mut response = Sse::new(events).keep_alive(keep_alive).into_response();
    let unbuffered = HeaderName::from_static("x-accel-buffering");
    response.headers_mut().insert(unbuffered, HeaderValue::from_static("no"));
    response
}

/// An event with JSON.
pub(crate) fn event(name: &'static str, data: &impl Serialize) -> Event {
    Event::default().event(name).json_data(data).unwrap_or_else(|error| {
        tracing::error!(event = name, error = %error, "event could not be written");
        Event::default().event("error").data("{}")
    })
}
