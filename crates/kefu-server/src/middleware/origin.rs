use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kefu_core::ErrorKind;

use crate::problem::{ApiError, Fault};
use crate::service::AppState;

/// Keeps foreign web pages from using the reader's browser against the service.
///
/// A page on another site can send requests here. Its `Origin` gives it away, unless its own
/// domain name was made to point here (DNS rebinding): then `Host` does, which is why only
/// localhost, IP addresses and configured names are served.
pub(crate) async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let host = host_of(&request);
    if let Some(host) = &host
        && !is_served(host, &state.parts.settings.hosts)
    {
        let detail = "this host name is not served; add it to the setting server.hosts";
        return forbidden(detail).into_response();
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes
        && let Some(origin) = request.headers().get(ORIGIN)
        && !is_friendly(origin, host.as_deref(), &state.cors_origins)
    {
        let detail = "pages of this origin may not call the service; add it to the setting \
                      server.cors_origins";
        return forbidden(detail).into_response();
    }
    next.run(request).await
}

fn forbidden(detail: &str) -> ApiError {
    ApiError::new(Fault::Kind(ErrorKind::Forbidden), detail)
}

/// Who the client thinks it talks to. Browsers always say so; a header that is not text is kept
/// and matches nothing.
fn host_of(request: &Request) -> Option<String> {
    let header = request.headers().get(HOST).map(|value| value.to_str().unwrap_or("?").to_owned());
    header.or_else(|| request.uri().authority().map(ToString::to_string))
}

fn is_served(host: &str, configured: &[String]) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_local = name.eq_ignore_ascii_case("localhost");
    let is_address = name.parse::<IpAddr>().is_ok();
    let is_configured =
        configured.iter().any(|known| known.eq_ignore_ascii_case(name) || *known == host);
    is_local || is_address || is_configured
}

fn is_friendly(origin: &HeaderValue, host: Option<&str>, allowed: &[HeaderValue]) -> bool {
    let text = origin.to_str().unwrap_or_default();
    let own = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_own = matches!((own, host), (Some(own), Some(host)) if own.eq_ignore_ascii_case(host));
    is_own || allowed.contains(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rebound_names_are_not_served() {
        let configured = ["kefu.example".to_owned()];
        for host in ["localhost:8080", "127.0.0.1", "[::1]:8080", "10.1.2.3:80", "Kefu.Example:1"] {
            assert!(is_served(host, &configured), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example:8080", "127.0.0.1.evil.example", ""] {
            assert!(!is_served(host, &configured), "{host}");
        }
    }

    #[test]
    fn foreign_origins_are_not_friendly() {
        let allowed = [HeaderValue::from_static("https://shop.example")];
        let friendly = |origin| {
            is_friendly(&HeaderValue::from_static(origin), Some("localhost:8080"), &allowed)
        };
        assert!(friendly("http://localhost:8080"));
        assert!(friendly("https://shop.example"));
        assert!(!friendly("http://localhost:9999"));
        assert!(!friendly("https://evil.example"));
        assert!(!friendly("null"));
    }
}
