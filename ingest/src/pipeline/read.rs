//! Work to parsed files.

use std::path::{Path, PathBuf};

use kefu_core::DocumentId;
use tokio::io::AsyncReadExt;

use crate::jobs::StateChange;
use crate::parser::{FileInput, ParseFailure, ParsedFile, Parser};

/// One thing to take in.
#[derive(Debug)]
pub(crate) struct Work {
    /// Its name in the report; the document id of files that hold one document.
    pub(crate) name: String,
    /// Where it comes from, as the records keep it.
    pub(crate) source: String,
    pub(crate) content: Content,
}

/// What it is.
#[derive(Debug)]
pub(crate) enum Content {
    /// A file to read.
    Path(PathBuf),
    /// An uploaded file.
    Bytes(Vec<u8>),
    /// One document as a row that the parser reads.
    Row(Vec<u8>),
    /// A document to delete.
    Delete(DocumentId),
    /// A stored document to work on again.
    Stored(DocumentId, StoredWork),
}

/// What is done with a stored document.
#[derive(Debug)]
pub(crate) enum StoredWork {
    /// Its state changes.
    State(StateChange),
    /// Its overlays have changed.
    Correct,
}

/// The same, read.
pub(super) struct Read {
    pub(super) name: String,
    pub(super) source: String,
    pub(super) found: Result<Readout, ParseFailure>,
}

/// What reading gave.
pub(super) enum Readout {
    File(ParsedFile),
    Delete(DocumentId),
    Stored(DocumentId, StoredWork),
}

/// A name that makes the parser read one JSON row.
const ROW_FILE: &str = "document.jsonl";

pub(super) async fn read(parser: &dyn Parser, max_file_bytes: u64, work: Work) -> Read {
    let Work { name, source, content } = work;
    let found = match content {
        Content::Delete(id) => Ok(Readout::Delete(id)),
        Content::Stored(id, work) => Ok(Readout::Stored(id, work)),
        Content::Bytes(bytes) => parse(parser, &name, bytes).await,
        Content::Row(bytes) => row(parser, bytes).await,
        Content::Path(path) => match load(&path, max_file_bytes).await {
            Ok(bytes) => parse(parser, &name, bytes).await,
            Err(failure) => Err(failure),
        },
    };
    Read { name, source, found }
}

/// Reads one document written as a row.
async fn row(parser: &dyn Parser, bytes: Vec<u8>) -> Result<Readout, ParseFailure> {
    parse(parser, ROW_FILE, bytes).await.and_then(the_only_row)
}

async fn parse(parser: &dyn Parser, name: &str, bytes: Vec<u8>) -> Result<Readout, ParseFailure> {
    let file = FileInput { name: name.to_owned(), bytes };
    parser.parse(&file).await.map(Readout::File)
}

/// What is wrong with the only row is wrong with the whole.
fn the_only_row(readout: Readout) -> Result<Readout, ParseFailure> {
    match readout {
        Readout::File(mut file) if file.documents.is_empty() => match file.row_errors.pop() {
            Some(error) => Err(ParseFailure { code: error.code, detail: error.detail }),
            None => Ok(Readout::File(file)),
        },
        other => Ok(other),
    }
}

async fn load(path: &Path, max_file_bytes: u64) -> Result<Vec<u8>, ParseFailure> {
    let unreadable = |e: std::io::Error| ParseFailure::new("unreadable", e.to_string());
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    let mut bytes = Vec::new();
    let mut bounded = file.take(max_file_bytes.saturating_add(1));
    bounded.read_to_end(&mut bytes).await.map_err(unreadable)?;
    if bytes.len() as u64 > max_file_bytes {
        let detail = format!("the file exceeds the limit of {max_file_bytes} bytes; split it");
        return Err(ParseFailure::new("too_large", detail));
    }
    Ok(bytes)
}
