//! The store in memory passes the suite that its users' adapters pass, and its faults are real.
#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use kefu_core::StoreError;
use kefu_core::ports::{CollectionSpec, OpenOutcome, VectorStore};
use kefu_testkit::conformance;
use kefu_testkit::fakes::MemoryStore;

#[tokio::test]
async fn memory_conforms() {
    conformance::store::run(async || Arc::new(MemoryStore::new()) as Arc<dyn VectorStore>).await;
}

#[tokio::test]
async fn scripted_faults_happen_when_told() {
    let store = MemoryStore::new();
    let spec = CollectionSpec { name: "c".to_owned(), dimensions: None };
    store.fail_next(2);
    for _ in 0..2 {
        let failed = store.open(&spec).await;
        assert!(matches!(failed, Err(StoreError::Failed { .. })), "{failed:?}");
    }
    store.open(&spec).await.unwrap();
    store.fail_after(1, 1);
    store.mark_complete("c").await.unwrap();
    assert!(store.open(&spec).await.is_err());
    assert_eq!(store.open(&spec).await.unwrap(), OpenOutcome::Ready);
    store.damage("c");
    assert_eq!(store.open(&spec).await.unwrap(), OpenOutcome::Empty);
    store.delay(Duration::from_millis(5));
    let start = Instant::now();
    store.health().await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(5));
}
