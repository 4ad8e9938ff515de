//! What holds for every input.
#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use kefu_parse::{Limits, parse};
use proptest::prelude::*;

const NAMES: [&str; 8] =
    ["a.md", "a.txt", "a.html", "a.csv", "a.tsv", "a.jsonl", "a.json", "a.eml"];

/// Endings whose files begin with a mark of their own.
const MARKED_NAMES: [&str; 10] =
    ["a.pdf", "a.docx", "a.pptx", "a.xlsx", "a.doc", "a.ppt", "a.xls", "a.xlsb", "a.ods", "a.epub"];

/// Marks, and beginnings that lead further into the readers.
const MARKS: [&[u8]; 6] = [
    b"",
    b"PK\x03\x04",
    b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
    b"\xff\xfe\0\0",
];

/// Text dense in markup, so that structure is hit often.
fn markup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "#",
        "##",
        "- ",
        "* ",
        "1. ",
        "> ",
        "|",
        "| a | b |\n|---|---|\n",
        "`",
        "```\n",
        "\n",
        "\n\n",
        "    ",
        "  ",
        "word",
        "退货",
        "é",
        "[x]: http://a.b\n",
        "<div>",
        "</div>",
        "<p>",
        "<li>",
        "<table>",
        "<td>",
        "<pre>",
        "---\n",
        "===\n",
        "\r\n",
        ",",
        "\"",
        "{\"text\":\"a\\n- b\"}",
        "[",
        "]",
        "&amp;",
        "<!--",
        "-->",
        "\t",
        "\u{3000}",
        "lang: en\n",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn blocks_are_ordered_and_only_white_space_lies_between(
        name in prop::sample::select(NAMES.to_vec()),
        text in markup(),
    ) {
        let Ok(file) = parse(name, text.as_bytes(), &Limits::STANDARD) else { return Ok(()) };
        for document in file.documents {
            let mut at = 0;
            for block in &document.blocks {
                prop_assert!(block.start < block.end);
                let gap = document.text.get(at..block.start);
                prop_assert!(gap.is_some_and(|gap| gap.trim().is_empty()), "gap {:?}", gap);
                prop_assert!(document.text.get(block.start..block.end).is_some());
                at = block.end;
            }
            prop_assert!(document.text[at..].trim().is_empty());
        }
    }

    #[test]
    fn any_bytes_behind_any_mark_give_a_result(
        name in prop::sample::select([NAMES.as_slice(), &MARKED_NAMES].concat()),
        mark in prop::sample::select(MARKS.to_vec()),
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let limits = Limits { max_output_bytes: 500, ..Limits::STANDARD };
        if let Ok(file) = parse(name, &[mark, &bytes].concat(), &limits) {
            let n_bytes: usize = file.documents.iter().map(|d| d.text.len()).sum();
            prop_assert!(n_bytes <= 500);
        }
    }

    #[test]
    fn members_of_any_bytes_give_a_result(
        name in prop::sample::select(vec![
            "word/document.xml", "xl/workbook.xml", "xl/workbook.bin", "ppt/presentation.xml",
            "META-INF/container.xml", "content.xml",
        ]),
        text in markup(),
        bytes in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        use std::io::Write;
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        for (member, content) in [(name, text.as_bytes()), ("other.xml", &bytes)] {
            zip.start_file(member, options).unwrap();
            zip.write_all(content).unwrap();
        }
        let _ = parse("a.docx", &zip.finish().unwrap().into_inner(), &Limits::STANDARD);
    }

    #[test]
    fn any_bytes_give_a_result(
        name in prop::sample::select(NAMES.to_vec()),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        // A panic would fail the test; both outcomes are fine.
        let _ = parse(name, &bytes, &Limits::STANDARD);
    }
}
