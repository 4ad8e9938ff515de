//! Text and its blocks, written together.

use crate::error::ParseError;
use crate::format::article;
use crate::limits::Limits;
use crate::parsed::{Block, BlockKind, Parsed};

/// Between the text of two pages. White space to everyone who does not look for it.
pub(crate) const PAGE_BORDER: char = '\u{c}';

/// Builds a document block by block. The text reads as Markdown, but the blocks come from the
/// calls, so words that look like markup need no escape.
#[derive(Debug)]
pub(crate) struct Writer {
    text: String,
    blocks: Vec<Block>,
    max_bytes: u64,
    /// Whether the next item or row follows its kind without a blank line.
    last: Last,
    title: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Nothing,
    Item,
    Other,
}

/// A state of a writer.
#[derive(Debug)]
pub(crate) struct Mark {
    n_bytes: usize,
    n_blocks: usize,
    last: Last,
    title: Option<String>,
}

impl Writer {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            text: String::new(),
            blocks: Vec::new(),
            max_bytes: limits.max_output_bytes,
            last: Last::Nothing,
            title: None,
        }
    }

    /// A heading; the first of level 1 is the document's title unless one is given.
    pub(crate) fn heading(&mut self, level: u8, title: &str) {
        let title = crate::script::flow(title);
        if title.is_empty() {
            return;
        }
        let level = level.clamp(1, 6);
        if level == 1 && self.title.is_none() {
            self.title = Some(title.clone());
        }
        self.gap(Last::Other);
        let line = format!("{} {title}", "#".repeat(usize::from(level)));
        self.block(BlockKind::Heading { level, title }, &line);
    }

    /// Prose; line breaks stay, blank lines do not.
    pub(crate) fn paragraph(&mut self, words: &str) {
        self.prose(BlockKind::Paragraph, words);
    }

    /// Prose that is quoted or said beside the main text.
    pub(crate) fn quote(&mut self, words: &str) {
        let lines: Vec<String> = lines(words).map(|line| format!("> {line}")).collect();
        self.prose(BlockKind::Quote, &lines.join("\n"));
    }

    fn prose(&mut self, kind: BlockKind, words: &str) {
        let words = lines(words).collect::<Vec<_>>().join("\n");
        if !words.is_empty() {
            self.gap(Last::Other);
            self.block(kind, &words);
        }
    }

    /// An item of a list, `depth` 0 outermost; `marker` is `-` or a number with its point.
    pub(crate) fn item(&mut self, depth: usize, marker: &str, words: &str) {
        let indent = " ".repeat(3 * depth.min(8));
        let inner = format!("\n{indent}{}", " ".repeat(marker.chars().count() + 1));
        let words = lines(words).collect::<Vec<_>>().join(&inner);
        if !words.is_empty() {
            self.gap(Last::Item);
            self.push(&indent);
            self.block(BlockKind::ListItem, &format!("{marker} {words}"));
        }
    }

    /// A table whose first row is its head. Cells become one line each; columns that are empty
    /// throughout and rows without a word are left out.
    pub(crate) fn table(&mut self, rows: &[Vec<String>]) {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| cell_text(cell)).collect()).collect();
        let n_columns = rows.iter().map(Vec::len).max().unwrap_or_default();
        let said = |row: &Vec<String>, at: usize| row.get(at).is_some_and(|c| !c.is_empty());
        let columns: Vec<usize> =
            (0..n_columns).filter(|at| rows.iter().any(|row| said(row, *at))).collect();
        let mut kept = rows.iter().filter(|row| row.iter().any(|cell| !cell.is_empty()));
        let Some(head) = kept.next() else { return };
        self.gap(Last::Other);
        let underline = format!("|{}", " --- |".repeat(columns.len()));
        let head = format!("{}\n{underline}", row_text(head, &columns));
        self.block(BlockKind::TableHeader, &head);
        for row in kept {
            self.push("\n");
            self.block(BlockKind::TableRow, &row_text(row, &columns));
        }
    }

    /// What follows stands on the next page.
    pub(crate) fn page_border(&mut self) {
        if self.last != Last::Nothing {
            self.push("\n\n");
            self.text.push(PAGE_BORDER);
            self.last = Last::Nothing;
        }
    }

    /// The present state, to come back to.
    pub(crate) fn mark(&self) -> Mark {
        let (n_bytes, n_blocks) = (self.text.len(), self.blocks.len());
        Mark { n_bytes, n_blocks, last: self.last, title: self.title.clone() }
    }

    /// What has been written since a mark.
    pub(crate) fn since(&self, mark: &Mark) -> &str {
        self.text.get(mark.n_bytes..).unwrap_or_default()
    }

    /// Takes back what has been written since a mark.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.text.truncate(mark.n_bytes);
        self.blocks.truncate(mark.n_blocks);
        (self.last, self.title) = (mark.last, mark.title);
    }

    /// The document.
    ///
    /// # Errors
    /// [`ParseError::TooLarge`] when more was written than a document may hold.
    pub(crate) fn finish(mut self) -> Result<Parsed, ParseError> {
        if self.is_full() {
            return Err(ParseError::TooLarge { what: "text", limit: self.max_bytes });
        }
        let end = self.blocks.last().map_or(0, |last| last.end);
        self.text.truncate(end);
        if end > 0 {
            self.text.push('\n');
        }
        Ok(Parsed { title: self.title, blocks: self.blocks, ..article(self.text) })
    }

    fn is_full(&self) -> bool {
        self.text.len() as u64 > self.max_bytes
    }

    fn gap(&mut self, next: Last) {
        match (self.last, next) {
            (Last::Nothing, _) => {}
            (Last::Item, Last::Item) => self.push("\n"),
            _ => self.push("\n\n"),
        }
        self.last = next;
    }

    /// Nothing is added beyond the limit, so that memory stays bounded until the end is reached.
    fn push(&mut self, words: &str) {
        if !self.is_full() {
            self.text.push_str(words);
        }
    }

    fn block(&mut self, kind: BlockKind, words: &str) {
        let start = self.text.len();
        self.push(words);
        let end = self.text.len();
        if start < end {
            self.blocks.push(Block { kind, start, end });
        }
    }
}

/// Lines with words, trimmed.
fn lines(words: &str) -> impl Iterator<Item = &str> {
    words.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn cell_text(cell: &str) -> String {
    crate::script::flow(cell).replace('|', "\\|")
}

fn row_text(row: &[String], columns: &[usize]) -> String {
    let mut line = String::from("|");
    for at in columns {
        let cell = row.get(*at).map_or("", String::as_str);
        line.push(' ');
        line.push_str(cell);
        line.push_str(if cell.is_empty() { "|" } else { " |" });
    }
    line
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    fn cells(row: &[&str]) -> Vec<String> {
        row.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn what_is_written_reads_as_the_same_markdown() {
        let mut writer = Writer::new(&Limits::STANDARD);
        writer.heading(1, "Returns\npolicy");
        writer.paragraph("Within 30 days.\n\nAlways.");
        writer.item(0, "1.", "Pack it");
        writer.item(1, "-", "with care");
        writer.item(0, "2.", "Send it");
        writer.table(&[
            cells(&["Item", "", "Fee"]),
            cells(&["A|B", "", "$3"]),
            cells(&["", "", ""]),
        ]);
        writer.quote("Notes");
        let parsed = writer.finish().unwrap();
        assert_eq!(parsed.title.as_deref(), Some("Returns policy"));
        assert!(parsed.text.contains("1. Pack it\n   - with care\n2. Send it\n\n| Item | Fee |"));
        assert!(parsed.text.contains("| A\\|B | $3 |\n\n> Notes\n"));
        assert_eq!(parsed.blocks, crate::markdown::blocks(&parsed.text, 50).unwrap());
    }

    #[test]
    fn pages_are_parted_by_a_form_feed_outside_the_blocks() {
        let mut writer = Writer::new(&Limits::STANDARD);
        writer.page_border();
        writer.paragraph("one");
        writer.page_border();
        writer.paragraph("two");
        writer.page_border();
        let parsed = writer.finish().unwrap();
        assert_eq!(parsed.text, "one\n\n\u{c}two\n");
        assert_eq!((parsed.blocks[1].start, parsed.blocks[1].end), (6, 9));
    }

    #[test]
    fn the_text_is_bounded() {
        let limits = Limits { max_output_bytes: 100, ..Limits::STANDARD };
        let mut writer = Writer::new(&limits);
        for _ in 0..1_000 {
            writer.paragraph("twelve bytes");
        }
        assert!(writer.text.len() < 120);
        assert_eq!(writer.finish().unwrap_err().code(), "too_large");
    }
}
