//! Decoder networks of the families Llama, Mistral, Qwen2 and Qwen3, which differ in what is added
//! to queries and keys and how they are turned.
//!
//! A pass reads new tokens of any number of texts. What a token gives depends on the tokens before
//! it in its text and on nothing else, to the last bit: not on how the text is cut into passes, on
//! other texts in the pass, on the number of threads or on the processor.

use std::sync::Arc;

use self::arithmetic::{Norm, Rotary};
pub(crate) use self::attention::Heads;
pub(crate) use self::cache::{Cache, Leaf, PAGE_TOKENS, Page};
use self::layer::Layer;
use self::matrix::Matrix;
pub(crate) use self::matrix::Stored;
pub(crate) use self::source::{Hyper, Pairs, Source};
use crate::error::ModelsError;
use crate::pool::Pool;

mod arithmetic;
mod attention;
mod broad;
mod cache;
mod joined;
mod layer;
mod matrix;
mod narrow;
mod pass;
mod source;

/// Rows up to which the outputs of each matrix are shared out among threads, so that each weight is
/// read once; above, the rows are, so that what they become stays near the processor.
const MAX_NARROW: usize = 32;

/// A network in memory. It keeps nothing of a text: that is in the [`Cache`].
pub(crate) struct Decoder {
    network: Arc<Network>,
}

struct Network {
    hyper: Hyper,
    embeddings: Matrix,
    layers: Vec<Layer>,
    final_norm: Norm,
    /// None where the embeddings are used for it.
    output: Option<Matrix>,
    rotary: Rotary,
}

/// Tokens of one text to read in a pass.
pub(crate) struct Segment<'a> {
    /// What was read of the text before; the tokens are added.
    pub(crate) cache: &'a mut Cache,
    pub(crate) tokens: &'a [u32],
    pub(crate) wanted: Wanted,
}

/// After which tokens the scores of what may come next are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Nothing,
    Last,
    All,
}

impl Decoder {
    /// Reads weights for a vocabulary of `n_tokens`.
    pub(crate) fn load(file: &mut dyn Source, n_tokens: usize) -> Result<Self, ModelsError> {
        let hyper = file.hyper()?;
        let table = |file: &mut dyn Source, name: &str| -> Result<Matrix, ModelsError> {
            Ok(Matrix::new(&file.matrix(name, n_tokens, hyper.width)?, |idx| idx))
        };
        let embeddings = table(file, "token_embd")?;
        let has_output = file.has("output.weight");
        let output = if has_output { Some(table(file, "output")?) } else { None };
        let final_norm = Norm::new(file.vector("output_norm.weight", hyper.width)?, hyper.epsilon);
        let layers =
            (0..hyper.n_layers).map(|n| Layer::load(file, n, &hyper)).collect::<Result<_, _>>()?;
        let rotary = Rotary::new(hyper.heads.dim, hyper.context_tokens, hyper.rotary_base);
        let network = Network { hyper, embeddings, layers, final_norm, output, rotary };
        Ok(Self { network: Arc::new(network) })
    }

    /// Longest text in tokens.
    pub(crate) fn context_tokens(&self) -> usize {
        self.network.hyper.context_tokens
    }

    /// Bytes of the weights.
    pub(crate) fn size_bytes(&self) -> usize {
        let network = &self.network;
        let tables =
            network.embeddings.size_bytes() + network.output.as_ref().map_or(0, Matrix::size_bytes);
        tables + network.layers.iter().map(Layer::size_bytes).sum::<usize>()
    }

    /// Bytes of a cache's pages for [`PAGE_TOKENS`] tokens.
    pub(crate) fn page_bytes(&self) -> usize {
        self.network.hyper.n_layers * Page::size_bytes(self.network.hyper.heads)
    }

    /// Room for a text of that many tokens.
    pub(crate) fn cache(&self, capacity: usize) -> Cache {
        let hyper = &self.network.hyper;
        Cache::new(hyper.heads, hyper.n_layers, capacity.min(hyper.context_tokens))
    }

    /// Reads the tokens of all segments. Gives for each segment a row of scores, one per token of
    /// the vocabulary, for each of its tokens after which they are wanted. Fails before anything is
    /// read where a cache has no room or a token is not in the vocabulary.
    pub(crate) fn forward(
        &self,
        pool: &Pool,
        segments: &mut [Segment<'_>],
    ) -> candle_core::Result<Vec<Vec<f32>>> {
        let places = pass::places(segments)?;
        let mut rows = self.network.embed(segments)?;
        if places.len() <= MAX_NARROW {
            narrow::read(&self.network, pool, segments, &places, &mut rows);
        } else {
            rows = broad::read(&self.network, pool, segments, &places, &rows);
        }
        for segment in segments.iter_mut() {
            segment.cache.advance(segment.tokens.len());
        }
        Ok(self.scores(pool, segments, &rows))
    }

    fn scores(&self, pool: &Pool, segments: &[Segment<'_>], rows: &[f32]) -> Vec<Vec<f32>> {
        let width = self.network.hyper.width;
        let mut wanted = Vec::new();
        let (mut n_rows, mut rest) = (Vec::with_capacity(segments.len()), rows);
        for segment in segments {
            let (own, others) = rest.split_at(segment.tokens.len() * width);
            rest = others;
            let first = match segment.wanted {
                Wanted::Nothing => own.len(),
                Wanted::Last => own.len().saturating_sub(width),
                Wanted::All => 0,
            };
            wanted.extend_from_slice(&own[first..]);
            n_rows.push((own.len() - first) / width);
        }
        let scores = narrow::scores(&self.network, pool, &wanted);
        let n_tokens = self.network.output().n_out();
        let mut rest = scores.as_slice();
        let own = n_rows.iter().map(|n| {
            let (own, others) = rest.split_at(n * n_tokens);
            rest = others;
            own.to_vec()
        });
        own.collect()
    }
}

impl Network {
    fn output(&self) -> &Matrix {
        self.output.as_ref().unwrap_or(&self.embeddings)
    }

    fn embed(&self, segments: &[Segment<'_>]) -> candle_core::Result<Vec<f32>> {
        let mut rows = Vec::new();
        for token in segments.iter().flat_map(|segment| segment.tokens) {
            let row = usize::try_from(*token).ok().and_then(|token| self.embeddings.row(token));
            let Some(row) = row else { candle_core::bail!("token {token} is not known") };
            rows.extend(row);
        }
        Ok(rows)
    }
}
