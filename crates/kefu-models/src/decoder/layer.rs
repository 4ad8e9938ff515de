//! One layer of a network.

use super::arithmetic::{Norm, Rotary, add, gated};
use super::joined::Joined;
use super::matrix::{Matrix, Rounded, Stored};
use super::source::{Hyper, Source};
use super::weights::LayerWeights;
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
        let read = LayerWeights::read(file, idx, hyper)?;
        let order = |idx: usize| hyper.pairs.source(idx, hyper.heads.dim);
        let norm = |weight: Vec<f32>| Norm::new(weight, hyper.epsilon);
        let matrix = |stored: &Stored| Matrix::new(stored, |idx| idx);
        let (query_norm, key_norm) = read.head_norms.unzip();
        Ok(Self {
            attention_norm: norm(read.attention_norm),
            mixed: Joined(vec![
                Matrix::new(&read.query, order),
                Matrix::new(&read.key, order),
                matrix(&read.value),
            ]),
            bias: read.bias,
            query_norm: query_norm.map(norm),
            key_norm: key_norm.map(norm),
            attended: matrix(&read.attended),
            hidden_norm: norm(read.hidden_norm),
            gate: matrix(&read.gate),
            up: matrix(&read.up),
            down: matrix(&read.down),
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
