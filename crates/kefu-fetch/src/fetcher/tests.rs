use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::*;

/// A web server in a thread: answers by path, and remembers what was asked.
struct Site {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

type Respond = fn(&str, &str) -> Vec<u8>;

impl Site {
    fn start(respond: Respond) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = log.clone();
                std::thread::spawn(move || serve(&stream, respond, &log));
            }
        });
        Self { address, asked }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn n_asked(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == path).count()
    }
}

fn serve(stream: &TcpStream, respond: Respond, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while reader.read_line(&mut head).is_ok_and(|n| n > 2) {}
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().unwrap().push(path.clone());
    let reply = respond(&path, &head);
    let mut out = stream;
    if path == "/drip" {
        for byte in reply {
            std::thread::sleep(Duration::from_millis(40));
            if out.write_all(&[byte]).is_err() {
                return;
            }
        }
    } else {
        let _ = out.write_all(&reply);
    }
}

fn ok(body: &str) -> Vec<u8> {
    reply("200 OK", "content-type: text/html; charset=utf-8\r\netag: \"1\"\r\n", body.as_bytes())
}

fn reply(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn settings(allow: &[&str]) -> WebFetcherSettings {
    WebFetcherSettings {
        user_agent: "Kefu/1 (test)".to_owned(),
        allow_networks: Networks::parse(allow.iter().copied()).unwrap(),
        ignore_robots: Vec::new(),
        max_page_bytes: 10_000,
        timeout_ms: 700,
        delay_ms: 0,
    }
}

fn local() -> WebFetcher {
    WebFetcher::new(settings(&["127.0.0.0/8"]))
}

async fn get(fetcher: &WebFetcher, url: &str) -> Result<Fetched, FetchError> {
    fetcher.fetch(&FetchRequest { url: url.to_owned(), ..FetchRequest::default() }).await
}

async fn code(fetcher: &WebFetcher, url: &str) -> &'static str {
    get(fetcher, url).await.unwrap_err().code
}

static N_FLAKY: AtomicUsize = AtomicUsize::new(0);

fn shop(path: &str, head: &str) -> Vec<u8> {
    let to = |target: &str| reply("302 Found", &format!("location: {target}\r\n"), b"");
    match path {
        "/robots.txt" => ok("User-agent: *\nDisallow: /secret\n"),
        "/page" if head.to_lowercase().contains("if-none-match: \"1\"") => {
            reply("304 Not Modified", "", b"")
        }
        "/page" => ok("<p>hello"),
        "/moved" => to("/page"),
        "/to-secret" => to("/secret"),
        "/inside" => to("http://192.168.1.1/"),
        "/metadata" => to("http://169.254.169.254/latest"),
        "/file" => to("file:///etc/passwd"),
        "/endless" => to("/endless"),
        "/big" => ok(&"x".repeat(10_001)),
        "/bomb" => {
            // 1 MB of zeros, compressed to 1 kB.
            let body = include_bytes!("bomb.gz");
            reply("200 OK", "content-encoding: gzip\r\n", body)
        }
        "/drip" => ok(&"x".repeat(100)),
        "/flaky" if N_FLAKY.fetch_add(1, Ordering::SeqCst) == 0 => {
            reply("503 Busy", "retry-after: 0\r\n", b"")
        }
        "/flaky" => ok("at last"),
        "/broken" => reply("500 Oops", "retry-after: 0\r\n", b""),
        "/forbidden" => reply("403 No", "", b""),
        "/gone" => reply("410 Gone", "", b""),
        _ => reply("404 Not Found", "", b""),
    }
}

#[tokio::test]
async fn pages_come_with_their_validators_and_are_not_sent_twice() {
    let (site, fetcher) = (Site::start(shop), local());
    let Fetched::Page(page) = get(&fetcher, &site.url("/moved")).await.unwrap() else {
        panic!("no page")
    };
    assert_eq!(page.bytes, b"<p>hello");
    assert_eq!(page.content_type.as_deref(), Some("text/html; charset=utf-8"));
    let request = FetchRequest { url: site.url("/page"), known: page.validators };
    assert_eq!(fetcher.fetch(&request).await.unwrap(), Fetched::NotModified);
    assert_eq!(get(&fetcher, &site.url("/none")).await.unwrap(), Fetched::Gone);
    assert_eq!(get(&fetcher, &site.url("/gone")).await.unwrap(), Fetched::Gone);
    assert_eq!(site.n_asked("/robots.txt"), 1);
}

#[tokio::test]
async fn no_redirect_leads_inside_or_on_for_ever() {
    let (site, fetcher) = (Site::start(shop), local());
    for path in ["/inside", "/metadata", "/file"] {
        assert_eq!(code(&fetcher, &site.url(path)).await, "refused_address", "{path}");
    }
    assert_eq!(code(&fetcher, &site.url("/endless")).await, "bad_redirect");
    assert_eq!(code(&fetcher, &site.url("/to-secret")).await, "robots");
    let outsider = WebFetcher::new(settings(&[]));
    assert_eq!(code(&outsider, &site.url("/page")).await, "refused_address");
    assert!(site.n_asked("/page") == 0 && site.n_asked("/secret") == 0);
    for url in ["ftp://shop.example/", "http://user:word@127.0.0.1/", "not a url", "http://"] {
        assert_eq!(code(&fetcher, url).await, "refused_address", "{url}");
    }
}

#[tokio::test]
async fn sizes_and_times_are_bounded_after_decompression_too() {
    let (site, fetcher) = (Site::start(shop), local());
    assert_eq!(code(&fetcher, &site.url("/big")).await, "too_large");
    assert_eq!(code(&fetcher, &site.url("/bomb")).await, "too_large");
    let begun = Instant::now();
    assert_eq!(code(&fetcher, &site.url("/drip")).await, "timeout");
    assert!(begun.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_what_will_not_is_left() {
    let (site, fetcher) = (Site::start(shop), local());
    assert!(matches!(get(&fetcher, &site.url("/flaky")).await, Ok(Fetched::Page(_))));
    assert_eq!(code(&fetcher, &site.url("/broken")).await, "http_status");
    assert_eq!(site.n_asked("/broken"), 3);
    assert_eq!(code(&fetcher, &site.url("/forbidden")).await, "http_denied");
    assert_eq!(site.n_asked("/forbidden"), 1);
    assert_eq!(code(&fetcher, &site.url("/secret/1")).await, "robots");
    let own = WebFetcherSettings {
        ignore_robots: vec!["127.0.0.1".to_owned()],
        ..settings(&["127.0.0.0/8"])
    };
    let outcome = get(&WebFetcher::new(own), &site.url("/secret/1")).await;
    assert_eq!(outcome.unwrap(), Fetched::Gone);
}

/// Answers with another address each time it is asked.
#[derive(Debug, Default)]
struct Rebinding {
    answers: BTreeMap<usize, SocketAddr>,
    n_asked: Arc<AtomicUsize>,
}

impl Resolver for Rebinding {
    fn resolve(
        &self,
        _uri: &Uri,
        _config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut found = self.empty();
        let n = self.n_asked.fetch_add(1, Ordering::SeqCst);
        found.push(self.answers.get(&n).copied().unwrap_or(self.answers[&0]));
        Ok(found)
    }
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_that_is_used() {
    let site = Site::start(shop);
    let n_asked = Arc::new(AtomicUsize::new(0));
    let make = {
        let (n_asked, address) = (n_asked.clone(), site.address);
        let answers = BTreeMap::from([(0, address), (1, "192.168.7.7:80".parse().unwrap())]);
        move || -> Box<dyn Resolver> {
            Box::new(Rebinding { answers: answers.clone(), n_asked: n_asked.clone() })
        }
    };
    let own = WebFetcherSettings {
        ignore_robots: vec!["shop.example".to_owned()],
        ..settings(&["127.0.0.0/8"])
    };
    let fetcher = WebFetcher::with_resolver(own, Arc::new(make));
    // One question for one request: a second answer is never asked for …
    assert!(matches!(get(&fetcher, "http://shop.example/page").await, Ok(Fetched::Page(_))));
    assert_eq!(n_asked.load(Ordering::SeqCst), 1);
    // … and the next request, which gets it, is refused.
    assert_eq!(code(&fetcher, "http://shop.example/page").await, "refused_address");
}
