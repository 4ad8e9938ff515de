//! Decoder networks of the families Llama, Mistral, Qwen2 and Qwen3, which differ in what is added
//! to queries and keys and how they are turned.
//!
//! A pass reads new tokens of any number of texts. What a token gives depends on the tokens before
//! it in its text and on nothing else, to the last bit: not on how the text is cut into passes, on
//! other texts in the pass, on the number of threads or on the processor. On a [`device`] that holds
//! but for the last bits.

use std::sync::Arc;

use self::arithmetic::{Norm, Rotary};
pub(crate) use self::attention::Heads;
pub(crate) use self::cache::{Cache, Leaf, PAGE_TOKENS, Page};
use self::device::{DeviceNetwork, Tables};
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
pub(crate) mod device;
mod joined;
mod layer;
mod matrix;
mod narrow;
mod pass;
mod source;
mod weights;

/// Rows up to which the outputs of each matrix are shared out among threads, so that each weight is
/// read once; above, the rows are, so that what they become stays near the processor.
const MAX_NARROW: usize = 32;

/// A network in memory. It keeps nothing of a text: that is in the [`Cache`].
pub(crate) struct Decoder {
    network: Place,
}

/// Where a network is, and with it the caches of its texts.
enum Place {
    Host(Arc<Network>),
    Device(Box<DeviceNetwork>),
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
    /// Reads weights for a vocabulary of `n_tokens`, for the host where no device is given. There,
    /// room is made at once for so many bytes of caches, but at least for one text of full length.
    pub(crate) fn load(
        file: &mut dyn Source,
        n_tokens: usize,
        device: Option<&device::Setting>,
        cache_bytes: usize,
    ) -> Result<Self, ModelsError> {
        let hyper = file.hyper()?;
        let embeddings = file.matrix("token_embd", n_tokens, hyper.width)?;
        let has_output = file.has("output.weight");
        let output =
            if has_output { Some(file.matrix("output", n_tokens, hyper.width)?) } else { None };
        let final_norm = file.vector("output_norm.weight", hyper.width)?;
        let tables = Tables { embeddings, output, final_norm };
        let network = match device {
            Some(setting) => {
                let network = DeviceNetwork::load(file, hyper, tables, setting, cache_bytes);
                Place::Device(Box::new(network?))
            }
            None => Place::Host(Arc::new(Network::load(file, hyper, tables)?)),
        };
        Ok(Self { network })
    }

    /// Longest text in tokens.
    pub(crate) fn context_tokens(&self) -> usize {
        self.hyper().context_tokens
    }

    /// Whether what a token gives is the same to the last bit in whatever pass it is read.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self.network, Place::Host(_))
    }

    /// Bytes of the weights.
    pub(crate) fn size_bytes(&self) -> usize {
        match &self.network {
            Place::Host(network) => network.size_bytes(),
            Place::Device(network) => network.size_bytes(),
        }
    }

    /// Pages of [`PAGE_TOKENS`] tokens that all caches together may have in so many bytes.
    pub(crate) fn max_pages(&self, cache_bytes: usize) -> usize {
        let page_bytes = match &self.network {
            Place::Host(network) => network.hyper.n_layers * Page::size_bytes(network.hyper.heads),
            Place::Device(network) => network.page_bytes(),
        };
        self.hyper().max_pages(page_bytes, cache_bytes)
    }

    /// Room for a text of that many tokens.
    pub(crate) fn cache(&self, capacity: usize) -> Cache {
        let hyper = self.hyper();
        let n_lists = if self.is_exact() { hyper.n_layers } else { 1 };
        Cache::new(hyper.heads, n_lists, capacity.min(hyper.context_tokens))
    }

    fn hyper(&self) -> &Hyper {
        match &self.network {
            Place::Host(network) => &network.hyper,
            Place::Device(network) => network.hyper(),
        }
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
        match &self.network {
            Place::Host(network) => network.forward(pool, segments, &places),
            Place::Device(network) => network.forward(segments),
        }
    }
}

impl Network {
    fn load(file: &mut dyn Source, hyper: Hyper, tables: Tables) -> Result<Self, ModelsError> {
        // By value: what was read is let go of once it is packed.
        let table = |stored: Stored| Matrix::new(&stored, |idx| idx);
        let (embeddings, output) = (table(tables.embeddings), tables.output.map(table));
        let layers =
            (0..hyper.n_layers).map(|n| Layer::load(file, n, &hyper)).collect::<Result<_, _>>()?;
        let final_norm = Norm::new(tables.final_norm, hyper.epsilon);
        let rotary = Rotary::new(hyper.heads.dim, hyper.context_tokens, hyper.rotary_base);
        Ok(Self { hyper, embeddings, layers, final_norm, output, rotary })
    }

    fn size_bytes(&self) -> usize {
        let tables =
            self.embeddings.size_bytes() + self.output.as_ref().map_or(0, Matrix::size_bytes);
        tables + self.layers.iter().map(Layer::size_bytes).sum::<usize>()
    }

    fn forward(
        self: &Arc<Self>,
        pool: &Pool,
        segments: &mut [Segment<'_>],
        places: &[pass::Place],
    ) -> candle_core::Result<Vec<Vec<f32>>> {
        let mut rows = self.embed(segments)?;
        if places.len() <= MAX_NARROW {
            narrow::read(self, pool, segments, places, &mut rows);
        } else {
            rows = broad::read(self, pool, segments, places, &rows);
        }
        for segment in segments.iter_mut() {
            segment.cache.advance(segment.tokens.len());
        }
        Ok(self.scores(pool, segments, &rows))
    }

    fn scores(
        self: &Arc<Self>,
        pool: &Pool,
        segments: &[Segment<'_>],
        rows: &[f32],
    ) -> Vec<Vec<f32>> {
        let width = self.hyper.width;
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
        let scores = narrow::scores(self, pool, &wanted);
        let n_tokens = self.output().n_out();
        let mut rest = scores.as_slice();
        let own = n_rows.iter().map(|n| {
            let (own, others) = rest.split_at(n * n_tokens);
            rest = others;
            own.to_vec()
        });
        own.collect()
    }

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
