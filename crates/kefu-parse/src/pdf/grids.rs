//! Tables without lines: rows whose pieces stand below one another.

use super::Piece;
use super::lines::Line;

/// Fewer rows side by side are a form, or chance.
const MIN_ROWS: usize = 3;

/// Longer cells, on the average of a column, are prose.
const MAX_CELL_CHARS: usize = 40;

/// Rows as tables where their pieces fall into columns, as lines elsewhere.
pub(super) fn write(rows: Vec<Vec<Line>>, ordered: &mut Vec<Piece>) {
    let mut open: Vec<Vec<Line>> = Vec::new();
    for row in rows {
        if row.len() < 2 {
            flush(&mut open, ordered);
            ordered.extend(row.into_iter().map(Piece::Line));
        } else {
            open.push(row);
        }
    }
    flush(&mut open, ordered);
}

fn flush(rows: &mut Vec<Vec<Line>>, ordered: &mut Vec<Piece>) {
    let rows = std::mem::take(rows);
    if let Some(table) = table(&rows) {
        ordered.push(Piece::Table(table));
        return;
    }
    let one = |row: Vec<Line>| {
        row.into_iter().reduce(|mut all, next| {
            all.extend(&next);
            all
        })
    };
    ordered.extend(rows.into_iter().filter_map(one).map(Piece::Line));
}

fn table(rows: &[Vec<Line>]) -> Option<Vec<Vec<String>>> {
    if rows.len() < MIN_ROWS {
        return None;
    }
    let columns = columns(rows);
    let mut table = Vec::with_capacity(rows.len());
    for row in rows {
        let mut cells = vec![String::new(); columns.len()];
        for line in row {
            let at = columns
                .iter()
                .position(|(left, right)| line.left >= *left - 0.1 && line.right <= *right + 0.1)?;
            // Two pieces of a row in one column: the columns are not what they seem.
            if !cells[at].is_empty() {
                return None;
            }
            cells[at].clone_from(&line.text);
        }
        table.push(cells);
    }
    // Prose cells make a page layout, not a table.
    let is_prose = |at: usize| {
        let cells = table.iter().filter_map(|row| row.get(at)).filter(|cell| !cell.is_empty());
        let (n_cells, n_chars) =
            cells.fold((0, 0), |(n, sum), cell| (n + 1, sum + cell.chars().count()));
        n_chars > n_cells * MAX_CELL_CHARS
    };
    (columns.len() >= 2 && !(0..columns.len()).any(is_prose)).then_some(table)
}

/// What the pieces of all rows cover, from left to right.
fn columns(rows: &[Vec<Line>]) -> Vec<(f32, f32)> {
    let mut parts: Vec<(f32, f32)> =
        rows.iter().flatten().map(|line| (line.left, line.right)).collect();
    parts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut columns: Vec<(f32, f32)> = Vec::new();
    for (left, right) in parts {
        match columns.last_mut() {
            Some(last) if left < last.1 => last.1 = last.1.max(right),
            _ => columns.push((left, right)),
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::line;
    use super::*;

    #[test]
    fn a_title_over_several_columns_makes_lines_of_the_rows() {
        let rows = vec![
            vec![line("a", 0.0, 90.0), line("across all of it", 40.0, 90.0)],
            vec![line("b", 0.0, 80.0), line("c", 40.0, 80.0), line("d", 90.0, 80.0)],
            vec![line("e", 0.0, 70.0), line("f", 40.0, 70.0), line("g", 90.0, 70.0)],
        ];
        let mut ordered = Vec::new();
        write(rows, &mut ordered);
        assert_eq!(ordered.len(), 3);
    }
}
