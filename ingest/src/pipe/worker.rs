use std::convert::Infallible;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use super::PipeParserSettings;
use super::death::{Death, LastWords};
use crate::parser::{FileInput, ParseFailure};

/// What the child needs of our environment to start; nothing of it is secret.
const KEPT_VARIABLES: [&str; 2] = ["PATH", "LD_LIBRARY_PATH"];

/// Longest line of the child's stderr that is logged in one piece.
const MAX_LOG_LINE_BYTES: u64 = 4096;

/// How an exchange with the child went.
pub(super) enum Exchange {
    /// A whole line came back.
    Reply(Vec<u8>),
    /// The child is gone.
    Ended(Death),
    /// The file is to blame.
    Failed(ParseFailure),
}

/// A running child. Dropping it kills the child.
#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
    last_words: LastWords,
    n_files: usize,
}

impl Worker {
    pub(super) fn start(settings: &PipeParserSettings) -> std::io::Result<Self> {
        let kept = KEPT_VARIABLES.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        let mut child = Command::new(&settings.program)
            .args(&settings.arguments)
            .env_clear()
            .envs(kept)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(std::io::Error::other("its pipes are missing"));
        };
        let (stdout, stderr) = (BufReader::new(stdout), BufReader::new(stderr));
        let last_words = LastWords::default();
        Ok(Self { child, stdin, stdout, stderr, last_words, n_files: 0 })
    }

    pub(super) fn n_files(&self) -> usize {
        self.n_files
    }

    /// Sends a file and waits for the reply, logging what the child says on stderr meanwhile.
    pub(super) async fn talk(&mut self, file: &FileInput, max_output_bytes: u64) -> Exchange {
        self.n_files += 1;
        let Self { child, stdin, stdout, stderr, last_words, .. } = self;
        let outcome = tokio::select! {
            outcome = send_and_receive(stdin, stdout, file, max_output_bytes) => outcome,
            never = log_lines_for_ever(stderr, last_words) => match never {},
        };
        match outcome {
            Ok(Some(line)) => Exchange::Reply(line),
            Ok(None) => {
                let detail = format!("it turns into more than {max_output_bytes} bytes");
                Exchange::Failed(ParseFailure::new("too_large", detail))
            }
            Err(error) => {
                // The child is ending or about to be killed; its status and its last words say
                // more than the pipe.
                let end = async {
                    let status = child.wait().await;
                    log_lines(stderr, last_words).await;
                    status
                };
                let status = tokio::time::timeout(Duration::from_millis(500), end).await;
                Exchange::Ended(Death::of(status.ok().and_then(Result::ok), &error, last_words))
            }
        }
    }
}

/// The reply line without its end; `None` when it exceeds the limit.
async fn send_and_receive(
    stdin: &mut ChildStdin,
    stdout: &mut BufReader<ChildStdout>,
    file: &FileInput,
    max_output_bytes: u64,
) -> std::io::Result<Option<Vec<u8>>> {
    let header = json!({ "name": file.name, "size_bytes": file.bytes.len() });
    stdin.write_all(format!("{header}\n").as_bytes()).await?;
    stdin.write_all(&file.bytes).await?;
    stdin.flush().await?;
    let mut line = Vec::new();
    stdout.take(max_output_bytes.saturating_add(1)).read_until(b'\n', &mut line).await?;
    if line.pop_if(|last| *last == b'\n').is_some() {
        return Ok(Some(line));
    }
    if line.len() as u64 > max_output_bytes {
        return Ok(None);
    }
    Err(std::io::ErrorKind::UnexpectedEof.into())
}

/// Logs lines for as long as the other side of the select runs; a closed stderr is silence, since
/// the end of the reply tells more.
async fn log_lines_for_ever(
    stderr: &mut BufReader<ChildStderr>,
    last_words: &mut LastWords,
) -> Infallible {
    log_lines(stderr, last_words).await;
    std::future::pending().await
}

/// Logs lines until there are no more.
async fn log_lines(stderr: &mut BufReader<ChildStderr>, last_words: &mut LastWords) {
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut bounded = (&mut *stderr).take(MAX_LOG_LINE_BYTES);
        match bounded.read_until(b'\n', &mut line).await {
            Ok(n) if n > 0 => {
                let text = String::from_utf8_lossy(&line);
                tracing::debug!(line = text.trim_end(), "the parser process wrote to stderr");
                last_words.hear(&text);
            }
            _ => return,
        }
    }
}
