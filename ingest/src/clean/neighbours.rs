//! Lines that the documents of one source share.

use std::collections::{HashMap, HashSet};

use kefu_core::Span;

use super::lines::{Kind, Line, Page, plain};

/// Lines at the head and foot of a document that may belong to its site.
const N_HEAD: usize = 15;
const N_FOOT: usize = 15;
/// Longer lines are no labels.
const MAX_LABEL_BYTES: usize = 200;
/// Documents that must share a line, at least and as a share.
const MIN_DOCUMENTS: u32 = 4;
/// Lines that are remembered; those of later documents are not counted beyond this.
const MAX_LINES: usize = 200_000;

/// What the documents of a source have at their heads and feet. Bounded in memory.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    n_documents: u32,
    counts: HashMap<u64, u32>,
}

impl Neighbours {
    /// Neighbours of which nothing is known but that they share these lines.
    pub(crate) fn sharing<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let shared = |line: &str| (key(&plain(line.trim())), MIN_DOCUMENTS);
        Self { n_documents: MIN_DOCUMENTS, counts: lines.map(shared).collect() }
    }

    /// Counts one document.
    pub fn add(&mut self, text: &str) {
        self.n_documents += 1;
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        let ends = lines().take(N_HEAD).chain(lines().rev().take(N_FOOT));
        let short = ends.filter(|line| line.len() <= MAX_LABEL_BYTES);
        let own: HashSet<u64> = short.map(|line| key(&plain(line))).collect();
        for key in own {
            if self.counts.len() < MAX_LINES || self.counts.contains_key(&key) {
                *self.counts.entry(key).or_default() += 1;
            }
        }
    }

    /// Lines of a document that most of the others have as well. Only labels are taken: a sentence
    /// or a number that every page repeats may be what customers ask for.
    pub(super) fn find(&self, page: &Page<'_>) -> Vec<Span> {
        let is_shared = |n: &usize| {
            let n_with = self.counts.get(&key(&page.lines[*n].plain)).copied().unwrap_or_default();
            may_repeat(&page.lines[*n]) && n_with >= MIN_DOCUMENTS && n_with * 2 > self.n_documents
        };
        if page.n_prose == 0 {
            return Vec::new();
        }
        ends(page).filter(is_shared).map(|n| page.lines[n].span).collect()
    }
}

fn ends(page: &Page<'_>) -> impl Iterator<Item = usize> {
    let n_lines = page.lines.len();
    let foot = n_lines.saturating_sub(N_FOOT).max(N_HEAD.min(n_lines));
    (0..N_HEAD.min(n_lines)).chain(foot..n_lines)
}

fn may_repeat(line: &Line<'_>) -> bool {
    matches!(line.kind, Kind::Prose | Kind::Item) && line.is_label() && line.n_chars >= 2
}

fn key(plain: &str) -> u64 {
    // FNV-1a: equal in every run.
    plain.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
