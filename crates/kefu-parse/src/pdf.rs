//! PDF, by its text layer, through `pdf_oxide`.

mod assemble;
mod columns;
mod grids;
mod lines;
mod numbers;
mod tables;

use pdf_oxide::PdfDocument;
use pdf_oxide::layout::{TextChar, TextSpan};

use crate::error::ParseError;
use crate::limits::Limits;
use crate::parsed::Parsed;
use crate::writer::Writer;
use lines::Line;

/// One page before its text is written.
struct Page {
    pieces: Vec<Piece>,
    plain: String,
    n_chars: usize,
    raw: Vec<TextChar>,
}

/// What stands on a page, in reading order.
enum Piece {
    Line(Line),
    /// Rows of cells.
    Table(Vec<Vec<String>>),
    /// Text that does not run along the lines of the page.
    Turned(String),
}

/// Pages that the report names one by one.
const MAX_NAMED_PAGES: usize = 20;

pub(crate) fn parse(bytes: &[u8], limits: &Limits) -> Result<Parsed, ParseError> {
    let document = PdfDocument::from_bytes(bytes.to_vec()).map_err(|e| of_pdf(&e))?;
    if document.is_encrypted() && !document.is_authenticated() {
        return Err(ParseError::PasswordRequired);
    }
    let n_pages = document.page_count().map_err(|e| of_pdf(&e))?;
    if n_pages == 0 {
        return Err(ParseError::broken("it has no pages"));
    }
    if n_pages > limits.max_pages {
        return Err(ParseError::TooMany { what: "pages", limit: limits.max_pages });
    }
    let mut pages = Vec::with_capacity(n_pages);
    let (mut broken, mut textless) = (Vec::new(), Vec::new());
    for number in 0..n_pages {
        match read_page(&document, number) {
            Ok(page) => {
                if page.n_chars == 0 {
                    textless.push(number + 1);
                }
                pages.push(page);
            }
            Err(_) => broken.push(number + 1),
        }
        let n_chars: usize = pages.iter().map(|page| page.n_chars).sum();
        if n_chars as u64 > limits.max_output_bytes {
            return Err(ParseError::TooLarge { what: "text", limit: limits.max_output_bytes });
        }
    }
    if pages.iter().all(|page| page.n_chars == 0) {
        // Pages without a text and without a picture belong to a damaged or an empty file.
        let has_pictures = (0..n_pages).any(|n| has_picture(&document, n));
        return Err(match broken.is_empty() && has_pictures {
            true => ParseError::NoTextLayer { n_pages },
            false => ParseError::broken("no text can be read from its pages"),
        });
    }
    check_readable(&pages)?;
    let mut parsed = write(pages, limits, &document)?;
    textless.retain(|number| has_picture(&document, number - 1));
    note_pages(&mut parsed.notes, &textless, "are pictures without a text layer");
    note_pages(&mut parsed.notes, &broken, "are damaged and left out");
    Ok(parsed)
}

fn write(pages: Vec<Page>, limits: &Limits, document: &PdfDocument) -> Result<Parsed, ParseError> {
    let mut style = assemble::Style::of(pages.iter().flat_map(|page| &page.pieces));
    style.learn_running(pages.iter().map(|page| page.pieces.as_slice()));
    let mut writer = Writer::new(limits);
    let mut plain_pages = Vec::new();
    for (number, page) in (1_usize..).zip(pages) {
        writer.page_border();
        let mark = writer.mark();
        assemble::write(&page.pieces, &mut style, &mut writer);
        if !numbers::survive(&page.raw, writer.since(&mark)) {
            writer.back_to(mark);
            plain_pages.push(number);
            page.plain.split("\n\n").for_each(|words| writer.paragraph(words));
        }
    }
    let mut parsed = writer.finish()?;
    if parsed.title.is_none() {
        parsed.title = title(document);
    }
    note_pages(
        &mut parsed.notes,
        &plain_pages,
        "have a layout that was not understood; their text is in the order of the file",
    );
    Ok(parsed)
}

fn read_page(document: &PdfDocument, number: usize) -> pdf_oxide::Result<Page> {
    let spans = document.extract_spans(number)?;
    let (x, y, width, height) = document.get_page_media_box(number)?;
    let mut raw = document.extract_chars(number)?;
    // Text off the page is hidden from readers and left out of the spans.
    raw.retain(|c| {
        let (cx, cy) = (c.bbox.x + c.bbox.width / 2.0, c.bbox.y + c.bbox.height / 2.0);
        (x..=x + width).contains(&cx) && (y..=y + height).contains(&cy)
    });
    let n_chars = raw.iter().filter(|c| !c.char.is_whitespace()).count();
    let n_chars = n_chars.max(spans.iter().map(|s| s.text.trim().chars().count()).sum());
    let tables = document.extract_tables(number).unwrap_or_default();
    let plain = document.extract_text(number).unwrap_or_default();
    let pieces = pieces(spans, &tables);
    Ok(Page { pieces, plain, n_chars, raw })
}

fn pieces(spans: Vec<TextSpan>, found: &[tables::Found]) -> Vec<Piece> {
    let (flat, turned): (Vec<_>, Vec<_>) =
        spans.into_iter().partition(|s| s.rotation_degrees.abs() < 1.0 && s.wmode == 0);
    let (tables, rest) = tables::take(flat, found);
    let mut pieces = columns::in_reading_order(lines::lines(&rest), tables);
    pieces.extend(turned.into_iter().map(|span| Piece::Turned(span.text)));
    pieces
}

/// Whether a page shows pictures; unknown counts as yes.
fn has_picture(document: &PdfDocument, number: usize) -> bool {
    document.page_image_handles(number).map_or(true, |handles| !handles.is_empty())
}

/// Refuses text most of whose characters stand for nothing.
fn check_readable(pages: &[Page]) -> Result<(), ParseError> {
    let words = pages.iter().flat_map(|page| page.raw.iter().map(|c| c.char));
    let (mut n_all, mut n_bad) = (0_usize, 0_usize);
    for c in words.filter(|c| !c.is_whitespace()) {
        n_all += 1;
        n_bad += usize::from(is_meaningless(c));
    }
    let percent = n_bad * 100 / n_all.max(1);
    if percent > MAX_MEANINGLESS_PERCENT {
        return Err(ParseError::UnreadableText { percent });
    }
    Ok(())
}

/// Symbols of fonts without names, bullets above all, occur in good files too.
const MAX_MEANINGLESS_PERCENT: usize = 15;

fn is_meaningless(c: char) -> bool {
    c == '\u{fffd}' || c.is_control() || matches!(u32::from(c), 0xE000..=0xF8FF | 0xF0000..)
}

fn title(document: &PdfDocument) -> Option<String> {
    let trailer = document.trailer();
    let info = document.resolve_references(trailer.as_dict()?.get("Info")?, 1).ok()?;
    let title = info.as_dict()?.get("Title")?.as_string()?;
    let title = match title {
        [0xfe, 0xff, rest @ ..] => encoding_rs::UTF_16BE.decode(rest).0.into_owned(),
        latin => encoding_rs::mem::decode_latin1(latin).into_owned(),
    };
    let title = crate::script::flow(&title);
    // Programs fill in the name of the file that was printed.
    let is_file_name = title.rsplit_once('.').is_some_and(|(_, ending)| ending.len() <= 4);
    let is_generated = title.starts_with("Microsoft ") || title.eq_ignore_ascii_case("untitled");
    (!title.is_empty() && !is_file_name && !is_generated).then_some(title)
}

fn note_pages(notes: &mut Vec<String>, pages: &[usize], what: &str) {
    if pages.is_empty() {
        return;
    }
    let named: Vec<String> = pages.iter().take(MAX_NAMED_PAGES).map(usize::to_string).collect();
    let more = if pages.len() > MAX_NAMED_PAGES { " and more" } else { "" };
    notes.push(format!("pages {}{more} {what}", named.join(", ")));
}

fn of_pdf(error: &pdf_oxide::Error) -> ParseError {
    match error {
        pdf_oxide::Error::EncryptedPdf => ParseError::PasswordRequired,
        other => ParseError::broken(other),
    }
}
