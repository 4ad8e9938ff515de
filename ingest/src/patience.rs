use std::time::Duration;

use kefu_core::ErrorKind;

/// Waits for a busy part. Ingest shares the embedder and the store with questions, which come
/// first, so a full queue is a reason to wait rather than to fail.
pub(crate) struct Patience {
    pause: Duration,
    left: Duration,
}

impl Patience {
    /// Short enough that the build lease outlives it.
    const LIMIT: Duration = Duration::from_secs(20);

    pub(crate) fn new() -> Self {
        Self { pause: Duration::from_millis(20), left: Self::LIMIT }
    }

    /// Whether to try again after a failure; if so, after a pause that grows from time to time.
    pub(crate) async fn wait(&mut self, failure: ErrorKind) -> bool {
        if failure != ErrorKind::Overloaded || self.left < self.pause {
            return false;
        }
        tokio::time::sleep(self.pause).await;
        self.left -= self.pause;
        self.pause = (self.pause * 2).min(Duration::from_secs(1));
        true
    }
}
