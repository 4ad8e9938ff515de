//! Tables of `undoc` to rows of words.

use undoc::model::{Cell, Table};

use super::blocks;

/// A grid of cells: what a merged cell says stands in each of its rows, so that every row can be
/// read alone, but only in the first of its columns.
pub(super) fn rows(table: &Table) -> Vec<Vec<String>> {
    let columns = table.cell_columns();
    let n_columns = table.column_count().min(MAX_COLUMNS);
    let mut grid = vec![vec![String::new(); n_columns]; table.rows.len()];
    for (at, (row, starts)) in table.rows.iter().zip(&columns).enumerate() {
        for (cell, start) in row.cells.iter().zip(starts) {
            let words = words(cell);
            let last = at.saturating_add(cell.row_span.max(1) as usize).min(grid.len());
            for grid_row in grid.get_mut(at..last).into_iter().flatten() {
                if let Some(slot) = grid_row.get_mut(*start) {
                    slot.clone_from(&words);
                }
            }
        }
    }
    grid
}

/// Wider tables are data that nobody reads as text.
const MAX_COLUMNS: usize = 1_000;

fn words(cell: &Cell) -> String {
    let mut lines: Vec<String> = cell.content.iter().map(blocks::words).collect();
    for inner in &cell.nested_tables {
        for row in rows(inner) {
            let cells: Vec<String> = row.into_iter().filter(|c| !c.trim().is_empty()).collect();
            lines.push(cells.join("; "));
        }
    }
    lines.retain(|line| !line.trim().is_empty());
    lines.join("\n")
}
