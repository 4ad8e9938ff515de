//! Keys and values of the tokens that a network has read.

use std::sync::Arc;

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::attention::Heads;
use super::device::Slot;
use super::matrix::LANES;

/// Tokens of a page. Pages that are full are shared by whoever has read the same tokens.
pub(crate) const PAGE_TOKENS: usize = LANES;

/// What was read so far. A clone is a snapshot: it shares the pages, and each side may go on or be
/// cut without the other noticing.
#[derive(Clone)]
pub(crate) struct Cache {
    heads: Heads,
    /// For each layer, one after the other; on a device one list for all layers.
    layers: Vec<Vec<Held>>,
    n_tokens: usize,
    capacity: usize,
}

/// Keys and values of a layer for [`PAGE_TOKENS`] tokens, in floats of 16 bits.
#[derive(Clone)]
pub(crate) struct Page {
    /// For each head the first number of every token, then the second and so on.
    keys: Vec<u16>,
    /// For each head the numbers of the first token, padded to [`Heads::padded`], and so on.
    values: Vec<u16>,
}

/// A page, wherever it is.
#[derive(Clone)]
pub(crate) enum Held {
    Host(Arc<Page>),
    Device(Arc<Slot>),
}

/// The pages of all layers for the same tokens.
pub(crate) type Leaf = Vec<Held>;

impl Cache {
    /// An empty one that may come to hold `capacity` tokens.
    pub(crate) fn new(heads: Heads, n_layers: usize, capacity: usize) -> Self {
        Self { heads, layers: vec![Vec::new(); n_layers], n_tokens: 0, capacity }
    }

    /// One that seems to have read some tokens.
    #[cfg(test)]
    pub(crate) fn filled(heads: Heads, n_layers: usize, n_tokens: usize) -> Self {
        let mut cache = Self::new(heads, n_layers, n_tokens);
        let width = 2 * heads.n_kv_heads * heads.dim;
        for layer in 0..n_layers {
            cache.put(layer, 0, &vec![0.0; n_tokens * width], width, 0);
        }
        cache.advance(n_tokens);
        cache
    }

    /// Tokens read.
    pub(crate) fn n_tokens(&self) -> usize {
        self.n_tokens
    }

    /// Tokens that it may still read.
    pub(crate) fn room(&self) -> usize {
        self.capacity.saturating_sub(self.n_tokens)
    }

    /// Forgets all tokens but the first `n_tokens`.
    pub(crate) fn truncate(&mut self, n_tokens: usize) {
        self.n_tokens = self.n_tokens.min(n_tokens);
        for pages in &mut self.layers {
            pages.truncate(self.n_tokens.div_ceil(PAGE_TOKENS));
        }
    }

    /// The pages of all layers of page number `idx`, if it is full.
    pub(crate) fn leaf(&self, idx: usize) -> Option<Leaf> {
        if (idx + 1) * PAGE_TOKENS > self.n_tokens {
            return None;
        }
        self.layers.iter().map(|pages| pages.get(idx).cloned()).collect()
    }

    /// Takes over full pages; only where all before are full too, which it tells.
    pub(crate) fn append(&mut self, leaf: &Leaf) -> bool {
        let fits = self.n_tokens.is_multiple_of(PAGE_TOKENS) && self.room() >= PAGE_TOKENS;
        if !fits || leaf.len() != self.layers.len() {
            return false;
        }
        for (pages, page) in self.layers.iter_mut().zip(leaf) {
            pages.truncate(self.n_tokens / PAGE_TOKENS);
            pages.push(page.clone());
        }
        self.n_tokens += PAGE_TOKENS;
        true
    }

    /// The pages of a layer.
    pub(super) fn pages(&self, layer: usize) -> Vec<Arc<Page>> {
        let host = |held: &Held| match held {
            Held::Host(page) => Some(Arc::clone(page)),
            Held::Device(_) => None,
        };
        self.layers.get(layer).into_iter().flatten().filter_map(host).collect()
    }

    /// The pages of a device, and the place of the next token.
    pub(super) fn slots(&mut self) -> (Option<&mut Vec<Held>>, usize) {
        (self.layers.first_mut(), self.n_tokens)
    }

    /// Keeps keys and values of consecutive tokens from `position` on, which count as read after
    /// [`Cache::advance`]. Rows are `width` apart, and in each are the keys of all heads, then the
    /// values, from `at` on.
    pub(super) fn put(
        &mut self,
        layer: usize,
        position: usize,
        rows: &[f32],
        width: usize,
        at: usize,
    ) {
        let n = self.heads.n_kv_heads * self.heads.dim;
        let mut halves = vec![f16::ZERO; 2 * n];
        let mut plain = vec![0.0; 2 * n];
        let Some(pages) = self.layers.get_mut(layer) else { return };
        for (position, row) in (position..).zip(rows.chunks_exact(width)) {
            let Some(row) = row.get(at..at + 2 * n) else { return };
            for (slot, value) in plain.iter_mut().zip(row) {
                *slot = value.clamp(-65_504.0, 65_504.0);
            }
            halves.convert_from_f32_slice(&plain);
            let (page, token) = (position / PAGE_TOKENS, position % PAGE_TOKENS);
            if page >= pages.len() {
                pages.push(Held::Host(Arc::new(Page::new(self.heads))));
            }
            if let Some(Held::Host(page)) = pages.get_mut(page) {
                Arc::make_mut(page).put(self.heads, token, &halves);
            }
        }
    }

    /// Counts tokens as read whose keys and values were put into all layers.
    pub(super) fn advance(&mut self, n_tokens: usize) {
        self.n_tokens += n_tokens;
    }
}

impl Page {
    fn new(heads: Heads) -> Self {
        let n = heads.n_kv_heads * PAGE_TOKENS;
        Self { keys: vec![0; n * heads.dim], values: vec![0; n * heads.padded()] }
    }

    /// Bytes of the pages of one layer.
    pub(crate) fn size_bytes(heads: Heads) -> usize {
        heads.n_kv_heads * PAGE_TOKENS * (heads.dim + heads.padded()) * size_of::<u16>()
    }

    /// Keys of a head, number by number of all tokens.
    pub(super) fn keys(&self, heads: Heads, head: usize) -> &[[u16; PAGE_TOKENS]] {
        let keys = self.keys.as_chunks::<PAGE_TOKENS>().0;
        keys.get(head * heads.dim..(head + 1) * heads.dim).unwrap_or_default()
    }

    /// Values of a head, token by token.
    pub(super) fn values(&self, heads: Heads, head: usize) -> &[u16] {
        let n = PAGE_TOKENS * heads.padded();
        self.values.get(head * n..(head + 1) * n).unwrap_or_default()
    }

    fn put(&mut self, heads: Heads, token: usize, halves: &[f16]) {
        let (keys, values) = halves.split_at(halves.len() / 2);
        let slots = self.keys.iter_mut().skip(token).step_by(PAGE_TOKENS);
        for (slot, key) in slots.zip(keys) {
            *slot = key.to_bits();
        }
        let padded = heads.padded();
        let rows = self.values.chunks_exact_mut(padded).skip(token).step_by(PAGE_TOKENS);
        for (row, values) in rows.zip(values.chunks_exact(heads.dim)) {
            for (slot, value) in row.iter_mut().zip(values) {
                *slot = value.to_bits();
            }
        }
    }
}
