//! Weights as `config.json` and safetensors files.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};

use candle_core::{DType, Device, Tensor};
use serde::Deserialize;
use serde_json::Value;

use crate::cache::VerifiedModel;
use crate::catalogue::pull_command;
use crate::decoder::{Heads, Hyper, Pairs, Source, Stored};
use crate::error::ModelsError;
use crate::manifest::Family;

const CONFIG: &str = "config.json";
/// Longest header that is read, in bytes; real ones are below a megabyte.
const MAX_HEADER: u64 = 1 << 26;

/// Layers of the Qwen families that use no window where the file does not say how many.
const USUAL_FULL_LAYERS: usize = 28;

/// Open files of the right architecture. Tensors are read one at a time.
pub(super) struct Safetensors<'a> {
    model: &'a VerifiedModel,
    config: Config,
    files: Vec<(String, File)>,
    tensors: HashMap<String, Place>,
}

/// Where a tensor is.
#[derive(Clone)]
struct Place {
    file: usize,
    offset: u64,
    n_bytes: usize,
    dtype: DType,
    shape: Vec<usize>,
}

#[derive(Deserialize)]
struct Config {
    model_type: String,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    max_position_embeddings: usize,
    #[serde(default = "usual_epsilon")]
    rms_norm_eps: f64,
    rope_theta: Option<f64>,
    /// Where newer files have what concerns positions.
    #[serde(default)]
    rope_parameters: Value,
    #[serde(default)]
    rope_scaling: Value,
    #[serde(default)]
    tie_word_embeddings: bool,
    sliding_window: Option<usize>,
    use_sliding_window: Option<bool>,
    /// Layers before the first that uses the window, in the Qwen families.
    max_window_layers: Option<usize>,
    /// The same in newer files, layer by layer.
    #[serde(default)]
    layer_types: Vec<String>,
    #[serde(default = "usual_activation")]
    hidden_act: String,
}

#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [u64; 2],
}

impl<'a> Safetensors<'a> {
    pub(super) fn open(model: &'a VerifiedModel) -> Result<Self, ModelsError> {
        let path = model.path(CONFIG);
        let text = fs::read_to_string(&path).map_err(ModelsError::io("reading", &path))?;
        let config: Config = serde_json::from_str(&text).map_err(|e| model.bad_file(CONFIG, e))?;
        let expected = model.manifest().family.as_str().to_owned();
        if config.model_type != expected {
            let (model, file) = (model.manifest().id.clone(), CONFIG.to_owned());
            let (found, command) = (config.model_type, pull_command(&model));
            return Err(ModelsError::WrongArchitecture { model, file, expected, found, command });
        }
        let mut opened = Self { model, config, files: Vec::new(), tensors: HashMap::new() };
        for name in model.manifest().files.iter().filter(|name| name.ends_with(".safetensors")) {
            opened.open_file(name)?;
        }
        Ok(opened)
    }

    /// Rows of the table of tokens; 0 where there is none.
    pub(super) fn n_tokens(&self) -> usize {
        let table = self.tensors.get("model.embed_tokens.weight");
        table.and_then(|table| table.shape.first().copied()).unwrap_or(0)
    }

    fn open_file(&mut self, name: &str) -> Result<(), ModelsError> {
        let path = self.model.path(name);
        let mut file = File::open(&path).map_err(ModelsError::io("reading", &path))?;
        let mut length = [0; 8];
        file.read_exact(&mut length).map_err(|e| self.model.bad_file(name, e))?;
        let length = u64::from_le_bytes(length);
        if length > MAX_HEADER {
            return Err(self.model.bad_file(name, format!("a header of {length} bytes")));
        }
        let mut header = Vec::new();
        let read = Read::by_ref(&mut file).take(length).read_to_end(&mut header);
        read.map_err(|e| self.model.bad_file(name, e))?;
        let entries: HashMap<String, Value> =
            serde_json::from_slice(&header).map_err(|e| self.model.bad_file(name, e))?;
        for (tensor, entry) in entries.into_iter().filter(|(tensor, _)| tensor != "__metadata__") {
            let entry: Entry = serde_json::from_value(entry)
                .map_err(|e| self.model.bad_file(name, format!("{tensor}: {e}")))?;
            let dtype = match entry.dtype.as_str() {
                "F32" => DType::F32,
                "F16" => DType::F16,
                "BF16" => DType::BF16,
                // Not a weight that any of the networks has.
                _ => continue,
            };
            let [start, end] = entry.data_offsets;
            let n_bytes = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
            let n = entry.shape.iter().try_fold(1_usize, |n, side| n.checked_mul(*side));
            if n.and_then(|n| n.checked_mul(dtype.size_in_bytes())) != Some(n_bytes) {
                return Err(self.model.bad_file(name, format!("{tensor} has {n_bytes} bytes")));
            }
            let place = Place {
                file: self.files.len(),
                offset: (8 + length).saturating_add(start),
                n_bytes,
                dtype,
                shape: entry.shape,
            };
            self.tensors.insert(tensor, place);
        }
        self.files.push((name.to_owned(), file));
        Ok(())
    }

    fn bad(&self, detail: impl std::fmt::Display) -> ModelsError {
        self.model.bad_file(CONFIG, detail)
    }

    fn unsupported(&self, detail: impl Into<String>) -> ModelsError {
        let model = self.model.manifest().id.clone();
        ModelsError::Unsupported { model, detail: detail.into() }
    }

    /// How many tokens a token sees.
    fn window(&self) -> Result<usize, ModelsError> {
        let (config, n_layers) = (&self.config, self.config.num_hidden_layers);
        let Some(window) = config.sliding_window.filter(|n| *n > 0) else { return Ok(usize::MAX) };
        // The Qwen families name a window that they do not use unless they say so, and then not in
        // all layers.
        let n_using = match self.model.manifest().family {
            Family::Qwen2 | Family::Qwen3 if config.use_sliding_window != Some(true) => 0,
            _ if config.use_sliding_window == Some(false) => 0,
            _ if !config.layer_types.is_empty() => {
                config.layer_types.iter().filter(|kind| *kind == "sliding_attention").count()
            }
            Family::Qwen2 | Family::Qwen3 => {
                n_layers.saturating_sub(config.max_window_layers.unwrap_or(USUAL_FULL_LAYERS))
            }
            _ => n_layers,
        };
        match n_using {
            0 => Ok(usize::MAX),
            n if n == n_layers => Ok(window),
            n => Err(self.unsupported(format!("{n} of {n_layers} layers see a window"))),
        }
    }

    fn read(&mut self, name: &str, shape: &[usize]) -> Result<Tensor, ModelsError> {
        let own = own_name(name);
        let Some(place) = self.tensors.get(&own).cloned() else {
            return Err(self.bad(format!("tensor {own} is missing")));
        };
        if place.shape != shape {
            let found = place.shape;
            return Err(self.bad(format!("tensor {own} is {found:?} instead of {shape:?}")));
        }
        let Some((file, opened)) = self.files.get_mut(place.file) else {
            return Err(self.bad(format!("tensor {own} is missing")));
        };
        let mut bytes = Vec::new();
        let read = opened
            .seek(SeekFrom::Start(place.offset))
            .and_then(|_| Read::by_ref(opened).take(place.n_bytes as u64).read_to_end(&mut bytes));
        let n_read = read.map_err(|e| self.model.bad_file(file, e))?;
        if n_read != place.n_bytes {
            return Err(self.model.bad_file(file, format!("{own} is cut off")));
        }
        Tensor::from_raw_buffer(&bytes, place.dtype, shape, &Device::Cpu)
            .map_err(|e| self.model.bad_file(file, format!("{own}: {e}")))
    }
}

impl Source for Safetensors<'_> {
    fn hyper(&self) -> Result<Hyper, ModelsError> {
        let config = &self.config;
        let n_heads = config.num_attention_heads;
        let n_kv_heads = config.num_key_value_heads.unwrap_or(n_heads);
        if n_heads == 0 || n_kv_heads == 0 || !n_heads.is_multiple_of(n_kv_heads) {
            return Err(self.bad(format!("{n_heads} heads over {n_kv_heads} key heads")));
        }
        let dim = config.head_dim.unwrap_or(config.hidden_size / n_heads);
        if dim == 0 || !dim.is_multiple_of(2) {
            return Err(self.unsupported(format!("{dim} dimensions turn")));
        }
        let kind = config.rope_parameters.get("rope_type").and_then(Value::as_str);
        if !config.rope_scaling.is_null() || kind.is_some_and(|kind| kind != "default") {
            return Err(self.unsupported("its positions are scaled"));
        }
        if config.hidden_act != "silu" {
            return Err(self.unsupported(format!("activation {}", config.hidden_act)));
        }
        let window = self.window()?;
        let base = config.rope_parameters.get("rope_theta").and_then(Value::as_f64);
        Ok(Hyper {
            n_layers: config.num_hidden_layers,
            width: config.hidden_size,
            n_hidden: config.intermediate_size,
            heads: Heads { n_heads, n_kv_heads, dim, window },
            context_tokens: config.max_position_embeddings.min(self.model.manifest().max_tokens),
            epsilon: config.rms_norm_eps as f32,
            rotary_base: config.rope_theta.or(base).unwrap_or(10_000.0),
            has_head_norms: self.has("blk.0.attn_q_norm.weight"),
            pairs: Pairs::Halves,
        })
    }

    fn has(&self, name: &str) -> bool {
        let is_unused = name == "output.weight" && self.config.tie_word_embeddings;
        !is_unused && self.tensors.contains_key(&own_name(name))
    }

    fn vector(&mut self, name: &str, len: usize) -> Result<Vec<f32>, ModelsError> {
        let tensor = self.read(name, &[len])?;
        let numbers = tensor.to_dtype(DType::F32).and_then(|tensor| tensor.to_vec1());
        numbers.map_err(|e| self.bad(format!("{name}: {e}")))
    }

    fn matrix(&mut self, name: &str, n_out: usize, n_in: usize) -> Result<Stored, ModelsError> {
        let tensor = self.read(&format!("{name}.weight"), &[n_out, n_in])?;
        Stored::from_plain(&tensor).map_err(|e| self.bad(format!("{name}: {e}")))
    }
}

/// The name that these files have for a tensor that GGUF calls `name`.
fn own_name(name: &str) -> String {
    let (stem, kind) = name.rsplit_once('.').unwrap_or((name, "weight"));
    let own = match stem {
        "token_embd" => "model.embed_tokens".to_owned(),
        "output" => "lm_head".to_owned(),
        "output_norm" => "model.norm".to_owned(),
        _ => {
            let part = stem.strip_prefix("blk.").and_then(|rest| rest.split_once('.'));
            let Some((layer, part)) = part else { return name.to_owned() };
            let part = match part {
                "attn_norm" => "input_layernorm",
                "ffn_norm" => "post_attention_layernorm",
                "attn_q" => "self_attn.q_proj",
                "attn_k" => "self_attn.k_proj",
                "attn_v" => "self_attn.v_proj",
                "attn_output" => "self_attn.o_proj",
                "attn_q_norm" => "self_attn.q_norm",
                "attn_k_norm" => "self_attn.k_norm",
                "ffn_gate" => "mlp.gate_proj",
                "ffn_up" => "mlp.up_proj",
                "ffn_down" => "mlp.down_proj",
                other => other,
            };
            format!("model.layers.{layer}.{part}")
        }
    };
    format!("{own}.{kind}")
}

fn usual_epsilon() -> f64 {
    1e-6
}

fn usual_activation() -> String {
    "silu".to_owned()
}
