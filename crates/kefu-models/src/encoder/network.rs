//! The network that BERT and XLM-RoBERTa share.
//!
//! Sequences of a batch lie one after the other without padding, so the result of each is the
//! same to the last bit in whatever batch it is.

use std::ops::Range;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor, bail};
use candle_nn::VarBuilder;
use serde::Deserialize;
use std::path::Path;

use super::attention::Heads;
use super::gemm::Then;
use super::layer::{AddNorm, Layer};
use super::matrix::{Matrix, Precision};
use super::words::{self, Words};
use crate::pool::Pool;

/// Tokens of the sequences that one thread works on at a time: enough to read each weight for many
/// rows, and few enough that all threads end at about the same time.
const GROUP_TOKENS: usize = 128;
/// With fewer the second thread gains nothing.
const MIN_GROUP_TOKENS: usize = 32;

const WORDS: &str = "embeddings.word_embeddings.weight";

/// What `config.json` says of the network.
#[derive(Deserialize)]
pub(crate) struct Shape {
    pub(crate) vocab_size: usize,
    pub(crate) hidden_size: usize,
    pub(crate) num_hidden_layers: usize,
    pub(crate) num_attention_heads: usize,
    pub(crate) intermediate_size: usize,
    pub(crate) max_position_embeddings: usize,
    pub(crate) type_vocab_size: usize,
    pub(crate) layer_norm_eps: f32,
    pub(crate) hidden_act: String,
    pub(crate) position_embedding_type: Option<String>,
}

/// How a network is built.
#[derive(Clone, Copy)]
pub(crate) struct Plan<'a> {
    pub(crate) precision: Precision,
    /// Ids of ordinary text, from which the usual sizes of numbers within are learnt.
    pub(crate) sample: &'a [&'a [u32]],
    /// Position of the first token; XLM-RoBERTa's positions do not begin at zero.
    pub(crate) first_position: usize,
    /// Whether it ends in one score per sequence.
    pub(crate) is_classifier: bool,
}

/// A network in memory.
pub(crate) struct Network {
    width: usize,
    first_position: usize,
    words: Words,
    positions: Vec<f32>,
    /// Added to every word; there is but one type of token.
    kind: Vec<f32>,
    embedding_norm: AddNorm,
    heads: Heads,
    layers: Vec<Layer>,
    classifier: Option<Classifier>,
}

struct Classifier {
    dense: Matrix,
    output: Matrix,
}

impl Network {
    /// Reads a safetensors file.
    pub(crate) fn load(path: &Path, shape: &Shape, plan: Plan<'_>) -> candle_core::Result<Self> {
        let opened = Arc::new(words::open(path)?);
        let file = &VarBuilder::from_backend(Box::new(words::open(path)?), DType::F32, Device::Cpu);
        let (width, n_heads) = (shape.hidden_size, shape.num_attention_heads);
        if n_heads == 0 || !width.is_multiple_of(n_heads) {
            bail!("{width} numbers for {n_heads} heads");
        }
        let roots = ["", "bert", "roberta"];
        let roots = roots.map(|root| if root.is_empty() { file.clone() } else { file.pp(root) });
        let root = roots.iter().find(|root| root.contains_tensor(WORDS)).unwrap_or(file);
        let words = match root.prefix() {
            prefix if prefix.is_empty() => WORDS.to_owned(),
            prefix => format!("{prefix}.{WORDS}"),
        };
        let table =
            |name: &str, n: usize| root.get((n, width), &format!("embeddings.{name}.weight"));
        let types = table("token_type_embeddings", shape.type_vocab_size)?;
        let embedding_norm = AddNorm::load(&root.pp("embeddings.LayerNorm"), shape)?;
        let classifier = if plan.is_classifier {
            Some(Classifier::load(&file.pp("classifier"), width)?)
        } else {
            None
        };
        let mut network = Self {
            width,
            first_position: plan.first_position,
            words: Words::new(&opened, words, (shape.vocab_size, width))?,
            positions: numbers(&table("position_embeddings", shape.max_position_embeddings)?)?,
            kind: types.get(0)?.to_vec1()?,
            embedding_norm,
            heads: Heads { n_heads, head_dim: width / n_heads },
            layers: Vec::with_capacity(shape.num_hidden_layers),
            classifier,
        };
        let layers = root.pp("encoder.layer");
        network.load_layers(&layers, shape, plan)?;
        Ok(network)
    }

    /// Rounded layers are told the sizes of what they get, which plain ones find with the sample.
    fn load_layers(
        &mut self,
        file: &VarBuilder<'_>,
        shape: &Shape,
        plan: Plan<'_>,
    ) -> candle_core::Result<()> {
        let lengths: Vec<usize> = plan.sample.iter().map(|ids| ids.len()).collect();
        let mut rows = self.embed(plan.sample)?;
        for n in 0..shape.num_hidden_layers {
            let file = file.pp(n);
            let mut layer = Layer::load(&file, shape, None)?;
            if plan.precision == Precision::Bytes {
                let sizes = layer.measure(&mut rows, self.heads, &lengths)?;
                layer = Layer::load(&file, shape, Some(&sizes))?;
            }
            self.layers.push(layer);
        }
        Ok(())
    }

    /// Bytes of what is always in memory, which the words are not.
    pub(crate) fn size_bytes(&self) -> usize {
        4 * self.positions.len() + self.layers.iter().map(Layer::size_bytes).sum::<usize>()
    }

    /// For each sequence of ids its token vectors one after the other, or its one score.
    pub(crate) fn forward(
        network: &Arc<Self>,
        pool: &Pool,
        sequences: Vec<Vec<u32>>,
    ) -> candle_core::Result<Vec<Vec<f32>>> {
        let n_tokens: usize = sequences.iter().map(Vec::len).sum();
        // Few tokens are shared out evenly, so that no thread has nothing to do.
        let n_group = n_tokens.div_ceil(pool.n_threads()).clamp(MIN_GROUP_TOKENS, GROUP_TOKENS);
        let groups = groups(&sequences, n_group);
        let network = Arc::clone(network);
        let outputs = pool.run(groups.len(), move |idx| {
            let group = groups.get(idx).and_then(|group| sequences.get(group.clone()));
            network.forward_group(group.unwrap_or_default())
        });
        let outputs: candle_core::Result<Vec<_>> = outputs.into_iter().collect();
        Ok(outputs?.into_iter().flatten().collect())
    }

    fn forward_group(&self, sequences: &[Vec<u32>]) -> candle_core::Result<Vec<Vec<f32>>> {
        let lengths: Vec<usize> = sequences.iter().map(Vec::len).collect();
        let mut rows = self.embed(sequences)?;
        for layer in &self.layers {
            layer.apply(&mut rows, self.heads, &lengths)?;
        }
        let mut rest = rows.as_slice();
        let mut outputs = Vec::with_capacity(lengths.len());
        for n in lengths {
            let (own, others) = rest.split_at(n * self.width);
            rest = others;
            outputs.push(match &self.classifier {
                Some(classifier) => classifier.score(own.get(..self.width).unwrap_or(own))?,
                None => own.to_vec(),
            });
        }
        Ok(outputs)
    }

    fn embed<T: AsRef<[u32]>>(&self, sequences: &[T]) -> candle_core::Result<Vec<f32>> {
        let n_rows = sequences.iter().map(|ids| ids.as_ref().len()).sum::<usize>();
        let mut rows = Vec::with_capacity(n_rows * self.width);
        let mut positions = Vec::with_capacity(n_rows * self.width);
        let words = self.words.rows()?;
        for ids in sequences {
            for (position, id) in (self.first_position..).zip(ids.as_ref()) {
                let word = usize::try_from(*id).ok();
                let word = word.and_then(|id| words.push(id, &self.kind, &mut rows));
                let position = row(&self.positions, position, self.width);
                let (Some(()), Some(position)) = (word, position) else {
                    bail!("a token or a position outside the tables");
                };
                positions.extend_from_slice(position);
            }
        }
        self.embedding_norm.apply(&mut rows, &positions);
        Ok(rows)
    }
}

impl Classifier {
    fn load(file: &VarBuilder<'_>, width: usize) -> candle_core::Result<Self> {
        let matrix = |name: &str, n_out: usize| {
            let bias = numbers(&file.get(n_out, &format!("{name}.bias"))?)?;
            Matrix::plain(&file.get((n_out, width), &format!("{name}.weight"))?, bias)
        };
        Ok(Self { dense: matrix("dense", width)?, output: matrix("out_proj", 1)? })
    }

    fn score(&self, first_token: &[f32]) -> candle_core::Result<Vec<f32>> {
        let mut hidden = self.dense.forward(first_token, Then::Keep)?;
        for value in &mut hidden {
            *value = value.tanh();
        }
        self.output.forward(&hidden, Then::Keep)
    }
}

/// Sequences in groups that one thread works on at a time. They have at most `n_tokens` together,
/// or are one.
fn groups(sequences: &[Vec<u32>], n_tokens: usize) -> Vec<Range<usize>> {
    let (mut groups, mut first, mut n_own) = (Vec::new(), 0, 0);
    for (idx, ids) in sequences.iter().enumerate() {
        if idx > first && n_own + ids.len() > n_tokens {
            groups.push(first..idx);
            (first, n_own) = (idx, 0);
        }
        n_own += ids.len();
    }
    groups.push(first..sequences.len());
    groups
}

fn row(table: &[f32], idx: usize, width: usize) -> Option<&[f32]> {
    table.get(idx * width..(idx + 1) * width)
}

pub(super) fn numbers(tensor: &Tensor) -> candle_core::Result<Vec<f32>> {
    tensor.to_device(&Device::Cpu)?.flatten_all()?.to_vec1()
}
