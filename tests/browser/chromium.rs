//! A headless Chromium, spoken to over two pipes with the DevTools protocol.

use std::cell::{Cell, RefCell};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::page::Page;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const REPLY_TIMEOUT: Duration = Duration::from_secs(30);

/// A browser with an empty profile of its own; it ends when dropped.
pub(crate) struct Browser {
    child: Child,
    commands: RefCell<ChildStdin>,
    messages: Receiver<Value>,
    last_id: Cell<u64>,
    events: RefCell<Vec<Value>>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts the machine's Chromium. Without one the test that asks is skipped, which is said on
    /// the error stream past the capture of test output.
    pub(crate) fn start(test: &str) -> Option<Self> {
        let Some(program) = program() else {
            let mut stderr = std::io::stderr();
            let _ = writeln!(
                stderr,
                "SKIPPED: {test}: no Chromium was found, so the pages were NOT tried; install \
                 chromium or set KEFU_CHROMIUM to its path"
            );
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new("/bin/sh");
        // The protocol uses descriptors 3 and 4; a shell makes them from the standard ones.
        command.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"]).arg(&program);
        command.args([
            "--headless",
            "--remote-debugging-pipe",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-extensions",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "--enable-blink-features=ComputedAccessibilityInfo",
        ]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let commands = RefCell::new(child.stdin.take().unwrap());
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            while reader.read_until(0, &mut bytes).is_ok_and(|n_read| n_read > 0) {
                bytes.pop();
                let message = serde_json::from_slice(&bytes).unwrap();
                if sender.send(message).is_err() {
                    return;
                }
                bytes.clear();
            }
        });
        let browser = Self {
            child,
            commands,
            messages,
            last_id: Cell::new(0),
            events: RefCell::default(),
            _profile: profile,
        };
        browser.call(None, "Browser.getVersion", json!({}));
        Some(browser)
    }

    /// An empty page that shares nothing with other pages.
    pub(crate) fn page(&self) -> Page<'_> {
        let context = self.call(None, "Target.createBrowserContext", json!({}));
        Page::open(self, context["browserContextId"].as_str().unwrap())
    }

    /// Calls a method of the protocol, on a page's session where one is given.
    pub(crate) fn call(&self, session: Option<&str>, method: &str, params: Value) -> Value {
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        let mut message = json!({"id": id, "method": method});
        message["params"] = params;
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.commands.borrow_mut().write_all(&bytes).unwrap();
        let end = Instant::now() + REPLY_TIMEOUT;
        loop {
            let message = match self.messages.recv_timeout(end - Instant::now()) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => panic!("Chromium does not answer {method}"),
                Err(RecvTimeoutError::Disconnected) => panic!("Chromium ended during {method}"),
            };
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            if message.get("method").is_some() {
                self.events.borrow_mut().push(message);
            }
        }
    }

    /// Takes the events of a session that came so far.
    pub(crate) fn events(&self, session: &str) -> Vec<Value> {
        let mut events = self.events.borrow_mut();
        events.extend(self.messages.try_iter().filter(|message| message.get("id").is_none()));
        let all = std::mem::take(&mut *events);
        let (mine, rest) = all.into_iter().partition(|event| event["sessionId"] == session);
        *events = rest;
        mine
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let message = b"{\"id\":0,\"method\":\"Browser.close\"}\0";
        let _ = self.commands.borrow_mut().write_all(message);
        let end = Instant::now() + Duration::from_secs(5);
        while Instant::now() < end {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("KEFU_CHROMIUM") {
        return (!given.is_empty()).then(|| given.into());
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |dir| dir.join(name)))
        .find(|p| p.is_file())
}
