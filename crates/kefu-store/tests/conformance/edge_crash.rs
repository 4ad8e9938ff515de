//! A process that is killed while it writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kefu_core::ports::{OpenOutcome, VectorStore};

use crate::edge::{answers, open};
use crate::sample::{NAME, chunks, count, directory, fill, scope};

/// Set for the child only: the directory it writes to.
const CHILD_DIR: &str = "KEFU_TEST_EDGE_CHILD_DIR";
/// Chunks per write of the child.
const BATCH: u16 = 50;
/// Name of the file in which the child notes how many chunks were acknowledged.
const ACKNOWLEDGED: &str = "acknowledged";

/// Does nothing unless the test below starts it as a process of its own.
#[tokio::test]
async fn child_writes_until_it_is_killed() {
    let Some(dir) = std::env::var_os(CHILD_DIR).map(PathBuf::from) else { return };
    let store = open(&dir);
    fill(&store, &[]).await;
    for n in 0..1000 {
        store.upsert(&scope(), NAME, &chunks(n * BATCH..(n + 1) * BATCH)).await.unwrap();
        let note = dir.join("note");
        fs::write(&note, ((n + 1) * BATCH).to_string()).unwrap();
        fs::rename(&note, dir.join(ACKNOWLEDGED)).unwrap();
    }
}

#[tokio::test]
async fn after_a_kill_a_collection_is_whole_or_empty() {
    for pause_ms in [0, 3, 7] {
        let dir = directory();
        let mut child = start_child(dir.path());
        while acknowledged(dir.path()).is_none() {
            assert!(child.started.elapsed() < Duration::from_secs(60), "the child does not write");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        child.kill();

        let n_acknowledged = acknowledged(dir.path()).unwrap();
        let store = open(dir.path());
        match store.open(&crate::sample::spec()).await.unwrap() {
            OpenOutcome::Ready => {
                assert!(count(&store).await >= u64::from(n_acknowledged));
                store.upsert(&scope(), NAME, &chunks(0..n_acknowledged)).await.unwrap();
            }
            OpenOutcome::Empty => {
                assert_eq!(count(&store).await, 0);
                fill(&store, &chunks(0..n_acknowledged)).await;
            }
        }
        let extra = (n_acknowledged..n_acknowledged + 2 * BATCH)
            .map(|id| kefu_core::ChunkId::from_u128(u128::from(id)))
            .collect::<Vec<_>>();
        store.remove(&scope(), NAME, &extra).await.unwrap();
        assert_eq!(count(&store).await, u64::from(n_acknowledged));

        let fresh = directory();
        let expected = open(fresh.path());
        fill(&expected, &chunks(0..n_acknowledged)).await;
        assert_eq!(answers(&store).await, answers(&expected).await);
    }
}

struct Killed {
    child: Child,
    started: Instant,
}

impl Killed {
    fn kill(&mut self) {
        // An already ended child cannot be killed, which is as good.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start_child(dir: &Path) -> Killed {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "edge_crash::child_writes_until_it_is_killed"])
        .env(CHILD_DIR, dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    Killed { child, started: Instant::now() }
}

fn acknowledged(dir: &Path) -> Option<u16> {
    fs::read_to_string(dir.join(ACKNOWLEDGED)).ok()?.parse().ok()
}
