//! A GGUF file: its metadata, checked, and its tensors in a form that computes fast.

use std::fmt::Display;
use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};

use crate::cache::VerifiedModel;
use crate::catalogue::pull_command;
use crate::cpu::has_packed_q8;
use crate::error::ModelsError;

/// Widths the packed kernels accept are multiples of this.
const PACKED_BLOCK: usize = 256;
const Q8_BLOCK: usize = 32;

/// An open GGUF file of the right architecture.
pub(super) struct Checkpoint<'a> {
    model: &'a VerifiedModel,
    file: &'a str,
    content: Content,
    reader: BufReader<File>,
}

impl<'a> Checkpoint<'a> {
    pub(super) fn open(model: &'a VerifiedModel) -> Result<Self, ModelsError> {
        let Some(file) = model.manifest().file_with_extension("gguf") else {
            return Err(model.bad_file("manifest", "it names no gguf file"));
        };
        let path = model.path(file);
        let opened = File::open(&path).map_err(ModelsError::io("reading", &path))?;
        let mut reader = BufReader::with_capacity(1 << 16, opened);
        let content = Content::read(&mut reader).map_err(|e| model.bad_file(file, e))?;
        let checkpoint = Self { model, file, content, reader };
        let found = checkpoint.text("general.architecture").unwrap_or_default().to_owned();
        let expected = model.manifest().family.as_str().to_owned();
        if found == expected {
            return Ok(checkpoint);
        }
        let (model, file) = (model.manifest().id.clone(), file.to_owned());
        let command = pull_command(&model);
        Err(ModelsError::WrongArchitecture { model, file, expected, found, command })
    }

    /// The model it belongs to.
    pub(super) fn model(&self) -> &'a VerifiedModel {
        self.model
    }

    /// The error of this file.
    pub(super) fn bad(&self, detail: impl Display) -> ModelsError {
        self.model.bad_file(self.file, detail)
    }

    /// The error of a model that is sound but beyond this build.
    pub(super) fn unsupported(&self, detail: impl Display) -> ModelsError {
        let (model, detail) = (self.model.manifest().id.clone(), detail.to_string());
        ModelsError::Unsupported { model, detail }
    }

    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.content.metadata.get(key)
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.value(key)?.to_string().ok().map(String::as_str)
    }

    /// A whole number stored in whatever width.
    pub(super) fn number(&self, key: &str) -> Option<usize> {
        as_number(self.value(key)?)
    }

    pub(super) fn needed_number(&self, key: &str) -> Result<usize, ModelsError> {
        self.number(key).ok_or_else(|| self.bad(format!("{key} is missing or no number")))
    }

    pub(super) fn float(&self, key: &str) -> Option<f64> {
        match self.value(key)? {
            Value::F32(value) => Some(f64::from(*value)),
            Value::F64(value) => Some(*value),
            other => Some(as_number(other)? as f64),
        }
    }

    pub(super) fn has_tensor(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }

    /// Number of rows of a matrix.
    pub(super) fn n_rows(&self, name: &str) -> Option<usize> {
        self.content.tensor_infos.get(name)?.shape.dims().first().copied()
    }

    /// A vector of weights, as they are.
    pub(super) fn vector(&mut self, name: &str, len: usize) -> Result<Tensor, ModelsError> {
        let tensor = self.read(name, &[len])?;
        tensor.dequantize(&Device::Cpu).map_err(|e| self.bad(format!("{name}: {e}")))
    }

    /// A matrix for multiplication. Only some block formats have fast kernels, and those want
    /// padded widths: everything else is re-quantised to 8 bits, which loses next to nothing of
    /// what was stored in 4 to 6 bits and computes several times faster.
    pub(super) fn matrix(&mut self, name: &str, shape: MatrixShape) -> Result<Matrix, ModelsError> {
        let stored = self.read(name, &[shape.n_out, shape.n_in])?;
        let width =
            shape.n_in.next_multiple_of(if has_packed_q8() { PACKED_BLOCK } else { Q8_BLOCK });
        let is_fast = matches!(stored.dtype(), GgmlDType::Q4K | GgmlDType::Q6K | GgmlDType::Q8_0);
        let weights =
            if is_fast && width == shape.n_in { Ok(stored) } else { requantise(&stored, width) };
        let weights = weights.map_err(|e| self.bad(format!("{name}: {e}")))?;
        Ok(Matrix { weights: Arc::new(weights), n_in: shape.n_in, width })
    }

    fn read(&mut self, name: &str, shape: &[usize]) -> Result<QTensor, ModelsError> {
        let Some(info) = self.content.tensor_infos.get(name) else {
            return Err(self.bad(format!("tensor {name} is missing")));
        };
        if info.shape.dims() != shape {
            let found = info.shape.dims().to_vec();
            return Err(self.bad(format!("tensor {name} is {found:?} instead of {shape:?}")));
        }
        self.content
            .tensor(&mut self.reader, name, &Device::Cpu)
            .map_err(|e| self.model.bad_file(self.file, format!("{name}: {e}")))
    }
}

/// Size of a matrix.
#[derive(Clone, Copy)]
pub(super) struct MatrixShape {
    pub(super) n_out: usize,
    pub(super) n_in: usize,
}

/// A quantised matrix whose rows may be padded with zeros.
#[derive(Clone)]
pub(super) struct Matrix {
    weights: Arc<QTensor>,
    n_in: usize,
    width: usize,
}

impl Matrix {
    /// `x · weightsᵀ` for rows `x`, padded or not.
    pub(super) fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        self.pad(x)?.apply_op1_no_bwd(self.weights.as_ref())
    }

    /// Rows as wide as the weights; does nothing when they are already, so that the input of
    /// several matrices is padded once.
    pub(super) fn pad(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let n = x.dim(1)?;
        if n == self.width {
            Ok(x.clone())
        } else {
            x.pad_with_zeros(1, 0, self.width - n)?.contiguous()
        }
    }

    /// Its rows at `ids`, as they were before padding.
    pub(super) fn rows(&self, ids: &Tensor) -> candle_core::Result<Tensor> {
        self.weights.embedding(ids)?.narrow(1, 0, self.n_in)?.contiguous()
    }
}

fn requantise(stored: &QTensor, width: usize) -> candle_core::Result<QTensor> {
    let plain = stored.dequantize(&Device::Cpu)?;
    let n_in = plain.dim(1)?;
    let padded = if width == n_in {
        plain
    } else {
        plain.pad_with_zeros(1, 0, width - n_in)?.contiguous()?
    };
    QTensor::quantize(&padded, GgmlDType::Q8_0)
}

fn as_number(value: &Value) -> Option<usize> {
    match value {
        Value::U8(v) => Some(usize::from(*v)),
        Value::U16(v) => Some(usize::from(*v)),
        Value::U32(v) => usize::try_from(*v).ok(),
        Value::U64(v) => usize::try_from(*v).ok(),
        Value::I8(v) => usize::try_from(*v).ok(),
        Value::I16(v) => usize::try_from(*v).ok(),
        Value::I32(v) => usize::try_from(*v).ok(),
        Value::I64(v) => usize::try_from(*v).ok(),
        _ => None,
    }
}
