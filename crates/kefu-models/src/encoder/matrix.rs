//! Matrices as the encoders multiply with them.

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{CpuStorage, CustomOp1, Device, Layout, Tensor, bail};

use super::simd::fastest;
use crate::cpu::has_packed_q8;

/// Widths that the kernels for 8-bit weights accept are multiples of this.
const PACKED_BLOCK: usize = 256;
/// And they compute so many outputs at once.
const PACKED_OUTPUTS: usize = 16;

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
        if has_packed_q8() { Self::Bytes } else { Self::Full }
    }

    /// Width of rows that a matrix of `n` inputs multiplies.
    pub(super) fn padded(self, n: usize) -> usize {
        match self {
            Self::Bytes => n.next_multiple_of(PACKED_BLOCK),
            Self::Full => n,
        }
    }
}

/// A matrix that rows of numbers are multiplied with.
pub(super) struct Matrix {
    weights: Weights,
    n_in: usize,
    /// What inputs are multiplied with before they are rounded; see [`Matrix::balanced`].
    factors: Option<Vec<f32>>,
}

enum Weights {
    Bytes(QTensor),
    /// Transposed, because repacking the other order costs more than a short product.
    Full(Tensor),
}

impl Matrix {
    /// From (outputs, inputs). The inputs are padded with zeros as [`Precision::padded`] says.
    pub(super) fn new(plain: &Tensor, precision: Precision) -> candle_core::Result<Self> {
        let (n_out, n_in) = plain.dims2()?;
        let width = precision.padded(n_in);
        let weights = match precision {
            Precision::Bytes if n_out.is_multiple_of(PACKED_OUTPUTS) => {
                let padded = plain.pad_with_zeros(1, 0, width - n_in)?.contiguous()?;
                Weights::Bytes(QTensor::quantize(&padded, GgmlDType::Q8_0)?)
            }
            _ => Weights::Full(plain.pad_with_zeros(1, 0, width - n_in)?.t()?.contiguous()?),
        };
        Ok(Self { weights, n_in: width, factors: None })
    }

    /// In bytes for inputs of the sizes given, or else in full. A few inputs are many times larger
    /// than the others, and bytes that reach up to those are too coarse for the rest. So large
    /// inputs are made smaller and their weights larger, by the square root of how much they
    /// differ.
    pub(super) fn balanced(plain: &Tensor, sizes: Option<&[f32]>) -> candle_core::Result<Self> {
        let precision = Precision::Bytes;
        let Some(sizes) = sizes else { return Self::new(plain, Precision::Full) };
        let largest: Vec<f32> = plain.abs()?.max(0)?.to_vec1()?;
        let scale = |(size, weight): (&f32, &f32)| (size.max(1e-3) / weight.max(1e-5)).sqrt();
        let scales: Vec<f32> = sizes.iter().zip(&largest).map(scale).collect();
        let weights = plain.broadcast_mul(&Tensor::new(scales.as_slice(), &Device::Cpu)?)?;
        let mut factors: Vec<f32> = scales.iter().map(|scale| 1.0 / scale).collect();
        factors.resize(precision.padded(factors.len()), 0.0);
        Ok(Self { factors: Some(factors), ..Self::new(&weights, precision)? })
    }

    /// Products of padded rows. The rows are given back unchanged.
    pub(super) fn forward(&self, rows: &mut Vec<f32>) -> candle_core::Result<Vec<f32>> {
        let Some(factors) = &self.factors else { return self.multiply(rows) };
        let mut scaled = rows.clone();
        fastest(
            #[inline(always)]
            || {
                for row in scaled.chunks_exact_mut(factors.len()) {
                    for (value, factor) in row.iter_mut().zip(factors) {
                        *value *= factor;
                    }
                }
            },
        );
        self.multiply(&mut scaled)
    }

    fn multiply(&self, rows: &mut Vec<f32>) -> candle_core::Result<Vec<f32>> {
        let shape = (rows.len() / self.n_in, self.n_in);
        match &self.weights {
            Weights::Bytes(weights) => {
                let input = CpuStorage::F32(std::mem::take(rows));
                let (output, _) = weights.cpu_fwd(&input, &Layout::contiguous(shape))?;
                let (CpuStorage::F32(input), CpuStorage::F32(output)) = (input, output) else {
                    bail!("a product of other numbers than f32");
                };
                *rows = input;
                Ok(output)
            }
            Weights::Full(weights) => {
                let input = Tensor::from_slice(rows, shape, &Device::Cpu)?;
                input.matmul(weights)?.flatten_all()?.to_vec1()
            }
        }
    }
}
