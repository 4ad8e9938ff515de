//! A GGUF file: its metadata, checked, and its tensors.

use std::fmt::Display;
use std::fs::File;
use std::io::BufReader;

use candle_core::Device;
use candle_core::quantized::QTensor;
use candle_core::quantized::gguf_file::{Content, Value};

use crate::cache::VerifiedModel;
use crate::catalogue::pull_command;
use crate::decoder::{Heads, Hyper, Pairs, Source, Stored};
use crate::error::ModelsError;

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
        let expected = model.manifest().family.gguf_architecture().to_owned();
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

    /// Number of rows of a matrix.
    pub(super) fn n_rows(&self, name: &str) -> Option<usize> {
        let info = self.content.tensor_infos.get(&format!("{name}.weight"))?;
        info.shape.dims().first().copied()
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

impl Source for Checkpoint<'_> {
    fn hyper(&self) -> Result<Hyper, ModelsError> {
        let architecture = self.model.manifest().family.gguf_architecture();
        let key = |name: &str| format!("{architecture}.{name}");
        let n_heads = self.needed_number(&key("attention.head_count"))?;
        let width = self.needed_number(&key("embedding_length"))?;
        let n_kv_heads = self.number(&key("attention.head_count_kv")).unwrap_or(n_heads);
        if n_heads == 0 || n_kv_heads == 0 || !n_heads.is_multiple_of(n_kv_heads) {
            return Err(self.bad(format!("{n_heads} heads over {n_kv_heads} key heads")));
        }
        let dim = self.number(&key("attention.key_length")).unwrap_or(width / n_heads);
        let n_rotated = self.number(&key("rope.dimension_count")).unwrap_or(dim);
        let scaling = self.text(&key("rope.scaling.type")).filter(|kind| *kind != "none");
        if n_rotated != dim || !dim.is_multiple_of(2) || dim == 0 {
            return Err(self.unsupported(format!("{n_rotated} of {dim} dimensions turn")));
        }
        if scaling.is_some() || self.has("rope_freqs.weight") {
            return Err(self.unsupported("its positions are scaled"));
        }
        if self.number(&key("expert_count")).is_some_and(|n| n > 1) {
            return Err(self.unsupported("it is a mixture of experts"));
        }
        let window = self.number(&key("attention.sliding_window")).filter(|n| *n > 0);
        let context = self.needed_number(&key("context_length"))?;
        let epsilon = self.float(&key("attention.layer_norm_rms_epsilon")).unwrap_or(1e-5);
        Ok(Hyper {
            n_layers: self.needed_number(&key("block_count"))?,
            width,
            n_hidden: self.needed_number(&key("feed_forward_length"))?,
            heads: Heads { n_heads, n_kv_heads, dim, window: window.unwrap_or(usize::MAX) },
            context_tokens: context.min(self.model.manifest().max_tokens),
            epsilon: epsilon as f32,
            rotary_base: self.float(&key("rope.freq_base")).unwrap_or(10_000.0),
            has_head_norms: self.has("blk.0.attn_q_norm.weight"),
            // Files of this architecture have the rows of queries and keys in another order.
            pairs: if architecture == "llama" { Pairs::Neighbours } else { Pairs::Halves },
        })
    }

    fn has(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }

    fn vector(&mut self, name: &str, len: usize) -> Result<Vec<f32>, ModelsError> {
        let tensor = self.read(name, &[len])?;
        let numbers = tensor.dequantize(&Device::Cpu).and_then(|tensor| tensor.to_vec1());
        numbers.map_err(|e| self.bad(format!("{name}: {e}")))
    }

    fn matrix(&mut self, name: &str, n_out: usize, n_in: usize) -> Result<Stored, ModelsError> {
        let tensor = self.read(&format!("{name}.weight"), &[n_out, n_in])?;
        Stored::from_quantised(&tensor).map_err(|e| self.bad(format!("{name}: {e}")))
    }
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
