//! Files made to harm whoever reads them. None may take long, much memory or the process.

use kefu_parse::{Limits, parse};

use crate::made::{container, docx, epub, paragraph, row, run, xlsx};
use crate::{code, read};

#[test]
fn members_that_unpack_to_far_more_are_refused() {
    let zeros = vec![b' '; 64 << 20];
    let bomb = [b"<a>".as_slice(), &zeros, b"</a>"].concat();
    for name in
        ["word/document.xml", "xl/workbook.xml", "ppt/presentation.xml", "META-INF/container.xml"]
    {
        let bytes = container(&[(name, &bomb)]);
        assert!(bytes.len() < 1 << 20);
        assert_eq!(code("bomb.docx", &bytes), "too_large", "{name}");
    }
    let picture = container(&[("word/document.xml", b"<a/>"), ("word/media/1.png", &zeros)]);
    assert_eq!(code("bomb.docx", &picture), "too_large");
}

#[test]
fn members_are_bounded_in_number_and_in_sum() {
    let names: Vec<String> = (0..50).map(|n| format!("word/{n}.xml")).collect();
    let members: Vec<(&str, &[u8])> =
        names.iter().map(|n| (n.as_str(), b"<a/>".as_slice())).collect();
    let bytes = container(&members);
    let few = Limits { max_archive_entries: 49, ..Limits::STANDARD };
    assert_eq!(parse("a.docx", &bytes, &few).unwrap_err().code(), "too_large");
    let small = Limits { max_unpacked_bytes: 100, ..Limits::STANDARD };
    assert_eq!(parse("a.docx", &bytes, &small).unwrap_err().code(), "too_large");
}

#[test]
fn deep_elements_are_refused_in_every_format() {
    let deep = format!("{}x{}", "<w:p>".repeat(50_000), "</w:p>".repeat(50_000));
    assert_eq!(code("deep.docx", &docx(&deep, &[])), "too_nested");
    let deep = format!("{}x{}", "<sheetData>".repeat(5_000), "</sheetData>".repeat(5_000));
    assert_eq!(code("deep.xlsx", &xlsx(&[("A", "visible", &deep)], &[])), "too_nested");
    let deep = "<div>".repeat(50_000);
    assert_eq!(code("deep.html", deep.as_bytes()), "too_nested");
    assert_eq!(code("deep.json", "[".repeat(100_000).as_bytes()), "bad_structure");
    let book = epub("Deep", &[("one", &deep)]);
    assert_eq!(code("deep.epub", &book), "broken_file");
    let quotes = format!("{}x", "> ".repeat(50_000));
    assert_eq!(code("deep.md", quotes.as_bytes()), "too_nested");
}

#[test]
fn entities_are_never_expanded() {
    let mut entities = "<!ENTITY a0 \"ha\">".to_owned();
    for n in 1..40 {
        let before = n - 1;
        entities.push_str(&format!("<!ENTITY a{n} \"&a{before};&a{before};\">"));
    }
    let xml = format!("<?xml version=\"1.0\"?><!DOCTYPE x [{entities}]><x>&a39;</x>");
    let bytes = container(&[("word/document.xml", xml.as_bytes())]);
    assert_eq!(code("laughs.docx", &bytes), "broken_file");
    let outside = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><x>&e;</x>";
    let bytes = container(&[("xl/workbook.xml", outside.as_bytes())]);
    assert_eq!(code("outside.xlsx", &bytes), "broken_file");
    // A page may say so, but it stays words.
    let page = format!("<!DOCTYPE html [{entities}]><p>&a39;</p>");
    assert!(read("page.html", page.as_bytes()).text.len() < 10_000);
}

#[test]
fn names_of_members_are_no_paths() {
    let body = paragraph("", &run("words"));
    let bytes = docx(&body, &[("../../../../etc/passwd", "<x/>"), ("/etc/shadow", "<x/>")]);
    assert_eq!(read("up.docx", &bytes).text, "words\n");
}

#[test]
fn one_very_long_line_is_read() {
    let line = "商品退货 return ".repeat(530_000);
    assert!(line.len() > 10_000_000);
    let parsed = read("long.txt", line.as_bytes());
    assert_eq!(parsed.blocks.len(), 1);
    for name in ["long.md", "long.html", "long.csv"] {
        assert!(read(name, line.as_bytes()).text.len() > 9_000_000, "{name}");
    }
    assert_eq!(code("long.pdf", line.as_bytes()), "broken_file");
}

#[test]
fn repeated_cells_are_bounded() {
    let rows: String = (1..=3_000).map(|n| row(n, &[("A", "x"), ("XFD", "y")])).collect();
    let bytes = xlsx(&[("Far", "visible", &format!("<sheetData>{rows}</sheetData>"))], &[]);
    let text = read("far.xlsx", &bytes).text;
    assert!(text.len() < 100_000, "{}", text.len());
}

#[test]
fn a_text_that_grows_too_large_is_refused() {
    let limits = Limits { max_output_bytes: 1_000, ..Limits::STANDARD };
    let body: String = (0..200).map(|_| paragraph("", &run("Within thirty days."))).collect();
    assert_eq!(parse("a.docx", &docx(&body, &[]), &limits).unwrap_err().code(), "too_large");
    let book = epub("Long", &[("one", &"<p>Within thirty days.</p>".repeat(200))]);
    assert_eq!(parse("a.epub", &book, &limits).unwrap_err().code(), "too_large");
}
