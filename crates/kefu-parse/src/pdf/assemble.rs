//! Lines to headings, paragraphs and lists.

use super::Piece;
use super::lines::Line;
use crate::script::join_line;
use crate::writer::Writer;

/// What the sizes of a document mean.
#[derive(Debug)]
pub(super) struct Style {
    /// Size of most of the text.
    body: f32,
    /// Sizes of headings, largest first.
    headings: Vec<f32>,
}

/// Longer lines in a large font are not headings.
const MAX_HEADING_CHARS: usize = 150;
/// More sizes are decoration.
const MAX_HEADING_SIZES: usize = 4;

impl Style {
    pub(super) fn of<'a>(pieces: impl Iterator<Item = &'a Piece>) -> Self {
        let mut sizes: Vec<(i32, usize)> = Vec::new();
        for piece in pieces {
            let Piece::Line(line) = piece else { continue };
            let (key, n_chars) = (half_points(line.size), line.text.chars().count());
            match sizes.iter_mut().find(|(size, _)| *size == key) {
                Some((_, sum)) => *sum += n_chars,
                None => sizes.push((key, n_chars)),
            }
        }
        let body = sizes.iter().max_by_key(|(_, n)| *n).map_or(20, |(size, _)| *size);
        let mut headings: Vec<i32> =
            sizes.iter().map(|(size, _)| *size).filter(|size| *size * 100 >= body * 115).collect();
        headings.sort_unstable_by(|a, b| b.cmp(a));
        headings.truncate(MAX_HEADING_SIZES);
        let points = |half: i32| half as f32 / 2.0;
        Self { body: points(body), headings: headings.into_iter().map(points).collect() }
    }

    /// The level of a line that is a heading by its size, or a bold line of its own.
    fn level(&self, line: &Line, is_alone: bool) -> Option<u8> {
        let n_chars = line.text.chars().count();
        let has_words = line.text.chars().any(char::is_alphabetic);
        if !has_words || n_chars > MAX_HEADING_CHARS {
            return None;
        }
        if let Some(at) = self.headings.iter().position(|size| line.size + 0.3 >= *size) {
            return u8::try_from(at + 1).ok();
        }
        let is_sentence = line.text.ends_with(['.', '。', ',', '，', ';', '；', ':', '：']);
        let is_bold_heading = line.is_bold
            && is_alone
            && !is_sentence
            && n_chars <= MAX_HEADING_CHARS / 2
            && line.size + 0.6 >= self.body;
        is_bold_heading.then_some(self.headings.len() as u8 + 1)
    }
}

fn half_points(size: f32) -> i32 {
    (size * 2.0).round() as i32
}

/// Writes the pieces of a page.
pub(super) fn write(pieces: &[Piece], style: &Style, writer: &mut Writer) {
    let mut lines: Vec<&Line> = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Line(line) => lines.push(line),
            Piece::Table(rows) => {
                write_lines(&std::mem::take(&mut lines), style, writer);
                writer.table(rows);
            }
        }
    }
    write_lines(&lines, style, writer);
}

fn write_lines(lines: &[&Line], style: &Style, writer: &mut Writer) {
    let leading = leading(lines);
    let mut at = 0;
    while let Some(first) = lines.get(at) {
        let next = lines.get(at + 1);
        let is_alone = next.is_none_or(|next| !next.is_bold || is_apart(first, next, leading));
        if let Some(level) = style.level(first, is_alone) {
            let n_lines = 1 + lines[at + 1..]
                .iter()
                .zip(&lines[at..])
                .take_while(|(next, last)| {
                    (next.size - first.size).abs() < 0.6
                        && next.is_bold == first.is_bold
                        && style.level(next, true) == Some(level)
                        && !is_apart(last, next, first.size * 1.4)
                })
                .count();
            writer.heading(level, &joined(&lines[at..at + n_lines]));
            at += n_lines;
            continue;
        }
        let item = marker(&first.text);
        let n_lines = 1 + lines[at + 1..]
            .iter()
            .zip(&lines[at..])
            .take_while(|(next, last)| {
                let breaks = is_apart(last, next, leading)
                    || marker(&next.text).is_some()
                    || (next.size - first.size).abs() > 0.15 * first.size
                    || style.level(next, false).is_some()
                    || next.is_bold && !first.is_bold && !last.is_bold
                    || item.is_some() && next.left < first.left - 1.0
                    || item.is_none() && is_indented(next, last, first, lines);
                !breaks
            })
            .count();
        let words = joined(&lines[at..at + n_lines]);
        match item {
            Some((mark, n_bytes)) => writer.item(0, &mark, words.get(n_bytes..).unwrap_or_default()),
            None => writer.paragraph(&words),
        }
        at += n_lines;
    }
}

/// The usual distance of two lines.
fn leading(lines: &[&Line]) -> f32 {
    let mut steps: Vec<f32> = lines
        .windows(2)
        .map(|pair| pair[0].y - pair[1].y)
        .filter(|step| *step > 1.0)
        .collect();
    steps.sort_by(f32::total_cmp);
    // The lower third: paragraphs of one line must not make their distance the usual one.
    steps.get(steps.len() / 3).copied().unwrap_or(f32::MAX)
}

fn is_apart(last: &Line, next: &Line, leading: f32) -> bool {
    let step = last.y - next.y;
    // Going up means another column, where a paragraph may go on.
    step > leading * 1.35 && step > last.size * 1.25
}

/// A first line that is moved in, below a line that ends early or an ordinary one.
fn is_indented(next: &Line, last: &Line, first: &Line, lines: &[&Line]) -> bool {
    let right = lines.iter().map(|line| line.right).fold(f32::MIN, f32::max);
    let ends_early = last.right < right - 0.3 * (right - last.left).max(1.0);
    let ends = last.text.ends_with(['.', ':', '!', '?', '。', '：', '！', '？', ';', '；']);
    let moved_in = next.left > last.left + 0.8 * next.size && next.left > first.left - 1.0;
    (ends_early && ends) || (moved_in && ends && next.y < last.y)
}

fn joined(lines: &[&Line]) -> String {
    let mut text = String::new();
    for line in lines {
        push_line(&mut text, line.text.trim());
    }
    text
}

/// Joins a line, undoing a hyphen that was put in to break a word.
fn push_line(text: &mut String, line: &str) {
    let lower = |c: char| c.is_lowercase();
    let word = text.strip_suffix('-').and_then(|rest| rest.split_whitespace().next_back());
    let breaks_word = word.is_some_and(|word| word.chars().all(char::is_alphabetic) && word.ends_with(lower));
    if breaks_word && line.starts_with(lower) {
        text.pop();
        text.push_str(line);
    } else if let Some(rest) = text.strip_suffix('\u{ad}') {
        *text = rest.to_owned();
        text.push_str(line);
    } else if word.is_some() && line.starts_with(|c: char| c.is_alphanumeric()) {
        // A hyphen of the word itself, as in "TF-IDF" or "24-hour".
        text.push_str(line);
    } else {
        join_line(text, line);
    }
}

/// The marker that a line begins with, and how many bytes of the line it takes.
fn marker(text: &str) -> Option<(String, usize)> {
    let first = text.chars().next()?;
    if "•●○▪■◦‣∙·◆➢✓\u{f0b7}\u{f0a7}".contains(first) || (matches!(first, '-' | '–' | '*') && text[first.len_utf8()..].starts_with(' ')) {
        let rest = text[first.len_utf8()..].trim_start();
        return (!rest.is_empty()).then(|| ("-".to_owned(), text.len() - rest.len()));
    }
    let n_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let after = text.get(n_digits..)?;
    let point = after.chars().next().filter(|c| ".)、．".contains(*c))?;
    let rest = &after[point.len_utf8()..];
    let is_number = (1..=3).contains(&n_digits) && (rest.starts_with(' ') || point == '、');
    let words = rest.trim_start();
    (is_number && words.starts_with(char::is_alphabetic))
        .then(|| (format!("{}.", &text[..n_digits]), text.len() - words.len()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::super::lines::tests::line;
    use super::*;
    use crate::limits::Limits;

    fn text(lines: Vec<Line>) -> String {
        let pieces: Vec<Piece> = lines.into_iter().map(Piece::Line).collect();
        let style = Style::of(pieces.iter());
        let mut writer = Writer::new(&Limits::STANDARD);
        write(&pieces, &style, &mut writer);
        writer.finish().unwrap().text
    }

    #[test]
    fn wrapped_lines_flow_and_broken_words_heal() {
        let lines = vec![
            line("Parcels that were dam-", 50.0, 700.0),
            line("aged in the post are re-", 50.0, 688.0),
            line("placed; call our 24-", 50.0, 676.0),
            line("hour line", 50.0, 664.0),
            line("商品签收之日起七", 50.0, 640.0),
            line("日内可以退货。", 50.0, 628.0),
        ];
        let expected = "Parcels that were damaged in the post are replaced; call our 24-hour line\n\n\
                        商品签收之日起七日内可以退货。\n";
        assert_eq!(text(lines), expected);
    }

    #[test]
    fn large_lines_are_headings_and_bullets_are_items() {
        let large = |text: &str, y| Line { size: 18.0, ..line(text, 50.0, y) };
        let lines = vec![
            large("Returns", 700.0),
            line("Within thirty days of delivery.", 50.0, 670.0),
            line("• Unused goods", 60.0, 658.0),
            line("in their box", 66.0, 646.0),
            line("2. Send them", 60.0, 634.0),
        ];
        let expected =
            "# Returns\n\nWithin thirty days of delivery.\n\n- Unused goods in their box\n2. Send them\n";
        assert_eq!(text(lines), expected);
    }
}
