use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use hf_hub::api::Progress;
use hf_hub::api::sync::{Api, ApiBuilder};
use hf_hub::{Cache, Repo, RepoType};

use super::{Fetch, FetchEvent, FetchObserver, Fetched};
use crate::hash::hash_file;

const DEFAULT_ENDPOINT: &str = "https://huggingface.co";
/// Partial downloads wait here for the next attempt.
const DOWNLOADS: &str = ".hub";
const RETRIES: usize = 3;

/// Downloads files of one commit. A broken download is resumed, in this call and in a later one.
pub(crate) fn fetch(fetch: &Fetch<'_>, repo: &str, revision: &str) -> Result<Fetched, String> {
    let pinned = fetch.entry.map(|e| e.revision.as_str()).filter(|commit| is_commit(commit));
    let revision = pinned.unwrap_or(revision);
    let cache = Cache::new(fetch.cache_dir.join(DOWNLOADS));
    let api = client(fetch, cache.clone())?;
    let mut commit = None;
    for file in fetch.files {
        // Files after the first come from the same commit, whatever is pushed meanwhile.
        let revision = commit.clone().unwrap_or_else(|| revision.to_owned());
        let repo = Repo::with_revision(repo.to_owned(), RepoType::Model, revision);
        let download =
            Download { api: api.clone(), cache: cache.clone(), repo, file: file.clone() };
        let done = download.run(fetch.settings.timeout, fetch.observer)?;
        let from = fs::canonicalize(&done.path).map_err(|e| format!("{file}: {e}"))?;
        if let Err(detail) = check(&from, &done) {
            let _ = fs::remove_file(&from);
            return Err(format!("{file}: {detail}; it was thrown away, try again"));
        }
        fs::rename(&from, fetch.staged(file)?).map_err(|e| format!("moving {file}: {e}"))?;
        let _ = fs::remove_file(&done.path);
        commit = Some(done.commit);
    }
    let _ = fs::remove_dir_all(cache.path());
    let revision = commit.ok_or_else(|| "the manifest names no files".to_owned())?;
    Ok(Fetched { origin: format!("hub {repo}"), revision })
}

fn client(fetch: &Fetch<'_>, cache: Cache) -> Result<Api, String> {
    let configured = |value: &Option<String>, name: &str| {
        value.clone().or_else(|| std::env::var(name).ok()).filter(|text| !text.is_empty())
    };
    let endpoint = configured(&fetch.settings.hub_endpoint, "HF_ENDPOINT")
        .unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
    ApiBuilder::from_cache(cache)
        .with_endpoint(endpoint.trim_end_matches('/').to_owned())
        .with_token(configured(&fetch.settings.hub_token, "HF_TOKEN"))
        .with_retries(RETRIES)
        .with_progress(false)
        .with_user_agent("kefu", env!("CARGO_PKG_VERSION"))
        .build()
        .map_err(|e| format!("the hub client cannot start: {e}"))
}

struct Download {
    api: Api,
    cache: Cache,
    repo: Repo,
    file: String,
}

struct Downloaded {
    path: PathBuf,
    commit: String,
    etag: String,
    size: u64,
}

enum Step {
    Size(u64),
    Bytes(u64),
    Finished,
    Ended(Result<Downloaded, String>),
}

impl Download {
    /// Runs on a thread of its own, because the client has no time limits: when nothing arrives
    /// for `timeout` the thread is left behind and the error returned.
    fn run(self, timeout: Duration, observer: &dyn FetchObserver) -> Result<Downloaded, String> {
        let file = self.file.clone();
        let (steps, received) = channel();
        thread::Builder::new()
            .name("kefu-fetch".to_owned())
            .spawn(move || {
                let result = self.download(steps.clone());
                let _ = steps.send(Step::Ended(result));
            })
            .map_err(|e| format!("starting a thread: {e}"))?;
        follow(&received, &file, timeout, observer)
    }

    fn download(&self, steps: Sender<Step>) -> Result<Downloaded, String> {
        let repo = self.api.repo(self.repo.clone());
        let meta = self
            .api
            .metadata(&repo.url(&self.file))
            .map_err(|e| format!("{}: the hub refused or is not reachable: {e}", self.file))?;
        if !is_commit(meta.commit_hash()) || !is_plain(meta.etag()) {
            return Err(format!("{}: the hub sent a malformed commit or etag", self.file));
        }
        self.drop_useless_part(meta.etag(), meta.size() as u64);
        let progress = Reporter { steps };
        let path = repo
            .download_with_progress(&self.file, progress)
            .map_err(|e| format!("{}: download failed: {e}; run again to resume", self.file))?;
        Ok(Downloaded {
            path,
            commit: meta.commit_hash().to_owned(),
            etag: meta.etag().to_owned(),
            size: meta.size() as u64,
        })
    }

    /// The client asks for the bytes after the part it has; a part that is already complete or too
    /// long would make every further attempt fail.
    fn drop_useless_part(&self, etag: &str, size: u64) {
        let mut part = self.cache.repo(self.repo.clone()).blob_path(etag);
        part.set_extension("part");
        if fs::metadata(&part).is_ok_and(|meta| meta.len() >= size) {
            let _ = fs::remove_file(part);
        }
    }
}

fn follow(
    steps: &Receiver<Step>,
    file: &str,
    timeout: Duration,
    observer: &dyn FetchObserver,
) -> Result<Downloaded, String> {
    let mut total = None;
    let mut done_bytes = 0;
    loop {
        match steps.recv_timeout(timeout) {
            Ok(Step::Size(size)) => {
                if total.replace(size).is_none() {
                    observer.observe(FetchEvent::Started { file, total_bytes: total });
                }
                done_bytes = 0;
            }
            Ok(Step::Bytes(n)) => {
                done_bytes += n;
                observer.observe(FetchEvent::Progress { file, done_bytes, total_bytes: total });
            }
            Ok(Step::Finished) => observer.observe(FetchEvent::Finished { file }),
            Ok(Step::Ended(result)) => return result,
            Err(RecvTimeoutError::Timeout) => {
                let seconds = timeout.as_secs();
                return Err(format!(
                    "{file}: nothing arrived for {seconds} s; run again to resume"
                ));
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(format!("{file}: the download ended unexpectedly"));
            }
        }
    }
}

struct Reporter {
    steps: Sender<Step>,
}

impl Progress for Reporter {
    fn init(&mut self, size: usize, _filename: &str) {
        let _ = self.steps.send(Step::Size(size as u64));
    }

    fn update(&mut self, size: usize) {
        let _ = self.steps.send(Step::Bytes(size as u64));
    }

    fn finish(&mut self) {
        let _ = self.steps.send(Step::Finished);
    }
}

/// The size must be what the hub said; large files have their SHA-256 as etag.
fn check(path: &Path, done: &Downloaded) -> Result<(), String> {
    let (size, sha256) = hash_file(path).map_err(|e| e.to_string())?;
    if size != done.size {
        return Err(format!("{size} bytes arrived instead of {}", done.size));
    }
    if done.etag.len() == 64 && done.etag != sha256 {
        return Err(format!("its SHA-256 is {sha256} instead of {}", done.etag));
    }
    Ok(())
}

fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Etags become file names.
fn is_plain(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !text.is_empty() && text.len() <= 128 && text.bytes().all(plain)
}

#[cfg(test)]
mod tests;
