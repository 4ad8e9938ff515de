use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use kefu_core::ports::{
    FinishReason, GenerateEvent, GenerateRequest, GenerateStream, Generator, GeneratorInfo,
};
use kefu_core::{Language, ModelError};
use tokio_stream::wrappers::ReceiverStream;

/// What the next generation does.
#[derive(Clone, Debug)]
pub enum Script {
    /// Writes these pieces, then stops.
    Say(Vec<String>),
    /// Writes these pieces with a pause before each.
    SaySlowly(Vec<String>, Duration),
    /// Writes these pieces, then fails.
    FailAfter(Vec<String>),
    /// Refuses to start.
    Refuse,
}

/// A generator that follows a script and remembers what it was asked.
#[derive(Debug)]
pub struct FakeGenerator {
    info: GeneratorInfo,
    script: Mutex<Script>,
    requests: Mutex<Vec<GenerateRequest>>,
    n_pieces_sent: Arc<AtomicUsize>,
}

impl FakeGenerator {
    /// A generator for `languages` that follows `script` each time.
    #[must_use]
    pub fn new(languages: &[Language], script: Script) -> Self {
        Self {
            info: GeneratorInfo {
                id: "fake-generator@0".to_owned(),
                languages: languages.to_vec(),
                context_tokens: 2048,
            },
            script: Mutex::new(script),
            requests: Mutex::new(Vec::new()),
            n_pieces_sent: Arc::new(AtomicUsize::new(0)),
        }
    }

    /// Changes the script.
    pub fn follow(&self, script: Script) {
        *self.script.lock().unwrap() = script;
    }

    /// All requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<GenerateRequest> {
        self.requests.lock().unwrap().clone()
    }

    /// Pieces a reader took or that lie in its buffer of one.
    #[must_use]
    pub fn n_pieces_sent(&self) -> usize {
        self.n_pieces_sent.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Generator for FakeGenerator {
    fn info(&self) -> &GeneratorInfo {
        &self.info
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }

    async fn generate(&self, request: GenerateRequest) -> Result<GenerateStream, ModelError> {
        self.requests.lock().unwrap().push(request);
        let script = self.script.lock().unwrap().clone();
        let (pieces, pause, fails) = match script {
            Script::Say(pieces) => (pieces, Duration::ZERO, false),
            Script::SaySlowly(pieces, pause) => (pieces, pause, false),
            Script::FailAfter(pieces) => (pieces, Duration::ZERO, true),
            Script::Refuse => {
                return Err(ModelError::Overloaded { model: self.info.id.clone(), limit: 0 });
            }
        };
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let n_sent = Arc::clone(&self.n_pieces_sent);
        let model = self.info.id.clone();
        tokio::spawn(async move {
            let n_generated_tokens = pieces.len();
            for piece in pieces {
                tokio::time::sleep(pause).await;
                if sender.send(Ok(GenerateEvent::Text(piece))).await.is_err() {
                    return;
                }
                n_sent.fetch_add(1, Ordering::SeqCst);
            }
            let last = if fails {
                Err(ModelError::Failed { model, detail: "scripted failure".to_owned() })
            } else {
                let finish = FinishReason::Stop;
                Ok(GenerateEvent::Done { finish, n_prompt_tokens: 1, n_generated_tokens })
            };
            let _ = sender.send(last).await;
        });
        Ok(Box::pin(ReceiverStream::new(receiver)))
    }
}
