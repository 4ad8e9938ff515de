use std::sync::Mutex;

use async_trait::async_trait;
use kefu_core::ports::{SendError, SendReply, SendRequest, Sender};

/// Keeps what is sent and answers with one status.
pub struct FakeSender {
    status: u16,
    sent: Mutex<Vec<SendRequest>>,
}

impl FakeSender {
    /// Answers everything with `status`.
    #[must_use]
    pub fn answering(status: u16) -> Self {
        Self { status, sent: Mutex::default() }
    }

    /// What was sent so far.
    #[must_use]
    pub fn sent(&self) -> Vec<SendRequest> {
        self.sent.lock().unwrap().clone()
    }
}

#[async_trait]
impl Sender for FakeSender {
    async fn send(&self, request: SendRequest) -> Result<SendReply, SendError> {
        self.sent.lock().unwrap().push(request);
        Ok(SendReply { status: self.status, retry_after_s: None, body: Vec::new() })
    }
}
