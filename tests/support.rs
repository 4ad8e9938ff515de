//! Starting the real binary on a free port with throw-away state, and talking to it.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The binary under test.
pub(crate) const KEFU: &str = env!("CARGO_BIN_EXE_kefu");

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A `kefu` command without models on this data directory, in the repository's root.
pub(crate) fn kefu(data_dir: &Path) -> Command {
    let mut command = Command::new(KEFU);
    command
        .current_dir(root())
        .arg("--data-dir")
        .arg(data_dir)
        .env("KEFU__MODELS__PROFILE", "none")
        .env("KEFU__LOG__LEVEL", "warn");
    command
}

/// Runs a command to its end; its output is shown when a test fails.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    eprintln!("{command:?} -> {}", output.status);
    eprintln!("{}", String::from_utf8_lossy(&output.stdout));
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Standard output of a command that must succeed.
pub(crate) fn stdout(command: &mut Command) -> String {
    let output = run(command);
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Standard error of a command that must end with this code.
pub(crate) fn stderr_of_failure(command: &mut Command, code: i32) -> String {
    let output = run(command);
    assert_eq!(output.status.code(), Some(code));
    String::from_utf8(output.stderr).unwrap()
}

/// A stream of events that is read as they come.
pub(crate) struct Watch {
    events: std::sync::mpsc::Receiver<(String, Value)>,
}

impl Watch {
    /// The next event of this name, other ones passed over.
    pub(crate) fn next(&self, name: &str) -> Value {
        self.next_where(name, |_| true)
    }

    /// The next event of this name that is as wanted.
    pub(crate) fn next_where(&self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok((event, data)) if event == name && wanted(&data) => return data,
                Ok(_) => {}
                Err(error) => panic!("no event {name}: {error}"),
            }
        }
    }

    /// Whether the stream ends in time.
    pub(crate) fn ends(&self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            match self.events.recv_timeout(Duration::from_millis(100)) {
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return true,
                Ok(_) | Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
            }
        }
        false
    }
}

/// A running service; killed when dropped.
pub(crate) struct Service {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub(crate) address: String,
}

impl Service {
    /// Starts `command` (a `serve` or `up`) on a free port and waits until it says it is ready.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child =
            command.arg("--listen").arg("127.0.0.1:0").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut address = None;
        let mut line = String::new();
        while lines.read_line(&mut line).unwrap() > 0 {
            if let Some(rest) = line.split("Chat: ").nth(1) {
                address =
                    rest.split_whitespace().next().map(|url| url.trim_end_matches('/').to_owned());
                break;
            }
            line.clear();
        }
        std::thread::spawn(move || {
            let mut rest = Vec::new();
            let _ = lines.read_to_end(&mut rest);
        });
        let address = address.expect("the service ended before it was ready");
        Self { child, address }
    }

    /// Starts `kefu serve` without models on this data directory.
    pub(crate) fn serve(data_dir: &Path) -> Self {
        Self::start(kefu(data_dir).arg("serve"))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        answer(agent().get(format!("{}{path}", self.address)).call())
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        answer(agent().post(format!("{}{path}", self.address)).send_json(body))
    }

    /// A request under a name of its own.
    pub(crate) fn post_named(&self, path: &str, name: &str, body: &Value) -> (u16, Value) {
        let request = agent().post(format!("{}{path}", self.address));
        answer(request.header("idempotency-key", name).send_json(body))
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        answer(agent().put(format!("{}{path}", self.address)).send_json(body))
    }

    /// Sends files as one upload.
    pub(crate) fn post_files(&self, path: &str, files: &[(String, Vec<u8>)]) -> (u16, Value) {
        const BORDER: &str = "kefu-test-border";
        let mut body = Vec::new();
        for (name, bytes) in files {
            let head = format!(
                "--{BORDER}\r\ncontent-disposition: form-data; name=\"file\"; \
                 filename=\"{name}\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BORDER}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BORDER}");
        let request = agent().post(format!("{}{path}", self.address)).header("content-type", kind);
        answer(request.send(&body[..]))
    }

    /// Sends any bytes as JSON.
    pub(crate) fn post_raw(&self, path: &str, body: &[u8]) -> (u16, Value) {
        let request = agent()
            .post(format!("{}{path}", self.address))
            .header("content-type", "application/json");
        answer(request.send(body))
    }

    /// The events of a streamed answer as (name, data).
    pub(crate) fn stream(&self, path: &str, body: &Value) -> Vec<(String, Value)> {
        let text = agent()
            .post(format!("{}{path}", self.address))
            .header("accept", "text/event-stream")
            .send_json(body)
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        let event = |block: &str| {
            let field =
                |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            let data = serde_json::from_str(field("data:")?).unwrap();
            Some((field("event:")?.to_owned(), data))
        };
        text.split("\n\n").filter_map(event).collect()
    }

    /// Opens a stream of events that stays open.
    pub(crate) fn watch(&self, path: &str) -> Watch {
        let response = agent().get(format!("{}{path}", self.address)).call().unwrap();
        assert_eq!(response.status(), 200);
        let lines = BufReader::new(response.into_body().into_reader());
        let (sender, events) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut name = String::new();
            for line in lines.lines() {
                let Ok(line) = line else { return };
                if let Some(event) = line.strip_prefix("event:") {
                    name = event.trim().to_owned();
                } else if let Some(data) = line.strip_prefix("data:") {
                    let data = serde_json::from_str(data.trim()).unwrap();
                    if sender.send((name.clone(), data)).is_err() {
                        return;
                    }
                }
            }
        });
        Watch { events }
    }

    /// Kills the process the hard way.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM and returns the exit code and how long it took to end.
    pub(crate) fn terminate(mut self) -> (Option<i32>, Duration) {
        let started = Instant::now();
        let sent = Command::new("kill").arg(self.pid().to_string()).status().unwrap();
        assert!(sent.success());
        let status = self.child.wait().unwrap();
        (status.code(), started.elapsed())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into()
}

fn answer(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> (u16, Value) {
    let mut response = response.unwrap();
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}
