use serde::Serialize;

/// What one file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParsedFile {
    /// Its documents, in order.
    pub documents: Vec<Parsed>,
    /// Rows that could not be read; the others are in `documents`.
    pub row_errors: Vec<RowError>,
}

/// One document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parsed {
    /// How its id is found.
    pub id: ParsedId,
    /// Title, when the file says one.
    pub title: Option<String>,
    /// Source text that citations point into.
    pub text: String,
    /// Article or reviewed pair.
    pub kind: ParsedKind,
    /// What the file says about it.
    pub meta: ParsedMeta,
    /// Structure: ordered ranges of `text` that do not overlap. Bytes between them are white
    /// space.
    pub blocks: Vec<Block>,
    /// Remarks for the report.
    pub notes: Vec<String>,
}

/// How a document's id is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParsedId {
    /// The file's own id.
    File,
    /// The file's id and this row number.
    Row(u64),
    /// This id, whole.
    Given(String),
}

/// Article or reviewed pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParsedKind {
    /// Prose, tables, lists.
    Article,
    /// A question, which is the title, and its answer.
    Pair {
        /// First byte of the answer in the text.
        answer_start: usize,
        /// One past its last byte.
        answer_end: usize,
    },
}

/// What a file says about a document. Every value has been checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ParsedMeta {
    /// Language code.
    pub language: Option<String>,
    /// Address for customers; `http` or `https`.
    pub url: Option<String>,
    /// Who may read it; empty when nothing is said.
    pub audiences: Vec<String>,
    /// First day it holds, `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// Last day it holds, `YYYY-MM-DD`.
    pub valid_to: Option<String>,
    /// Headings whose text holds for fewer days.
    pub sections: Vec<SectionDays>,
    /// `draft`, `approved` or `retired`; `None` when nothing is said.
    pub state: Option<String>,
    /// Names of cleaning rules that must leave it alone; not checked here.
    pub keep: Vec<String>,
}

/// When the text under a heading holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SectionDays {
    /// The heading's words.
    pub heading: String,
    /// First day, `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// Last day, `YYYY-MM-DD`.
    pub valid_to: Option<String>,
}

/// A piece of structure: a byte range of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// What a block is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// A heading.
    Heading {
        /// 1 is the outermost.
        level: u8,
        /// Its words without markup.
        title: String,
    },
    /// Prose.
    Paragraph,
    /// One item of a list, without the lists inside it.
    ListItem,
    /// The head of a table, with the line under it.
    TableHeader,
    /// One row of a table.
    TableRow,
    /// Code.
    Code,
    /// A quotation.
    Quote,
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// Line of the file (element of the array in a `.json` file), from 1.
    pub row: u64,
    /// The code in reports.
    pub code: String,
    /// What is wrong with it.
    pub detail: String,
}
