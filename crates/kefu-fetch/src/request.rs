//! One request under the rules: its address checked, its answer bounded.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use kefu_core::ports::{FetchError, Fetched, FetchedPage, Validators};
use ureq::Agent;
use ureq::http::header::{
    CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use ureq::http::{HeaderMap, HeaderName};
use ureq::unversioned::resolver::{DefaultResolver, Resolver};
use ureq::unversioned::transport::DefaultConnector;
use url::Url;

use crate::fetcher::WebFetcherSettings;
use crate::resolver::{Guarded, Refused};

/// Longest waiting time that a server is granted.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// What one request gave.
pub(crate) enum Answer {
    Done(Fetched),
    Redirect(Url),
}

/// Why one request failed.
pub(crate) struct Failed {
    pub(crate) error: FetchError,
    /// How long to wait before it is worth another try; `None` when it is not.
    pub(crate) retry_after: Option<Duration>,
}

impl Failed {
    pub(crate) fn for_good(code: &'static str, detail: impl Into<String>) -> Self {
        Self { error: FetchError { code, detail: detail.into() }, retry_after: None }
    }

    fn for_now(code: &'static str, detail: String, after: Duration) -> Self {
        Self { error: FetchError { code, detail }, retry_after: Some(after) }
    }
}

/// Makes resolvers, so that tests can answer for the name server.
pub(crate) type MakeResolver = Arc<dyn Fn() -> Box<dyn Resolver> + Send + Sync>;

pub(crate) fn real_resolver() -> MakeResolver {
    Arc::new(|| Box::<DefaultResolver>::default())
}

/// Sends one request and reads the answer. Blocks.
pub(crate) fn send(
    url: &Url,
    known: &Validators,
    settings: &WebFetcherSettings,
    make_resolver: &MakeResolver,
) -> Result<Answer, Failed> {
    check(url)?;
    let refused = Refused::default();
    let networks = settings.allow_networks.clone();
    let inner = Boxed(make_resolver());
    let resolver = Guarded { inner, networks, refused: refused.clone() };
    let agent = Agent::with_parts(
        config(settings.timeout_ms, &settings.user_agent),
        DefaultConnector::new(),
        resolver,
    );
    let mut request = agent.get(url.as_str());
    if let Some(etag) = &known.etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    if let Some(date) = &known.last_modified {
        request = request.header(IF_MODIFIED_SINCE, date);
    }
    let mut response = request.call().map_err(|error| failed(url, &error, &refused))?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    match status {
        200 => {}
        304 => return Ok(Answer::Done(Fetched::NotModified)),
        301 | 302 | 303 | 307 | 308 => return redirect(url, &headers),
        404 | 410 => return Ok(Answer::Done(Fetched::Gone)),
        _ => return Err(bad_status(status, &headers)),
    }
    let mut bytes = Vec::new();
    let limit = settings.max_page_bytes;
    let mut body = response.body_mut().as_reader().take(limit.saturating_add(1));
    body.read_to_end(&mut bytes).map_err(|error| {
        let error = ureq::Error::from(error);
        failed(url, &error, &refused)
    })?;
    if bytes.len() as u64 > limit {
        let detail = format!("the page exceeds the limit of {limit} bytes");
        return Err(Failed::for_good("too_large", detail));
    }
    let validators =
        Validators { etag: text(&headers, &ETAG), last_modified: text(&headers, &LAST_MODIFIED) };
    let content_type = text(&headers, &CONTENT_TYPE);
    Ok(Answer::Done(Fetched::Page(FetchedPage { bytes, content_type, validators })))
}

/// Only what a web page can have: no other scheme, no user name.
pub(crate) fn check(url: &Url) -> Result<(), Failed> {
    let refuse =
        |detail: &str| Err(Failed::for_good("refused_address", format!("{url}: {detail}")));
    if !matches!(url.scheme(), "http" | "https") {
        return refuse("only http and https addresses are fetched");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("an address must not hold a user name or password");
    }
    if url.host_str().is_none() {
        return refuse("it names no host");
    }
    Ok(())
}

/// How requests are made, whatever they are for.
pub(crate) fn config(timeout_ms: u64, user_agent: &str) -> ureq::config::Config {
    let total = Duration::from_millis(timeout_ms);
    Agent::config_builder()
        // A proxy would resolve names itself.
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_global(Some(total))
        .timeout_connect(Some(total.min(Duration::from_secs(10))))
        .max_response_header_size(64 * 1024)
        .user_agent(user_agent)
        .build()
}

fn redirect(from: &Url, headers: &HeaderMap) -> Result<Answer, Failed> {
    let target = text(headers, &LOCATION).and_then(|target| from.join(&target).ok());
    let Some(target) = target else {
        return Err(Failed::for_good("bad_redirect", "the server redirects to no address"));
    };
    if from.scheme() == "https" && target.scheme() != "https" {
        let detail = format!("{from} redirects away from https, which is not followed");
        return Err(Failed::for_good("bad_redirect", detail));
    }
    Ok(Answer::Redirect(target))
}

fn bad_status(status: u16, headers: &HeaderMap) -> Failed {
    let detail = format!("the server answered with status {status}");
    if status != 429 && !(500..600).contains(&status) {
        return Failed::for_good("http_denied", detail);
    }
    let seconds = text(headers, &RETRY_AFTER).and_then(|text| text.parse().ok());
    let after = Duration::from_secs(seconds.unwrap_or(1)).min(MAX_RETRY_AFTER);
    Failed::for_now("http_status", detail, after)
}

fn failed(url: &Url, error: &ureq::Error, refused: &Refused) -> Failed {
    let second = Duration::from_secs(1);
    if let Some(address) = refused.get() {
        let host = url.host_str().unwrap_or_default();
        let detail = format!(
            "{host} is {address}, which is in no public network; if it is yours, name it in \
             fetch.allow_networks"
        );
        return Failed::for_good("refused_address", detail);
    }
    let detail = format!("{url}: {error}");
    match error {
        ureq::Error::Timeout(_) => Failed::for_now("timeout", detail, second),
        ureq::Error::HostNotFound => Failed::for_now("unknown_host", detail, second),
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed => {
            Failed::for_now("unreachable", detail, second)
        }
        _ => Failed::for_good("unreachable", detail),
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// A resolver behind a pointer.
#[derive(Debug)]
pub(crate) struct Boxed(pub(crate) Box<dyn Resolver>);

impl Resolver for Boxed {
    fn resolve(
        &self,
        uri: &ureq::http::Uri,
        config: &ureq::config::Config,
        timeout: ureq::unversioned::transport::NextTimeout,
    ) -> Result<ureq::unversioned::resolver::ResolvedSocketAddrs, ureq::Error> {
        self.0.resolve(uri, config, timeout)
    }
}
