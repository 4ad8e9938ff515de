//! Where a network's sizes and weights come from.

use super::attention::Heads;
use super::cache::PAGE_TOKENS;
use super::matrix::Stored;
use crate::error::ModelsError;

/// A file of weights. Tensors are called by their names in GGUF files, matrices
/// without `.weight`.
pub(crate) trait Source {
    /// Sizes and kinds, checked.
    fn hyper(&self) -> Result<Hyper, ModelsError>;

    /// Whether there is a tensor of that whole name.
    fn has(&self, name: &str) -> bool;

    /// A vector of so many numbers.
    fn vector(&mut self, name: &str, len: usize) -> Result<Vec<f32>, ModelsError>;

    /// A matrix of (outputs, inputs).
    fn matrix(&mut self, name: &str, n_out: usize, n_in: usize) -> Result<Stored, ModelsError>;
}

/// Sizes of a network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hyper {
    pub(crate) n_layers: usize,
    pub(crate) width: usize,
    pub(crate) n_hidden: usize,
    pub(crate) heads: Heads,
    pub(crate) context_tokens: usize,
    /// Added to the mean square of a row before it is divided by its root.
    pub(crate) epsilon: f32,
    /// Base of the wave lengths of positions.
    pub(crate) rotary_base: f64,
    /// Whether each head's queries and keys are scaled before they are turned.
    pub(crate) has_head_norms: bool,
    /// Which numbers turn together: neighbours, or one of the first half with one of the second.
    pub(crate) pairs: Pairs,
}

impl Hyper {
    /// Pages for so many bytes, but at least for one text of full length.
    pub(super) fn max_pages(&self, page_bytes: usize, cache_bytes: usize) -> usize {
        let n_full = self.context_tokens.div_ceil(PAGE_TOKENS);
        (cache_bytes / page_bytes.max(1)).max(n_full)
    }
}

/// See [`Hyper::pairs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pairs {
    Neighbours,
    Halves,
}

impl Pairs {
    /// Which output of a head comes to place `idx` so that halves turn together.
    pub(super) fn source(self, idx: usize, dim: usize) -> usize {
        let (head, n) = (idx / dim * dim, idx % dim);
        match self {
            Self::Halves => idx,
            Self::Neighbours => head + n % (dim / 2) * 2 + n / (dim / 2),
        }
    }
}
