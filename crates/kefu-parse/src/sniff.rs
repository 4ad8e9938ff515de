//! What bytes are, by the marks that formats put at their beginning.

use crate::archive;
use crate::limits::Limits;
use crate::sheet::Workbook;

/// What the beginning of a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Pdf,
    /// Word.
    Document,
    /// PowerPoint.
    Deck,
    Workbook(Workbook),
    /// Word or PowerPoint before 2007.
    OldOffice,
    Epub,
    /// An Office file behind a password.
    Locked,
    /// A format that is not read.
    Other {
        found: &'static str,
        advice: &'static str,
    },
    /// No mark: text, most likely.
    Unknown,
}

/// A PDF may have this much before its mark.
const PDF_LEAD_BYTES: usize = 1024;

pub(crate) fn sniff(bytes: &[u8], limits: &Limits) -> Seen {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return container(bytes, limits);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return compound(bytes);
    }
    let start = bytes.get(..PDF_LEAD_BYTES).unwrap_or(bytes);
    if let Some(at) = find(start, b"%PDF-")
        && is_at_line_start(&start[..at])
    {
        return Seen::Pdf;
    }
    let picture = "run text recognition (OCR) on it and save the text";
    let unpack = "unpack it and take in the files inside";
    let marks: [(&[u8], &'static str, &'static str); 12] = [
        (b"{\\rtf", "rich text (RTF)", "save it as .docx"),
        (b"\x89PNG", "a picture (PNG)", picture),
        (b"\xff\xd8\xff", "a picture (JPEG)", picture),
        (b"GIF8", "a picture (GIF)", picture),
        (b"II*\0", "a picture (TIFF)", picture),
        (b"MM\0*", "a picture (TIFF)", picture),
        (b"\x1f\x8b", "an archive (gzip)", unpack),
        (b"7z\xbc\xaf\x27\x1c", "an archive (7z)", unpack),
        (b"Rar!\x1a", "an archive (RAR)", unpack),
        (b"BZh", "an archive (bzip2)", unpack),
        (b"MZ", "a program", "take in documents only"),
        (b"\x7fELF", "a program", "take in documents only"),
    ];
    let is_binary = bytes.contains(&0);
    marks
        .iter()
        .find(|(mark, found, _)| {
            // Words may begin with the two letters of a program's mark.
            bytes.starts_with(mark)
                && (is_binary || !matches!(*found, "a program" | "an archive (bzip2)"))
        })
        .map_or(Seen::Unknown, |(_, found, advice)| Seen::Other { found, advice })
}

fn container(bytes: &[u8], limits: &Limits) -> Seen {
    let names = archive::names(bytes, limits);
    let has = |name: &str| names.iter().any(|n| n == name);
    if has("META-INF/container.xml") {
        return Seen::Epub;
    }
    let holds = |folder: &str| names.iter().any(|n| n.starts_with(folder));
    if holds("word/") {
        return Seen::Document;
    }
    if holds("ppt/") {
        return Seen::Deck;
    }
    if has("xl/workbook.bin") {
        return Seen::Workbook(Workbook::Xlsb);
    }
    if holds("xl/") {
        return Seen::Workbook(Workbook::Xlsx);
    }
    // An OpenDocument file says what it is in its first member, which is not packed.
    let start = bytes.get(..256).unwrap_or(bytes);
    if find(start, b"application/vnd.oasis.opendocument.spreadsheet").is_some() {
        return Seen::Workbook(Workbook::Ods);
    }
    if find(start, b"application/vnd.oasis.opendocument").is_some() {
        return Seen::Other { found: "an OpenDocument file", advice: "save it as .docx or .pptx" };
    }
    if names.is_empty() && bytes.len() > 22 {
        // Cut off before its directory: the ending says what it was.
        return Seen::Unknown;
    }
    Seen::Other { found: "an archive (ZIP)", advice: "unpack it and take in the files inside" }
}

/// Compound files hold streams whose names stand in UTF-16.
fn compound(bytes: &[u8]) -> Seen {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        find(bytes, &wide).is_some()
    };
    if has("EncryptedPackage") {
        return Seen::Locked;
    }
    if has("WordDocument") || has("PowerPoint Document") {
        return Seen::OldOffice;
    }
    if has("Workbook") || has("Book") {
        return Seen::Workbook(Workbook::Xls);
    }
    Seen::Other { found: "a compound file", advice: "save it as .docx, .pptx or .xlsx" }
}

fn is_at_line_start(before: &[u8]) -> bool {
    before.last().is_none_or(|last| {
        matches!(last, b'\n' | b'\r') || last.is_ascii_control() || !last.is_ascii()
    })
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    // The first byte is rare enough in what is searched to make this fast.
    let first = *word.first()?;
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|byte| *byte == first) {
        let at = from + at;
        if bytes[at..].starts_with(word) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_words_about_them() {
        let seen = |bytes: &[u8]| sniff(bytes, &Limits::STANDARD);
        assert_eq!(seen(b"%PDF-1.7\n"), Seen::Pdf);
        assert_eq!(seen(b"\r\n%PDF-1.4\n"), Seen::Pdf);
        assert_eq!(seen(b"A file that begins with %PDF-1.7 is a PDF."), Seen::Unknown);
        assert_eq!(seen(b"MZ stands for Mark Zbikowski."), Seen::Unknown);
        assert!(matches!(seen(b"\x89PNG\r\n\x1a\n"), Seen::Other { .. }));
        assert_eq!(seen(b""), Seen::Unknown);
    }
}
