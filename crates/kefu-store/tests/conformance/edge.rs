use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kefu_core::ports::{Hit, OpenOutcome, VectorStore};
use kefu_core::{ChunkId, ErrorKind, StoreError};
use kefu_store::{EdgeSettings, EdgeStore};
use kefu_testkit::conformance;

use crate::sample::{NAME, chunks, count, directory, fill, queries, scope, spec};

pub(crate) fn settings() -> EdgeSettings {
    EdgeSettings { n_query_threads: 2, max_waiting: 64, min_free_bytes: 0, max_log_bytes: 1 << 30 }
}

pub(crate) fn open(dir: &Path) -> EdgeStore {
    EdgeStore::open(dir.to_owned(), &settings()).unwrap()
}

#[tokio::test]
async fn edge_conforms() {
    let dir = directory();
    let n = Cell::new(0);
    conformance::store::run(async || {
        n.set(n.get() + 1);
        Arc::new(open(&dir.path().join(n.get().to_string()))) as Arc<dyn VectorStore>
    })
    .await;
}

#[tokio::test]
async fn a_closed_store_is_found_again_as_it_was() {
    let dir = directory();
    let store = open(dir.path());
    fill(&store, &chunks(1..400)).await;
    let removed: Vec<ChunkId> = (1..100).map(ChunkId::from_u128).collect();
    store.remove(&scope(), NAME, &removed).await.unwrap();
    store.upsert(&scope(), NAME, &chunks(350..450)).await.unwrap();
    let before = answers(&store).await;
    store.close_store().await.unwrap();

    let store = open(dir.path());
    assert_eq!(store.open(&spec()).await.unwrap(), OpenOutcome::Ready);
    assert_eq!(count(&store).await, 350);
    assert_eq!(answers(&store).await, before, "scores outlive a restart");
    store.upsert(&scope(), NAME, &chunks(450..460)).await.unwrap();
    assert_eq!(count(&store).await, 360);
}

#[tokio::test]
async fn an_unfinished_collection_starts_again_from_nothing() {
    let dir = directory();
    let store = open(dir.path());
    assert_eq!(store.open(&spec()).await.unwrap(), OpenOutcome::Empty);
    store.upsert(&scope(), NAME, &chunks(1..10)).await.unwrap();
    store.close_store().await.unwrap();

    let store = open(dir.path());
    fill(&store, &chunks(5..10)).await;
    assert_eq!(count(&store).await, 5, "nothing of the first attempt is left");
}

#[tokio::test]
async fn damage_empties_a_collection_and_leaves_one_generation() {
    let damages: [fn(&Path); 4] = [
        |home| fs::write(home.join("1/DIRTY"), "").unwrap(),
        |home| fs::write(home.join("CURRENT"), "nonsense").unwrap(),
        |home| fs::remove_file(home.join("1/COMPLETE")).unwrap(),
        |home| spoil(&home.join("1/shard/segments")),
    ];
    for damage in damages {
        let dir = directory();
        let store = open(dir.path());
        fill(&store, &chunks(1..30)).await;
        let before = answers(&store).await;
        store.close_store().await.unwrap();
        let home = dir.path().join(NAME);
        damage(&home);

        let store = open(dir.path());
        assert_eq!(store.open(&spec()).await.unwrap(), OpenOutcome::Empty);
        assert_eq!(count(&store).await, 0);
        fill(&store, &chunks(1..30)).await;
        assert_eq!(answers(&store).await, before);
        assert!(!home.join("1").exists() && home.join("2").exists());
        store.close_store().await.unwrap();
        assert_eq!(open(dir.path()).open(&spec()).await.unwrap(), OpenOutcome::Ready);
    }
}

#[tokio::test]
async fn a_discarded_collection_is_gone_after_a_restart() {
    let dir = directory();
    let store = open(dir.path());
    fill(&store, &chunks(1..30)).await;
    store.close_store().await.unwrap();
    let store = open(dir.path());
    store.discard(NAME).await.unwrap();
    assert!(!dir.path().join(NAME).join("1/shard").exists(), "nothing is left on disk");
    store.close_store().await.unwrap();
    let store = open(dir.path());
    fill(&store, &chunks(1..5)).await;
    assert_eq!(count(&store).await, 4);
}

#[tokio::test]
async fn a_write_that_fails_half_way_stops_writes_until_the_next_open() {
    let dir = directory();
    let store = open(dir.path());
    fill(&store, &chunks(1..30)).await;
    fs::remove_dir_all(dir.path().join(NAME).join("1/shard/segments")).unwrap();
    for _ in 0..2 {
        let failed = store.upsert(&scope(), NAME, &chunks(30..40)).await;
        assert!(matches!(failed, Err(StoreError::Failed { .. })), "{failed:?}");
    }
    for query in queries() {
        assert!(!store.query(&scope(), NAME, &query).await.unwrap().is_empty());
    }
    fill(&store, &chunks(1..40)).await;
    assert_eq!(count(&store).await, 39);
    assert_eq!(store.open(&spec()).await.unwrap(), OpenOutcome::Ready);
}

#[tokio::test]
async fn a_long_log_is_a_reason_to_start_again() {
    let dir = directory();
    let store = open(dir.path());
    fill(&store, &chunks(1..10)).await;
    store.close_store().await.unwrap();
    let small = EdgeSettings { max_log_bytes: 1, ..settings() };
    let store = EdgeStore::open(dir.path().to_owned(), &small).unwrap();
    assert_eq!(store.open(&spec()).await.unwrap(), OpenOutcome::Empty);
}

#[tokio::test]
async fn one_store_holds_a_directory() {
    let dir = directory();
    let store = open(dir.path());
    let refused = EdgeStore::open(dir.path().to_owned(), &settings()).unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable { .. }));
    assert!(refused.to_string().contains(&std::process::id().to_string()), "{refused}");
    store.close_store().await.unwrap();
    open(dir.path());
}

#[tokio::test]
async fn too_many_writes_are_refused() {
    let dir = directory();
    let few = EdgeSettings { max_waiting: 2, ..settings() };
    let store = Arc::new(EdgeStore::open(dir.path().to_owned(), &few).unwrap());
    fill(store.as_ref(), &[]).await;
    let writes: Vec<_> = (0..30_u16)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                store.upsert(&scope(), NAME, &chunks(n * 10..(n + 1) * 10)).await
            })
        })
        .collect();
    let (mut n_done, mut n_refused) = (0, 0);
    for write in writes {
        match write.await.unwrap() {
            Ok(()) => n_done += 1,
            Err(StoreError::Overloaded { limit: 2 }) => n_refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(n_refused > 0 && n_done > 0, "{n_done} done, {n_refused} refused");
    assert_eq!(count(store.as_ref()).await, n_done * 10, "refused writes leave nothing");
}

pub(crate) async fn answers(store: &dyn VectorStore) -> Vec<Vec<Hit>> {
    let mut answers = Vec::new();
    for query in queries() {
        answers.push(store.query(&scope(), NAME, &query).await.unwrap());
    }
    answers
}

/// Cuts every file below `dir` to half its length.
fn spoil(dir: &Path) {
    let entries: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    for path in entries {
        if path.is_dir() {
            spoil(&path);
        } else {
            let bytes = fs::read(&path).unwrap();
            fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        }
    }
}

#[tokio::test]
async fn nothing_is_written_while_the_disk_has_too_little_room() {
    let dir = directory();
    let store = open(dir.path());
    fill(&store, &chunks(1..10)).await;
    store.close_store().await.unwrap();
    let picky = EdgeSettings { min_free_bytes: u64::MAX, ..settings() };
    let store = EdgeStore::open(dir.path().to_owned(), &picky).unwrap();
    assert_eq!(store.open(&spec()).await.unwrap(), OpenOutcome::Ready);
    let refused = store.upsert(&scope(), NAME, &chunks(10..20)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::StorageFull, "{refused}");
    assert_eq!(count(&store).await, 9, "what is there still answers");
}
