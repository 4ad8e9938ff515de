//! One layer on a device.

use candle_core::{D, DType, Tensor};
use candle_nn::ops::{rms_norm, silu, softmax_last_dim};
use candle_nn::rotary_emb::rope_thd;

use super::pages::Rows;
use super::plan::{Group, Plan};
use super::{Builder, product};
use crate::decoder::source::Hyper;
use crate::decoder::weights::LayerWeights;

/// Attention and what follows it. Matrices are (outputs, inputs).
pub(super) struct Layer {
    attention_norm: Tensor,
    /// Queries, keys and values.
    mixed: Tensor,
    bias: Option<Tensor>,
    /// Of queries and of keys.
    head_norms: Option<(Tensor, Tensor)>,
    attended: Tensor,
    hidden_norm: Tensor,
    /// Gates, then what they are multiplied with.
    hidden: Tensor,
    down: Tensor,
}

/// What all layers of a pass share.
pub(super) struct Pass<'a> {
    pub(super) hyper: &'a Hyper,
    pub(super) plan: &'a Plan,
    /// Of the positions of the rows.
    pub(super) cos: Tensor,
    pub(super) sin: Tensor,
}

impl Layer {
    pub(super) fn new(
        read: LayerWeights,
        hyper: &Hyper,
        builder: &Builder,
    ) -> candle_core::Result<Self> {
        let order = |idx: usize| hyper.pairs.source(idx, hyper.heads.dim);
        let same = |idx: usize| idx;
        let mixed = [
            builder.matrix(&read.query, order)?,
            builder.matrix(&read.key, order)?,
            builder.matrix(&read.value, same)?,
        ];
        let hidden = [builder.matrix(&read.gate, same)?, builder.matrix(&read.up, same)?];
        let head_norms = match read.head_norms {
            Some((query, key)) => Some((builder.vector(query)?, builder.vector(key)?)),
            None => None,
        };
        Ok(Self {
            attention_norm: builder.vector(read.attention_norm)?,
            mixed: Tensor::cat(&mixed, 0)?,
            bias: read.bias.map(|bias| builder.vector(bias)).transpose()?,
            head_norms,
            attended: builder.matrix(&read.attended, same)?,
            hidden_norm: builder.vector(read.hidden_norm)?,
            hidden: Tensor::cat(&hidden, 0)?,
            down: builder.matrix(&read.down, same)?,
        })
    }

    /// Numbers of its matrices.
    pub(super) fn n_numbers(&self) -> usize {
        let matrices = [&self.mixed, &self.attended, &self.hidden, &self.down];
        matrices.map(Tensor::elem_count).iter().sum()
    }

    /// What rows are after this layer. Puts the keys and values of their tokens into the pages.
    pub(super) fn forward(
        &self,
        rows: &Tensor,
        pass: &Pass<'_>,
        pages: &Rows,
    ) -> candle_core::Result<Tensor> {
        let (heads, epsilon) = (pass.hyper.heads, pass.hyper.epsilon);
        let (n_query, n_kv) = (heads.width(), heads.n_kv_heads * heads.dim);
        let mut mixed = product(&rms_norm(rows, &self.attention_norm, epsilon)?, &self.mixed)?;
        if let Some(bias) = &self.bias {
            mixed = mixed.broadcast_add(bias)?;
        }
        let part = |start: usize, n_heads: usize| {
            let part = mixed.narrow(1, start, n_heads * heads.dim)?.contiguous()?;
            part.reshape((1, (), n_heads, heads.dim))
        };
        let (mut queries, mut keys) = (part(0, heads.n_heads)?, part(n_query, heads.n_kv_heads)?);
        if let Some((query_norm, key_norm)) = &self.head_norms {
            queries = rms_norm(&queries, query_norm, epsilon)?;
            keys = rms_norm(&keys, key_norm, epsilon)?;
        }
        let queries = rope_thd(&queries, &pass.cos, &pass.sin)?.squeeze(0)?;
        let keys = rope_thd(&keys, &pass.cos, &pass.sin)?;
        let values = part(n_query + n_kv, heads.n_kv_heads)?;
        for (kept, new) in [(&pages.keys, keys), (&pages.values, values)] {
            let new = new.squeeze(0)?.transpose(0, 1)?.to_dtype(kept.dtype())?.contiguous()?;
            kept.scatter_set(&pass.plan.written, &new, 1)?;
        }
        let seen: Vec<Tensor> = (pass.plan.groups.iter())
            .map(|group| attend(&queries, pass.hyper, group, pages))
            .collect::<candle_core::Result<_>>()?;
        let rows = (rows + product(&Tensor::cat(&seen, 0)?, &self.attended)?)?;
        let hidden = product(&rms_norm(&rows, &self.hidden_norm, epsilon)?, &self.hidden)?;
        let n_hidden = pass.hyper.n_hidden;
        let gates = silu(&hidden.narrow(D::Minus1, 0, n_hidden)?.contiguous()?)?;
        let hidden = (gates * hidden.narrow(D::Minus1, n_hidden, n_hidden)?)?;
        &rows + product(&hidden, &self.down)?
    }
}

/// What the rows of a group see, given the queries (rows, heads, numbers) of the pass.
fn attend(
    queries: &Tensor,
    hyper: &Hyper,
    group: &Group,
    pages: &Rows,
) -> candle_core::Result<Tensor> {
    let (heads, dtype) = (hyper.heads, pages.keys.dtype());
    let (n_segments, n_rows, n_keys) = (group.n_segments, group.n_rows, group.n_keys);
    let (n_kv, n_sharing) = (heads.n_kv_heads, heads.n_heads / heads.n_kv_heads);
    let batch = n_kv * n_segments;
    // Heads that share keys, and the rows of a segment, are rows of one product.
    let queries = queries
        .narrow(0, group.first_row, n_segments * n_rows)?
        .reshape((n_segments, n_rows, n_kv, n_sharing, heads.dim))?
        .permute((2, 0, 3, 1, 4))?
        .affine(1.0 / (heads.dim as f64).sqrt(), 0.0)?
        .to_dtype(dtype)?
        .reshape((batch, n_sharing * n_rows, heads.dim))?;
    let of_keys =
        |all: &Tensor| all.index_select(&group.keys, 1)?.reshape((batch, n_keys, heads.dim));
    let scores = queries.matmul(&of_keys(&pages.keys)?.t()?)?.to_dtype(DType::F32)?;
    let scores = scores.reshape((n_kv, n_segments, n_sharing, n_rows, n_keys))?;
    let shares = softmax_last_dim(&scores.broadcast_add(&group.mask)?)?.to_dtype(dtype)?;
    let seen = shares
        .reshape((batch, n_sharing * n_rows, n_keys))?
        .matmul(&of_keys(&pages.values)?)?
        .reshape((n_kv, n_segments, n_sharing, n_rows, heads.dim))?
        .permute((1, 3, 0, 2, 4))?
        .reshape((n_segments * n_rows, heads.width()))?;
    seen.to_dtype(DType::F32)
}
