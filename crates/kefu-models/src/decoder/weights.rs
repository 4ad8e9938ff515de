//! What files say of one layer, whatever computes it.

use super::matrix::Stored;
use super::source::{Hyper, Source};
use crate::error::ModelsError;

/// Weights as they were read. Rows of queries and keys are in the order of the file, see
/// [`Hyper::pairs`].
pub(super) struct LayerWeights {
    pub(super) attention_norm: Vec<f32>,
    pub(super) query: Stored,
    pub(super) key: Stored,
    pub(super) value: Stored,
    /// Of queries, keys and values, in the order in which halves turn together.
    pub(super) bias: Option<Vec<f32>>,
    /// Of queries and of keys.
    pub(super) head_norms: Option<(Vec<f32>, Vec<f32>)>,
    pub(super) attended: Stored,
    pub(super) hidden_norm: Vec<f32>,
    pub(super) gate: Stored,
    pub(super) up: Stored,
    pub(super) down: Stored,
}

impl LayerWeights {
    pub(super) fn read(
        file: &mut dyn Source,
        idx: usize,
        hyper: &Hyper,
    ) -> Result<Self, ModelsError> {
        let name = |part: &str| format!("blk.{idx}.{part}");
        let (width, n_hidden, heads) = (hyper.width, hyper.n_hidden, hyper.heads);
        let (n_query, n_kv) = (heads.width(), heads.n_kv_heads * heads.dim);
        let order = |idx: usize| hyper.pairs.source(idx, heads.dim);
        let bias = if file.has(&name("attn_q.bias")) {
            let query = file.vector(&name("attn_q.bias"), n_query)?;
            let key = file.vector(&name("attn_k.bias"), n_kv)?;
            let mut bias: Vec<f32> = (0..n_query).map(|idx| query[order(idx)]).collect();
            bias.extend((0..n_kv).map(|idx| key[order(idx)]));
            bias.extend(file.vector(&name("attn_v.bias"), n_kv)?);
            Some(bias)
        } else {
            None
        };
        let mut norm = |part: &str, len| file.vector(&name(&format!("{part}.weight")), len);
        let (attention_norm, hidden_norm) = (norm("attn_norm", width)?, norm("ffn_norm", width)?);
        let head_norms = if hyper.has_head_norms {
            Some((norm("attn_q_norm", heads.dim)?, norm("attn_k_norm", heads.dim)?))
        } else {
            None
        };
        let mut matrix = |part: &str, n_out, n_in| file.matrix(&name(part), n_out, n_in);
        Ok(Self {
            attention_norm,
            query: matrix("attn_q", n_query, width)?,
            key: matrix("attn_k", n_kv, width)?,
            value: matrix("attn_v", n_kv, width)?,
            bias,
            head_norms,
            attended: matrix("attn_output", width, n_query)?,
            hidden_norm,
            gate: matrix("ffn_gate", n_hidden, width)?,
            up: matrix("ffn_up", n_hidden, width)?,
            down: matrix("ffn_down", width, n_hidden)?,
        })
    }
}
