//! One layer of a network.

use super::arithmetic::{Norm, Rotary, add, gated};
use super::joined::Joined;
use super::matrix::{Matrix, Rounded};
use super::source::{Hyper, Source};
use crate::error::ModelsError;
use crate::simd::wide;

/// Attention and what follows it.
pub(super) struct Layer {
    pub(super) attention_norm: Norm,
    /// Queries, keys and values.
    pub(super) mixed: Joined,
    bias: Option<Vec<f32>>,
    query_norm: Option<Norm>,
    key_norm: Option<Norm>,
    pub(super) attended: Matrix,
    pub(super) hidden_norm: Norm,
    pub(super) gate: Matrix,
    pub(super) up: Matrix,
    pub(super) down: Matrix,
}

impl Layer {
    pub(super) fn load(
        file: &mut dyn Source,
        idx: usize,
        hyper: &Hyper,
    ) -> Result<Self, ModelsError> {
        let name = |part: &str| format!("blk.{idx}.{part}");
        let (width, n_hidden, heads) = (hyper.width, hyper.n_hidden, hyper.heads);
        let (n_query, n_kv) = (heads.width(), heads.n_kv_heads * heads.dim);
        let order = |idx: usize| hyper.pairs.source(idx, heads.dim);
        let query = Matrix::new(&file.matrix(&name("attn_q"), n_query, width)?, order);
        let key = Matrix::new(&file.matrix(&name("attn_k"), n_kv, width)?, order);
        let value = Matrix::new(&file.matrix(&name("attn_v"), n_kv, width)?, |idx| idx);
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
        let mut norm = |part: &str, len: usize| -> Result<Norm, ModelsError> {
            Ok(Norm::new(file.vector(&name(&format!("{part}.weight")), len)?, hyper.epsilon))
        };
        let attention_norm = norm("attn_norm", width)?;
        let hidden_norm = norm("ffn_norm", width)?;
        let (query_norm, key_norm) = if hyper.has_head_norms {
            (Some(norm("attn_q_norm", heads.dim)?), Some(norm("attn_k_norm", heads.dim)?))
        } else {
            (None, None)
        };
        let mut matrix = |part: &str, n_out: usize, n_in: usize| -> Result<Matrix, ModelsError> {
            Ok(Matrix::new(&file.matrix(&name(part), n_out, n_in)?, |idx| idx))
        };
        Ok(Self {
            attention_norm,
            mixed: Joined(vec![query, key, value]),
            bias,
            query_norm,
            key_norm,
            attended: matrix("attn_output", width, n_query)?,
            hidden_norm,
            gate: matrix("ffn_gate", n_hidden, width)?,
            up: matrix("ffn_up", n_hidden, width)?,
            down: matrix("ffn_down", width, n_hidden)?,
        })
    }

    /// Bytes of its matrices.
    pub(super) fn size_bytes(&self) -> usize {
        let own = [&self.attended, &self.gate, &self.up, &self.down];
        self.mixed.size_bytes() + own.iter().map(|matrix| matrix.size_bytes()).sum::<usize>()
    }

    /// Rows of queries, keys and values, ready for attention.
    pub(super) fn mix(&self, rows: &[f32], hyper: &Hyper) -> Vec<f32> {
        let rounded = Rounded::new(&self.attention_norm.of(rows), hyper.width);
        self.mixed.multiply(&rounded, 0..self.mixed.n_panels())
    }

    /// Finishes rows of queries, keys and values: adds what is added to all, scales heads, and
    /// turns them by the positions of the rows.
    pub(super) fn place(
        &self,
        mixed: &mut [f32],
        positions: impl Iterator<Item = usize>,
        hyper: &Hyper,
        rotary: &Rotary,
    ) {
        let (n_query, n_kv) = (hyper.heads.width(), hyper.heads.n_kv_heads * hyper.heads.dim);
        for (row, position) in mixed.chunks_exact_mut(n_query + 2 * n_kv).zip(positions) {
            if let Some(bias) = &self.bias {
                add(row, bias);
            }
            let (queries, others) = row.split_at_mut(n_query);
            let (keys, _) = others.split_at_mut(n_kv);
            for (norm, heads) in [(&self.query_norm, &mut *queries), (&self.key_norm, &mut *keys)] {
                if let Some(norm) = norm {
                    norm.apply(heads);
                }
            }
            wide(
                #[inline(always)]
                || {
                    rotary.apply(queries, position);
                    rotary.apply(keys, position);
                },
            );
        }
    }

    /// Replaces rows by what they are after this layer, given what their heads have seen.
    pub(super) fn finish(&self, rows: &mut [f32], seen: &[f32]) {
        let seen = Rounded::new(seen, self.attended.n_in());
        add(rows, &self.attended.multiply(&seen, 0..self.attended.n_panels()));
        let normed = Rounded::new(&self.hidden_norm.of(rows), self.gate.n_in());
        let hidden = self.hidden(&normed, 0..self.gate.n_panels());
        let hidden = Rounded::new(&hidden, self.down.n_in());
        add(rows, &self.down.multiply(&hidden, 0..self.down.n_panels()));
    }

    /// Some numbers of the hidden rows.
    pub(super) fn hidden(&self, rows: &Rounded, panels: std::ops::Range<usize>) -> Vec<f32> {
        let mut gates = self.gate.multiply(rows, panels.clone());
        gated(&mut gates, &self.up.multiply(rows, panels));
        gates
    }
}
