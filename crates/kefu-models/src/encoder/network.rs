//! The network that BERT and XLM-RoBERTa share.
//!
//! Sequences of a batch lie one after the other without padding, so the result of each is the
//! same to the last bit in whatever batch it is.

use candle_core::{Device, Tensor, bail};
use candle_nn::VarBuilder;
use serde::Deserialize;

use super::attention::Heads;
use super::layer::{AddNorm, Layer, Sizes};
use super::matrix::{Matrix, Precision};

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
    /// Width of rows with the zeros that pad them.
    stride: usize,
    first_position: usize,
    words: Vec<f32>,
    positions: Vec<f32>,
    embedding_norm: AddNorm,
    heads: Heads,
    layers: Vec<Layer>,
    classifier: Option<Classifier>,
}

struct Classifier {
    dense: Matrix,
    dense_bias: Vec<f32>,
    output: Matrix,
    output_bias: Vec<f32>,
}

impl Network {
    pub(crate) fn load(
        file: &VarBuilder<'_>,
        shape: &Shape,
        plan: Plan<'_>,
    ) -> candle_core::Result<Self> {
        let (width, n_heads) = (shape.hidden_size, shape.num_attention_heads);
        if n_heads == 0 || !width.is_multiple_of(n_heads) {
            bail!("{width} numbers for {n_heads} heads");
        }
        let roots = ["", "bert", "roberta"];
        let has_words =
            |root: &&VarBuilder<'_>| root.contains_tensor("embeddings.word_embeddings.weight");
        let roots = roots.map(|root| if root.is_empty() { file.clone() } else { file.pp(root) });
        let root = roots.iter().find(has_words).unwrap_or(file);
        let table =
            |name: &str, n: usize| root.get((n, width), &format!("embeddings.{name}.weight"));
        let types = table("token_type_embeddings", shape.type_vocab_size)?;
        let embedding_norm =
            AddNorm::load(&root.pp("embeddings.LayerNorm"), types.get(0)?.to_vec1()?, shape)?;
        let classifier = if plan.is_classifier {
            Some(Classifier::load(&file.pp("classifier"), width)?)
        } else {
            None
        };
        let mut network = Self {
            width,
            stride: plan.precision.padded(width),
            first_position: plan.first_position,
            words: numbers(&table("word_embeddings", shape.vocab_size)?)?,
            positions: numbers(&table("position_embeddings", shape.max_position_embeddings)?)?,
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
        let stride = std::mem::replace(&mut self.stride, self.width);
        let mut rows = self.embed(plan.sample)?;
        for n in 0..shape.num_hidden_layers {
            let file = file.pp(n);
            let mut layer = Layer::load(&file, shape, None)?;
            if plan.precision == Precision::Bytes {
                let for_attention = sizes(&rows, self.width);
                layer.attend(&mut rows, self.heads, &lengths)?;
                let for_hidden = sizes(&rows, self.width);
                layer.transform(&mut rows)?;
                layer = Layer::load(&file, shape, Some(&Sizes { for_attention, for_hidden }))?;
            }
            self.layers.push(layer);
        }
        self.stride = stride;
        Ok(())
    }

    /// For each sequence of ids its token vectors one after the other, or its one score.
    pub(crate) fn forward(&self, sequences: &[&[u32]]) -> candle_core::Result<Vec<Vec<f32>>> {
        let lengths: Vec<usize> = sequences.iter().map(|ids| ids.len()).collect();
        let mut rows = self.embed(sequences)?;
        for layer in &self.layers {
            layer.attend(&mut rows, self.heads, &lengths)?;
            layer.transform(&mut rows)?;
        }
        let mut rest = rows.as_slice();
        let mut outputs = Vec::with_capacity(lengths.len());
        for n in lengths {
            let (own, others) = rest.split_at(n * self.stride);
            rest = others;
            let tokens = own.chunks_exact(self.stride).filter_map(|row| row.get(..self.width));
            outputs.push(match &self.classifier {
                Some(classifier) => {
                    classifier.score(tokens.take(1).flatten().copied().collect())?
                }
                None => tokens.flatten().copied().collect(),
            });
        }
        Ok(outputs)
    }

    fn embed(&self, sequences: &[&[u32]]) -> candle_core::Result<Vec<f32>> {
        let n_rows = sequences.iter().map(|ids| ids.len()).sum::<usize>();
        let mut rows = Vec::with_capacity(n_rows * self.stride);
        let mut positions = Vec::with_capacity(n_rows * self.width);
        for ids in sequences {
            for (position, id) in (self.first_position..).zip(*ids) {
                let word =
                    usize::try_from(*id).ok().and_then(|id| row(&self.words, id, self.width));
                let position = row(&self.positions, position, self.width);
                let (Some(word), Some(position)) = (word, position) else {
                    bail!("a token or a position outside the tables");
                };
                rows.extend_from_slice(word);
                rows.resize(rows.len() + self.stride - self.width, 0.0);
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
            Matrix::new(&file.get((n_out, width), &format!("{name}.weight"))?, Precision::Full)
        };
        Ok(Self {
            dense: matrix("dense", width)?,
            dense_bias: numbers(&file.get(width, "dense.bias")?)?,
            output: matrix("out_proj", 1)?,
            output_bias: numbers(&file.get(1, "out_proj.bias")?)?,
        })
    }

    fn score(&self, mut first_token: Vec<f32>) -> candle_core::Result<Vec<f32>> {
        let mut hidden = self.dense.forward(&mut first_token)?;
        for (value, bias) in hidden.iter_mut().zip(&self.dense_bias) {
            *value = (*value + bias).tanh();
        }
        let scores = self.output.forward(&mut hidden)?;
        Ok(scores.iter().zip(&self.output_bias).map(|(score, bias)| score + bias).collect())
    }
}

/// The largest number in each column.
fn sizes(rows: &[f32], width: usize) -> Vec<f32> {
    let mut sizes = vec![0.0_f32; width];
    for row in rows.chunks_exact(width) {
        for (size, value) in sizes.iter_mut().zip(row) {
            *size = size.max(value.abs());
        }
    }
    sizes
}

fn row(table: &[f32], idx: usize, width: usize) -> Option<&[f32]> {
    table.get(idx * width..(idx + 1) * width)
}

pub(super) fn numbers(tensor: &Tensor) -> candle_core::Result<Vec<f32>> {
    tensor.to_device(&Device::Cpu)?.flatten_all()?.to_vec1()
}
