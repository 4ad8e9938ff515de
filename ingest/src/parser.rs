use std::collections::BTreeSet;

use async_trait::async_trait;
use kefu_core::{Audience, DocumentKind, DocumentState, Language, SectionValidity};
pub use kefu_core::{Block, BlockKind};

/// Reads files into documents. Dropping the future abandons the file.
#[async_trait]
pub trait Parser: Send + Sync {
    /// Reads one file. A failure says nothing about other files.
    async fn parse(&self, file: &FileInput) -> Result<ParsedFile, ParseFailure>;
}

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInput {
    /// Its name; the ending decides the format.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedFile {
    /// Its documents, in order.
    pub documents: Vec<ParsedDocument>,
    /// Rows that could not be read.
    pub row_errors: Vec<RowError>,
}

/// A document as a parser found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedDocument {
    /// How its id is found.
    pub id: ParsedId,
    /// Title, when the file says one.
    pub title: Option<String>,
    /// Source text that citations point into.
    pub text: String,
    /// Article or reviewed pair.
    pub kind: DocumentKind,
    /// Language, when the file says one.
    pub language: Option<Language>,
    /// Address for customers.
    pub url: Option<String>,
    /// Who may read it; empty when the file says nothing.
    pub audiences: BTreeSet<Audience>,
    /// First day it holds, `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// Last day it holds, `YYYY-MM-DD`.
    pub valid_to: Option<String>,
    /// Headings whose text holds for fewer days.
    pub sections: Vec<SectionValidity>,
    /// Whether it may answer customers, when the file says so.
    pub state: Option<DocumentState>,
    /// Names of cleaning rules that must leave it alone.
    pub keep: Vec<String>,
    /// Ordered ranges of the text that do not overlap.
    pub blocks: Vec<Block>,
    /// Remarks for the report.
    pub notes: Vec<String>,
}

/// How a document's id is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParsedId {
    /// The file's own id.
    File,
    /// The file's id, `#` and this row number.
    Row(u64),
    /// This id, whole.
    Given(String),
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Line of the file, from 1.
    pub row: u64,
    /// Code for the report.
    pub code: String,
    /// What is wrong with it.
    pub detail: String,
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ParseFailure {
    /// Code for the report.
    pub code: String,
    /// What is wrong, and what to do.
    pub detail: String,
}

impl ParseFailure {
    pub(crate) fn new(code: &str, detail: impl Into<String>) -> Self {
        Self { code: code.to_owned(), detail: detail.into() }
    }
}
