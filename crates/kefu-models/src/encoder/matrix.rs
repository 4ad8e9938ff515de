//! Matrices as the encoders multiply with them.

use candle_core::{Device, Tensor};

use super::gemm::{Packed, Rounded, Then, has_vectors};
use crate::simd::gelu;

/// How weights are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    /// 8-bit weights and activations: several times faster where the processor multiplies bytes.
    Bytes,
    /// As they are in the file.
    Full,
}

impl Precision {
    /// The faster one here. Without byte instructions, 8-bit weights are slower than plain ones.
    pub(crate) fn fastest() -> Self {
        if has_vectors() { Self::Bytes } else { Self::Full }
    }
}

/// A matrix that rows of numbers are multiplied with, and the bias that is added.
pub(super) struct Matrix {
    weights: Weights,
    n_in: usize,
    /// What inputs are multiplied with before they are rounded; see [`Matrix::balanced`].
    factors: Option<Vec<f32>>,
}

enum Weights {
    Bytes(Packed),
    /// Transposed, because repacking the other order costs more than a short product.
    Full(Tensor, Vec<f32>),
}

impl Matrix {
    /// As they are, from (outputs, inputs).
    pub(super) fn plain(weights: &Tensor, bias: Vec<f32>) -> candle_core::Result<Self> {
        let n_in = weights.dim(1)?;
        let weights = Weights::Full(weights.t()?.contiguous()?, bias);
        Ok(Self { weights, n_in, factors: None })
    }

    /// In bytes for inputs of the sizes given, or else in full. A few inputs are many times larger
    /// than the others, and bytes that reach up to those are too coarse for the rest. So large
    /// inputs are made smaller and their weights larger, by the square root of how much they
    /// differ.
    pub(super) fn balanced(
        plain: &Tensor,
        bias: Vec<f32>,
        sizes: Option<&[f32]>,
    ) -> candle_core::Result<Self> {
        let Some(sizes) = sizes else { return Self::plain(plain, bias) };
        let largest: Vec<f32> = plain.abs()?.max(0)?.to_vec1()?;
        let scale = |(size, weight): (&f32, &f32)| (size.max(1e-3) / weight.max(1e-5)).sqrt();
        let scales: Vec<f32> = sizes.iter().zip(&largest).map(scale).collect();
        let weights = plain.broadcast_mul(&Tensor::new(scales.as_slice(), &Device::Cpu)?)?;
        let weights: Vec<f32> = weights.flatten_all()?.to_vec1()?;
        let Some(packed) = Packed::new(&weights, &bias) else { return Self::plain(plain, bias) };
        let factors = scales.iter().map(|scale| 1.0 / scale).collect();
        Ok(Self { weights: Weights::Bytes(packed), n_in: sizes.len(), factors: Some(factors) })
    }

    /// Bytes that it takes in memory.
    pub(super) fn size_bytes(&self) -> usize {
        match &self.weights {
            Weights::Bytes(packed) => packed.size_bytes(),
            Weights::Full(weights, bias) => 4 * (weights.elem_count() + bias.len()),
        }
    }

    /// What rows give, one after the other.
    pub(super) fn forward(&self, rows: &[f32], then: Then) -> candle_core::Result<Vec<f32>> {
        let n_rows = rows.len() / self.n_in;
        match &self.weights {
            Weights::Bytes(packed) => {
                let rounded = Rounded::new(rows, self.n_in, self.factors.as_deref());
                let mut out = vec![0.0; n_rows * packed.n_out()];
                packed.multiply(&rounded, then, &mut out);
                Ok(out)
            }
            Weights::Full(weights, bias) => {
                let input = Tensor::from_slice(rows, (n_rows, self.n_in), &Device::Cpu)?;
                let mut out: Vec<f32> = input.matmul(weights)?.flatten_all()?.to_vec1()?;
                for row in out.chunks_exact_mut(bias.len()) {
                    for (value, bias) in row.iter_mut().zip(bias) {
                        *value += bias;
                        if then == Then::Gelu {
                            *value = gelu(*value);
                        }
                    }
                }
                Ok(out)
            }
        }
    }
}
