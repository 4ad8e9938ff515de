//! One layer of the network.

use candle_core::Tensor;
use candle_core::utils::get_num_threads;
use candle_nn::VarBuilder;
use rayon::prelude::*;

use super::attention::Heads;
use super::matrix::{Matrix, Precision};
use super::network::{Shape, numbers};
use super::simd::{fastest, gelu, sum};

/// Rows are shared out among threads in groups of so many.
const ROWS_PER_TASK: usize = 32;

/// Attention and what follows it.
pub(super) struct Layer {
    /// Queries, keys and values in one.
    mixed: Matrix,
    mixed_bias: Vec<f32>,
    attended: Matrix,
    attention_norm: AddNorm,
    hidden: Matrix,
    hidden_bias: Vec<f32>,
    output: Matrix,
    output_norm: AddNorm,
}

/// Adds a part of a layer, with its bias, to what went in, and brings rows to one scale.
pub(super) struct AddNorm {
    bias: Vec<f32>,
    weight: Vec<f32>,
    shift: Vec<f32>,
    epsilon: f32,
}

/// Usual sizes of what parts of a layer get.
pub(super) struct Sizes {
    pub(super) for_attention: Vec<f32>,
    pub(super) for_hidden: Vec<f32>,
}

impl Layer {
    /// With sizes its weights are rounded, without they are not.
    pub(super) fn load(
        file: &VarBuilder<'_>,
        shape: &Shape,
        sizes: Option<&Sizes>,
    ) -> candle_core::Result<Self> {
        let precision = if sizes.is_some() { Precision::Bytes } else { Precision::Full };
        let (width, n_hidden) = (shape.hidden_size, shape.intermediate_size);
        let weight = |name: &str, n_out: usize, n_in: usize| {
            file.get((n_out, n_in), &format!("{name}.weight"))
        };
        let bias = |name: &str, n: usize| file.get(n, &format!("{name}.bias"));
        let inputs = ["query", "key", "value"].map(|part| format!("attention.self.{part}"));
        let mixed =
            inputs.iter().map(|name| weight(name, width, width)).collect::<Result<Vec<_>, _>>()?;
        let mixed_bias =
            inputs.iter().map(|name| bias(name, width)).collect::<Result<Vec<_>, _>>()?;
        // Outputs of the hidden layer are padded, and so its result need not be.
        let n_more = precision.padded(n_hidden) - n_hidden;
        let hidden = weight("intermediate.dense", n_hidden, width)?.pad_with_zeros(0, 0, n_more)?;
        let hidden_bias = bias("intermediate.dense", n_hidden)?.pad_with_zeros(0, 0, n_more)?;
        let norm = |name: &str, part: &str| {
            AddNorm::load(&file.pp(name), numbers(&bias(part, width)?)?, shape)
        };
        let attention_norm = norm("attention.output.LayerNorm", "attention.output.dense")?;
        Ok(Self {
            mixed: Matrix::balanced(
                &Tensor::cat(&mixed, 0)?,
                sizes.map(|s| s.for_attention.as_slice()),
            )?,
            mixed_bias: numbers(&Tensor::cat(&mixed_bias, 0)?)?,
            attention_norm,
            attended: Matrix::new(&weight("attention.output.dense", width, width)?, precision)?,
            hidden: Matrix::balanced(&hidden, sizes.map(|s| s.for_hidden.as_slice()))?,
            hidden_bias: numbers(&hidden_bias)?,
            output: Matrix::new(&weight("output.dense", width, n_hidden)?, precision)?,
            output_norm: norm("output.LayerNorm", "output.dense")?,
        })
    }

    /// Replaces rows by what they are after looking at the rows of their sequence.
    pub(super) fn attend(
        &self,
        rows: &mut Vec<f32>,
        heads: Heads,
        lengths: &[usize],
    ) -> candle_core::Result<()> {
        let stride = rows.len() / lengths.iter().sum::<usize>().max(1);
        let mixed = self.mixed.forward(rows)?;
        let mut seen = heads.attend(&mixed, &self.mixed_bias, lengths, stride);
        let attended = self.attended.forward(&mut seen)?;
        self.attention_norm.apply(rows, &attended);
        Ok(())
    }

    /// Replaces each row by what it is after the hidden layer.
    pub(super) fn transform(&self, rows: &mut Vec<f32>) -> candle_core::Result<()> {
        let mut hidden = self.hidden.forward(rows)?;
        activate(&mut hidden, &self.hidden_bias);
        let output = self.output.forward(&mut hidden)?;
        self.output_norm.apply(rows, &output);
        Ok(())
    }
}

impl AddNorm {
    pub(super) fn load(
        file: &VarBuilder<'_>,
        bias: Vec<f32>,
        shape: &Shape,
    ) -> candle_core::Result<Self> {
        let vector = |name: &str| file.get(shape.hidden_size, name).and_then(|t| numbers(&t));
        let (weight, shift) = (vector("weight")?, vector("bias")?);
        Ok(Self { bias, weight, shift, epsilon: shape.layer_norm_eps })
    }

    /// `rows` may be padded, `added` is not.
    pub(super) fn apply(&self, rows: &mut [f32], added: &[f32]) {
        let width = self.weight.len();
        let stride = rows.len() * width / added.len().max(1);
        let added = added.chunks(ROWS_PER_TASK * width);
        let each = |(rows, added): (&mut [f32], &[f32])| {
            fastest(
                #[inline(always)]
                || {
                    for (row, added) in rows.chunks_exact_mut(stride).zip(added.chunks_exact(width))
                    {
                        self.apply_row(row, added);
                    }
                },
            );
        };
        let rows = rows.chunks_mut(ROWS_PER_TASK * stride);
        shared_out(rows.zip(added).collect(), each);
    }

    #[inline(always)]
    fn apply_row(&self, row: &mut [f32], added: &[f32]) {
        let width = self.weight.len();
        let Some(row) = row.get_mut(..width) else { return };
        for ((value, added), bias) in row.iter_mut().zip(added).zip(&self.bias) {
            *value += added + bias;
        }
        let mean = sum(
            row,
            #[inline(always)]
            |value| value,
        ) / width as f32;
        let spread = sum(
            row,
            #[inline(always)]
            |value| (value - mean) * (value - mean),
        ) / width as f32;
        let scale = 1.0 / (spread + self.epsilon).sqrt();
        for ((value, weight), shift) in row.iter_mut().zip(&self.weight).zip(&self.shift) {
            *value = (*value - mean) * scale * weight + shift;
        }
    }
}

fn activate(rows: &mut [f32], bias: &[f32]) {
    let each = |rows: &mut [f32]| {
        fastest(
            #[inline(always)]
            || {
                for row in rows.chunks_exact_mut(bias.len()) {
                    for (value, bias) in row.iter_mut().zip(bias) {
                        *value = gelu(*value + bias);
                    }
                }
            },
        );
    };
    shared_out(rows.chunks_mut(ROWS_PER_TASK * bias.len()).collect(), each);
}

/// Does tasks on all threads. Handing work over costs more than a short task takes, so that one
/// thread alone does without.
fn shared_out<T: Send>(tasks: Vec<T>, each: impl Fn(T) + Sync + Send) {
    if get_num_threads() > 1 && tasks.len() > 1 {
        tasks.into_par_iter().for_each(each);
    } else {
        tasks.into_iter().for_each(each);
    }
}
