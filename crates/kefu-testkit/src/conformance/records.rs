//! The records suite, one function per aggregate. Each takes a maker of empty records, runs its
//! cases on fresh ones and panics at the first difference.

mod builds;
mod collection;
mod conversations;
mod desk;
mod fixtures;
mod isolation;
mod jobs;
mod lessons;
mod links;
mod outbox;
mod overlays;
mod reading;
mod rebuild;
mod releases;
mod sources;
mod staging;
mod tickets;

use std::sync::Arc;

use kefu_core::ports::Records;

use crate::fakes::FakeClock;

pub use conversations::{conversations, feedback};
pub use desk::desk;
pub use fixtures::{
    answer, chunks, conversation, document, exchange, finish, publish, settle, staff_document,
    ticket,
};
pub use isolation::isolation;
pub use jobs::jobs;
pub use lessons::lessons;
pub use links::links;
pub use outbox::outbox;
pub use overlays::overlays;
pub use sources::sources;
pub use tickets::tickets;

/// Records under test and the clock they read.
pub struct Subject {
    /// Empty records.
    pub records: Arc<dyn Records>,
    /// Their clock.
    pub clock: Arc<FakeClock>,
}

/// Makes empty records for one case.
pub type Fresh<'a> = &'a (dyn Fn() -> Subject + Send + Sync);

/// Builds, documents, passages, vectors, rebuilding, releases and their collection.
pub async fn content(fresh: Fresh<'_>) {
    builds::run(fresh).await;
    staging::run(fresh).await;
    reading::run(fresh).await;
    rebuild::run(fresh).await;
    releases::run(fresh).await;
    collection::run(fresh).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Subject;
    use crate::fakes::{FakeClock, MemoryRecords};

    fn fresh() -> Subject {
        let clock = Arc::new(FakeClock::at(1_000_000));
        Subject { records: Arc::new(MemoryRecords::new(clock.clone())), clock }
    }

    #[tokio::test]
    async fn memory_content() {
        super::content(&fresh).await;
    }

    #[tokio::test]
    async fn memory_conversations() {
        super::conversations(&fresh).await;
        super::feedback(&fresh).await;
    }

    #[tokio::test]
    async fn memory_tickets() {
        super::tickets(&fresh).await;
        super::desk(&fresh).await;
    }

    #[tokio::test]
    async fn memory_jobs() {
        super::jobs(&fresh).await;
    }

    #[tokio::test]
    async fn memory_outbox() {
        super::outbox(&fresh).await;
    }

    #[tokio::test]
    async fn memory_lessons_and_links() {
        super::lessons(&fresh).await;
        super::links(&fresh).await;
    }

    #[tokio::test]
    async fn memory_overlays() {
        super::overlays(&fresh).await;
    }

    #[tokio::test]
    async fn memory_sources() {
        super::sources(&fresh).await;
    }

    #[tokio::test]
    async fn memory_isolation() {
        super::isolation(&fresh).await;
    }
}
