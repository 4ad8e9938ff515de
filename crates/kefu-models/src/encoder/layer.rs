//! One layer of the network.

use candle_core::Tensor;
use candle_nn::VarBuilder;

use super::attention::Heads;
use super::gemm::Then;
use super::matrix::Matrix;
use super::network::{Shape, numbers};
use crate::simd::{sum, wide};

/// Rows that pass through the hidden layer together: with their hidden numbers they stay in the
/// cache of one core, and are a multiple of what a kernel multiplies at once.
const BLOCK_ROWS: usize = 48;

/// Attention and what follows it.
pub(super) struct Layer {
    /// Queries, keys and values in one.
    mixed: Matrix,
    attended: Matrix,
    attention_norm: AddNorm,
    hidden: Matrix,
    output: Matrix,
    output_norm: AddNorm,
}

/// Adds a part of a layer to what went in, and brings rows to one scale.
pub(super) struct AddNorm {
    weight: Vec<f32>,
    shift: Vec<f32>,
    epsilon: f32,
}

/// Usual sizes of what parts of a layer get.
#[derive(Default)]
pub(super) struct Sizes {
    mixed: Vec<f32>,
    attended: Vec<f32>,
    hidden: Vec<f32>,
    output: Vec<f32>,
}

impl Layer {
    /// With sizes its weights are rounded, without they are not.
    pub(super) fn load(
        file: &VarBuilder<'_>,
        shape: &Shape,
        sizes: Option<&Sizes>,
    ) -> candle_core::Result<Self> {
        let (width, n_hidden) = (shape.hidden_size, shape.intermediate_size);
        let weight = |name: &str, n_out: usize, n_in: usize| {
            file.get((n_out, n_in), &format!("{name}.weight"))
        };
        let bias = |name: &str, n: usize| numbers(&file.get(n, &format!("{name}.bias"))?);
        let matrix = |name: &str, n_out: usize, n_in: usize, sizes: Option<&Vec<f32>>| {
            let sizes = sizes.map(Vec::as_slice);
            Matrix::balanced(&weight(name, n_out, n_in)?, bias(name, n_out)?, sizes)
        };
        let norm = |name: &str| AddNorm::load(&file.pp(name), shape);
        let inputs = ["query", "key", "value"].map(|part| format!("attention.self.{part}"));
        let mixed =
            inputs.iter().map(|name| weight(name, width, width)).collect::<Result<Vec<_>, _>>()?;
        let mixed_bias =
            inputs.iter().map(|name| bias(name, width)).collect::<Result<Vec<_>, _>>()?.concat();
        let attended = sizes.map(|s| &s.attended);
        Ok(Self {
            mixed: Matrix::balanced(
                &Tensor::cat(&mixed, 0)?,
                mixed_bias,
                sizes.map(|s| s.mixed.as_slice()),
            )?,
            attended: matrix("attention.output.dense", width, width, attended)?,
            attention_norm: norm("attention.output.LayerNorm")?,
            hidden: matrix("intermediate.dense", n_hidden, width, sizes.map(|s| &s.hidden))?,
            output: matrix("output.dense", width, n_hidden, sizes.map(|s| &s.output))?,
            output_norm: norm("output.LayerNorm")?,
        })
    }

    /// Bytes of its matrices.
    pub(super) fn size_bytes(&self) -> usize {
        let all = [&self.mixed, &self.attended, &self.hidden, &self.output];
        all.iter().map(|matrix| matrix.size_bytes()).sum()
    }

    /// Replaces the rows of whole sequences by what they are after this layer.
    pub(super) fn apply(
        &self,
        rows: &mut [f32],
        heads: Heads,
        lengths: &[usize],
    ) -> candle_core::Result<()> {
        let mixed = self.mixed.forward(rows, Then::Keep)?;
        let seen = heads.attend(&mixed, lengths);
        self.attention_norm.apply(rows, &self.attended.forward(&seen, Then::Keep)?);
        for rows in rows.chunks_mut(BLOCK_ROWS * heads.width()) {
            let hidden = self.hidden.forward(rows, Then::Gelu)?;
            self.output_norm.apply(rows, &self.output.forward(&hidden, Then::Keep)?);
        }
        Ok(())
    }

    /// Does the same and finds how large the numbers are that the matrices get.
    pub(super) fn measure(
        &self,
        rows: &mut [f32],
        heads: Heads,
        lengths: &[usize],
    ) -> candle_core::Result<Sizes> {
        let n_rows = lengths.iter().sum();
        let for_mixed = sizes(rows, n_rows);
        let seen = heads.attend(&self.mixed.forward(rows, Then::Keep)?, lengths);
        self.attention_norm.apply(rows, &self.attended.forward(&seen, Then::Keep)?);
        let for_hidden = sizes(rows, n_rows);
        let hidden = self.hidden.forward(rows, Then::Gelu)?;
        self.output_norm.apply(rows, &self.output.forward(&hidden, Then::Keep)?);
        Ok(Sizes {
            mixed: for_mixed,
            attended: sizes(&seen, n_rows),
            hidden: for_hidden,
            output: sizes(&hidden, n_rows),
        })
    }
}

impl AddNorm {
    pub(super) fn load(file: &VarBuilder<'_>, shape: &Shape) -> candle_core::Result<Self> {
        let vector = |name: &str| file.get(shape.hidden_size, name).and_then(|t| numbers(&t));
        let (weight, shift) = (vector("weight")?, vector("bias")?);
        Ok(Self { weight, shift, epsilon: shape.layer_norm_eps })
    }

    pub(super) fn apply(&self, rows: &mut [f32], added: &[f32]) {
        let width = self.weight.len();
        wide(
            #[inline(always)]
            || {
                for (row, added) in rows.chunks_exact_mut(width).zip(added.chunks_exact(width)) {
                    self.apply_row(row, added);
                }
            },
        );
    }

    #[inline(always)]
    fn apply_row(&self, row: &mut [f32], added: &[f32]) {
        let width = row.len() as f32;
        for (value, added) in row.iter_mut().zip(added) {
            *value += added;
        }
        let mean = sum(
            row,
            #[inline(always)]
            |value| value,
        ) / width;
        let spread = sum(
            row,
            #[inline(always)]
            |value| (value - mean) * (value - mean),
        ) / width;
        let scale = 1.0 / (spread + self.epsilon).sqrt();
        for ((value, weight), shift) in row.iter_mut().zip(&self.weight).zip(&self.shift) {
            *value = (*value - mean) * scale * weight + shift;
        }
    }
}

/// The largest number in each column.
fn sizes(rows: &[f32], n_rows: usize) -> Vec<f32> {
    let width = rows.len() / n_rows.max(1);
    let mut sizes = vec![0.0_f32; width];
    for row in rows.chunks_exact(width.max(1)) {
        for (size, value) in sizes.iter_mut().zip(row) {
            *size = size.max(value.abs());
        }
    }
    sizes
}
