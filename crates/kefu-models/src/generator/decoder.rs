//! The decoder network: Llama and Qwen3 share it but for the rotation's pairing and the norms of
//! queries and keys.

use candle_core::{DType, Device, Tensor};
use candle_nn::ops::{rms_norm, silu, softmax_last_dim};
use candle_nn::rotary_emb::{rope, rope_i};

use super::checkpoint::{Checkpoint, Matrix, MatrixShape};
use crate::catalogue::pull_command;
use crate::error::ModelsError;
use crate::manifest::Family;

/// A network in memory. It keeps nothing of a generation: that is in its [`Memory`].
pub(super) struct Decoder {
    hyper: Hyper,
    embeddings: Matrix,
    layers: Vec<Layer>,
    final_norm: Norm,
    output: Matrix,
    cos: Tensor,
    sin: Tensor,
}

/// Keys and values of one generation, allocated once for prompt and answer together.
pub(super) struct Memory {
    keys: Vec<Tensor>,
    values: Vec<Tensor>,
    n_seen: usize,
}

#[derive(Clone, Copy)]
struct Hyper {
    family: Family,
    n_layers: usize,
    width: usize,
    n_hidden: usize,
    n_heads: usize,
    n_kv_heads: usize,
    head_dim: usize,
    context_tokens: usize,
    epsilon: f32,
}

struct Layer {
    attention_norm: Norm,
    query: Matrix,
    key: Matrix,
    value: Matrix,
    output: Matrix,
    query_norm: Option<Norm>,
    key_norm: Option<Norm>,
    hidden_norm: Norm,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
}

struct Norm {
    weight: Tensor,
    epsilon: f32,
}

impl Norm {
    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        rms_norm(x, &self.weight, self.epsilon)
    }
}

impl Decoder {
    pub(super) fn load(file: &mut Checkpoint<'_>, n_tokens: usize) -> Result<Self, ModelsError> {
        let hyper = Hyper::read(file)?;
        let (width, epsilon) = (hyper.width, hyper.epsilon);
        if let Some(n_rows) = file.n_rows("token_embd.weight").filter(|n| *n != n_tokens) {
            let model = file.model().manifest().id.clone();
            let command = pull_command(&model);
            return Err(ModelsError::VocabularyMismatch { model, n_tokens, n_rows, command });
        }
        let table = MatrixShape { n_out: n_tokens, n_in: width };
        let embeddings = file.matrix("token_embd.weight", table)?;
        let output = if file.has_tensor("output.weight") {
            file.matrix("output.weight", table)?
        } else {
            embeddings.clone()
        };
        let final_norm = Norm { weight: file.vector("output_norm.weight", width)?, epsilon };
        let layers =
            (0..hyper.n_layers).map(|n| Layer::load(file, n, &hyper)).collect::<Result<_, _>>()?;
        let base = file.float(&format!("{}.rope.freq_base", hyper.family.as_str()));
        let (cos, sin) = rotations(&hyper, base.unwrap_or(10_000.0)).map_err(|e| file.bad(e))?;
        Ok(Self { hyper, embeddings, layers, final_norm, output, cos, sin })
    }

    pub(super) fn context_tokens(&self) -> usize {
        self.hyper.context_tokens
    }

    /// Room for a generation of that many tokens.
    pub(super) fn memory(&self, n_tokens: usize) -> candle_core::Result<Memory> {
        let shape = (self.hyper.n_kv_heads, n_tokens, self.hyper.head_dim);
        let zeros = |_| Tensor::zeros(shape, DType::F32, &Device::Cpu);
        let keys = (0..self.layers.len()).map(zeros).collect::<candle_core::Result<_>>()?;
        let values = (0..self.layers.len()).map(zeros).collect::<candle_core::Result<_>>()?;
        Ok(Memory { keys, values, n_seen: 0 })
    }

    /// Reads `tokens` after what `memory` holds; gives the state after the last one.
    pub(super) fn read(&self, tokens: &[u32], memory: &mut Memory) -> candle_core::Result<Tensor> {
        let n_new = tokens.len();
        let start = memory.n_seen;
        let cos = self.cos.narrow(0, start, n_new)?;
        let sin = self.sin.narrow(0, start, n_new)?;
        let step = Step { start, n_new, mask: causal_mask(start, n_new)?, cos, sin };
        let mut x = self.embeddings.rows(&Tensor::new(tokens, &Device::Cpu)?)?;
        let stored = memory.keys.iter().zip(&memory.values);
        for (layer, (keys, values)) in self.layers.iter().zip(stored) {
            x = (&x + layer.attend(&x, &self.hyper, &step, keys, values)?)?;
            x = (&x + layer.transform(&x)?)?;
        }
        memory.n_seen += n_new;
        x.narrow(0, n_new - 1, 1)?.contiguous()
    }

    /// Scores of all tokens to come next.
    pub(super) fn scores(&self, state: &Tensor) -> candle_core::Result<Vec<f32>> {
        self.output.forward(&self.final_norm.forward(state)?)?.flatten_all()?.to_vec1()
    }
}

/// What all layers need to know of one pass.
struct Step {
    start: usize,
    n_new: usize,
    mask: Option<Tensor>,
    cos: Tensor,
    sin: Tensor,
}

impl Layer {
    fn load(file: &mut Checkpoint<'_>, idx: usize, hyper: &Hyper) -> Result<Self, ModelsError> {
        let name = |part: &str| format!("blk.{idx}.{part}.weight");
        let (width, n_hidden, epsilon) = (hyper.width, hyper.n_hidden, hyper.epsilon);
        let (n_query, n_kv) = (hyper.n_heads * hyper.head_dim, hyper.n_kv_heads * hyper.head_dim);
        let mut norm = |part: &str, len: usize| -> Result<Norm, ModelsError> {
            Ok(Norm { weight: file.vector(&name(part), len)?, epsilon })
        };
        let attention_norm = norm("attn_norm", width)?;
        let hidden_norm = norm("ffn_norm", width)?;
        let (query_norm, key_norm) = match hyper.family {
            Family::Qwen3 => (
                Some(norm("attn_q_norm", hyper.head_dim)?),
                Some(norm("attn_k_norm", hyper.head_dim)?),
            ),
            _ => (None, None),
        };
        let mut matrix = |part: &str, n_out: usize, n_in: usize| {
            file.matrix(&name(part), MatrixShape { n_out, n_in })
        };
        Ok(Self {
            attention_norm,
            query: matrix("attn_q", n_query, width)?,
            key: matrix("attn_k", n_kv, width)?,
            value: matrix("attn_v", n_kv, width)?,
            output: matrix("attn_output", width, n_query)?,
            query_norm,
            key_norm,
            hidden_norm,
            gate: matrix("ffn_gate", n_hidden, width)?,
            up: matrix("ffn_up", n_hidden, width)?,
            down: matrix("ffn_down", width, n_hidden)?,
        })
    }

    fn attend(
        &self,
        x: &Tensor,
        hyper: &Hyper,
        step: &Step,
        keys: &Tensor,
        values: &Tensor,
    ) -> candle_core::Result<Tensor> {
        let (n_heads, n_kv, dim, n_new) =
            (hyper.n_heads, hyper.n_kv_heads, hyper.head_dim, step.n_new);
        let x = self.query.pad(&self.attention_norm.forward(x)?)?;
        let by_head =
            |rows: Tensor, n: usize| rows.reshape((n_new, n, dim))?.transpose(0, 1)?.contiguous();
        let query = by_head(self.query.forward(&x)?, n_heads)?;
        let key = by_head(self.key.forward(&x)?, n_kv)?;
        let value = by_head(self.value.forward(&x)?, n_kv)?;
        let query = step.rotate(&normed(self.query_norm.as_ref(), &query)?, hyper.family)?;
        let key = step.rotate(&normed(self.key_norm.as_ref(), &key)?, hyper.family)?;
        keys.slice_set(&key, 1, step.start)?;
        values.slice_set(&value, 1, step.start)?;

        // Heads that share keys are stacked as rows, so nothing is repeated in memory.
        let n_all = step.start + n_new;
        let stacked = (n_kv, n_heads / n_kv * n_new, dim);
        let keys = keys.narrow(1, 0, n_all)?;
        let values = values.narrow(1, 0, n_all)?;
        let scale = 1.0 / (dim as f64).sqrt();
        let scores = (query.reshape(stacked)?.matmul(&keys.t()?)? * scale)?;
        let scores = match &step.mask {
            None => scores,
            Some(mask) => {
                let shape = scores.shape().clone();
                scores.reshape((n_heads, n_new, n_all))?.broadcast_add(mask)?.reshape(shape)?
            }
        };
        let seen = softmax_last_dim(&scores)?.matmul(&values)?;
        let rows = seen.reshape((n_heads, n_new, dim))?.transpose(0, 1)?.contiguous()?;
        self.output.forward(&rows.reshape((n_new, n_heads * dim))?)
    }

    fn transform(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let x = self.gate.pad(&self.hidden_norm.forward(x)?)?;
        self.down.forward(&(silu(&self.gate.forward(&x)?)? * self.up.forward(&x)?)?)
    }
}

impl Step {
    fn rotate(&self, x: &Tensor, family: Family) -> candle_core::Result<Tensor> {
        let x = x.unsqueeze(0)?;
        // Llama's GGUF files pair neighbours, Qwen's pair halves.
        let turned = match family {
            Family::Llama => rope_i(&x, &self.cos, &self.sin)?,
            _ => rope(&x, &self.cos, &self.sin)?,
        };
        turned.squeeze(0)
    }
}

fn normed(norm: Option<&Norm>, x: &Tensor) -> candle_core::Result<Tensor> {
    norm.map_or(Ok(x.clone()), |norm| norm.forward(x))
}

/// Minus infinity where a token would see a later one; one token alone needs no mask.
fn causal_mask(start: usize, n_new: usize) -> candle_core::Result<Option<Tensor>> {
    if n_new == 1 {
        return Ok(None);
    }
    let n_all = start + n_new;
    let hidden = |row: usize, column: usize| column > start + row;
    let cells = (0..n_new).flat_map(|row| {
        (0..n_all).map(move |column| if hidden(row, column) { f32::NEG_INFINITY } else { 0.0 })
    });
    Tensor::from_iter(cells, &Device::Cpu)?.reshape((n_new, n_all)).map(Some)
}

fn rotations(hyper: &Hyper, base: f64) -> candle_core::Result<(Tensor, Tensor)> {
    let half = hyper.head_dim / 2;
    let turn = |idx: usize| {
        let (position, pair) = (idx / half, idx % half);
        position as f64 / base.powf(2.0 * pair as f64 / hyper.head_dim as f64)
    };
    let n = hyper.context_tokens * half;
    let table = |of: fn(f64) -> f64| {
        Tensor::from_iter((0..n).map(|idx| of(turn(idx)) as f32), &Device::Cpu)?
            .reshape((hyper.context_tokens, half))
    };
    Ok((table(f64::cos)?, table(f64::sin)?))
}

impl Hyper {
    fn read(file: &Checkpoint<'_>) -> Result<Self, ModelsError> {
        let family = file.model().manifest().family;
        let key = |name: &str| format!("{}.{name}", family.as_str());
        let n_heads = file.needed_number(&key("attention.head_count"))?;
        let width = file.needed_number(&key("embedding_length"))?;
        let n_kv_heads = file.number(&key("attention.head_count_kv")).unwrap_or(n_heads);
        if n_heads == 0 || n_kv_heads == 0 || !n_heads.is_multiple_of(n_kv_heads) {
            return Err(file.bad(format!("{n_heads} heads over {n_kv_heads} key heads")));
        }
        let head_dim = file.number(&key("attention.key_length")).unwrap_or(width / n_heads);
        let n_rotated = file.number(&key("rope.dimension_count")).unwrap_or(head_dim);
        let scaling = file.text(&key("rope.scaling.type")).filter(|kind| *kind != "none");
        if n_rotated != head_dim || !head_dim.is_multiple_of(2) {
            return Err(file.unsupported(format!("{n_rotated} of {head_dim} dimensions turn")));
        }
        if scaling.is_some() || file.has_tensor("rope_freqs.weight") {
            return Err(file.unsupported("its positions are scaled"));
        }
        if file.number(&key("expert_count")).is_some_and(|n| n > 1) {
            return Err(file.unsupported("it is a mixture of experts"));
        }
        let context = file.needed_number(&key("context_length"))?;
        let epsilon = file.float(&key("attention.layer_norm_rms_epsilon")).unwrap_or(1e-5);
        Ok(Self {
            family,
            n_layers: file.needed_number(&key("block_count"))?,
            width,
            n_hidden: file.needed_number(&key("feed_forward_length"))?,
            n_heads,
            n_kv_heads,
            head_dim,
            context_tokens: context.min(file.model().manifest().max_tokens),
            epsilon: epsilon as f32,
        })
    }
}
