#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use super::*;
use crate::cache::ModelCache;
use crate::error::ModelsError;
use crate::fetch::{FetchSettings, Unobserved};
use crate::hash::hex;
use crate::manifest::Manifest;
use crate::tiny::{Scratch, offline};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// The client tries once, then as often as it retries, then once more.
const N_ATTEMPTS: usize = RETRIES + 2;

/// A server that speaks the hub's routes: small files are sent directly, large ones by way of a
/// redirect, and ranges are honoured.
#[derive(Clone)]
struct Hub {
    address: String,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Every request: path, range, authorisation.
    requests: Vec<(String, String, String)>,
    /// How many downloads of the large file break off after an eighth of it.
    n_breaks: usize,
    /// Whether downloads stop without ending.
    hangs: bool,
    /// What is sent for the large file.
    weights: Vec<u8>,
    /// What its etag says.
    weights_etag: String,
}

impl Hub {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let weights: Vec<u8> = (0..80_000_u32).map(|n| (n % 251).to_le_bytes()[0]).collect();
        let weights_etag = hex(&Sha256::digest(&weights));
        let state =
            State { requests: Vec::new(), n_breaks: 0, hangs: false, weights, weights_etag };
        let hub = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            state: Arc::new(Mutex::new(state)),
        };
        let serving = hub.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let serving = serving.clone();
                thread::spawn(move || serving.answer(connection));
            }
        });
        hub
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    fn requests(&self) -> Vec<(String, String, String)> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }

    fn answer(&self, mut connection: TcpStream) -> Option<()> {
        let mut lines = BufReader::new(connection.try_clone().ok()?).lines();
        let path = lines.next()?.ok()?.split(' ').nth(1)?.to_owned();
        let headers: Vec<String> =
            lines.map_while(Result::ok).take_while(|l| !l.is_empty()).collect();
        let header = |name: &str| {
            let found = headers.iter().filter_map(|line| line.split_once(": "));
            found
                .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, v)| v.to_owned())
                .next_back()
        };
        let range = header("range").unwrap_or_default();
        let authorisation = header("authorization").unwrap_or_default();
        let (weights, etag, breaks, hangs) = {
            let mut state = self.state.lock().unwrap();
            state.requests.push((path.clone(), range.clone(), authorisation));
            let breaks = path.starts_with("/cdn/") && range != "bytes=0-0" && state.n_breaks > 0;
            state.n_breaks -= usize::from(breaks);
            (state.weights.clone(), state.weights_etag.clone(), breaks, state.hangs)
        };
        let hub_headers = format!("x-repo-commit: {COMMIT}\r\n");
        let known = |file: &str| {
            ["main", COMMIT].iter().any(|rev| path == format!("/acme/tiny/resolve/{rev}/{file}"))
        };
        let (body, more) = if known("config.json") {
            (b"{\"a\":1}".to_vec(), format!("{hub_headers}etag: \"abc123\"\r\n"))
        } else if known("weights.bin") {
            let head = format!(
                "HTTP/1.1 302 Found\r\nlocation: {}/cdn/weights.bin\r\n{hub_headers}\
                 x-linked-etag: \"{etag}\"\r\nx-linked-size: {}\r\ncontent-length: 0\r\n\
                 connection: close\r\n\r\n",
                self.address,
                weights.len()
            );
            return connection.write_all(head.as_bytes()).ok();
        } else if path == "/cdn/weights.bin" {
            (weights, String::new())
        } else {
            let head = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            return connection.write_all(head.as_bytes()).ok();
        };
        let (from, to) = bounds(&range, body.len())?;
        let part = body.get(from..to)?;
        let head = format!(
            "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes {from}-{}/{}\r\n{more}\
             content-length: {}\r\nconnection: close\r\n\r\n",
            to.saturating_sub(1),
            body.len(),
            part.len()
        );
        connection.write_all(head.as_bytes()).ok()?;
        let sent =
            if breaks || (hangs && part.len() > 1) { part.len().min(10_000) } else { part.len() };
        connection.write_all(part.get(..sent)?).ok()?;
        if hangs && part.len() > 1 {
            thread::sleep(Duration::from_secs(30));
        }
        Some(())
    }
}

fn bounds(range: &str, len: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let to = to.parse().map_or(len, |to: usize| to + 1);
    Some((from.parse().ok()?, to.min(len)))
}

fn manifest() -> Manifest {
    let text = "id = 'tiny'\nrole = 'reranker'\nfamily = 'bert'\nlanguages = ['en']\n\
                licence = 'MIT'\nmax_tokens = 8\nfiles = ['config.json', 'weights.bin']\n\
                [[sources]]\nkind = 'hub'\nrepo = 'acme/tiny'\nrevision = 'main'\n";
    Manifest::from_toml("tiny", text).unwrap()
}

fn settings(hub: &Hub) -> FetchSettings {
    FetchSettings {
        offline: false,
        hub_endpoint: Some(format!("{}/", hub.address)),
        hub_token: Some("secret".to_owned()),
        ..offline()
    }
}

fn pull(cache: &ModelCache, settings: &FetchSettings) -> Result<(), ModelsError> {
    cache.pull(&manifest(), settings, &Unobserved).map(drop)
}

#[derive(Default)]
struct Log(Mutex<Vec<(u64, Option<u64>)>>);

impl FetchObserver for Log {
    fn observe(&self, event: FetchEvent<'_>) {
        if let FetchEvent::Progress { file: "weights.bin", done_bytes, total_bytes } = event {
            self.0.lock().unwrap().push((done_bytes, total_bytes));
        }
    }
}

#[test]
fn a_mirror_serves_files_of_one_commit_which_the_lock_records() {
    let hub = Hub::start();
    let scratch = Scratch::new();
    let log = Log::default();
    scratch.cache.pull(&manifest(), &settings(&hub), &log).unwrap();
    let progress = log.0.into_inner().unwrap();
    assert_eq!(progress.last(), Some(&(80_000, Some(80_000))));
    let lock = fs::read_to_string(scratch.dir.path().join("models.lock")).unwrap();
    assert!(lock.contains(COMMIT) && lock.contains("size_bytes = 80000"), "{lock}");
    assert!(!scratch.dir.path().join(DOWNLOADS).exists(), "the download folder was left");

    let requests = hub.requests();
    assert!(requests.iter().any(|(path, ..)| path == "/acme/tiny/resolve/main/config.json"));
    let weights = format!("/acme/tiny/resolve/{COMMIT}/weights.bin");
    assert!(requests.iter().any(|(path, ..)| *path == weights), "{requests:?}");
    let to_hub = requests.iter().filter(|(path, ..)| path.starts_with("/acme/"));
    assert!(to_hub.clone().all(|(.., auth)| auth == "Bearer secret"), "{requests:?}");

    pull(&scratch.cache, &settings(&hub)).unwrap();
    assert_eq!(hub.requests().len(), 0, "a second pull used the network");

    // Later fetches stay with the recorded commit, whatever `main` has become.
    fs::remove_file(scratch.dir.path().join("tiny/config.json")).unwrap();
    pull(&scratch.cache, &settings(&hub)).unwrap();
    assert!(hub.requests().iter().all(|(path, ..)| path.contains(COMMIT)));
}

#[test]
fn a_broken_download_is_resumed_in_the_same_and_in_a_later_pull() {
    let hub = Hub::start();
    let scratch = Scratch::new();
    hub.change(|state| state.n_breaks = N_ATTEMPTS);
    let error = pull(&scratch.cache, &settings(&hub)).unwrap_err();
    assert!(error.to_string().contains("run again to resume"), "{error}");
    assert!(!scratch.dir.path().join("tiny").exists(), "half a model was put in place");
    let starts: Vec<String> = hub
        .requests()
        .into_iter()
        .filter(|(p, r, _)| p == "/cdn/weights.bin" && r != "bytes=0-0")
        .map(|(_, r, _)| r)
        .collect();
    let expected: Vec<String> = (0..N_ATTEMPTS).map(|n| format!("bytes={}-", n * 10_000)).collect();
    assert_eq!(starts, expected);

    pull(&scratch.cache, &settings(&hub)).unwrap();
    let next = format!("bytes={}-", N_ATTEMPTS * 10_000);
    assert!(
        hub.requests().iter().any(|(path, range, _)| path == "/cdn/weights.bin" && *range == next)
    );
    let placed = fs::read(scratch.dir.path().join("tiny/weights.bin")).unwrap();
    assert_eq!(placed, hub.state.lock().unwrap().weights);
}

#[test]
fn a_complete_part_left_behind_does_not_stop_later_pulls() {
    let hub = Hub::start();
    let scratch = Scratch::new();
    let blobs = scratch.dir.path().join(DOWNLOADS).join("models--acme--tiny/blobs");
    fs::create_dir_all(&blobs).unwrap();
    let etag = hub.state.lock().unwrap().weights_etag.clone();
    fs::write(blobs.join(format!("{etag}.part")), vec![0; 80_000]).unwrap();
    pull(&scratch.cache, &settings(&hub)).unwrap();
}

#[test]
fn bytes_that_do_not_match_their_etag_are_thrown_away() {
    let hub = Hub::start();
    let scratch = Scratch::new();
    hub.change(|state| state.weights[500] ^= 1);
    let error = pull(&scratch.cache, &settings(&hub)).unwrap_err().to_string();
    assert!(error.contains("SHA-256") && error.contains("thrown away"), "{error}");
    hub.change(|state| state.weights[500] ^= 1);
    pull(&scratch.cache, &settings(&hub)).unwrap();
}

#[test]
fn offline_makes_no_request() {
    let hub = Hub::start();
    let scratch = Scratch::new();
    let settings = FetchSettings { offline: true, ..settings(&hub) };
    let error = pull(&scratch.cache, &settings).unwrap_err();
    assert!(matches!(error, ModelsError::Offline { .. }), "{error}");
    assert_eq!(hub.requests().len(), 0);
}

#[test]
fn a_hub_without_the_model_or_out_of_reach_is_told() {
    let hub = Hub::start();
    let scratch = Scratch::new();
    let mut other = manifest();
    other.files = vec!["absent.bin".to_owned()];
    let error = scratch.cache.pull(&other, &settings(&hub), &Unobserved).map(drop).unwrap_err();
    assert!(matches!(error, ModelsError::Fetch { .. }));
    assert!(error.to_string().contains("404"), "{error}");
    let nowhere =
        FetchSettings { hub_endpoint: Some("http://127.0.0.1:9".to_owned()), ..settings(&hub) };
    let error = pull(&scratch.cache, &nowhere).unwrap_err().to_string();
    assert!(error.contains("not reachable") && error.contains("by hand"), "{error}");
}

#[test]
fn a_download_that_hangs_is_given_up() {
    let hub = Hub::start();
    let scratch = Scratch::new();
    hub.change(|state| state.hangs = true);
    let settings = FetchSettings { timeout: Duration::from_millis(500), ..settings(&hub) };
    let error = pull(&scratch.cache, &settings).unwrap_err().to_string();
    assert!(error.contains("nothing arrived"), "{error}");
}
