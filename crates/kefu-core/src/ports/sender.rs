use async_trait::async_trait;

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendMethod {
    /// Reads.
    Get,
    /// Writes.
    Post,
    /// Changes.
    Put,
}

/// A request to another program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendRequest {
    /// How.
    pub method: SendMethod,
    /// Where to, `http` or `https`.
    pub url: String,
    /// Names and values of headers.
    pub headers: Vec<(String, String)>,
    /// The body; empty with [`SendMethod::Get`].
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendReply {
    /// HTTP status; redirects are not followed.
    pub status: u16,
    /// Seconds to wait, where the server said so.
    pub retry_after_s: Option<u64>,
    /// The body, cut at the sender's limit.
    pub body: Vec<u8>,
}

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendError {
    /// Code for listings, such as `refused_address`, `timeout` or `unreachable`.
    pub code: &'static str,
    /// What happened, and what to do; names no more than the host.
    pub detail: String,
}

/// Sends requests to programs that the configuration names. What it may reach, and how long it
/// waits, is its own business.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Sends one request. Dropping the future abandons it; whether the other side got it is then
    /// not known.
    async fn send(&self, request: SendRequest) -> Result<SendReply, SendError>;
}
