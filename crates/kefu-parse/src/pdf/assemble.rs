//! Lines to headings, paragraphs and lists.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::Piece;
use super::lines::Line;
use crate::script::{is_dense, join_line};
use crate::writer::Writer;

/// What the sizes of a document mean.
#[derive(Debug)]
pub(super) struct Style {
    /// Size of most of the text.
    body: f32,
    /// Sizes of headings, largest first.
    headings: Vec<f32>,
    /// Lines at the edge of many pages; true once one was written as a heading.
    running: HashMap<String, bool>,
}

/// A line at the edge of this many pages is no heading of any but the first.
const MIN_RUNNING_PAGES: usize = 3;

/// Longer lines in a large font are not headings.
const MAX_HEADING_CHARS: usize = 150;
/// More bold lines are emphasis.
const MAX_BOLD_LINES: usize = 3;
/// More sizes are decoration.
const MAX_HEADING_SIZES: usize = 5;

impl Style {
    pub(super) fn of<'a>(pieces: impl Iterator<Item = &'a Piece>) -> Self {
        // By size: characters, and lines that could be headings.
        let mut sizes: BTreeMap<i32, (usize, usize)> = BTreeMap::new();
        for piece in pieces {
            let Piece::Line(line) = piece else { continue };
            let n_chars = line.text.chars().count();
            let (sum, n_lines) = sizes.entry(half_points(line.size)).or_default();
            *sum += n_chars;
            *n_lines += usize::from(can_be_heading(line));
        }
        let body = sizes.iter().max_by_key(|(_, (n, _))| *n).map_or(20, |(size, _)| *size);
        let large = sizes.iter().rev().filter(|(size, _)| **size * 100 >= body * 115);
        let mut headings: Vec<(i32, usize)> =
            large.map(|(size, (_, n_lines))| (*size, *n_lines)).filter(|(_, n)| *n > 0).collect();
        headings.dedup_by(|smaller, larger| {
            let is_same = larger.0 - smaller.0 <= 1;
            larger.1 += if is_same { smaller.1 } else { 0 };
            is_same
        });
        // The sizes that are used most, the largest first.
        headings.sort_by_key(|(size, n_lines)| Reverse((*n_lines, *size)));
        headings.truncate(MAX_HEADING_SIZES);
        headings.sort_by_key(|(size, _)| Reverse(*size));
        let headings: Vec<i32> = headings.into_iter().map(|(size, _)| size).collect();
        let points = |half: i32| half as f32 / 2.0;
        let headings = headings.into_iter().map(points).collect();
        Self { body: points(body), headings, running: HashMap::new() }
    }

    /// Learns which lines stand at the head or the foot of many pages.
    pub(super) fn learn_running<'a>(&mut self, pages: impl Iterator<Item = &'a [Piece]>) {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for page in pages {
            let lines = page.iter().filter_map(|piece| match piece {
                Piece::Line(line) => Some(line.text.as_str()),
                _ => None,
            });
            let lines: Vec<&str> = lines.collect();
            let (first, last) = (lines.iter().take(2), lines.iter().rev().take(2));
            let edge: HashSet<&str> = first.chain(last).copied().collect();
            edge.into_iter().for_each(|line| *counts.entry(line.to_owned()).or_default() += 1);
        }
        counts.retain(|_, n| *n >= MIN_RUNNING_PAGES);
        self.running = counts.into_keys().map(|line| (line, false)).collect();
    }

    /// The level of a line that is a heading by its size.
    fn level_by_size(&self, line: &Line) -> Option<u8> {
        if !can_be_heading(line) {
            return None;
        }
        let at = self.headings.iter().position(|size| line.size + 0.6 >= *size)?;
        u8::try_from(at + 1).ok()
    }

    /// How many lines from the first make a heading, and its level.
    fn heading(&self, lines: &[&Line], leading: f32) -> Option<(usize, u8)> {
        let first = lines.first()?;
        let by_size = self.level_by_size(first);
        let leading = if by_size.is_some() { first.size * 1.4 } else { leading };
        let goes_on = |(next, last): &(&&Line, &&Line)| {
            (next.size - first.size).abs() < 0.6
                && next.is_bold == first.is_bold
                && self.level_by_size(next) == by_size
                && !is_apart(last, next, leading)
                && marker(&next.text).is_none()
        };
        let n_lines = 1 + lines[1..].iter().zip(lines).take_while(goes_on).count();
        let words = joined(&lines[..n_lines]);
        if let Some(level) = by_size {
            return (words.chars().count() <= MAX_HEADING_CHARS).then_some((n_lines, level));
        }
        // Bold lines of the size of the text, apart from what is bold within it.
        let is_sentence = words.ends_with(['.', '。', ',', '，', ';', '；']);
        let is_heading = first.is_bold
            && n_lines <= MAX_BOLD_LINES
            && !is_sentence
            && words.chars().any(char::is_alphabetic)
            && words.chars().count() <= MAX_HEADING_CHARS
            && first.size + 0.6 >= self.body
            && marker(&first.text).is_none_or(|(mark, _)| mark != "-");
        // Below the sizes, and never the title.
        is_heading.then_some((n_lines, u8::try_from(self.headings.len() + 1).ok()?.max(2)))
    }
}

fn can_be_heading(line: &Line) -> bool {
    line.text.chars().any(char::is_alphabetic) && line.text.chars().count() <= MAX_HEADING_CHARS
}

fn half_points(size: f32) -> i32 {
    (size * 2.0).round() as i32
}

/// Writes the pieces of a page.
pub(super) fn write(pieces: &[Piece], style: &mut Style, writer: &mut Writer) {
    let mut lines: Vec<&Line> = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Line(line) => lines.push(line),
            Piece::Table(rows) => {
                write_lines(&std::mem::take(&mut lines), style, writer);
                writer.table(rows);
            }
            Piece::Turned(words) => {
                write_lines(&std::mem::take(&mut lines), style, writer);
                writer.paragraph(words);
            }
        }
    }
    write_lines(&lines, style, writer);
}

fn write_lines(lines: &[&Line], style: &mut Style, writer: &mut Writer) {
    let leading = leading(lines);
    let mut at = 0;
    while let Some(first) = lines.get(at) {
        if let Some((n_lines, level)) = style.heading(&lines[at..], leading) {
            let words = joined(&lines[at..at + n_lines]);
            match style.running.get_mut(&first.text).map(|seen| std::mem::replace(seen, true)) {
                Some(true) => writer.paragraph(&words),
                _ => writer.heading(level, &words),
            }
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
                    || style.level_by_size(next).is_some() && style.level_by_size(first).is_none()
                    || next.is_bold && !last.is_bold
                    || item.is_some() && next.left < first.left - 1.0
                    || item.is_none() && is_indented(next, last, first);
                !breaks
            })
            .count();
        let mut words = String::new();
        let right = right_edge(first, lines);
        let mut last: Option<&Line> = None;
        for line in &lines[at..at + n_lines] {
            match last {
                // The next word would have fitted, so the line was ended on purpose.
                Some(last) if item.is_none() && is_ended(last, line, right) => {
                    words.push('\n');
                    words.push_str(&line.text);
                }
                _ => push_line(&mut words, line.text.trim()),
            }
            last = Some(line);
        }
        match item {
            Some((mark, n_bytes)) => {
                writer.item(0, &mark, words.get(n_bytes..).unwrap_or_default())
            }
            None => writer.paragraph(&words),
        }
        at += n_lines;
    }
}

/// The usual distance of two lines.
fn leading(lines: &[&Line]) -> f32 {
    let mut steps: Vec<f32> =
        lines.windows(2).map(|pair| pair[0].y - pair[1].y).filter(|step| *step > 1.0).collect();
    steps.sort_by(f32::total_cmp);
    // The lower third: paragraphs of one line must not make their distance the usual one.
    steps.get(steps.len() / 3).copied().unwrap_or(f32::MAX)
}

fn is_apart(last: &Line, next: &Line, leading: f32) -> bool {
    let step = last.y - next.y;
    // Going up means another column, where a paragraph may go on.
    step > leading * 1.35 && step > last.size * 1.25
}

/// Where the lines of a column end.
fn right_edge(first: &Line, lines: &[&Line]) -> f32 {
    let near = lines.iter().filter(|line| (line.left - first.left).abs() < 4.0 * first.size);
    near.map(|line| line.right).fold(f32::MIN, f32::max)
}

/// Whether a line was not broken by its width: the next word would have fitted, or it is one of a
/// table of contents.
fn is_ended(line: &Line, next: &Line, right: f32) -> bool {
    let is_dotted = [". . . .", ".....", "……"].iter().any(|dots| line.text.contains(dots));
    is_dotted || line.right + first_word_width(next) < right - next.size
}

/// About the room that the first word of a line takes.
fn first_word_width(line: &Line) -> f32 {
    let mut chars = line.text.chars();
    match chars.next() {
        // Two signs that may not begin a line move along.
        Some(c) if is_dense(c) => 3.0 * line.size,
        _ => 0.6 * line.size * (2 + chars.take_while(|c| !c.is_whitespace()).count()) as f32,
    }
}

/// A first line that is moved in below the end of a sentence.
fn is_indented(next: &Line, last: &Line, first: &Line) -> bool {
    let ends = last.text.ends_with(['.', ':', '!', '?', '。', '：', '！', '？', ';', '；']);
    let is_moved_in = next.left > last.left + 0.8 * next.size && next.left > first.left - 1.0;
    is_moved_in && ends && next.y < last.y
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
    let breaks_word =
        word.is_some_and(|word| word.chars().all(char::is_alphabetic) && word.ends_with(lower));
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
    if "•●○▪■◦‣∙·◆➢✓\u{f0b7}\u{f0a7}".contains(first)
        || (matches!(first, '-' | '–' | '*') && text[first.len_utf8()..].starts_with(' '))
    {
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
        let mut style = Style::of(pieces.iter());
        let mut writer = Writer::new(&Limits::STANDARD);
        write(&pieces, &mut style, &mut writer);
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
        let expected = "# Returns\n\nWithin thirty days of delivery.\n\n- Unused goods in their box\n2. Send them\n";
        assert_eq!(text(lines), expected);
    }
}
