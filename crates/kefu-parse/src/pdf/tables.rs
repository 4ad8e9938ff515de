//! Tables that the reader of the pages found.

use pdf_oxide::layout::TextSpan;
pub(super) use pdf_oxide::structure::table_extractor::Table as Found;

/// A table and where it stands.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) rows: Vec<Vec<String>>,
    pub(super) top: f32,
    bottom: f32,
    left: f32,
    right: f32,
}

impl Placed {
    pub(super) fn middle(&self) -> f32 {
        f32::midpoint(self.top, self.bottom)
    }
}

/// Takes the spans that tables hold out of the rest. A table is believed only when it says the
/// same characters as its spans.
pub(super) fn take(spans: Vec<TextSpan>, found: &[Found]) -> (Vec<Placed>, Vec<TextSpan>) {
    let mut rest = spans;
    let mut tables: Vec<Placed> = Vec::new();
    for table in found {
        let Some(area) = table.bbox else { continue };
        let inside = |span: &TextSpan| {
            let x = span.bbox.x + span.bbox.width / 2.0;
            let y = span.bbox.y + span.bbox.height / 2.0;
            (area.x - 2.0..=area.x + area.width + 2.0).contains(&x)
                && (area.y - 2.0..=area.y + area.height + 2.0).contains(&y)
        };
        let (held, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(inside);
        let rows: Vec<Vec<String>> = table.rows.iter().map(row).collect();
        let said = rows.iter().flatten().map(String::as_str);
        if rows.len() > 1 && letters(said) == letters(held.iter().map(|s| s.text.as_str())) {
            let (top, bottom) = (area.y + area.height, area.y);
            let (left, right) = (area.x, area.x + area.width);
            let placed = Placed { rows, top, bottom, left, right };
            match tables.last_mut().filter(|last| continues(last, &placed)) {
                Some(last) => {
                    last.bottom = last.bottom.min(placed.bottom);
                    last.rows.extend(placed.rows);
                }
                None => tables.push(placed),
            }
            rest = others;
        } else {
            rest = held.into_iter().chain(others).collect();
        }
    }
    (tables, rest)
}

/// Parts of one table between its ruled lines.
fn continues(above: &Placed, below: &Placed) -> bool {
    let n_columns = |table: &Placed| table.rows.iter().map(Vec::len).max();
    (above.bottom - below.top).abs() < 6.0
        && (above.left - below.left).abs() < 6.0
        && (above.right - below.right).abs() < 12.0
        && n_columns(above) == n_columns(below)
}

fn row(row: &pdf_oxide::structure::table_extractor::TableRow) -> Vec<String> {
    let mut cells = Vec::new();
    for cell in &row.cells {
        cells.push(cell.text.trim().to_owned());
        let n_more = (cell.colspan.max(1) - 1).min(100) as usize;
        cells.extend(std::iter::repeat_n(String::new(), n_more));
    }
    cells
}

fn letters<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<char> {
    let mut letters: Vec<char> =
        texts.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    letters.sort_unstable();
    letters
}
