use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// Vectors of texts that were embedded lately, by the hash of the text. Questions come again, and
/// documents are taken in again with most of their passages unchanged.
pub(super) struct KnownTexts {
    capacity: usize,
    entries: Mutex<Entries>,
}

pub(super) type Key = [u8; 32];

#[derive(Default)]
struct Entries {
    by_key: HashMap<Key, Entry>,
    clock: u64,
}

struct Entry {
    vector: Vec<f32>,
    used: u64,
}

/// The key of a text as the network gets it.
pub(super) fn key(text: &str) -> Key {
    Sha256::digest(text.as_bytes()).into()
}

impl KnownTexts {
    /// Keeps at most `capacity` vectors.
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, entries: Mutex::default() }
    }

    /// The vector of a text.
    pub(super) fn get(&self, key: &Key) -> Option<Vec<f32>> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.clock += 1;
        let clock = entries.clock;
        let entry = entries.by_key.get_mut(key)?;
        entry.used = clock;
        Some(entry.vector.clone())
    }

    /// Keeps the vector of a text. When there are too many, the half goes that was not used for the
    /// longest time.
    pub(super) fn put(&self, key: Key, vector: Vec<f32>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.clock += 1;
        let used = entries.clock;
        if entries.by_key.len() >= self.capacity {
            let mut all: Vec<u64> = entries.by_key.values().map(|entry| entry.used).collect();
            all.sort_unstable();
            let middle = all.get(all.len() / 2).copied().unwrap_or(used);
            entries.by_key.retain(|_, entry| entry.used > middle);
        }
        entries.by_key.insert(key, Entry { vector, used });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_lately_is_kept() {
        let known = KnownTexts::new(8);
        let text = |n: usize| key(&format!("text {n}"));
        for n in 0..100 {
            assert!(n == 0 || known.get(&text(0)) == Some(vec![0.0]), "before {n}");
            known.put(text(n), vec![n as f32]);
        }
        let n_known = (0..100).filter(|n| known.get(&text(*n)).is_some()).count();
        assert!((3..=8).contains(&n_known), "{n_known}");
        assert_eq!(known.get(&text(99)), Some(vec![99.0]));
        assert_eq!(known.get(&key("other")), None);
    }
}
