//! Work to parsed files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kefu_core::ports::{FetchRequest, Fetched, PageRecord};
use kefu_core::{Audience, DocumentId, Language};
use tokio::io::AsyncReadExt;

use super::IngestorParts;
use super::run::record;
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
    /// What holds where the document itself says nothing.
    pub(crate) defaults: Defaults,
}

/// What a source says of all its documents.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defaults {
    pub(crate) audiences: BTreeSet<Audience>,
    pub(crate) language: Option<Language>,
    pub(crate) url: Option<String>,
}

impl Defaults {
    fn apply(&self, file: &mut ParsedFile) {
        for document in &mut file.documents {
            if document.audiences.is_empty() {
                document.audiences.clone_from(&self.audiences);
            }
            document.language = document.language.or(self.language);
            if document.url.is_none() {
                document.url.clone_from(&self.url);
            }
        }
    }
}

/// A page to fetch.
#[derive(Debug)]
pub(crate) struct PageWork {
    pub(crate) request: FetchRequest,
    /// What is known of it, while that tells what is stored.
    pub(crate) known: Option<PageRecord>,
    /// When its sitemap says that it was changed.
    pub(crate) changed_at: Option<String>,
}

/// What it is.
#[derive(Debug)]
pub(crate) enum Content {
    /// A file to read.
    Path(PathBuf),
    /// A page of the web.
    Page(PageWork),
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
    /// What to remember of a page that was met.
    pub(super) page: Option<PageRecord>,
}

/// What reading gave.
pub(super) enum Readout {
    File(ParsedFile),
    Delete(DocumentId),
    Stored(DocumentId, StoredWork),
    /// A page that is as it was.
    Unchanged,
    /// A page that is there no more.
    Gone,
}

/// A name that makes the parser read one JSON row.
const ROW_FILE: &str = "document.jsonl";

pub(super) async fn read(parts: &IngestorParts, work: Work) -> Read {
    let (parser, max_file_bytes) = (parts.parser.as_ref(), parts.settings.max_file_bytes);
    let Work { name, source, content, defaults } = work;
    let mut page = None;
    let mut found = match content {
        Content::Page(work) => {
            let (found, met) = fetch(parts, &source, work).await;
            page = met;
            found
        }
        Content::Delete(id) => Ok(Readout::Delete(id)),
        Content::Stored(id, work) => Ok(Readout::Stored(id, work)),
        Content::Bytes(bytes) => parse(parser, &name, bytes).await,
        Content::Row(bytes) => row(parser, bytes).await,
        Content::Path(path) => match load(&path, max_file_bytes).await {
            Ok(bytes) => parse(parser, &name, bytes).await,
            Err(failure) => Err(failure),
        },
    };
    if let Ok(Readout::File(file)) = &mut found {
        defaults.apply(file);
    }
    Read { name, source, found, page }
}

/// Fetches a page and reads it as the format that it is sent as.
async fn fetch(
    parts: &IngestorParts,
    source: &str,
    work: PageWork,
) -> (Result<Readout, ParseFailure>, Option<PageRecord>) {
    let PageWork { request, known, changed_at } = work;
    let is_same = |known: &PageRecord| changed_at.is_some() && known.changed_at == changed_at;
    if known.as_ref().is_some_and(is_same) {
        return (Ok(Readout::Unchanged), known);
    }
    let Some(fetcher) = &parts.fetcher else {
        let detail = "this program was put together without a way to fetch pages";
        return (Err(ParseFailure::new("no_fetcher", detail)), known);
    };
    match fetcher.fetch(&request).await {
        Ok(Fetched::Page(page)) => {
            let name = file_name(&request.url, page.content_type.as_deref());
            let met = record(source, page.validators, changed_at);
            (parse(parts.parser.as_ref(), &name, page.bytes).await, Some(met))
        }
        Ok(Fetched::NotModified) => {
            let met = known.map(|known| PageRecord { changed_at, ..known });
            (Ok(Readout::Unchanged), met)
        }
        Ok(Fetched::Gone) => (Ok(Readout::Gone), None),
        Err(error) => (Err(ParseFailure::new(error.code, error.detail)), known),
    }
}

/// A name whose ending says how the page is to be read.
fn file_name(url: &str, content_type: Option<&str>) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').next().filter(|last| !last.is_empty()).unwrap_or("page");
    let kind = content_type.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    let ending = match kind.trim().to_ascii_lowercase().as_str() {
        "text/html" | "application/xhtml+xml" => "html",
        "application/pdf" => "pdf",
        "text/markdown" => "md",
        "text/csv" => "csv",
        "application/json" => "json",
        "application/x-ndjson" | "application/jsonl" => "jsonl",
        // Plain text may be Markdown by its name.
        "text/plain" if !last.contains('.') => "txt",
        _ if last.contains('.') => return last.to_owned(),
        _ => "html",
    };
    format!("{last}.{ending}")
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
