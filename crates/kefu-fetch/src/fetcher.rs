use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use kefu_core::ports::{FetchError, FetchRequest, Fetched, Fetcher, Validators};
use tokio::sync::Semaphore;
use url::Url;

use crate::address::Networks;
use crate::request::{Answer, Failed, MakeResolver, real_resolver, send};
use crate::robots::{self, Robots};

const MAX_REDIRECTS: usize = 5;
/// Tries of one request, the first included.
const MAX_TRIES: u32 = 3;
/// Requests under way at the same time.
const MAX_CONCURRENT: usize = 4;
/// How long a site's rules are remembered, and of how many sites.
const ROBOTS_TTL: Duration = Duration::from_secs(3_600);
const MAX_SITES: usize = 10_000;

/// What a [`WebFetcher`] may do.
#[derive(Clone, Debug)]
pub struct WebFetcherSettings {
    /// What we are called; its first word, up to `/`, is looked for in `robots.txt`.
    pub user_agent: String,
    /// Networks that may be reached although they are not public.
    pub allow_networks: Networks,
    /// Hosts whose `robots.txt` is not asked for, because they are one's own.
    pub ignore_robots: Vec<String>,
    /// Largest page, in bytes after decompression.
    pub max_page_bytes: u64,
    /// Time for one request, from the name to the last byte.
    pub timeout_ms: u64,
    /// Time between two requests to one host.
    pub delay_ms: u64,
}

/// Fetches pages from the web. Dropping a call abandons it; its thread ends with its timeout.
pub struct WebFetcher {
    settings: Arc<WebFetcherSettings>,
    make_resolver: MakeResolver,
    turns: Semaphore,
    sites: Mutex<HashMap<String, Site>>,
}

/// What is known of one host.
#[derive(Default)]
struct Site {
    /// When the next request may be sent.
    next: Option<Instant>,
    robots: Option<(Instant, Arc<Robots>)>,
}

impl WebFetcher {
    /// A fetcher; performs no IO.
    #[must_use]
    pub fn new(settings: WebFetcherSettings) -> Self {
        Self::with_resolver(settings, real_resolver())
    }

    pub(crate) fn with_resolver(settings: WebFetcherSettings, make_resolver: MakeResolver) -> Self {
        let (turns, sites) = (Semaphore::new(MAX_CONCURRENT), Mutex::default());
        Self { settings: Arc::new(settings), make_resolver, turns, sites }
    }

    /// Follows redirects and tries again where that may help.
    async fn get(
        &self,
        url: &Url,
        known: &Validators,
        asks_robots: bool,
    ) -> Result<Fetched, FetchError> {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            if asks_robots {
                self.check_robots(&url).await?;
            }
            match self.try_hard(&url, known).await? {
                Answer::Done(fetched) => return Ok(fetched),
                Answer::Redirect(target) => url = target,
            }
        }
        let detail = format!("it redirects more than {MAX_REDIRECTS} times");
        Err(FetchError { code: "bad_redirect", detail })
    }

    async fn try_hard(&self, url: &Url, known: &Validators) -> Result<Answer, FetchError> {
        for n_tried in 1.. {
            self.wait_for_turn(url).await;
            let Failed { error, retry_after } = match self.send(url, known).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            match retry_after {
                Some(after) if n_tried < MAX_TRIES => tokio::time::sleep(after * n_tried).await,
                _ => return Err(error),
            }
        }
        Err(FetchError { code: "unreachable", detail: "no try was made".to_owned() })
    }

    async fn send(&self, url: &Url, known: &Validators) -> Result<Answer, Failed> {
        let ended = |_| Failed::for_good("unreachable", "the program is ending");
        let _turn = self.turns.acquire().await.map_err(ended)?;
        let (url, known) = (url.clone(), known.clone());
        let (settings, make_resolver) = (self.settings.clone(), self.make_resolver.clone());
        let sending =
            tokio::task::spawn_blocking(move || send(&url, &known, &settings, &make_resolver));
        let broken = |error: tokio::task::JoinError| {
            Failed::for_good("unreachable", format!("the request ended early: {error}"))
        };
        sending.await.map_err(broken)?
    }

    /// Waits until the host has had its pause.
    async fn wait_for_turn(&self, url: &Url) {
        let (now, pause) = (Instant::now(), Duration::from_millis(self.settings.delay_ms));
        let until = self.with_site(url, |site| {
            let turn = site.next.unwrap_or(now).max(now);
            site.next = Some(turn + pause);
            turn
        });
        tokio::time::sleep_until(until.into()).await;
    }

    async fn check_robots(&self, url: &Url) -> Result<(), FetchError> {
        let host = url.host_str().unwrap_or_default();
        if self.settings.ignore_robots.iter().any(|own| own.eq_ignore_ascii_case(host)) {
            return Ok(());
        }
        let known = self.with_site(url, |site| site.robots.clone());
        let robots = match known {
            Some((at, robots)) if at.elapsed() < ROBOTS_TTL => robots,
            _ => {
                let robots = Arc::new(self.read_robots(url).await?);
                let entry = (Instant::now(), robots.clone());
                self.with_site(url, |site| site.robots = Some(entry));
                robots
            }
        };
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        if robots.allow(path) {
            return Ok(());
        }
        let detail = format!(
            "{host} does not want robots to read {path}; if the site is yours, name it in \
             fetch.ignore_robots"
        );
        Err(FetchError { code: "robots", detail })
    }

    /// A site without rules allows everything; one that cannot say is left alone.
    async fn read_robots(&self, url: &Url) -> Result<Robots, FetchError> {
        let mut place = url.clone();
        place.set_path("/robots.txt");
        place.set_query(None);
        place.set_fragment(None);
        let asked = Box::pin(self.get(&place, &Validators::default(), false)).await;
        let agent = self.settings.user_agent.split(['/', ' ']).next().unwrap_or_default();
        match asked {
            Ok(Fetched::Page(page)) => {
                let bytes = &page.bytes[..page.bytes.len().min(robots::MAX_BYTES)];
                Ok(Robots::parse(&String::from_utf8_lossy(bytes), agent))
            }
            Ok(Fetched::Gone | Fetched::NotModified) => Ok(Robots::default()),
            Err(error) if error.code == "http_denied" => Ok(Robots::default()),
            Err(error) => Err(error),
        }
    }

    fn with_site<T>(&self, url: &Url, with: impl FnOnce(&mut Site) -> T) -> T {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let key = url[..url::Position::BeforePath].to_owned();
        if sites.len() >= MAX_SITES && !sites.contains_key(&key) {
            sites.clear();
        }
        with(sites.entry(key).or_default())
    }
}

#[async_trait]
impl Fetcher for WebFetcher {
    async fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let url = Url::parse(&request.url).map_err(|error| FetchError {
            code: "refused_address",
            detail: format!("{:?} is no address: {error}", request.url),
        })?;
        self.get(&url, &request.known, true).await
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests fail loudly")]
mod tests;
