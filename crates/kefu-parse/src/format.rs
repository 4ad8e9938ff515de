use crate::error::ParseError;
use crate::limits::Limits;
use crate::parsed::{Parsed, ParsedFile, ParsedId, ParsedKind};
use crate::sheet::Workbook;
use crate::sniff::{Seen, sniff};
use crate::{decode, epub, html, mail, markdown, office, plain, rows, sheet, table};

/// The endings that [`parse`] knows, for messages.
pub(crate) const SUPPORTED: &str = "md, markdown, txt, html, htm, xhtml, csv, tsv, jsonl, ndjson, \
     json, pdf, docx, pptx, xlsx, doc, ppt, xls, xlsb, ods, epub, eml";

/// Reads a file. Its bytes decide when they are of a known container or of PDF, else the ending of
/// `name` does; a disagreement is noted. The bytes decide the encoding of text.
///
/// # Errors
/// [`ParseError`] when nothing of the file can be used. Single bad rows are in the result, and a
/// file without text is a document without text.
pub fn parse(name: &str, bytes: &[u8], limits: &Limits) -> Result<ParsedFile, ParseError> {
    let (stem, extension) = split_name(name);
    if bytes.len() as u64 > limits.max_input_bytes {
        return Err(ParseError::TooLarge { what: "file", limit: limits.max_input_bytes });
    }
    let (reader, note) = choose(&extension, bytes, limits)?;
    let mut file = read(reader, bytes, limits)?;
    check_output(&file, limits)?;
    for document in &mut file.documents {
        if document.id == ParsedId::File && document.title.is_none() {
            document.title = Some(stem.to_owned());
        }
    }
    if let (Some(note), Some(first)) = (note, file.documents.first_mut()) {
        first.notes.insert(0, note);
    }
    Ok(file)
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Markdown,
    Plain,
    Html,
    Table(Option<u8>),
    Lines,
    Array,
    Mail,
    Pdf,
    /// A document or deck in a ZIP container.
    Office,
    /// One in the format before.
    OldOffice,
    Sheet(Workbook),
    Epub,
}

impl Reader {
    fn by_ending(extension: &str) -> Option<Self> {
        Some(match extension {
            "md" | "markdown" => Self::Markdown,
            "txt" => Self::Plain,
            "html" | "htm" | "xhtml" => Self::Html,
            "csv" => Self::Table(None),
            "tsv" => Self::Table(Some(b'\t')),
            "jsonl" | "ndjson" => Self::Lines,
            "json" => Self::Array,
            "eml" => Self::Mail,
            "pdf" => Self::Pdf,
            "docx" | "docm" | "pptx" | "pptm" | "ppsx" => Self::Office,
            "doc" | "ppt" => Self::OldOffice,
            "xlsx" | "xlsm" => Self::Sheet(Workbook::Xlsx),
            "xlsb" => Self::Sheet(Workbook::Xlsb),
            "xls" => Self::Sheet(Workbook::Xls),
            "ods" => Self::Sheet(Workbook::Ods),
            "epub" => Self::Epub,
            _ => return None,
        })
    }

    fn is_text(self) -> bool {
        match self {
            Self::Markdown | Self::Plain | Self::Html | Self::Table(_) | Self::Lines => true,
            Self::Array | Self::Mail => true,
            Self::Pdf | Self::Office | Self::OldOffice | Self::Sheet(_) | Self::Epub => false,
        }
    }
}

/// The reader that fits the bytes, and a remark when the name promises another one.
fn choose(
    extension: &str,
    bytes: &[u8],
    limits: &Limits,
) -> Result<(Reader, Option<String>), ParseError> {
    let promised = Reader::by_ending(extension);
    let (found, name) = match sniff(bytes, limits) {
        Seen::Pdf => (Reader::Pdf, "PDF"),
        Seen::Document => (Reader::Office, "a Word document"),
        Seen::Deck => (Reader::Office, "a slide deck"),
        Seen::Workbook(kind) => (Reader::Sheet(kind), "a workbook"),
        Seen::OldOffice => (Reader::OldOffice, "an old Office file"),
        Seen::Epub => (Reader::Epub, "an e-book"),
        Seen::Locked => return Err(ParseError::PasswordRequired),
        Seen::Other { found, advice } if promised.is_some() => {
            return Err(ParseError::WrongFormat { found, advice });
        }
        Seen::Other { .. } | Seen::Unknown => return by_promise(extension, promised, bytes),
    };
    let note = match promised {
        Some(promised) if promised != found => {
            Some(format!("its name ends in .{extension}, but it is {name}; read as that"))
        }
        _ => None,
    };
    Ok((found, note))
}

/// Bytes without a mark are text of whatever kind the ending says, never a container.
fn by_promise(
    extension: &str,
    promised: Option<Reader>,
    bytes: &[u8],
) -> Result<(Reader, Option<String>), ParseError> {
    match promised {
        None => Err(ParseError::UnsupportedFormat { extension: extension.to_owned() }),
        Some(reader) if reader.is_text() => Ok((reader, None)),
        Some(_) if bytes.is_empty() => Ok((Reader::Plain, None)),
        // Programs that export "to Excel" or "to Word" often write a page.
        Some(_) if is_page(bytes) => {
            let note = format!("its name ends in .{extension}, but it is HTML; read as that");
            Ok((Reader::Html, Some(note)))
        }
        Some(_) => {
            let detail = format!("its bytes are not those of a .{extension} file");
            Err(ParseError::BrokenFile { detail })
        }
    }
}

fn is_page(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(bytes.get(..1024).unwrap_or(bytes)).to_ascii_lowercase();
    let start = start.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    start.starts_with('<')
        && ["<html", "<table", "<!doctype html"].iter().any(|t| start.contains(t))
}

fn read(reader: Reader, bytes: &[u8], limits: &Limits) -> Result<ParsedFile, ParseError> {
    if reader.is_text() && reader != Reader::Mail {
        return read_text(reader, bytes, limits);
    }
    let document = match reader {
        Reader::Mail => mail::parse(bytes, limits)?,
        Reader::Office => office::parse_container(bytes, limits)?,
        Reader::OldOffice => office::parse(bytes, limits)?,
        Reader::Sheet(kind) => sheet::parse(bytes, kind, limits)?,
        Reader::Epub => epub::parse(bytes, limits)?,
        #[cfg(feature = "pdf")]
        Reader::Pdf => crate::pdf::parse(bytes, limits)?,
        _ => return Err(ParseError::UnsupportedFormat { extension: "pdf".to_owned() }),
    };
    Ok(one(document))
}

fn read_text(reader: Reader, bytes: &[u8], limits: &Limits) -> Result<ParsedFile, ParseError> {
    let decoded = decode::decode(bytes, reader == Reader::Html)?;
    let text = decoded.text.as_str();
    let mut file = match reader {
        Reader::Markdown => one(markdown::parse(text, limits)?),
        Reader::Html => one(html::parse(text, limits)?),
        Reader::Table(delimiter) => table::parse(text, delimiter, limits)?,
        Reader::Lines => rows::parse_lines(text, limits)?,
        Reader::Array => rows::parse_array(text, limits)?,
        _ => one(plain::parse(text)),
    };
    if let (Some(note), Some(first)) = (decoded.note, file.documents.first_mut()) {
        first.notes.push(note);
    }
    Ok(file)
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
