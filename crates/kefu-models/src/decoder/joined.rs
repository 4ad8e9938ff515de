use std::ops::Range;

use super::matrix::{Matrix, Rounded};

/// Matrices that multiply the same rows; their outputs stand one after the other. Each may keep its
/// weights in its own way.
pub(super) struct Joined(pub(super) Vec<Matrix>);

impl Joined {
    pub(super) fn n_panels(&self) -> usize {
        self.0.iter().map(Matrix::n_panels).sum()
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.0.iter().map(Matrix::size_bytes).sum()
    }

    /// Products with the outputs of some panels, counted through all matrices.
    pub(super) fn multiply(&self, rows: &Rounded, panels: Range<usize>) -> Vec<f32> {
        let mut parts = Vec::with_capacity(self.0.len());
        let mut before = 0;
        for matrix in &self.0 {
            let n = matrix.n_panels();
            let own = panels.start.saturating_sub(before).min(n)
                ..panels.end.saturating_sub(before).min(n);
            before += n;
            if !own.is_empty() {
                parts.push(matrix.multiply(rows, own));
            }
        }
        side_by_side(parts, rows.n_rows())
    }
}

/// Rows of parts one after the other: the first row of each, then the second of each and so on.
pub(super) fn side_by_side(mut parts: Vec<Vec<f32>>, n_rows: usize) -> Vec<f32> {
    if parts.len() == 1 {
        return parts.swap_remove(0);
    }
    let mut rows = Vec::with_capacity(parts.iter().map(Vec::len).sum());
    for row in 0..n_rows {
        for part in &parts {
            let width = part.len() / n_rows;
            rows.extend_from_slice(&part[row * width..(row + 1) * width]);
        }
    }
    rows
}
