//! Spans to lines.

use pdf_oxide::layout::{FontWeight, TextSpan};

use crate::script::is_dense;

/// Words on one baseline without a wide gap between them. Lengths are points; y grows upwards.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) left: f32,
    pub(super) right: f32,
    /// Baseline.
    pub(super) y: f32,
    /// Font size of most of its characters.
    pub(super) size: f32,
    /// Whether all of it is bold.
    pub(super) is_bold: bool,
}

impl Line {
    pub(super) fn of_span(span: &TextSpan) -> Self {
        Self {
            text: span.text.clone(),
            left: span.bbox.x,
            right: span.bbox.x + span.bbox.width,
            y: span.bbox.y,
            size: span.font_size.max(1.0),
            is_bold: span.font_weight >= FontWeight::SemiBold,
        }
    }

    /// The same line with more words at its right.
    pub(super) fn extend(&mut self, other: &Self) {
        let gap = other.left - self.right;
        if needs_space(&self.text, &other.text, gap, self.size.min(other.size))
            || is_raised_digit(self, other)
        {
            self.text.push(' ');
        }
        if other.text.trim().chars().count() > self.text.trim().chars().count() {
            (self.size, self.y) = (other.size, other.y);
        }
        // White space has no weight of its own.
        self.is_bold = match (self.text.trim().is_empty(), other.text.trim().is_empty()) {
            (true, _) => other.is_bold,
            (_, true) => self.is_bold,
            _ => self.is_bold && other.is_bold,
        };
        self.text.push_str(&other.text);
        self.right = self.right.max(other.right);
    }
}

/// A gap of this many times the font size parts two lines on one baseline.
const WIDE_GAP: f32 = 1.0;

/// Lines, from the top of the page to its foot and from left to right.
pub(super) fn lines(spans: &[TextSpan]) -> Vec<Line> {
    let mut rest: Vec<Line> = spans.iter().map(Line::of_span).collect();
    rest.sort_by(|a, b| b.y.total_cmp(&a.y));
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let (y, size) = (rest[0].y, rest[0].size);
        let n_same = rest.iter().take_while(|line| y - line.y < line.size.max(size) * 0.42).count();
        let mut same: Vec<Line> = rest.drain(..n_same.max(1)).collect();
        same.sort_by(|a, b| a.left.total_cmp(&b.left));
        let mut open: Option<Line> = None;
        for line in same {
            match &mut open {
                Some(last) if line.left - last.right < WIDE_GAP * last.size.min(line.size) => {
                    last.extend(&line);
                }
                _ => lines.extend(open.replace(line)),
            }
        }
        lines.extend(open);
    }
    lines.retain(|line| !line.text.trim().is_empty());
    for line in &mut lines {
        line.text = line.text.trim().to_owned();
    }
    lines
}

fn needs_space(before: &str, after: &str, gap: f32, size: f32) -> bool {
    let (Some(before), Some(after)) = (before.chars().next_back(), after.chars().next()) else {
        return false;
    };
    let em = if is_dense(before) && is_dense(after) { 0.6 } else { 0.15 };
    !before.is_whitespace() && !after.is_whitespace() && gap > em * size
}

/// A note's number behind a number must not become part of it.
fn is_raised_digit(before: &Line, after: &Line) -> bool {
    let meets = before.text.ends_with(|c: char| c.is_ascii_digit())
        && after.text.starts_with(|c: char| c.is_ascii_digit());
    meets && ((before.y - after.y).abs() > 1.0 || (before.size - after.size).abs() > 1.0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::pdf) fn line(text: &str, left: f32, y: f32) -> Line {
        let width: usize = text.chars().map(crate::script::width).sum();
        let right = left + width as f32 * 5.0;
        Line { text: text.to_owned(), left, right, y, size: 10.0, is_bold: false }
    }

    #[test]
    fn a_raised_number_stays_apart() {
        let mut sum = line("2023", 0.0, 100.0);
        let raised = Line { size: 6.0, y: 104.0, ..line("1", sum.right, 100.0) };
        sum.extend(&raised);
        assert_eq!(sum.text, "2023 1");
    }
}
