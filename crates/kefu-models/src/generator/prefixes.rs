use std::collections::HashMap;

use crate::decoder::{Cache, Leaf, PAGE_TOKENS};

/// What was read of earlier prompts, as a tree of pages: prompts that begin with the same tokens
/// share their first pages, and the next one that does need not read them again. Pages that were
/// not used for the longest time are forgotten first, but none on which others build.
#[derive(Default)]
pub(super) struct Prefixes {
    entries: HashMap<Key, Entry>,
    n_made: u64,
    clock: u64,
}

/// The page before, and the tokens of a page.
type Key = (u64, [u32; PAGE_TOKENS]);

/// Number of the page before the first.
const ROOT: u64 = 0;

struct Entry {
    number: u64,
    leaf: Leaf,
    used: u64,
    n_children: usize,
    parent: Option<Key>,
}

impl Prefixes {
    /// Number of pages kept.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds to an empty cache what is known of a prompt, but never its last token, whose scores
    /// nobody keeps.
    pub(super) fn recall(&mut self, prompt: &[u32], cache: &mut Cache) {
        self.clock += 1;
        let known = prompt.split_last().map_or(prompt, |(_, before)| before);
        let mut parent = ROOT;
        for tokens in known.as_chunks().0 {
            let Some(entry) = self.entries.get_mut(&(parent, *tokens)) else { return };
            if !cache.append(&entry.leaf) {
                return;
            }
            entry.used = self.clock;
            parent = entry.number;
        }
    }

    /// Keeps the full pages of a cache that has read these tokens, or their beginning.
    pub(super) fn keep(&mut self, tokens: &[u32], cache: &Cache) {
        self.clock += 1;
        let mut parent = (ROOT, None);
        for (idx, tokens) in tokens.as_chunks().0.iter().enumerate() {
            let key = (parent.0, *tokens);
            let number = match self.entries.get_mut(&key) {
                Some(entry) => {
                    entry.used = self.clock;
                    entry.number
                }
                None => {
                    let Some(leaf) = cache.leaf(idx) else { return };
                    self.add(key, parent.1, leaf)
                }
            };
            parent = (number, Some(key));
        }
    }

    fn add(&mut self, key: Key, parent: Option<Key>, leaf: Leaf) -> u64 {
        self.n_made += 1;
        let (number, used) = (self.n_made, self.clock);
        if let Some(parent) = parent.and_then(|parent| self.entries.get_mut(&parent)) {
            parent.n_children += 1;
        }
        self.entries.insert(key, Entry { number, leaf, used, n_children: 0, parent });
        number
    }

    /// Forgets pages until at most `n_pages` are kept.
    pub(super) fn shrink(&mut self, n_pages: usize) {
        while self.entries.len() > n_pages {
            let oldest = self
                .entries
                .iter()
                .filter(|(_, entry)| entry.n_children == 0)
                .min_by_key(|(_, entry)| entry.used)
                .map(|(key, _)| *key);
            let Some(entry) = oldest.and_then(|key| self.entries.remove(&key)) else { return };
            if let Some(parent) = entry.parent.and_then(|parent| self.entries.get_mut(&parent)) {
                parent.n_children -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoder::Heads;

    const HEADS: Heads = Heads { n_heads: 1, n_kv_heads: 1, dim: 2, window: usize::MAX };

    fn read(n_tokens: usize) -> Cache {
        Cache::filled(HEADS, 2, n_tokens)
    }

    fn recalled(prefixes: &mut Prefixes, prompt: &[u32]) -> usize {
        let mut cache = Cache::new(HEADS, 2, 1000);
        prefixes.recall(prompt, &mut cache);
        cache.n_tokens()
    }

    #[test]
    fn full_pages_of_equal_beginnings_are_recalled() {
        let mut prefixes = Prefixes::default();
        let prompt: Vec<u32> = (0..100).collect();
        prefixes.keep(&prompt, &read(100));
        assert_eq!(prefixes.len(), 6);
        assert_eq!(recalled(&mut prefixes, &prompt), 96);
        assert_eq!(recalled(&mut prefixes, &prompt[..64]), 48, "the last token is read again");
        let mut other = prompt.clone();
        other[40] = 7;
        assert_eq!(recalled(&mut prefixes, &other), 32);
        prefixes.keep(&other, &read(100));
        assert_eq!(prefixes.len(), 10);
        assert_eq!(recalled(&mut prefixes, &prompt[1..]), 0);
    }

    #[test]
    fn a_prompt_half_read_is_kept_that_far() {
        let mut prefixes = Prefixes::default();
        let prompt: Vec<u32> = (0..100).collect();
        prefixes.keep(&prompt, &read(40));
        assert_eq!(recalled(&mut prefixes, &prompt), 32);
        prefixes.keep(&prompt, &read(100));
        assert_eq!(recalled(&mut prefixes, &prompt), 96);
    }

    #[test]
    fn the_longest_unused_ends_are_forgotten_first() {
        let mut prefixes = Prefixes::default();
        let (old, new): (Vec<u32>, Vec<u32>) =
            ((0..64).collect(), (0..16).chain(90..138).collect());
        prefixes.keep(&old, &read(64));
        prefixes.keep(&new, &read(64));
        assert_eq!(prefixes.len(), 7);
        assert_eq!(recalled(&mut prefixes, &[old.as_slice(), &[1]].concat()), 64);
        prefixes.shrink(5);
        assert_eq!(recalled(&mut prefixes, &[new.as_slice(), &[1]].concat()), 32);
        assert_eq!(recalled(&mut prefixes, &[old.as_slice(), &[1]].concat()), 64);
        prefixes.shrink(0);
        assert_eq!((prefixes.len(), recalled(&mut prefixes, &old)), (0, 0));
    }
}
