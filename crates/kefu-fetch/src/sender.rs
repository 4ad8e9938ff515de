use std::io::Read;
use std::sync::Arc;

use async_trait::async_trait;
use kefu_core::ports::{SendError, SendMethod, SendReply, SendRequest, Sender};
use tokio::sync::Semaphore;
use ureq::Agent;
use ureq::http::Request;
use ureq::http::header::RETRY_AFTER;
use ureq::unversioned::transport::DefaultConnector;
use url::Url;

use crate::address::Networks;
use crate::request::{Boxed, MakeResolver, check, config, real_resolver};
use crate::resolver::{Guarded, Refused};

/// Requests under way at the same time; more wait.
const MAX_CONCURRENT: usize = 16;

/// What a [`WebSender`] may do.
#[derive(Clone, Debug)]
pub struct WebSenderSettings {
    /// What we are called.
    pub user_agent: String,
    /// Networks that may be reached although they are not public.
    pub allow_networks: Networks,
    /// Time for one request, from the name to the last byte.
    pub timeout_ms: u64,
    /// Bytes of an answer that are read; the rest is left.
    pub max_reply_bytes: u64,
}

/// Sends requests over the web under the rules of this crate: the address that was checked is the
/// one that is connected to, and redirects are not followed, so that a body goes nowhere else.
/// Dropping a call abandons it; its thread ends with its timeout.
pub struct WebSender {
    settings: Arc<WebSenderSettings>,
    make_resolver: MakeResolver,
    turns: Semaphore,
}

impl WebSender {
    /// A sender; performs no IO.
    #[must_use]
    pub fn new(settings: WebSenderSettings) -> Self {
        let (settings, turns) = (Arc::new(settings), Semaphore::new(MAX_CONCURRENT));
        Self { settings, make_resolver: real_resolver(), turns }
    }
}

#[async_trait]
impl Sender for WebSender {
    async fn send(&self, request: SendRequest) -> Result<SendReply, SendError> {
        let ended = |_| failure("unreachable", "the program is ending");
        let _turn = self.turns.acquire().await.map_err(ended)?;
        let (settings, make_resolver) = (self.settings.clone(), self.make_resolver.clone());
        let sending =
            tokio::task::spawn_blocking(move || send(&request, &settings, &make_resolver));
        sending.await.map_err(|_| failure("unreachable", "the request ended early"))?
    }
}

fn send(
    request: &SendRequest,
    settings: &WebSenderSettings,
    make_resolver: &MakeResolver,
) -> Result<SendReply, SendError> {
    let url = Url::parse(&request.url)
        .map_err(|error| failure("refused_address", format!("the address is none: {error}")))?;
    check(&url).map_err(|failed| SendError { code: failed.error.code, detail: host_only(&url) })?;
    let refused = Refused::default();
    let networks = settings.allow_networks.clone();
    let resolver = Guarded { inner: Boxed(make_resolver()), networks, refused: refused.clone() };
    let agent = Agent::with_parts(
        config(settings.timeout_ms, &settings.user_agent),
        DefaultConnector::new(),
        resolver,
    );
    let method = match request.method {
        SendMethod::Get => "GET",
        SendMethod::Post => "POST",
        SendMethod::Put => "PUT",
    };
    let mut builder = Request::builder().method(method).uri(url.as_str());
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let unfit = |_| failure("bad_request", "a header or the address cannot be sent");
    let sent = match request.method {
        SendMethod::Get => agent.run(builder.body(()).map_err(unfit)?),
        SendMethod::Post | SendMethod::Put => {
            agent.run(builder.body(request.body.as_slice()).map_err(unfit)?)
        }
    };
    let mut response = sent.map_err(|error| failed(&url, &error, &refused))?;
    let retry_after_s = response.headers().get(RETRY_AFTER);
    let retry_after_s = retry_after_s.and_then(|value| value.to_str().ok()?.parse().ok());
    let status = response.status().as_u16();
    let mut body = Vec::new();
    let mut reader = response.body_mut().as_reader().take(settings.max_reply_bytes);
    if let Err(error) = reader.read_to_end(&mut body) {
        return Err(failed(&url, &ureq::Error::from(error), &refused));
    }
    Ok(SendReply { status, retry_after_s, body })
}

fn failed(url: &Url, error: &ureq::Error, refused: &Refused) -> SendError {
    let host = url.host_str().unwrap_or_default();
    if let Some(address) = refused.get() {
        let detail = format!(
            "{host} is {address}, which is in no public network; if it is yours, name it in \
             delivery.allow_networks"
        );
        return failure("refused_address", detail);
    }
    let code = match error {
        ureq::Error::Timeout(_) => "timeout",
        ureq::Error::HostNotFound => "unknown_host",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "bad_certificate",
        _ => "unreachable",
    };
    // The error's own text may hold the whole address, which may hold a token.
    failure(code, format!("{host}: {code}"))
}

fn host_only(url: &Url) -> String {
    let host = url.host_str().unwrap_or("no host");
    format!("{host}: only http and https addresses without user names are sent to")
}

fn failure(code: &'static str, detail: impl Into<String>) -> SendError {
    SendError { code, detail: detail.into() }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;

    use super::*;

    fn sender(allowed: &[&str]) -> WebSender {
        WebSender::new(WebSenderSettings {
            user_agent: "Kefu/test".to_owned(),
            allow_networks: Networks::parse(allowed.iter().copied()).unwrap(),
            timeout_ms: 2_000,
            max_reply_bytes: 10,
        })
    }

    fn post(url: String) -> SendRequest {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        SendRequest { method: SendMethod::Post, url, headers, body: b"{\"a\":1}".to_vec() }
    }

    /// Answers one request with `answer`; returns the address and what was sent.
    fn server(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook?token=secret", listener.local_addr().unwrap());
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut seen = Vec::new();
            let mut buffer = [0_u8; 1024];
            while !seen.ends_with(b"{\"a\":1}") {
                let n_read = stream.read(&mut buffer).unwrap();
                seen.extend_from_slice(&buffer[..n_read]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(seen).unwrap()
        });
        (url, served)
    }

    #[tokio::test]
    async fn requests_are_sent_and_answers_bounded() {
        let (url, served) =
            server("HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 12\r\n\r\nhello, world");
        let reply = sender(&["127.0.0.1"]).send(post(url)).await.unwrap();
        assert_eq!((reply.status, reply.retry_after_s), (503, Some(7)));
        assert_eq!(reply.body, b"hello, wor");
        let seen = served.join().unwrap();
        assert!(seen.starts_with("POST /hook?token=secret HTTP/1.1\r\n"), "{seen}");
        assert!(seen.to_lowercase().contains("content-type: application/json"), "{seen}");
    }

    #[tokio::test]
    async fn redirects_are_an_answer() {
        let (url, served) = server(
            "HTTP/1.1 307 Go\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
        );
        assert_eq!(sender(&["127.0.0.1"]).send(post(url)).await.unwrap().status, 307);
        served.join().unwrap();
    }

    #[tokio::test]
    async fn private_addresses_are_refused_and_tokens_not_told() {
        for url in ["http://127.0.0.1:9/t0ken", "http://localhost:9/t0ken", "http://[::1]/t0ken"] {
            let error = sender(&[]).send(post(url.to_owned())).await.unwrap_err();
            assert_eq!(error.code, "refused_address");
            assert!(error.detail.contains("delivery.allow_networks"), "{error:?}");
            assert!(!error.detail.contains("t0ken"), "{error:?}");
        }
        for url in ["ftp://example.org/", "http://u:p@example.org/", "nonsense"] {
            let error = sender(&[]).send(post(url.to_owned())).await.unwrap_err();
            assert_eq!(error.code, "refused_address", "{url}");
        }
    }
}
