use std::sync::Arc;
use std::time::Duration;

use kefu_core::StoreError;
use kefu_core::ports::{OpenOutcome, VectorStore};
use kefu_store::{QdrantSettings, QdrantStore};
use kefu_testkit::conformance;

use crate::fake_qdrant::FakeQdrant;
use crate::sample::{NAME, chunks, count, fill, queries, scope, spec};

/// Address of a real server to run the suite against as well.
const REAL_URL: &str = "KEFU_TEST_QDRANT_URL";

fn settings(url: String) -> QdrantSettings {
    let timeout = Duration::from_secs(10);
    QdrantSettings { url, api_key: None, timeout, n_shards: 1, n_replicas: 1 }
}

pub(crate) async fn connect(server: &FakeQdrant) -> QdrantStore {
    QdrantStore::connect(settings(format!("http://{}", server.address))).await.unwrap()
}

#[tokio::test]
async fn qdrant_conforms() {
    let server = FakeQdrant::start(None);
    conformance::store::run(async || Arc::new(connect(&server).await) as Arc<dyn VectorStore>)
        .await;
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "whoever runs the tests should know what was left out")]
async fn real_server_conforms() {
    let Ok(url) = std::env::var(REAL_URL) else {
        eprintln!("not run against a real Qdrant server: {REAL_URL} is not set");
        return;
    };
    let api_key = std::env::var("KEFU_TEST_QDRANT_KEY").ok();
    let settings = QdrantSettings { api_key, ..settings(url) };
    conformance::store::run(async || {
        Arc::new(QdrantStore::connect(settings.clone()).await.unwrap()) as Arc<dyn VectorStore>
    })
    .await;
}

#[tokio::test]
async fn processes_share_a_collection() {
    let server = FakeQdrant::start(None);
    let (one, other) = (connect(&server).await, connect(&server).await);
    fill(&one, &chunks(1..300)).await;
    assert_eq!(count(&other).await, 299, "a collection need not be opened");
    assert_eq!(other.open(&spec()).await.unwrap(), OpenOutcome::Ready);
    let ids: Vec<_> = chunks(1..290).iter().map(|chunk| chunk.id).collect();
    other.remove(&scope(), NAME, &ids).await.unwrap();
    assert_eq!(count(&one).await, 10);
}

#[tokio::test]
async fn faults_of_the_server_are_typed() {
    let server = FakeQdrant::start(None);
    let url = format!("http://{}", server.address);
    let impatient = QdrantSettings { timeout: Duration::from_millis(200), ..settings(url.clone()) };
    let store = QdrantStore::connect(impatient).await.unwrap();
    fill(&store, &chunks(1..3)).await;

    server.delay(Duration::from_secs(5));
    let late = store.query(&scope(), NAME, &queries()[0]).await;
    assert!(matches!(late, Err(StoreError::Unavailable { .. })), "{late:?}");
    server.delay(Duration::ZERO);

    server.drop_collection(NAME);
    let missing = store.query(&scope(), NAME, &queries()[0]).await;
    assert!(matches!(missing, Err(StoreError::NoCollection { .. })), "{missing:?}");

    drop(server);
    let gone = store.upsert(&scope(), NAME, &chunks(1..3)).await;
    assert!(matches!(gone, Err(StoreError::Unavailable { .. })), "{gone:?}");
    for url in [url, "http://[bad".to_owned(), "ftp://127.0.0.1:1".to_owned()] {
        let refused = QdrantStore::connect(settings(url)).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn the_key_is_sent_and_never_shown() {
    let server = FakeQdrant::start(Some("s3cret"));
    let with_key = |key: Option<&str>| QdrantSettings {
        api_key: key.map(str::to_owned),
        ..settings(format!("http://{}", server.address))
    };
    let store = QdrantStore::connect(with_key(Some("s3cret"))).await.unwrap();
    assert_eq!(store.open(&spec()).await.unwrap(), OpenOutcome::Empty);
    assert!(!format!("{store:?}").contains("s3cret"));
    for wrong in [None, Some("other")] {
        let refused = QdrantStore::connect(with_key(wrong)).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
    }
}
