//! CSV and TSV: reviewed pairs when the header says so, otherwise one table.

use csv::{ReaderBuilder, StringRecord};

use crate::error::ParseError;
use crate::format::article;
use crate::front_matter::names;
use crate::limits::Limits;
use crate::parsed::{Block, BlockKind, Parsed, ParsedFile, ParsedId, RowError};
use crate::rows::{self, Row};

/// Reads a table. Without a delimiter the header line decides.
pub(crate) fn parse(
    text: &str,
    delimiter: Option<u8>,
    limits: &Limits,
) -> Result<ParsedFile, ParseError> {
    let delimiter = delimiter.unwrap_or_else(|| sniff(text));
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| bad(&e))?.clone();
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| bad(&e))?;
        if records.len() >= limits.max_rows {
            return Err(ParseError::TooManyRows { limit: limits.max_rows });
        }
        if record.iter().any(|cell| !cell.is_empty()) {
            records.push(record);
        }
    }
    match Columns::find(&header) {
        Some(columns) => Ok(pairs(&columns, &records, limits)),
        None => {
            let document = table(&header, &records);
            Ok(ParsedFile { documents: vec![document], row_errors: Vec::new() })
        }
    }
}

fn bad(error: &csv::Error) -> ParseError {
    ParseError::BadStructure { detail: format!("the table cannot be read: {error}") }
}

/// The delimiter that parts the header line most often; the comma on a tie.
fn sniff(text: &str) -> u8 {
    let line = text.lines().next().unwrap_or_default();
    let count = |delimiter: u8| line.bytes().filter(|b| *b == delimiter).count();
    let best = [b';', b'\t', b'|'].into_iter().max_by_key(|d| count(*d)).unwrap_or(b',');
    if count(best) > count(b',') { best } else { b',' }
}

/// Where the columns of a pair stand.
struct Columns {
    question: usize,
    answer: usize,
    id: Option<usize>,
    language: Option<usize>,
    url: Option<usize>,
    audiences: Option<usize>,
    valid_from: Option<usize>,
    valid_to: Option<usize>,
    state: Option<usize>,
}

impl Columns {
    fn find(header: &StringRecord) -> Option<Self> {
        let at = |names: &[&str]| {
            header.iter().position(|cell| names.contains(&cell.to_lowercase().as_str()))
        };
        Some(Self {
            question: at(&["question", "问题", "問題", "提问"])?,
            answer: at(&["answer", "答案", "回答"])?,
            id: at(&["id"]),
            language: at(&["lang", "language", "语言"]),
            url: at(&["url"]),
            audiences: at(&["audiences", "audience"]),
            valid_from: at(&["valid_from"]),
            valid_to: at(&["valid_to"]),
            state: at(&["state"]),
        })
    }

    fn row(&self, record: &StringRecord) -> Row {
        let cell = |column: usize| record.get(column).unwrap_or_default().to_owned();
        let maybe = |column: Option<usize>| column.map(cell).filter(|value| !value.is_empty());
        Row {
            id: maybe(self.id),
            question: Some(cell(self.question)),
            answer: Some(cell(self.answer)),
            lang: maybe(self.language),
            url: maybe(self.url),
            audiences: self.audiences.map(|c| names(&cell(c))).unwrap_or_default(),
            valid_from: maybe(self.valid_from),
            valid_to: maybe(self.valid_to),
            state: maybe(self.state),
            ..Row::default()
        }
    }
}

fn pairs(columns: &Columns, records: &[StringRecord], limits: &Limits) -> ParsedFile {
    let mut file = ParsedFile { documents: Vec::new(), row_errors: Vec::new() };
    for (number, record) in (1_u64..).zip(records) {
        match rows::document(columns.row(record), number, limits) {
            Ok(document) => file.documents.push(document),
            Err(error) => {
                let row = record.position().map_or(number, csv::Position::line);
                let (code, detail) = (error.code().to_owned(), error.to_string());
                file.row_errors.push(RowError { row, code, detail });
            }
        }
    }
    file
}

fn table(header: &StringRecord, records: &[StringRecord]) -> Parsed {
    let n_columns = records.iter().map(StringRecord::len).fold(header.len(), usize::max);
    if header.iter().all(str::is_empty) && records.is_empty() {
        return article(String::new());
    }
    let mut text = String::new();
    let mut blocks = Vec::with_capacity(records.len() + 1);
    push_row(&mut text, header, n_columns);
    text.push('\n');
    text.push('|');
    text.push_str(&" --- |".repeat(n_columns));
    blocks.push(Block { kind: BlockKind::TableHeader, start: 0, end: text.len() });
    for record in records {
        text.push('\n');
        let start = text.len();
        push_row(&mut text, record, n_columns);
        blocks.push(Block { kind: BlockKind::TableRow, start, end: text.len() });
    }
    text.push('\n');
    Parsed { blocks, id: ParsedId::File, ..article(text) }
}

fn push_row(text: &mut String, record: &StringRecord, n_columns: usize) {
    text.push('|');
    for column in 0..n_columns {
        let cell = record.get(column).unwrap_or_default();
        let cell = cell.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        text.push(' ');
        text.push_str(&cell);
        text.push_str(if cell.is_empty() { "|" } else { " |" });
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;
    use crate::parsed::ParsedKind;

    fn read(text: &str) -> ParsedFile {
        parse(text, None, &Limits::STANDARD).unwrap()
    }

    #[test]
    fn a_plain_table_becomes_markdown() {
        let file = read("item,price\n\"Cup, blue\",$3\nA|B,\"two\nlines\",extra\n,,\n");
        let document = &file.documents[0];
        assert_eq!(
            document.text,
            "| item | price | |\n| --- | --- | --- |\n| Cup, blue | $3 | |\n| A\\|B | two lines | extra |\n"
        );
        assert_eq!(document.blocks, crate::markdown::blocks(&document.text, 50).unwrap());
    }

    #[test]
    fn question_and_answer_columns_make_pairs() {
        for text in ["Question,ANSWER\nOpen?,Yes.\n", "答案;问题\nYes.;Open?\n"] {
            let document = &read(text).documents[0];
            assert_eq!(document.text, "Open?\n\nYes.");
            assert_eq!(document.kind, ParsedKind::Pair { answer_start: 7, answer_end: 11 });
            assert_eq!(document.id, ParsedId::Row(1));
        }
    }

    #[test]
    fn a_pair_without_an_answer_is_reported_by_its_line() {
        let file = read("question,answer,audiences\nA?,\nB?,b,staff\n");
        assert_eq!((file.row_errors.len(), file.row_errors[0].row), (1, 2));
        assert_eq!(file.documents[0].meta.audiences, ["staff"]);
    }
}
