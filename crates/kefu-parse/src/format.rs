use crate::error::ParseError;
use crate::limits::Limits;
use crate::parsed::{Parsed, ParsedFile, ParsedId, ParsedKind};
use crate::{decode, html, markdown, plain, rows, table};

/// The endings that [`parse`] knows, for messages.
pub(crate) const SUPPORTED: &str = "md, markdown, txt, html, htm, csv, tsv, jsonl, ndjson, json";

/// Reads a file. The ending of `name` decides how; the bytes decide the encoding.
///
/// # Errors
/// [`ParseError`] when nothing of the file can be used. Single bad rows are in the result.
pub fn parse(name: &str, bytes: &[u8], limits: &Limits) -> Result<ParsedFile, ParseError> {
    let (stem, extension) = split_name(name);
    let reader = reader_of(&extension)?;
    if bytes.len() as u64 > limits.max_input_bytes {
        return Err(ParseError::TooLarge { what: "file", limit: limits.max_input_bytes });
    }
    let decoded = decode::decode(bytes)?;
    let mut file = match reader {
        Reader::Markdown => one(markdown::parse(&decoded.text, limits)?),
        Reader::Plain => one(plain::parse(&decoded.text)),
        Reader::Html => one(html::parse(&decoded.text, limits)?),
        Reader::Table(delimiter) => table::parse(&decoded.text, delimiter, limits)?,
        Reader::Lines => rows::parse_lines(&decoded.text, limits)?,
        Reader::Array => rows::parse_array(&decoded.text, limits)?,
    };
    check_output(&file, limits)?;
    for document in &mut file.documents {
        if document.id == ParsedId::File && document.title.is_none() {
            document.title = Some(stem.to_owned());
        }
    }
    if let (Some(note), Some(first)) = (decoded.note, file.documents.first_mut()) {
        first.notes.push(note);
    }
    Ok(file)
}

#[derive(Clone, Copy)]
enum Reader {
    Markdown,
    Plain,
    Html,
    Table(Option<u8>),
    Lines,
    Array,
}

fn reader_of(extension: &str) -> Result<Reader, ParseError> {
    Ok(match extension {
        "md" | "markdown" => Reader::Markdown,
        "txt" => Reader::Plain,
        "html" | "htm" => Reader::Html,
        "csv" => Reader::Table(None),
        "tsv" => Reader::Table(Some(b'\t')),
        "jsonl" | "ndjson" => Reader::Lines,
        "json" => Reader::Array,
        other => return Err(ParseError::UnsupportedFormat { extension: other.to_owned() }),
    })
}

fn split_name(name: &str) -> (&str, String) {
    let file = name.rsplit('/').next().unwrap_or(name);
    match file.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, extension.to_ascii_lowercase()),
        _ => (file, String::new()),
    }
}

fn one(document: Parsed) -> ParsedFile {
    ParsedFile { documents: vec![document], row_errors: Vec::new() }
}

fn check_output(file: &ParsedFile, limits: &Limits) -> Result<(), ParseError> {
    let n_bytes: u64 = file.documents.iter().map(|d| d.text.len() as u64).sum();
    if n_bytes > limits.max_output_bytes {
        return Err(ParseError::TooLarge { what: "text", limit: limits.max_output_bytes });
    }
    Ok(())
}

/// An article of the file itself with nothing known beside its text.
pub(crate) fn article(text: String) -> Parsed {
    Parsed {
        id: ParsedId::File,
        title: None,
        text,
        kind: ParsedKind::Article,
        meta: crate::parsed::ParsedMeta::default(),
        blocks: Vec::new(),
        notes: Vec::new(),
    }
}
