//! The cells of a sheet to tables and prose.

use std::collections::BTreeMap;

use crate::error::ParseError;
use crate::limits::Limits;
use crate::writer::Writer;

/// A cell as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    text: String,
    is_number: bool,
}

impl Cell {
    pub(super) fn words(text: String) -> Self {
        Self { text, is_number: false }
    }

    pub(super) fn number(text: String) -> Self {
        Self { text, is_number: true }
    }
}

/// The cells of a sheet that say something, by row and column.
#[derive(Debug)]
pub(super) struct Grid {
    rows: BTreeMap<u32, BTreeMap<u32, Cell>>,
    n_cells: usize,
    max_cells: usize,
    max_rows: usize,
}

impl Grid {
    pub(super) fn new(limits: &Limits) -> Self {
        let (max_cells, max_rows) = (limits.max_cells, limits.max_rows);
        Self { rows: BTreeMap::new(), n_cells: 0, max_cells, max_rows }
    }

    /// Adds a cell; one without words is forgotten.
    pub(super) fn push(&mut self, row: u32, column: u32, cell: Cell) -> Result<(), ParseError> {
        if cell.text.trim().is_empty() {
            return Ok(());
        }
        self.n_cells += 1;
        if self.n_cells > self.max_cells {
            return Err(ParseError::TooMany { what: "cells in a sheet", limit: self.max_cells });
        }
        self.rows.entry(row).or_default().insert(column, cell);
        if self.rows.len() > self.max_rows {
            return Err(ParseError::TooManyRows { limit: self.max_rows });
        }
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

type Row = BTreeMap<u32, Cell>;

/// More columns than this, most of them empty, are written as one line of `head: value` a row.
const WIDE_COLUMNS: usize = 20;

/// Writes what the sheet holds. Blank rows part tables, unless what follows cannot be the head of
/// a new one; rows of a single cell above a table are prose.
pub(super) fn write(grid: Grid, writer: &mut Writer) {
    let mut table: Vec<Row> = Vec::new();
    for mut block in blocks(grid) {
        let is_table = block.iter().any(|row| row.len() > 1);
        if is_table && is_continued(&table, &block) {
            table.append(&mut block);
            continue;
        }
        write_table(&std::mem::take(&mut table), writer);
        let n_prose = block.iter().take_while(|row| row.len() == 1).count();
        let rest = block.split_off(if is_table { n_prose } else { block.len() });
        for row in &block {
            row.values().for_each(|cell| writer.paragraph(&cell.text));
        }
        table = rest;
    }
    write_table(&table, writer);
}

/// Rows without a blank row between them.
fn blocks(grid: Grid) -> Vec<Vec<Row>> {
    let mut blocks: Vec<Vec<Row>> = Vec::new();
    let mut last = None;
    for (number, row) in grid.rows {
        match blocks.last_mut() {
            Some(block) if last.is_some_and(|last: u32| number - last == 1) => block.push(row),
            _ => blocks.push(vec![row]),
        }
        last = Some(number);
    }
    blocks
}

/// Whether rows below a blank row belong to the table above it: they stand in its columns and
/// begin with figures, so that they have no head of their own.
fn is_continued(table: &[Row], block: &[Row]) -> bool {
    let (Some(head), Some(first)) = (table.first(), block.first()) else { return false };
    let within = |row: &Row| row.keys().all(|column| head.contains_key(column));
    first.values().any(|cell| cell.is_number) && block.iter().all(within)
}

fn write_table(rows: &[Row], writer: &mut Writer) {
    let Some(head) = rows.first() else { return };
    let mut columns: Vec<u32> = rows.iter().flat_map(|row| row.keys().copied()).collect();
    columns.sort_unstable();
    columns.dedup();
    let n_cells: usize = rows.iter().map(BTreeMap::len).sum();
    let text = |row: &Row, column: &u32| row.get(column).map_or("", |c| c.text.as_str()).to_owned();
    if columns.len() > WIDE_COLUMNS && n_cells * 3 < rows.len() * columns.len() {
        for row in rows {
            let say = |(column, cell): (&u32, &Cell)| match head.get(column) {
                Some(title) if title.text != cell.text => format!("{}: {}", title.text, cell.text),
                _ => cell.text.clone(),
            };
            let words: Vec<String> = row.iter().map(say).collect();
            writer.item(0, "-", &crate::script::flow(&words.join("; ")));
        }
        return;
    }
    let cells: Vec<Vec<String>> =
        rows.iter().map(|row| columns.iter().map(|column| text(row, column)).collect()).collect();
    writer.table(&cells);
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    fn written(cells: &[(u32, u32, &str)]) -> String {
        let mut grid = Grid::new(&Limits::STANDARD);
        for (row, column, text) in cells {
            let is_number = text.starts_with(|c: char| c.is_ascii_digit());
            let cell = Cell { text: (*text).to_owned(), is_number };
            grid.push(*row, *column, cell).unwrap();
        }
        let mut writer = Writer::new(&Limits::STANDARD);
        write(grid, &mut writer);
        writer.finish().unwrap().text
    }

    #[test]
    fn titles_are_prose_and_blank_rows_part_tables() {
        let text = written(&[
            (0, 0, "Prices"),
            (2, 1, "Item"),
            (2, 3, "Price"),
            (3, 1, "Cup"),
            (3, 3, "39"),
            (5, 1, "Bowl"),
            (5, 3, "25"),
            (7, 1, "Region"),
            (7, 3, "Fee"),
            (8, 1, "North"),
            (8, 3, "5"),
        ]);
        let expected = "Prices\n\n| Item | Price |\n| --- | --- |\n| Cup | 39 |\n| Bowl | 25 |\n\n\
                        | Region | Fee |\n| --- | --- |\n| North | 5 |\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn wide_and_sparse_rows_name_their_columns() {
        let mut cells: Vec<(u32, u32, &str)> = (0..40).map(|column| (0, column, "Head")).collect();
        cells.extend((1..20).map(|row| (row, row, "7")));
        let text = written(&cells);
        assert!(text.contains("- Head: 7\n"), "{text}");
        assert!(!text.contains('|'));
    }

    #[test]
    fn far_away_cells_cost_nothing() {
        let text = written(&[(0, 0, "a"), (1_048_575, 16_383, "b")]);
        assert_eq!(text, "a\n\nb\n");
    }
}
