//! Reading order: columns of prose are read one after the other, everything else by rows.

use super::lines::Line;
use super::tables::Placed;
use super::{Piece, grids};

/// Narrower gaps between columns are spaces between words.
const MIN_GUTTER: f32 = 9.0;
/// Fewer lines on one side are no column.
const MIN_LINES: usize = 4;
/// Regions within regions within regions.
const MAX_DEPTH: usize = 6;

/// Lines and tables as a person reads them.
pub(super) fn in_reading_order(lines: Vec<Line>, tables: Vec<Placed>) -> Vec<Piece> {
    let mut ordered = Vec::new();
    // A table is a band across the page: what stands above it is read before it.
    let mut tables = tables;
    tables.sort_by(|a, b| b.top.total_cmp(&a.top));
    let mut rest = lines;
    for table in tables {
        let (above, below): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|line| line.y > table.middle());
        order(above, 0, &mut ordered);
        ordered.push(Piece::Table(table.rows));
        rest = below;
    }
    order(rest, 0, &mut ordered);
    ordered
}

fn order(mut lines: Vec<Line>, depth: usize, ordered: &mut Vec<Piece>) {
    lines.sort_by(|a, b| b.y.total_cmp(&a.y).then(a.left.total_cmp(&b.left)));
    let cut = if depth < MAX_DEPTH { gutter(&lines) } else { None };
    let Some(x) = cut else {
        grids::write(rows(lines), ordered);
        return;
    };
    // Lines across the gutter, such as titles, part the page into bands.
    let mut band = Vec::new();
    for line in lines {
        if line.left < x && line.right > x {
            columns(std::mem::take(&mut band), x, depth, ordered);
            ordered.push(Piece::Line(line));
        } else {
            band.push(line);
        }
    }
    columns(band, x, depth, ordered);
}

fn columns(band: Vec<Line>, x: f32, depth: usize, ordered: &mut Vec<Piece>) {
    let (left, right): (Vec<_>, Vec<_>) = band.into_iter().partition(|line| line.left < x);
    order(left, depth + 1, ordered);
    order(right, depth + 1, ordered);
}

/// Where two columns of prose meet: an x that few lines cross, with room around it and with prose
/// on both sides.
fn gutter(lines: &[Line]) -> Option<f32> {
    if lines.len() < 2 * MIN_LINES {
        return None;
    }
    let mut edges: Vec<f32> = lines.iter().map(|line| line.left).collect();
    edges.sort_by(f32::total_cmp);
    edges.dedup_by(|a, b| (*a - *b).abs() < 2.0);
    let mut best: Option<(usize, f32)> = None;
    for edge in edges {
        let x = edge - MIN_GUTTER / 2.0;
        let across = |line: &&Line| {
            line.left < x + MIN_GUTTER / 2.0 - 0.5 && line.right > x - MIN_GUTTER / 2.0
        };
        let n_across = lines.iter().filter(across).count();
        let left: Vec<&Line> = lines.iter().filter(|l| l.right <= x - MIN_GUTTER / 2.0).collect();
        let right: Vec<&Line> = lines.iter().filter(|l| l.left >= edge - 0.5).collect();
        let is_better = best.is_none_or(|(least, _)| n_across < least);
        if is_better && n_across * 3 <= lines.len() && is_prose(&left) && is_prose(&right) {
            best = Some((n_across, x));
        }
    }
    best.map(|(_, x)| x)
}

/// Whether lines fill a column, as prose does and cells of a table do not.
fn is_prose(lines: &[&Line]) -> bool {
    let left = lines.iter().map(|line| line.left).fold(f32::MAX, f32::min);
    let right = lines.iter().map(|line| line.right).fold(f32::MIN, f32::max);
    let full = |line: &&&Line| line.right - line.left > 0.6 * (right - left);
    let n_chars: usize = lines.iter().flat_map(|l| l.text.chars()).map(crate::script::width).sum();
    lines.len() >= MIN_LINES
        && lines.iter().filter(full).count() * 2 >= lines.len()
        && n_chars >= lines.len() * 18
}

/// Lines on one baseline side by side.
fn rows(lines: Vec<Line>) -> Vec<Vec<Line>> {
    let mut rows: Vec<Vec<Line>> = Vec::with_capacity(lines.len());
    for line in lines {
        let is_same = |row: &&mut Vec<Line>| {
            row.first().is_some_and(|first| first.y - line.y < first.size.max(line.size) * 0.42)
        };
        match rows.last_mut().filter(is_same) {
            Some(row) => row.push(line),
            None => rows.push(vec![line]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| a.left.total_cmp(&b.left));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::line;
    use super::*;

    fn text(piece: &Piece) -> &str {
        match piece {
            Piece::Line(line) => line.text.as_str(),
            Piece::Table(_) | Piece::Turned(_) => "table",
        }
    }

    fn texts(pieces: &[Piece]) -> Vec<&str> {
        pieces.iter().map(text).collect()
    }

    #[test]
    fn columns_are_read_one_after_the_other_below_the_title() {
        let mut lines = vec![line(&"Title ".repeat(16), 50.0, 700.0)];
        for n in 0..6 {
            let y = 650.0 - 12.0 * n as f32;
            lines.push(line(&format!("left {n} {}", "w ".repeat(18)), 50.0, y));
            lines.push(line(&format!("right {n} {}", "w ".repeat(18)), 300.0, y));
        }
        let ordered = in_reading_order(lines, Vec::new());
        let texts = texts(&ordered);
        assert!(texts[0].starts_with("Title"));
        assert!(texts[6].starts_with("left 5") && texts[7].starts_with("right 0"), "{texts:?}");
    }

    #[test]
    fn short_cells_are_read_by_rows() {
        let mut lines = Vec::new();
        for n in 0..8 {
            let y = 650.0 - 12.0 * n as f32;
            lines.push(line(&format!("item {n}"), 50.0, y));
            lines.push(line("39.00", 300.0, y));
        }
        let ordered = in_reading_order(lines, Vec::new());
        let [Piece::Table(rows)] = ordered.as_slice() else { unreachable!() };
        assert_eq!(rows[1], ["item 1", "39.00"]);
    }
}
